package dev.checkpoint4j.store.s3;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.error.CheckpointException;
import dev.checkpoint4j.error.VersionConflictException;
import dev.checkpoint4j.spi.VerificationOptions;
import dev.checkpoint4j.store.s3.internal.Backoff;
import dev.checkpoint4j.testsupport.S3MockServer;
import dev.checkpoint4j.testsupport.S3Server;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * Threads on sessions of their own, some of which are interrupted all the time, on one handle:
 * nobody loses anything, and who is not interrupted notices nothing.
 */
@Timeout(300)
class InterruptStormTest {

  private static final int INTERRUPTED = 4;
  private static final int LEFT_ALONE = 4;
  private static final int CALLS = Integer.getInteger("checkpoint.test.storm.calls", 25);

  private final String prefix = "storm-" + UUID.randomUUID();
  private final S3Client client = S3MockServer.sharedInMemory().newClient();
  private final S3BackendStorage store = builder().open();
  private final ExecutorService threads = Executors.newFixedThreadPool(INTERRUPTED + LEFT_ALONE);
  private final AtomicBoolean isOver = new AtomicBoolean();
  private final AtomicLong interrupts = new AtomicLong();

  private S3BackendStorageBuilder builder() {
    return S3BackendStorage.builder().client(client).bucket(S3Server.BUCKET).prefix(prefix);
  }

  @AfterEach
  void close() {
    isOver.set(true);
    threads.shutdownNow();
    store.close();
    client.close();
  }

  /** What a thread knows of its session. */
  private record Model(SessionKey session, SortedSet<Long> acknowledged, SortedSet<Long> unknown) {

    Model(String session) {
      this(new SessionKey("default", session), new TreeSet<>(), new TreeSet<>());
    }

    Checkpoint checkpoint(long version) {
      return Samples.checkpoint(session.sessionId(), session.sessionId() + "-" + version, version);
    }
  }

  private Model work(String session, boolean isInterrupted) {
    Model model = new Model(session);
    for (long version = 1; version <= CALLS; version++) {
      try {
        store.put(model.checkpoint(version), Expectation.any());
        model.acknowledged().add(version);
        if (version % 10 == 0) {
          store.delete("default", List.of(session + "-" + version));
          model.acknowledged().remove(version);
        }
        assertThat(store.getBySession(model.session())).as(session).isPresent();
      } catch (VersionConflictException e) {
        throw e;
      } catch (CheckpointException e) {
        if (!isInterrupted) {
          throw e;
        }
        if (e.mayHaveBeenApplied() && !model.acknowledged().contains(version)) {
          model.unknown().add(version);
        } else if (version % 10 == 0) {
          // It is not known of the deletion.
          model.acknowledged().remove(version);
          model.unknown().add(version);
        }
      } finally {
        if (Thread.interrupted()) {
          interrupts.incrementAndGet();
        }
      }
    }
    return model;
  }

  @Test
  void costsNobodyAnything() throws Exception {
    List<Future<Model>> all = new ArrayList<>();
    List<Thread> victims = new ArrayList<>();
    for (int i = 0; i < INTERRUPTED; i++) {
      String session = "interrupted-" + i;
      all.add(
          threads.submit(
              () -> {
                synchronized (victims) {
                  victims.add(Thread.currentThread());
                }
                try {
                  return work(session, true);
                } finally {
                  synchronized (victims) {
                    victims.remove(Thread.currentThread());
                  }
                }
              }));
    }
    for (int i = 0; i < LEFT_ALONE; i++) {
      String session = "alone-" + i;
      all.add(threads.submit(() -> work(session, false)));
    }
    Thread storm = new Thread(() -> interruptAll(victims));
    storm.start();
    List<Model> models = new ArrayList<>();
    for (Future<Model> one : all) {
      models.add(one.get());
    }
    isOver.set(true);
    storm.join();
    assertThat(interrupts.get()).as("interrupts").isPositive();
    try (S3BackendStorage reopened = builder().open()) {
      for (Model model : models) {
        assertHolds(store, model);
        assertHolds(reopened, model);
      }
    }
    assertThat(builder().verify(VerificationOptions.defaults()).damaged()).as("problems").isZero();
  }

  private void interruptAll(List<Thread> victims) {
    while (!isOver.get()) {
      synchronized (victims) {
        victims.forEach(Thread::interrupt);
      }
      Thread.onSpinWait();
      Backoff.pause(0);
    }
  }

  private static void assertHolds(S3BackendStorage by, Model model) {
    CheckpointQuery query = CheckpointQuery.builder(model.session()).limit(1000).build();
    List<Long> stored = by.list(query).items().stream().map(Checkpoint::version).toList();
    assertThat(stored).as(model.session().sessionId()).containsAll(model.acknowledged());
    assertThat(stored)
        .as(model.session() + ", but for those of unknown outcome")
        .allMatch(
            version -> model.acknowledged().contains(version) || model.unknown().contains(version));
    assertThat(by.getBySession(model.session())).contains(model.checkpoint(stored.get(0)));
  }
}
