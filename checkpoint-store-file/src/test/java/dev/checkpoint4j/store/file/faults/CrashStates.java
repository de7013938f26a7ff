package dev.checkpoint4j.store.file.faults;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Ways in which a crash may leave a disk: the extremes, and random ones. */
final class CrashStates {

  /**
   * One of them.
   *
   * @param description how to get it again
   * @param survivors what is left of what was not forced
   */
  record State(String description, Disk.Survivors survivors) {}

  /** From how many changes of names on not every way to cut their journal is tried. */
  private static final int MAX_JOURNAL_CUTS = 8;

  private CrashStates() {}

  /**
   * Nothing, everything, only names, only bytes, the bytes of one file, each cut of the journal.
   */
  static List<State> extremes(Disk disk) {
    List<State> states = new ArrayList<>();
    int names = disk.pendingNames();
    List<Integer> files = disk.pendingFiles();
    for (int cut = 0; cut <= names; cut += Math.max(1, names / MAX_JOURNAL_CUTS)) {
      states.add(state("journal up to " + cut + ", no bytes", cut, (file, all) -> 0));
      states.add(state("journal up to " + cut + ", all bytes", cut, (file, all) -> all));
    }
    states.add(state("all names, no bytes", names, (file, all) -> 0));
    states.add(state("everything", names, (file, all) -> all));
    if (files.size() > 1) {
      for (int only : files) {
        states.add(state("bytes only of " + only, names, (file, all) -> file == only ? all : 0));
        states.add(state("bytes but of " + only, names, (file, all) -> file == only ? 0 : all));
      }
    }
    for (int i = 0; i < names; i++) {
      int lost = i;
      states.add(
          new State(
              "all but the change of a name " + lost,
              survivors((file, all) -> all, index -> index != lost)));
      states.add(
          new State(
              "of all names only the change " + lost,
              survivors((file, all) -> all, index -> index == lost)));
    }
    return states;
  }

  static State nothingUnforced() {
    return state("nothing that was not forced", 0, (file, all) -> 0);
  }

  private interface OfFile {
    int upTo(int file, int changes);
  }

  private interface OfNames {
    boolean has(int index);
  }

  private static State state(String description, int journal, OfFile files) {
    return new State(description, survivors(files, index -> index < journal));
  }

  private static Disk.Survivors survivors(OfFile files, OfNames names) {
    return new Disk.Survivors() {
      @Override
      public int upTo(int file, int sector, int changes) {
        return files.upTo(file, changes);
      }

      @Override
      public boolean hasName(int index) {
        return names.has(index);
      }
    };
  }

  static State random(Disk disk, long seed) {
    Random random = new Random(seed);
    boolean inOrder = random.nextBoolean();
    int journal = random.nextInt(disk.pendingNames() + 1);
    List<Boolean> names = new ArrayList<>();
    for (int i = 0; i < disk.pendingNames(); i++) {
      names.add(inOrder ? i < journal : random.nextBoolean());
    }
    Map<Integer, Integer> styles = new HashMap<>();
    Map<Integer, Integer> cuts = new HashMap<>();
    return new State(
        "random with seed " + seed,
        new Disk.Survivors() {
          @Override
          public int upTo(int file, int sector, int changes) {
            return switch (styles.computeIfAbsent(file, f -> random.nextInt(5))) {
              case 0 -> 0;
              case 1 -> changes;
              case 2 -> cuts.computeIfAbsent(file, f -> random.nextInt(changes + 1));
              case 3 -> random.nextBoolean() ? changes : 0;
              default -> random.nextInt(changes + 1);
            };
          }

          @Override
          public boolean hasName(int index) {
            return names.get(index);
          }
        });
  }
}
