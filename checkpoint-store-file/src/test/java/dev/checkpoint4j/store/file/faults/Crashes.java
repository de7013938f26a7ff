package dev.checkpoint4j.store.file.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.spi.Durability;
import dev.checkpoint4j.store.file.FileBackendStorage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.stream.Stream;

/** Opens a store in the states in which crashes during a run may have left it. */
final class Crashes {

  /**
   * How much is tried.
   *
   * @param extremes the states that are tried in any case
   * @param randomStates how many random states after each operation, besides
   * @param secondCrashEvery how often the recovery from a crash crashes itself; 0 for never
   */
  record Effort(Extremes extremes, int randomStates, int secondCrashEvery) {}

  /** Which extreme states. */
  enum Extremes {
    ALL,
    /** Only the one without anything that was not forced. */
    NOTHING_UNFORCED;

    List<CrashStates.State> of(Disk disk) {
      return this == ALL ? CrashStates.extremes(disk) : List.of(CrashStates.nothingUnforced());
    }
  }

  private final Path root;
  private final String directory;
  private final long seed;
  private final Set<Object> seen = new HashSet<>();
  private int states;

  Crashes(Path root, String directory, long seed) {
    this.root = root;
    this.directory = directory;
    this.seed = seed;
  }

  /** How many different states were tried. */
  int states() {
    return states;
  }

  /** Crashes the machine after each operation, in many ways. */
  void check(Run run, Effort effort) throws IOException {
    check(run, done -> true, effort);
  }

  /** Crashes it after some of them. */
  void check(Run run, IntPredicate after, Effort effort) throws IOException {
    Disk disk = run.recording().disk();
    List<Op> ops = run.recording().ops();
    for (int done = 0; done <= ops.size(); done++) {
      if (done > 0) {
        disk.apply(ops.get(done - 1));
      }
      if (!after.test(done)) {
        continue;
      }
      List<CrashStates.State> tried = new ArrayList<>(effort.extremes().of(disk));
      for (int i = 0; i < effort.randomStates(); i++) {
        tried.add(CrashStates.random(disk, seed * 1_000_003 + done * 1_009L + i));
      }
      Expected expected = run.expected(done);
      for (CrashStates.State state : tried) {
        Map<String, byte[]> tree = disk.crash(state.survivors());
        if (seen.add(List.of(Disk.key(tree), expected.key()))) {
          states++;
          String where = run.where(done) + ", left: " + state.description();
          checkTree(tree, expected, where);
          if (effort.secondCrashEvery() > 0 && states % effort.secondCrashEvery() == 0) {
            checkSecondCrash(tree, expected, where);
          }
        }
      }
    }
  }

  private void checkTree(Map<String, byte[]> tree, Expected expected, String where)
      throws IOException {
    Path copy = Files.createTempDirectory(root, "crash");
    try {
      Disk.write(tree, copy);
      List<Checkpoint> present;
      Expected next;
      try (FileBackendStorage storage = open(copy.resolve(directory))) {
        present = expected.check(storage, where);
        next = expected.copy();
        next.recovered(present);
        for (Step step : next.nextPuts(present, "-next")) {
          storage.put(((Step.Put) step).checkpoint(), Expectation.any());
          next.done(step);
        }
      }
      try (FileBackendStorage storage = open(copy.resolve(directory))) {
        assertThat(next.check(storage, where + ", then a put to each session"))
            .as("what is there after a put to each session")
            .containsAll(present);
      }
    } catch (RuntimeException e) {
      throw new AssertionError(where, e);
    } finally {
      delete(copy);
    }
  }

  /** Lets the machine crash again while the store is opened, and during the next writes. */
  private void checkSecondCrash(Map<String, byte[]> tree, Expected expected, String where)
      throws IOException {
    Path copy = Files.createTempDirectory(root, "recovery");
    try {
      Disk.write(tree, copy);
      try (Run recovery = new Run(copy, directory, expected, true)) {
        List<Step> steps = List.of(new Step.Open(), new Step.Read());
        for (Step step : steps) {
          assertThat(recovery.perform(step)).as("%s: failure of %s", where, step).isEmpty();
        }
        List<Checkpoint> present = recovery.expectedNow().check(recovery.storage(), where);
        for (Step step : expected.nextPuts(present, "-again")) {
          assertThat(recovery.perform(step)).as("%s: failure of %s", where, step).isEmpty();
        }
        recovery.close();
        Crashes again = new Crashes(copy, directory, seed);
        again.check(recovery, new Effort(Extremes.ALL, 1, 0));
        states += again.states;
      } catch (RuntimeException | AssertionError e) {
        throw new AssertionError("second crash, the first was a " + where, e);
      }
    } finally {
      delete(copy);
    }
  }

  /** What the machine does not crash under needs no force. */
  private static FileBackendStorage open(Path directory) {
    return FileBackendStorage.builder()
        .directory(directory)
        .codec(Run.CODEC)
        .durability(Durability.PROCESS_CRASH)
        .open();
  }

  static void delete(Path directory) throws IOException {
    try (Stream<Path> paths = Files.walk(directory)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
