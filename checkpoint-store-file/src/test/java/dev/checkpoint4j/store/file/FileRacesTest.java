package dev.checkpoint4j.store.file;

import static dev.checkpoint4j.store.file.FileStores.open;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.Page;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.error.CorruptCheckpointException;
import dev.checkpoint4j.error.DuplicateCheckpointException;
import dev.checkpoint4j.spi.Durability;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Readers beside writers that delete, create and compact the same session. */
class FileRacesTest {

  private static final SessionKey SESSION = new SessionKey(Checkpoint.DEFAULT_NAMESPACE, "s");

  @TempDir Path directory;
  private final AtomicBoolean stop = new AtomicBoolean();
  private final ExecutorService executor = Executors.newCachedThreadPool();

  @AfterEach
  void stop() {
    stop.set(true);
    executor.shutdownNow();
  }

  @Test
  void aCheckpointIsNeverTakenForTheOneThatTookItsPlace() throws Exception {
    try (FileBackendStorage storage = open(directory)) {
      AtomicReference<String> current = new AtomicReference<>("a-0000");
      Future<?> reader =
          whileWriting(
              () -> {
                String id = Objects.requireNonNull(current.get());
                Optional<Checkpoint> found = storage.get(SESSION.namespace(), id);
                found.ifPresent(
                    checkpoint ->
                        assertThat(checkpoint.id()).as("id of what was asked for").isEqualTo(id));
                return null;
              });
      for (int i = 0; i < 5000; i++) {
        // Of the same length, so that it is at the same place in a new log.
        String id = "a-%04d".formatted(i);
        storage.put(checkpoint(id, 1, "x"), Expectation.any());
        current.set(id);
        storage.deleteBySession(SESSION);
      }
      stop.set(true);
      reader.get();
    }
  }

  @Test
  void aPageOfSessionsIsShortOnlyIfItIsTheLast() throws Exception {
    try (FileBackendStorage storage = open(directory)) {
      Future<?> reader =
          whileWriting(
              () -> {
                Page<SessionKey> page =
                    storage.listSessions(SESSION.namespace(), 5, Optional.empty());
                assertThat(page.items().size() == 5 || page.nextCursor().isEmpty())
                    .as("%s is full or the last page", page)
                    .isTrue();
                return null;
              });
      for (int i = 0; i < 20; i++) {
        storage.put(Checkpoint.create("kept-" + i, Map.of()), Expectation.any());
      }
      for (int i = 0; i < 1000 && !reader.isDone(); i++) {
        storage.put(Checkpoint.create("s-" + i % 20, Map.of()), Expectation.any());
        storage.deleteBySession(new SessionKey(SESSION.namespace(), "s-" + i % 20));
      }
      stop.set(true);
      reader.get();
    }
  }

  @Test
  void aFrameOfAnotherCheckpointAtTheSamePlaceIsReported() throws IOException {
    try (FileBackendStorage storage = open(directory)) {
      storage.put(checkpoint("a-1", 1, "x"), Expectation.any());
      Path log = FileStores.log(directory);
      byte[] content = Files.readAllBytes(log);
      LogFormat.Head head;
      try (FileChannel channel = LogFormat.openForReading(log)) {
        head = LogFormat.readHead(channel, log);
      }
      byte[] payload = FileStores.codec().encode(checkpoint("a-2", 1, "x"));
      byte[] other = Frame.encode(Frame.Kind.CHECKPOINT, 1, "a-2", payload);
      System.arraycopy(other, 0, content, head.length(), other.length);
      Files.write(log, content);
      assertThatExceptionOfType(CorruptCheckpointException.class)
          .as("reading a-1 where a-2 is")
          .isThrownBy(() -> storage.get(SESSION.namespace(), "a-1"));
    }
  }

  @Test
  void aLogThatIsRewrittenIsNotTakenForDamage() throws Exception {
    try (FileBackendStorage storage =
        FileBackendStorage.builder()
            .directory(directory)
            .codec(FileStores.codec())
            .durability(Durability.POWER_LOSS)
            .open()) {
      storage.put(checkpoint("large", 1, "x".repeat(90_000)), Expectation.any());
      storage.put(checkpoint("kept", 2, "x"), Expectation.any());
      storage.delete(SESSION.namespace(), List.of("large"));
      Future<?> reader =
          whileWriting(
              () ->
                  assertThat(storage.get(SESSION.namespace(), "kept"))
                      .as("a checkpoint that is stored all the time")
                      .isPresent());
      for (int i = 0; i < 300; i++) {
        storage.put(checkpoint("d-" + i, 3 + i, "x".repeat(100_000)), Expectation.any());
        storage.delete(SESSION.namespace(), List.of("d-" + i));
      }
      stop.set(true);
      reader.get();
    }
  }

  @Test
  void sessionsThatAreDeletedMeanwhileAreNotListedAndDoNotFail() throws Exception {
    try (FileBackendStorage storage = open(directory)) {
      Future<?> reader =
          whileWriting(() -> storage.listSessions(SESSION.namespace(), 10, Optional.empty()));
      for (int i = 0; i < 3000; i++) {
        storage.put(checkpoint("c-" + i, 1, "x"), Expectation.any());
        storage.deleteBySession(SESSION);
      }
      stop.set(true);
      reader.get();
    }
  }

  private Future<?> whileWriting(Callable<?> reading) {
    return executor.submit(
        () -> {
          while (!stop.get()) {
            reading.call();
          }
          return null;
        });
  }

  private static Checkpoint checkpoint(String id, long version, String text) {
    return Checkpoint.builder(SESSION.sessionId())
        .id(id)
        .version(version)
        .values(Map.of("text", text))
        .build();
  }

  /** The one that finds the id in the other session reads it while that session is deleted. */
  @Test
  void putsOfOneIdInTwoSessionsDoNotWaitForEachOther() throws Exception {
    Checkpoint first = FileStores.checkpoint("first", 1).toBuilder().id("same").build();
    Checkpoint second = FileStores.checkpoint("second", 1).toBuilder().id("same").build();
    AtomicBoolean ended = new AtomicBoolean();
    ExecutorService threads = Executors.newFixedThreadPool(3);
    try (FileBackendStorage store =
        FileBackendStorage.builder()
            .directory(directory)
            .codec(FileStores.codec())
            .durability(Durability.PROCESS_CRASH)
            .lockTimeout(Duration.ofSeconds(20))
            .open()) {
      List<Future<?>> writers = new ArrayList<>();
      for (Checkpoint checkpoint : List.of(first, second)) {
        writers.add(
            threads.submit(
                () -> {
                  for (int i = 0; i < 2_000; i++) {
                    try {
                      store.put(checkpoint, Expectation.any());
                    } catch (DuplicateCheckpointException e) {
                      // The other session holds the id.
                    }
                  }
                }));
      }
      Future<?> deleting =
          threads.submit(
              () -> {
                while (!ended.get()) {
                  store.deleteBySession(first.sessionKey());
                  store.deleteBySession(second.sessionKey());
                }
              });
      for (Future<?> writer : writers) {
        writer.get();
      }
      ended.set(true);
      deleting.get();
    } finally {
      threads.shutdownNow();
    }
  }
}
