package dev.checkpoint4j.store.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.error.CheckpointException;
import dev.checkpoint4j.error.OutcomeUnknownException;
import dev.checkpoint4j.spi.Durability;
import dev.checkpoint4j.spi.Finding;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An interrupt of one thread costs no other thread anything, neither its data nor an answer. */
class FileInterruptsTest {

  private static final int WRITERS = 3;
  private static final int PUTS = 400;

  @TempDir Path directory;

  @Test
  void threadsThatAreNotInterruptedNoticeNothing() throws Exception {
    CountDownLatch writing = new CountDownLatch(WRITERS);
    AtomicBoolean done = new AtomicBoolean();
    ExecutorService executor = Executors.newCachedThreadPool();
    try (FileBackendStorage storage = FileStores.open(directory)) {
      // Whose records make the index long enough that a deletion reads it for a while.
      for (int version = 1; version <= 500; version++) {
        storage.put(checkpoint("interrupted", version), Expectation.any());
      }
      List<Future<Integer>> writers = new ArrayList<>();
      for (int i = 0; i < WRITERS; i++) {
        String session = "quiet-" + i;
        writers.add(
            executor.submit(
                () -> {
                  for (int version = 1; version <= PUTS; version++) {
                    putAndReadBack(storage, session, version);
                  }
                  writing.countDown();
                  return PUTS;
                }));
      }
      Future<Integer> interrupts =
          executor.submit(
              () -> {
                int count = 0;
                while (!done.get()) {
                  count += interrupt(executor, disturbance(storage, count));
                }
                return count;
              });
      for (Future<Integer> writer : writers) {
        assertThat(writer.get()).isEqualTo(PUTS);
      }
      done.set(true);
      assertThat(interrupts.get()).as("interrupts").isPositive();
      assertComplete(storage);
    } finally {
      done.set(true);
      executor.shutdownNow();
    }
    assertThat(FileStores.verify(directory).findings())
        .as("what verify finds")
        .noneMatch(Finding::isDamage);
    try (FileBackendStorage storage = FileStores.open(directory)) {
      assertComplete(storage);
    }
  }

  private static void putAndReadBack(FileBackendStorage storage, String session, int version) {
    SessionKey key = new SessionKey("default", session);
    Checkpoint checkpoint = checkpoint(session, version);
    storage.put(checkpoint, Expectation.any());
    assertThat(storage.getBySession(key)).as("latest of %s", session).contains(checkpoint);
    assertThat(storage.get("default", session + "-1")).as("the first of %s", session).isPresent();
    if (version % 100 == 0) {
      assertThat(storage.listHeaders(CheckpointQuery.builder(key).limit(1000).build()).items())
          .as("headers of %s", session)
          .hasSize(version);
    }
  }

  /** What is done by a thread that is interrupted while it does so. */
  private static Callable<?> disturbance(FileBackendStorage storage, int number) {
    String session = "interrupted" + (number % 3 == 0 ? "" : number % 50);
    return switch (number % 4) {
      case 0 -> () -> storage.deleteBySession(new SessionKey("default", session));
      case 1 ->
          () -> {
            storage.put(checkpoint(session, 1 + number), Expectation.any());
            return null;
          };
      case 2 -> () -> storage.listSessions("default", 100, Optional.empty());
      default -> () -> storage.delete("default", List.of(session + "-" + number));
    };
  }

  /** Cancels a task as an application would; returns 1. */
  private static int interrupt(ExecutorService executor, Callable<?> task) throws Exception {
    CountDownLatch started = new CountDownLatch(1);
    CountDownLatch ended = new CountDownLatch(1);
    Future<?> future =
        executor.submit(
            () -> {
              started.countDown();
              try {
                return task.call();
              } catch (CheckpointException e) {
                // Its own affair.
                return null;
              } finally {
                ended.countDown();
              }
            });
    started.await();
    for (int i = 0; i < 200 && !future.isDone(); i++) {
      Thread.onSpinWait();
    }
    future.cancel(true);
    ended.await();
    return 1;
  }

  private static void assertComplete(FileBackendStorage storage) {
    for (int i = 0; i < WRITERS; i++) {
      SessionKey key = new SessionKey("default", "quiet-" + i);
      assertThat(storage.list(CheckpointQuery.builder(key).limit(1000).build()).items())
          .as("checkpoints of %s", key)
          .hasSize(PUTS);
    }
  }

  @Test
  void anInterruptedThreadsOwnAcknowledgedCheckpointsAreThere() throws Exception {
    Set<String> acknowledged = new HashSet<>();
    Set<String> refused = new HashSet<>();
    try (FileBackendStorage storage =
        FileBackendStorage.builder()
            .directory(directory)
            .codec(FileStores.codec())
            .durability(Durability.POWER_LOSS)
            .open()) {
      Thread self = Thread.currentThread();
      AtomicBoolean done = new AtomicBoolean();
      Thread interrupter =
          new Thread(
              () -> {
                while (!done.get()) {
                  self.interrupt();
                  Thread.onSpinWait();
                }
              });
      interrupter.start();
      for (int version = 1; version <= 500; version++) {
        Checkpoint checkpoint = checkpoint("s" + version % 7, version);
        try {
          storage.put(checkpoint, Expectation.any());
          acknowledged.add(checkpoint.id());
        } catch (OutcomeUnknownException e) {
          // There or not.
        } catch (CheckpointException e) {
          refused.add(checkpoint.id());
        }
        boolean ignored = Thread.interrupted();
      }
      done.set(true);
      while (interrupter.isAlive()) {
        Thread.onSpinWait();
      }
      boolean ignored = Thread.interrupted();
      for (String id : acknowledged) {
        assertThat(storage.get("default", id)).as("acknowledged %s", id).isPresent();
      }
      for (String id : refused) {
        assertThat(storage.get("default", id)).as("refused %s", id).isEmpty();
      }
    }
  }

  private static Checkpoint checkpoint(String session, long version) {
    return Checkpoint.builder(session)
        .id(session + "-" + version)
        .version(version)
        .values(Map.of("text", "x".repeat(100)))
        .build();
  }
}
