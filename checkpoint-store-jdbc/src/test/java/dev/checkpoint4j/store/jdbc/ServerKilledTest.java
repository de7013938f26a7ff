package dev.checkpoint4j.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.CheckpointQuery.Order;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.Page;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.annotation.CanIgnoreReturnValue;
import dev.checkpoint4j.error.CheckpointException;
import dev.checkpoint4j.error.OutcomeUnknownException;
import dev.checkpoint4j.error.StorageUnavailableException;
import dev.checkpoint4j.error.VersionConflictException;
import dev.checkpoint4j.testsupport.PostgresServer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * PostgreSQL is killed while many put, and started again: what was acknowledged is there, what was
 * not is absent or found by its repetition.
 */
@Timeout(1_200)
class ServerKilledTest {

  private static final int WRITERS = 8;
  private static final int MAX_PUTS_BEFORE_KILL = 600;
  private static final int PUTS_AFTER_RESTART = 10;
  private static final int MAX_BYTES = 20_000;

  /** More than the pool has connections, each of which may turn out to be dead. */
  private static final int MAX_REPETITIONS = 50;

  private final PostgresServer server = PostgresServer.start();
  private final ExecutorService threads = Executors.newFixedThreadPool(WRITERS);

  private JdbcBackendStorage store;

  @BeforeEach
  void open() {
    store =
        JdbcBackendStorage.builder()
            .url(server.url())
            .schemaMode(SchemaMode.CREATE)
            .codec(TestCodec.INSTANCE)
            .open();
  }

  @AfterEach
  void close() {
    threads.shutdownNow();
    store.close();
    server.close();
  }

  @Test
  void losesNothingThatWasAcknowledged() throws Exception {
    killInEachOf(3);
  }

  @Test
  @Tag("soak")
  void losesNothingThatWasAcknowledgedInManyRounds() throws Exception {
    killInEachOf(40);
  }

