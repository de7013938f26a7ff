package dev.checkpoint4j.store.file;

import static dev.checkpoint4j.store.file.FileStores.open;
import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.spi.Durability;
import dev.checkpoint4j.testsupport.ChildJvm;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes that are killed, at any moment, while they put and delete and others read. */
class FileKilledWriterTest {

  private static final int WRITERS = 4;
  private static final int SHARED_SESSIONS = 6;

  /** With so many rounds on one store it does not grow large. */
  private static final int ROUNDS_ON_A_STORE = 20;

  /** Early kills meet the first writes, late ones threads in full swing. */
  private static final int[] MAX_MILLIS_BEFORE_KILL = {100, 600};

  private final long seed = Long.getLong("checkpoint.seed", System.nanoTime());
  private final SplittableRandom random = new SplittableRandom(seed);
  private final ExecutorService executor = Executors.newCachedThreadPool();

  @TempDir Path temp;

  @AfterEach
  void shutDown() {
    executor.shutdownNow();
  }

  @Test
  void loseNothingThatWasAcknowledged() throws Exception {
    killInEachOf(20);
  }

  @Test
  @Tag("soak")
  void loseNothingThatWasAcknowledgedInManyRounds() throws Exception {
    killInEachOf(200);
  }

  @Test
  void twoAtOnceLoseNothingThatWasAcknowledged() throws Exception {
    killOneOfTwoFor(Duration.ofSeconds(10));
  }

  @Test
  @Tag("soak")
  void twoAtOnceLoseNothingThatWasAcknowledgedInAMinute() throws Exception {
    killOneOfTwoFor(Duration.ofSeconds(60));
  }

  private void killInEachOf(int rounds) throws Exception {
    long acknowledged = 0;
    long deletions = 0;
    long reads = 0;
    for (int first = 0; first < rounds; first += ROUNDS_ON_A_STORE) {
      Path store = temp.resolve("store-" + first);
      Acknowledgements said = new Acknowledgements();
      for (int round = first; round < first + ROUNDS_ON_A_STORE; round++) {
        String when = "seed %d, round %d".formatted(seed, round);
        Durability durability =
            random.nextBoolean() ? Durability.POWER_LOSS : Durability.PROCESS_CRASH;
        Reader reader;
        try (ChildJvm writer =
            start(store, durability, SHARED_SESSIONS, WRITERS, "a", "r" + round)) {
          writer.awaitLine("put ");
          reader = new Reader(store, SHARED_SESSIONS, when);
          pause(random.nextInt(MAX_MILLIS_BEFORE_KILL[round / 2 % 2]));
          assertThat(writer.isAlive()).as("still writing; %s", when).isTrue();
          writer.kill();
          said.add(writer.lines());
        }
        if (round % 2 == 0) {
          // The next handle is alone.
          reads += reader.stop(said);
          try (FileBackendStorage storage = open(store)) {
            said.check(storage, when);
          }
        } else {
          try (FileBackendStorage storage = open(store)) {
            said.check(storage, when);
          }
          reads += reader.stop(said);
        }
        assertThat(said.failures()).as("errors of the writers; %s", when).isEmpty();
      }
      try (FileBackendStorage storage = open(store)) {
        said.check(storage, "at the end");
      }
      acknowledged += said.acknowledged();
      deletions += said.deletionsAcknowledged();
    }
    System.out.printf(
        "%d kills: %d checkpoints and %d deletions acknowledged, %d reads beside them%n",
        rounds, acknowledged, deletions, reads);
    assertThat(deletions).as("deletions").isPositive();
  }

  private void killOneOfTwoFor(Duration duration) throws Exception {
    int sessions = 50;
    Path store = temp.resolve("store");
    Acknowledgements said = new Acknowledgements();
    List<ChildJvm> processes = new ArrayList<>();
    String when = "seed %d".formatted(seed);
    int kills = 0;
    try {
      for (int i = 0; i < 2; i++) {
        processes.add(start(store, Durability.POWER_LOSS, sessions, 8, "p" + i, "p" + i));
      }
      processes.get(0).awaitLine("put ");
      Reader reader = new Reader(store, sessions, when);
      long end = System.nanoTime() + duration.toNanos();
      while (System.nanoTime() < end) {
        int chosen = random.nextInt(2);
        processes.get(chosen).awaitLine("put ");
        pause(random.nextInt(1_500));
        processes.get(chosen).kill();
        said.add(processes.get(chosen).lines());
        kills++;
        String owner = "p" + chosen;
        processes.set(
            chosen, start(store, Durability.POWER_LOSS, sessions, 8, owner, owner + "-" + kills));
      }
      for (ChildJvm process : processes) {
        process.kill();
        said.add(process.lines());
      }
      long reads = reader.stop(said);
      try (FileBackendStorage storage = open(store)) {
        said.check(storage, when);
      }
      assertThat(said.failures()).as("errors of the writers; %s", when).isEmpty();
      System.out.printf(
          "%d kills of one of two processes: %d checkpoints and %d deletions acknowledged, %d reads"
              + " beside them%n",
          kills, said.acknowledged(), said.deletionsAcknowledged(), reads);
    } finally {
      for (ChildJvm process : processes) {
        process.close();
      }
    }
  }

  private ChildJvm start(
      Path store, Durability durability, int sessions, int threads, String owner, String name)
      throws IOException {
    return ChildJvm.start(
        temp.resolve(name + ".txt"),
        FaultWriter.class,
        store.toString(),
        durability.name(),
        Integer.toString(sessions),
        Integer.toString(threads),
        owner,
        name);
  }

  private static void pause(int millis) throws InterruptedException {
    TimeUnit.MILLISECONDS.sleep(millis);
  }

  /** Reads on a handle of its own until it is stopped. */
  private final class Reader {

    private final FileBackendStorage storage;
    private final int sharedSessions;
    private final String when;
    private final Set<String> seen = new HashSet<>();
    private final CompletableFuture<Long> reads;
    private volatile boolean stopping;

    Reader(Path store, int sharedSessions, String when) {
      this.storage = open(store);
      this.sharedSessions = sharedSessions;
      this.when = when;
      this.reads = CompletableFuture.supplyAsync(this::read, executor);
    }

    private long read() {
      Map<String, Long> latest = new HashMap<>();
      long count = 0;
      while (!stopping) {
        for (int i = 0; i < sharedSessions; i++) {
          String session = FaultWriter.sharedSession(i);
          Optional<Checkpoint> found = storage.getBySession(key(session));
          long before = latest.getOrDefault(session, 0L);
          long version = found.map(Checkpoint::version).orElse(0L);
          assertThat(version).as("latest of %s; %s", session, when).isGreaterThanOrEqualTo(before);
          latest.put(session, version);
          found.ifPresent(
              checkpoint -> {
                Acknowledgements.assertIntact(checkpoint, when);
                seen.add(checkpoint.id());
              });
          count++;
        }
        for (SessionKey session :
            storage.listSessions(Checkpoint.DEFAULT_NAMESPACE, 100, Optional.empty()).items()) {
          if (session.sessionId().startsWith("own")) {
            for (Checkpoint checkpoint : Acknowledgements.history(storage, session)) {
              Acknowledgements.assertIntact(checkpoint, when);
              count++;
            }
          }
        }
      }
      return count;
    }

    long stop(Acknowledgements said) {
      stopping = true;
      try {
        long count = reads.join();
        seen.forEach(said::seen);
        return count;
      } finally {
        storage.close();
      }
    }

    private SessionKey key(String session) {
      return new SessionKey(Checkpoint.DEFAULT_NAMESPACE, session);
    }
  }
}
