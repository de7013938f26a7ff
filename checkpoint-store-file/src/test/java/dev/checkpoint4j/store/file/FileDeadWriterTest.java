package dev.checkpoint4j.store.file;

import static dev.checkpoint4j.store.file.FileStores.open;
import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.SessionKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Writers that die between the steps of a change, while other handles stay open. */
class FileDeadWriterTest {

  private static final SessionKey SESSION = new SessionKey(Checkpoint.DEFAULT_NAMESPACE, "s");

  @TempDir Path directory;

  @Test
  void aLogThatWasRewrittenByAWriterThatDiedCanBeAppendedTo() throws IOException {
    try (FileBackendStorage storage = open(directory)) {
      storage.put(checkpoint("s", "old", 1), Expectation.any());
      storage.put(checkpoint("s", "kept", 2), Expectation.any());
      Path log = FileStores.log(directory);
      // The log as it is between its rewriting and the word to the index.
      byte[] head = LogFormat.encodeHead(7, SESSION.namespace(), SESSION.sessionId());
      byte[] kept =
          Frame.encode(
              Frame.Kind.CHECKPOINT,
              2,
              "kept",
              FileStores.codec().encode(checkpoint("s", "kept", 2)));
      Files.write(log, concat(head, kept));
      storage.put(checkpoint("s", "next", 3), Expectation.any());
      assertThat(storage.get(SESSION.namespace(), "kept")).as("what was copied").isPresent();
      assertThat(storage.get(SESSION.namespace(), "next")).as("what was appended").isPresent();
    }
    try (FileBackendStorage storage = open(directory)) {
      assertThat(storage.getBySession(SESSION).map(Checkpoint::id)).contains("next");
    }
  }

  @Test
  void aSessionWhoseDeleterDiedAfterEmptyingItsLogIsGoneAndCanBeCreatedAgain() throws IOException {
    try (FileBackendStorage storage = open(directory)) {
      storage.put(checkpoint("s", "a", 5), Expectation.any());
      byte[] head = LogFormat.encodeHead(7, SESSION.namespace(), SESSION.sessionId());
      Files.write(FileStores.log(directory), head);
      storage.put(checkpoint("s", "b", 1), Expectation.any());
      assertThat(storage.getBySession(SESSION).map(Checkpoint::id)).contains("b");
      Files.write(FileStores.log(directory), head);
      assertThat(storage.getBySession(SESSION)).as("the emptied session").isEmpty();
    }
    try (FileBackendStorage storage = open(directory)) {
      assertThat(storage.getBySession(SESSION)).as("the emptied session, reopened").isEmpty();
    }
  }

  @Test
  void aDeletedSessionDoesNotComeBackFromTheLogOfAWriterThatDied() throws IOException {
    try (FileBackendStorage storage = open(directory)) {
      storage.put(checkpoint("s", "a", 1), Expectation.any());
      Path log = FileStores.log(directory);
      byte[] content = Files.readAllBytes(log);
      storage.deleteBySession(SESSION);
      // As a first put that died before it told the index.
      Files.write(log, content);
      storage.deleteBySession(SESSION);
    }
    try (FileBackendStorage storage = open(directory)) {
      assertThat(storage.getBySession(SESSION)).as("the deleted session, reopened").isEmpty();
    }
  }

  private static byte[] concat(byte[] first, byte[] second) {
    byte[] all = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, all, first.length, second.length);
    return all;
  }

  private static Checkpoint checkpoint(String session, String id, long version) {
    return Checkpoint.builder(session).id(id).version(version).values(Map.of("in", id)).build();
  }
}
