package dev.checkpoint4j.store.file;

import static dev.checkpoint4j.store.file.FileStores.open;
import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.SessionKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An id that was deleted in one session and given to another one, when the index lost that. */
class FileReusedIdTest {

  @TempDir Path temp;

  @Test
  void isFoundWhereItIsNowInWhateverOrderTheLogsAreRead() throws IOException {
    for (int i = 0; i < 16; i++) {
      Path directory = temp.resolve("rebuilt-" + i);
      String other = "other-" + i;
      moveAnId(directory, other);
      Files.delete(FileStores.index(directory));
      assertMoved(directory, other);
    }
  }

  @Test
  void isFoundWhereItIsNowAfterTheIndexLostItsEnd() throws IOException {
    for (int i = 0; i < 16; i++) {
      String other = "other-" + i;
      Path whole = temp.resolve("whole-" + i);
      moveAnId(whole, other);
      byte[] index = Files.readAllBytes(FileStores.index(whole));
      for (int length = 0; length <= index.length; length += IndexRecord.BYTES) {
        Path directory = temp.resolve("cut-" + i + "-" + length);
        moveAnId(directory, other);
        byte[] records = Files.readAllBytes(FileStores.index(directory));
        Files.write(FileStores.index(directory), Arrays.copyOf(records, length));
        assertMoved(directory, other);
      }
    }
  }

  /** A writer died after its frame, and the id was given to another session. */
  @Test
  void isFoundWhereItWasAcknowledged() throws IOException {
    for (int i = 0; i < 16; i++) {
      Path directory = temp.resolve("dead-" + i);
      String other = "other-" + i;
      try (FileBackendStorage storage = open(directory)) {
        storage.put(checkpoint("s", "first", 1), Expectation.any());
      }
      Path log = FileStores.log(directory);
      byte[] before = Files.readAllBytes(log);
      byte[] index = Files.readAllBytes(FileStores.index(directory));
      try (FileBackendStorage storage = open(directory)) {
        storage.put(checkpoint("s", "moved", 2), Expectation.any());
      }
      byte[] dead = Files.readAllBytes(log);
      Files.write(log, before);
      Files.write(FileStores.index(directory), index);
      boolean goesOn = i % 2 == 0;
      try (FileBackendStorage storage = open(directory)) {
        Files.write(log, dead);
        storage.put(checkpoint(other, "moved", 1), Expectation.any());
        if (goesOn) {
          storage.put(checkpoint("s", "last", 3), Expectation.any());
        }
      }
      Files.delete(FileStores.index(directory));
      try (FileBackendStorage storage = open(directory)) {
        assertThat(ids(storage, "s")).isEqualTo(goesOn ? "first last" : "first");
        assertThat(ids(storage, other)).isEqualTo("moved");
        assertThat(storage.get(Checkpoint.DEFAULT_NAMESPACE, "moved"))
            .hasValueSatisfying(found -> assertThat(found.metadata().sessionId()).isEqualTo(other));
      }
    }
  }

  private static void moveAnId(Path directory, String other) {
    try (FileBackendStorage storage = open(directory)) {
      storage.put(checkpoint("s", "first", 1), Expectation.any());
      storage.put(checkpoint("s", "moved", 2), Expectation.any());
      storage.delete(Checkpoint.DEFAULT_NAMESPACE, List.of("moved"));
      storage.put(checkpoint(other, "moved", 1), Expectation.any());
      storage.put(checkpoint("s", "last", 3), Expectation.any());
    }
  }

  private static void assertMoved(Path directory, String other) {
    try (FileBackendStorage storage = open(directory)) {
      assertThat(storage.get(Checkpoint.DEFAULT_NAMESPACE, "moved"))
          .as("the checkpoint that was stored last under its id, with session %s", other)
          .hasValueSatisfying(found -> assertThat(found.metadata().sessionId()).isEqualTo(other));
      assertThat(ids(storage, "s")).as("what is left of the first session").isEqualTo("first last");
      assertThat(ids(storage, other)).as("the session with the moved id").isEqualTo("moved");
    }
  }

  private static String ids(FileBackendStorage storage, String session) {
    return String.join(
        " ",
        storage
            .list(
                CheckpointQuery.builder(new SessionKey(Checkpoint.DEFAULT_NAMESPACE, session))
                    .order(CheckpointQuery.Order.OLDEST_FIRST)
                    .build())
            .items()
            .stream()
            .map(Checkpoint::id)
            .toList());
  }

  private static Checkpoint checkpoint(String session, String id, long version) {
    return Checkpoint.builder(session)
        .id(id)
        .version(version)
        .values(Map.of("in", session))
        .build();
  }
}
