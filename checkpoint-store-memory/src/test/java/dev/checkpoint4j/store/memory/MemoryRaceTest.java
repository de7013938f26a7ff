package dev.checkpoint4j.store.memory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.error.DuplicateCheckpointException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class MemoryRaceTest {

  private static final int IDS = 100_000;
  private static final int WRITERS = 2;

  /** How often writers wait for each other, so that they race for the same ids. */
  private static final int STRIDE = 64;

  @Test
  void whoIsToldThatAnIdIsTakenFindsItsCheckpoint() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(WRITERS);
    try (MemoryBackendStorage store = MemoryBackendStorage.create()) {
      CyclicBarrier start = new CyclicBarrier(WRITERS);
      List<Future<Integer>> writers = new ArrayList<>();
      for (int i = 0; i < WRITERS; i++) {
        String session = "s" + i;
        writers.add(threads.submit(() -> refusedAndNotFound(store, session, start)));
      }
      for (Future<Integer> writer : writers) {
        assertThat(writer.get(60, TimeUnit.SECONDS))
            .as("ids that were refused as taken and then not found")
            .isZero();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  /** There is one writer: what it finds after it listed the sessions was there while it listed. */
  @Test
  void aSessionThatOthersDeleteIsListedAsLongAsItHoldsACheckpoint() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(WRITERS);
    AtomicBoolean done = new AtomicBoolean();
    try (MemoryBackendStorage store = MemoryBackendStorage.create()) {
      SessionKey session = new SessionKey(Checkpoint.DEFAULT_NAMESPACE, "s");
      List<Future<?>> deleters = new ArrayList<>();
      for (int i = 0; i < WRITERS; i++) {
        deleters.add(
            threads.submit(
                () -> {
                  while (!done.get()) {
                    store.deleteBySession(session);
                  }
                }));
      }
      int notListed = 0;
      for (int version = 1; version <= 3 * IDS; version++) {
        store.put(Checkpoint.builder("s").version(version).build(), Expectation.any());
        boolean listed =
            !store.listSessions(session.namespace(), 1, Optional.empty()).items().isEmpty();
        notListed += !listed && store.getBySession(session).isPresent() ? 1 : 0;
      }
      done.set(true);
      for (Future<?> deleter : deleters) {
        deleter.get(60, TimeUnit.SECONDS);
      }
      assertThat(notListed).as("times the session had a latest but was not listed").isZero();
    } finally {
      done.set(true);
      threads.shutdownNow();
    }
  }

  /** The checkpoint is found by its id at some moment, and so it is the latest from then on. */
  @Test
  void whoFindsACheckpointByItsIdFindsNoOlderOneAsTheLatest() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(1);
    try (MemoryBackendStorage store = MemoryBackendStorage.create()) {
      SessionKey session = new SessionKey(Checkpoint.DEFAULT_NAMESPACE, "s");
      int last = 3 * IDS;
      Future<?> writer =
          threads.submit(
              () -> {
                for (int version = 1; version <= last; version++) {
                  store.put(
                      Checkpoint.builder("s").id("id-" + version).version(version).build(),
                      Expectation.any());
                }
              });
      int older = 0;
      for (int version = 1; version <= last; ) {
        if (store.get(session.namespace(), "id-" + version).isEmpty()) {
          assertThat(Thread.currentThread().isInterrupted()).isFalse();
          continue;
        }
        long latest = store.getBySession(session).orElseThrow().version();
        older += latest < version ? 1 : 0;
        version = Math.toIntExact(latest) + 1;
      }
      writer.get(60, TimeUnit.SECONDS);
      assertThat(older).as("times the latest was older than one found by its id").isZero();
    } finally {
      threads.shutdownNow();
    }
  }

  private static int refusedAndNotFound(
      MemoryBackendStorage store, String session, CyclicBarrier start) throws Exception {
    int notFound = 0;
    for (int version = 1; version <= IDS; version++) {
      if (version % STRIDE == 1) {
        start.await(60, TimeUnit.SECONDS);
      }
      Checkpoint checkpoint =
          Checkpoint.builder(session).id("id-" + version).version(version).build();
      try {
        store.put(checkpoint, Expectation.any());
      } catch (DuplicateCheckpointException e) {
        notFound += store.get(checkpoint.namespace(), checkpoint.id()).isPresent() ? 0 : 1;
      }
    }
    return notFound;
  }
}
