package dev.checkpoint4j.store.file;

import static dev.checkpoint4j.store.file.FileStores.checkpoint;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.error.CheckpointException;
import dev.checkpoint4j.error.OutcomeUnknownException;
import dev.checkpoint4j.error.VersionConflictException;
import dev.checkpoint4j.spi.Finding;
import dev.checkpoint4j.testsupport.ChildJvm;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * An application that copies the directory of its store closes the lock file, and its process loses
 * all locks (POSIX). No acknowledged checkpoint may be lost for that.
 */
class FileLostLocksTest {

  private static final SessionKey SESSION = new SessionKey("default", "s");

  @TempDir Path temp;

  private Path store() {
    return temp.resolve("store");
  }

  /** Opens and closes the lock file, as a copy of the directory does. */
  private void loseLocks() {
    try {
      assertThat(Files.readAllBytes(store().resolve(StoreDirectory.LOCKS))).isEmpty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Checkpoint of(String id, long version) {
    return Checkpoint.builder(SESSION.sessionId())
        .id(id)
        .version(version)
        .ts(Instant.EPOCH)
        .values(Map.of("id", id))
        .build();
  }

  @Test
  void twoProcessesOfWhichOneLosesItsLocksAgainAndAgainLoseNothing() throws Exception {
    AtomicBoolean done = new AtomicBoolean();
    Map<Long, String> acknowledged = new HashMap<>();
    ExecutorService executor = Executors.newCachedThreadPool();
    try (FileBackendStorage storage = FileStores.open(store());
        ChildJvm other =
            ChildJvm.start(
                temp.resolve("appending"),
                AppendingProcess.class,
                store().toString(),
                "other",
                "1",
                "2",
                "400")) {
      Future<?> copying =
          executor.submit(
              () -> {
                while (!done.get()) {
                  loseLocks();
                }
              });
      int appended = 0;
      int unknown = 0;
      SessionKey session = new SessionKey("default", "session-0");
      while (other.isAlive() || appended == 0) {
        Checkpoint latest = storage.getBySession(session).orElse(null);
        Checkpoint next =
            (latest == null ? Checkpoint.builder("session-0") : latest.next())
                .id("mine-" + appended + "-" + unknown)
                .values(Map.of("number", appended))
                .build();
        try {
          storage.put(next, Expectation.any());
          appended++;
          assertThat(acknowledged.put(next.version(), next.id()))
              .as("version %d is acknowledged once", next.version())
              .isNull();
        } catch (CheckpointException e) {
          unknown++;
        }
      }
      done.set(true);
      copying.get();
      for (String line : other.lines()) {
        String[] words = line.split(" ", -1);
        if (words[0].equals("ack")) {
          assertThat(acknowledged.put(Long.parseLong(words[3]), words[1]))
              .as("version %s is acknowledged once", words[3])
              .isNull();
        }
      }
      Map<Long, String> stored = new HashMap<>();
      for (Checkpoint checkpoint : Acknowledgements.history(storage, session)) {
        stored.put(checkpoint.version(), checkpoint.id());
      }
      assertThat(stored).as("what is stored").containsAllEntriesOf(acknowledged);
    } finally {
      done.set(true);
      executor.shutdownNow();
    }
    assertThat(FileStores.verify(store()).findings())
        .as("what verify finds")
        .noneMatch(Finding::isDamage);
  }

  @Test
  void aLogThatTheIndexDoesNotKnowIsTakenInAndNotReplaced() throws IOException {
    try (FileBackendStorage storage = FileStores.open(store())) {
      storage.put(checkpoint("other", 1), Expectation.any());
      byte[] log = logWith(of("s-7", 7));
      Path path = logOf(SESSION);
      Files.createDirectories(path.getParent());
      Files.write(path, log);
      assertThatExceptionOfType(VersionConflictException.class)
          .as("a first version beside a log that holds version 7")
          .isThrownBy(() -> storage.put(of("s-1", 1), Expectation.any()));
      storage.put(of("s-8", 8), Expectation.any());
      assertThat(storage.get("default", "s-7")).contains(of("s-7", 7));
    }
  }

  private Path logOf(SessionKey session) throws IOException {
    Path namespace = FileStores.index(store()).resolveSibling("");
    return SessionLogs.path(namespace, Key.of(session.namespace() + "\n" + session.sessionId()));
  }

  @Test
  void anUnfinishedWriteIsSkippedAndNotCutOff() throws IOException {
    try (FileBackendStorage storage = FileStores.open(store())) {
      storage.put(of("s-1", 1), Expectation.any());
      Files.writeString(logOf(SESSION), "checkpoint 0123abcd 17", StandardOpenOption.APPEND);
      storage.put(of("s-2", 2), Expectation.any());
      storage.put(of("s-3", 3), Expectation.any());
      assertThat(Files.readString(logOf(SESSION)))
          .as("the log")
          .containsSubsequence("checkpoint 0123abcd 17", "skipped ", "s-2", "s-3");
    }
    assertThat(FileStores.verify(store()).findings())
        .as("what verify finds")
        .noneMatch(Finding::isDamage);
    Files.delete(FileStores.index(store()));
    assertThat(FileStores.verify(store()).findings())
        .as("what verify finds without the index")
        .noneMatch(Finding::isDamage);
    try (FileBackendStorage storage = FileStores.open(store())) {
      assertThat(storage.list(CheckpointQuery.builder(SESSION).build()).items())
          .as("what is stored, by the logs alone")
          .containsExactly(of("s-3", 3), of("s-2", 2), of("s-1", 1));
    }
  }

  private static byte[] logWith(Checkpoint checkpoint) {
    byte[] head = LogFormat.encodeHead(1, "default", checkpoint.metadata().sessionId());
    byte[] frame =
        Frame.encode(
            Frame.Kind.CHECKPOINT,
            checkpoint.version(),
            checkpoint.id(),
            FileStores.codec().encode(checkpoint));
    byte[] log = new byte[head.length + frame.length];
    System.arraycopy(head, 0, log, 0, head.length);
    System.arraycopy(frame, 0, log, head.length, frame.length);
    return log;
  }

  @Test
  void aLogThatWasReplacedBehindTheStoreIsNotAppendedTo() throws IOException {
    try (FileBackendStorage storage = FileStores.open(store())) {
      storage.put(of("s-1", 1), Expectation.any());
      Path path = logOf(SESSION);
      // Longer than the one before, so that its size tells nothing.
      Checkpoint larger = of("s-2", 2).toBuilder().values(Map.of("text", "x".repeat(1000))).build();
      Files.write(path, logWith(larger));
      storage.put(of("s-3", 3), Expectation.any());
      assertThat(storage.get("default", "s-2")).as("what the new log holds").contains(larger);
      assertThat(storage.get("default", "s-3")).contains(of("s-3", 3));
    }
  }

  @Test
  void aDeletionThatFailsHalfWaySaysThatSomeAreDeleted() throws IOException {
    try (FileBackendStorage storage = FileStores.open(store())) {
      storage.put(of("s-1", 1), Expectation.any());
      storage.put(checkpoint("t", 1), Expectation.any());
      storage.put(checkpoint("t", 2), Expectation.any());
      Path log = logOf(new SessionKey("default", "t"));
      Files.delete(log);
      Files.createDirectory(log);
      assertThatExceptionOfType(OutcomeUnknownException.class)
          .isThrownBy(() -> storage.delete("default", List.of("s-1", "t-1")))
          .withMessageContaining("1 of the checkpoints were deleted");
      assertThat(storage.get("default", "s-1")).isEmpty();
    }
  }

  @Test
  void aHardLinkedCopyIsAnotherStore() throws IOException {
    try (FileBackendStorage storage = FileStores.open(store())) {
      storage.put(of("s-1", 1), Expectation.any());
      Path copy = temp.resolve("copy");
      copyByHardLinks(store(), copy);
      storage.put(of("mine-2", 2), Expectation.any());
      try (FileBackendStorage copied = FileStores.open(copy)) {
        Checkpoint latest = copied.getBySession(SESSION).orElseThrow();
        copied.put(latest.next().id("copy-next").build(), Expectation.any());
        storage.put(of("mine-3", 3), Expectation.any());
        assertThat(copied.get("default", "mine-3")).as("in the copy").isEmpty();
        assertThat(storage.get("default", "copy-next")).as("in the original").isEmpty();
        copied.deleteBySession(SESSION);
      }
      assertThat(storage.getBySession(SESSION).map(Checkpoint::id)).contains("mine-3");
      assertThat(storage.list(CheckpointQuery.builder(SESSION).build()).items()).hasSize(3);
      assertThat(FileStores.verify(store()).findings()).isEmpty();
    }
  }

  private static void copyByHardLinks(Path from, Path to) throws IOException {
    try (var files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Path target = to.resolve(from.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          Files.createLink(target, file);
        }
      }
    }
  }
}