  private void killInEachOf(int rounds) throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int number = 1; number <= rounds; number++) {
      new Round("round %d of seed %d".formatted(number, seed), "round-" + number, random).run();
    }
  }

  private final class Round {

    private final String description;
    private final String name;
    private final Random random;
    private final CountDownLatch killing;
    private final CountDownLatch restarted = new CountDownLatch(1);
    private final Queue<Checkpoint> acknowledged = new ConcurrentLinkedQueue<>();
    private final Queue<Checkpoint> refused = new ConcurrentLinkedQueue<>();
    private final Queue<CheckpointException> failures = new ConcurrentLinkedQueue<>();

    Round(String description, String name, Random random) {
      this.description = description;
      this.name = name;
      this.random = random;
      this.killing = new CountDownLatch(WRITERS + random.nextInt(MAX_PUTS_BEFORE_KILL));
    }

    void run() throws Exception {
      List<Future<?>> writers = new ArrayList<>();
      for (int number = 0; number < WRITERS; number++) {
        Writer writer = new Writer(number, new Random(random.nextLong()));
        writers.add(threads.submit(writer::run));
      }
      killing.await();
      server.kill();
      server.restart();
      restarted.countDown();
      for (Future<?> writer : writers) {
        writer.get();
      }
      assertThat(failures)
          .as("the failures, %s", description)
          .isNotEmpty()
          .hasOnlyElementsOfTypes(StorageUnavailableException.class, OutcomeUnknownException.class);
      checkWhatIsStored();
    }

    private void checkWhatIsStored() {
      Map<SessionKey, List<Checkpoint>> ofSession =
          acknowledged.stream().collect(Collectors.groupingBy(Checkpoint::sessionKey));
      ofSession.forEach(
          (session, checkpoints) -> {
            List<Checkpoint> stored = stored(session);
            assertThat(stored)
                .as("what is stored of %s, %s", session, description)
                .containsExactlyInAnyOrderElementsOf(checkpoints);
            assertThat(stored.stream().map(Checkpoint::version))
                .as("the versions of %s, %s", session, description)
                .isSorted()
                .doesNotHaveDuplicates();
            assertThat(store.getBySession(session))
                .as("the latest of %s, %s", session, description)
                .contains(stored.get(stored.size() - 1));
          });
      Stream.concat(acknowledged.stream(), refused.stream())
          .forEach(
              put ->
                  assertThat(store.get(put.namespace(), put.id()).isPresent())
                      .as("whether %s is stored, %s", put, description)
                      .isEqualTo(acknowledged.contains(put)));
      assertThat(Verified.checkpoints(store))
          .as("what verify finds, %s", description)
          .filteredOn(found -> ofSession.containsKey(found.sessionKey()))
          .containsExactlyInAnyOrderElementsOf(acknowledged);
    }

    private List<Checkpoint> stored(SessionKey session) {
      List<Checkpoint> stored = new ArrayList<>();
      CheckpointQuery query =
          CheckpointQuery.builder(session).order(Order.OLDEST_FIRST).limit(1_000).build();
      Page<Checkpoint> page = store.list(query);
      stored.addAll(page.items());
      while (page.nextCursor().isPresent()) {
        page = store.list(query.toBuilder().cursor(page.nextCursor().get()).build());
        stored.addAll(page.items());
      }
      return stored;
    }

    /** Puts to a session of its own, and to one that it shares, in turn. */
    private final class Writer {

      private final int number;
      private final Random random;
      private int puts;
      private long latestOfOwn;
      private long latestOfShared;

      Writer(int number, Random random) {
        this.number = number;
        this.random = random;
      }

      void run() {
        try {
          putUntilRestartAndThereafter();
        } finally {
          endWaitingForKill();
        }
      }

      /** Of one that has failed, nobody would wait for the end otherwise. */
      private void endWaitingForKill() {
        while (killing.getCount() > 0) {
          killing.countDown();
        }
      }

      private void putUntilRestartAndThereafter() {
        while (restarted.getCount() > 0) {
          putNext();
        }
        for (int i = 0; i < PUTS_AFTER_RESTART; i++) {
          putNext();
        }
      }

      private void putNext() {
        puts++;
        boolean shared = random.nextBoolean();
        Checkpoint next =
            Checkpoint.builder(name + (shared ? "-shared-" + number % 2 : "-own-" + number))
                .id("%s-%d-%d".formatted(name, number, puts))
                .version((shared ? latestOfShared : latestOfOwn) + 1 + random.nextInt(3))
                .values(Map.of("state", "x".repeat(random.nextInt(MAX_BYTES))))
                .build();
        try {
          put(next);
          acknowledged.add(next);
          if (shared) {
            latestOfShared = next.version();
          } else {
            latestOfOwn = next.version();
          }
        } catch (VersionConflictException e) {
          assertThat(shared).as("whether %s is of a shared session: %s", next, e).isTrue();
          refused.add(next);
          latestOfShared = e.latestVersion();
        }
        killing.countDown();
      }

      private void put(Checkpoint next) {
        try {
          store.put(next, Expectation.any());
        } catch (StorageUnavailableException | OutcomeUnknownException e) {
          failures.add(e);
          awaitRestart();
          if (!e.mayHaveBeenApplied()) {
            assertThat(repeated(() -> store.get(next.namespace(), next.id())))
                .as("%s, of which was said that it was not applied", next)
                .isEmpty();
          }
          repeated(
              () -> {
                store.put(next, Expectation.any());
                return next;
              });
        }
      }

      private void awaitRestart() {
        try {
          restarted.await();
        } catch (InterruptedException e) {
          throw new IllegalStateException(e);
        }
      }

      @CanIgnoreReturnValue
      private <R> R repeated(Supplier<R> call) {
        for (int repetition = 1; ; repetition++) {
          try {
            return call.get();
          } catch (StorageUnavailableException | OutcomeUnknownException e) {
            failures.add(e);
            if (repetition == MAX_REPETITIONS) {
              throw e;
            }
          }
        }
      }
    }
  }
}
