package dev.checkpoint4j.store.file.faults;

import static dev.checkpoint4j.spi.Durability.POWER_LOSS;
import static dev.checkpoint4j.spi.Durability.PROCESS_CRASH;
import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.spi.Durability;
import dev.checkpoint4j.store.file.FileBackendStorage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a process that does not force wrote is durable for the next one that does. */
class FileMixedDurabilityTest extends QuietLogs {

  private static final int RANDOM_STATES = 50;

  @TempDir Path root;

  /** What a process does with the store. */
  private record Use(Durability durability, Consumer<FileBackendStorage> work) {}

  private static Use put(Durability durability, Checkpoint... checkpoints) {
    return new Use(
        durability,
        storage -> {
          for (Checkpoint checkpoint : checkpoints) {
            storage.put(checkpoint, Expectation.any());
          }
        });
  }

  private static Use delete(Durability durability, String... ids) {
    return new Use(
        durability,
        storage -> {
          long unused = storage.delete(Checkpoint.DEFAULT_NAMESPACE, List.of(ids));
        });
  }

  private static Checkpoint of(String session, String id, long version) {
    return Step.checkpoint(Checkpoint.DEFAULT_NAMESPACE, session, id, version, 10);
  }

  @Test
  void aPutBehindOneThatWasNotForced() throws IOException {
    Checkpoint first = of("a", "a1", 1);
    Checkpoint second = of("a", "a2", 2);
    check(List.of(put(PROCESS_CRASH, first), put(POWER_LOSS, second)), first, second);
  }

  @Test
  void aPutToAnotherSession() throws IOException {
    Checkpoint first = of("a", "a1", 1);
    Checkpoint other = of("b", "b1", 1);
    check(List.of(put(PROCESS_CRASH, first), put(POWER_LOSS, other)), first, other);
  }

  @Test
  void aPutThatIsRepeated() throws IOException {
    Checkpoint first = of("a", "a1", 1);
    check(List.of(put(PROCESS_CRASH, first), put(POWER_LOSS, first)), first);
  }

  @Test
  void anIdThatMoves() throws IOException {
    Checkpoint first = of("a", "a1", 1);
    Checkpoint other = of("b", "b1", 1);
    Checkpoint moved = of("b", "x", 2);
    check(
        List.of(
            put(POWER_LOSS, first, other, of("a", "x", 2)),
            delete(PROCESS_CRASH, "x"),
            put(POWER_LOSS, moved)),
        first,
        other,
        moved);
  }

  @Test
  void aSessionThatIsStartedAgain() throws IOException {
    Checkpoint second = of("a", "a2", 2);
    Checkpoint third = of("a", "a3", 3);
    check(
        List.of(
            put(POWER_LOSS, of("a", "a1", 1)),
            new Use(
                PROCESS_CRASH,
                storage -> {
                  long unused =
                      storage.deleteBySession(new SessionKey(Checkpoint.DEFAULT_NAMESPACE, "a"));
                  storage.put(second, Expectation.noSession());
                }),
            put(POWER_LOSS, third)),
        second,
        third);
  }

  /** The machine loses power after the last use, in many ways. */
  private void check(List<Use> uses, Checkpoint... stored) throws IOException {
    Path disk = Files.createDirectory(root.resolve("disk"));
    FaultyFileSystem fileSystem = new FaultyFileSystem(disk, /* failedForceDrops= */ true);
    for (Use use : uses) {
      try (FileBackendStorage storage = open(fileSystem.root().resolve("store"), use.durability)) {
        use.work.accept(storage);
      }
    }
    Recording recording = fileSystem.recording();
    Disk after = recording.disk();
    recording.ops().forEach(after::apply);
    List<CrashStates.State> states = new ArrayList<>(CrashStates.extremes(after));
    for (int seed = 0; seed < RANDOM_STATES; seed++) {
      states.add(CrashStates.random(after, seed));
    }
    for (CrashStates.State state : states) {
      Map<String, byte[]> tree = after.crash(state.survivors());
      Path copy = Files.createTempDirectory(root, "crash");
      Disk.write(tree, copy);
      try (FileBackendStorage storage = open(copy.resolve("store"), PROCESS_CRASH)) {
        for (Checkpoint each : stored) {
          assertThat(storage.get(each.namespace(), each.id()))
              .as("%s, left: %s", each.id(), state.description())
              .contains(each);
        }
      } finally {
        Crashes.delete(copy);
      }
    }
  }

  private static FileBackendStorage open(Path directory, Durability durability) {
    return FileBackendStorage.builder()
        .directory(directory)
        .codec(Run.CODEC)
        .durability(durability)
        .open();
  }
}
