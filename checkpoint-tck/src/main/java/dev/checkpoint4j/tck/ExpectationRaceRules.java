package dev.checkpoint4j.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.error.VersionConflictException;
import dev.checkpoint4j.spi.BackendStorage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/** RACE: puts with expectations at the same time as other puts and deletions. */
abstract class ExpectationRaceRules extends DeletionRaceRules {

  private static final String GENERATION = "generation";
  private static final int GENERATIONS = 100;

  /** So many on a slow medium, when the time is over. */
  private static final int MIN_GENERATIONS = 3;

  private static final Duration GENERATIONS_TIME = Duration.ofSeconds(3);

  @Rule(id = "RACE-16", level = Level.MUST)
  protected final void oneOfManyFollowsTheExpectedLatest() {
    List<BackendStorage> handles = twoHandles();
    repeat(
        round -> {
          String sessionId = "s" + round;
          Checkpoint latest = put(sessionId, 1);
          assertOneIsStored(
              "%d puts of different versions that expect the same latest".formatted(THREADS),
              handles,
              sessionId,
              Expectation.latestIs(latest.id()),
              List.of(latest));
        });
  }

  @Rule(id = "RACE-17", level = Level.MUST)
  protected final void oneOfManyStartsTheSession() {
    List<BackendStorage> handles = twoHandles();
    repeat(
        round -> {
          String sessionId = "s" + round;
          if (round % 2 == 1) {
            put(sessionId, 9);
            storage().deleteBySession(session(sessionId));
          }
          assertOneIsStored(
              "%d puts of different versions that expect no session".formatted(THREADS),
              handles,
              sessionId,
              Expectation.noSession(),
              List.of());
        });
  }

  private void assertOneIsStored(
      String what,
      List<BackendStorage> handles,
      String sessionId,
      Expectation expectation,
      List<Checkpoint> before) {
    List<Checkpoint> checkpoints = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      checkpoints.add(checkpoint(sessionId, 2 + i));
    }
    Checkpoint winner =
        assertOneWinner(
            what, race(what, handles, checkpoints, expectation), VersionConflictException.class);
    List<Checkpoint> expected = new ArrayList<>(List.of(winner));
    expected.addAll(before);
    assertThat(listAll(storage(), CheckpointQuery.builder(session(sessionId)).build()))
        .as("what is stored after %s", what)
        .isEqualTo(expected);
  }

  @Rule(id = "RACE-18", level = Level.MUST)
  protected final void deletedSessionIsNeverContinued() {
    List<BackendStorage> handles = twoHandles();
    AtomicBoolean ended = new AtomicBoolean();
    AtomicBoolean paused = new AtomicBoolean();
    List<Callable<Integer>> tasks = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      BackendStorage handle = handles.get(i % handles.size());
      tasks.add(() -> continueSession(handle, paused, ended));
    }
    tasks.add(
        () -> {
          try {
            return startAgain(handles.get(0), paused);
          } finally {
            ended.set(true);
          }
        });
    String what = "four writers that follow the latest of a session that is deleted and restarted";
    assertThat(Race.results(what, tasks)).as("%s: what each stored", what).doesNotContainNull();
  }

  /** Follows whatever is the latest, and hands on the generation of what it follows. */
  private int continueSession(BackendStorage handle, AtomicBoolean paused, AtomicBoolean ended) {
    int stored = 0;
    while (!ended.get()) {
      Optional<Checkpoint> latest = handle.getBySession(session("s"));
      if (latest.isPresent() && latest.get().version() < MAX_WRITES && !paused.get()) {
        Checkpoint next =
            draft("s", latest.get().version() + 1).values(latest.get().values()).build();
        try {
          handle.put(next, Expectation.latestIs(latest.get().id()));
          stored++;
        } catch (VersionConflictException e) {
          // Another one was faster, or the session was deleted.
        }
      }
    }
    return stored;
  }

  /**
   * Everything that is stored follows the checkpoint that started the session last. The writers
   * pause after a deletion that they were faster than: it need not win against them.
   */
  private int startAgain(BackendStorage handle, AtomicBoolean paused) {
    int generation = 0;
    long start = System.nanoTime();
    while (generation < MIN_GENERATIONS
        || (generation < GENERATIONS && System.nanoTime() - start < GENERATIONS_TIME.toNanos())) {
      handle.deleteBySession(session("s"));
      int next = generation + 1;
      Checkpoint first = draft("s", 1).values(Map.of(GENERATION, next)).build();
      try {
        handle.put(first, Expectation.noSession());
      } catch (VersionConflictException e) {
        // A writer followed a checkpoint that was not yet deleted.
        paused.set(true);
        continue;
      }
      paused.set(false);
      generation = next;
      for (int look = 0; look < MAX_WRITES && !isContinued(handle); look++) {
        Thread.onSpinWait();
      }
      for (int look = 0; look < 3; look++) {
        assertThat(listAll(handle, CheckpointQuery.builder(session("s")).build()))
            .as("what is stored after the session was started for the time %d", next)
            .extracting(checkpoint -> checkpoint.values().get(GENERATION))
            .containsOnly(next);
      }
    }
    return generation;
  }

  private boolean isContinued(BackendStorage handle) {
    return handle.getBySession(session("s")).filter(latest -> latest.version() > 3).isPresent();
  }

  @Rule(id = "RACE-19", level = Level.MUST)
  protected final void deletedCheckpointIsNeverFollowed() {
    List<BackendStorage> handles = twoHandles();
    AtomicLong putNanos = new AtomicLong();
    repeat(
        round -> {
          // The deletion begins at any moment of the put.
          long delay = (long) (putNanos.get() * random().nextDouble());
          deletedCheckpointIsNeverFollowed("s" + round, handles, delay, putNanos);
        });
  }

  private void deletedCheckpointIsNeverFollowed(
      String sessionId, List<BackendStorage> handles, long delayNanos, AtomicLong putNanos) {
    Checkpoint first = put(sessionId, 1);
    Checkpoint latest = put(sessionId, 2);
    Checkpoint next = checkpoint(sessionId, 3);
    AtomicBoolean ended = new AtomicBoolean();
    String what = "a put that expects a checkpoint that is deleted at the same time";
    List<Boolean> results =
        Race.results(
            what,
            List.of(
                () -> {
                  long start = System.nanoTime();
                  boolean isStored = isStoredAfter(handles.get(0), next, latest, ended);
                  putNanos.set(System.nanoTime() - start);
                  return isStored;
                },
                () -> {
                  long start = System.nanoTime();
                  while (System.nanoTime() - start < delayNanos) {
                    Thread.onSpinWait();
                  }
                  handles.get(1).delete(namespace(), List.of(latest.id()));
                  return true;
                },
                () -> watch(handles.get(1), first, next, ended)));
    List<Checkpoint> left = new ArrayList<>(List.of(first));
    if (results.get(0)) {
      left.add(0, next);
    }
    assertThat(listAll(storage(), CheckpointQuery.builder(session(sessionId)).build()))
        .as("what is left after %s", what)
        .isEqualTo(left);
  }

  private static boolean isStoredAfter(
      BackendStorage handle, Checkpoint next, Checkpoint latest, AtomicBoolean ended) {
    try {
      handle.put(next, Expectation.latestIs(latest.id()));
      return true;
    } catch (VersionConflictException e) {
      return false;
    } finally {
      ended.set(true);
    }
  }

  /** Once the first is the latest again, the expected one is deleted: nothing may follow it. */
  private static boolean watch(
      BackendStorage handle, Checkpoint first, Checkpoint next, AtomicBoolean ended) {
    boolean deleted = false;
    boolean isLastLook = false;
    for (int looks = 0; looks < MAX_WRITES && !isLastLook; looks++) {
      isLastLook = ended.get();
      Optional<Checkpoint> seen = handle.getBySession(first.sessionKey());
      deleted |= seen.equals(Optional.of(first));
      assertThat(deleted && seen.equals(Optional.of(next)))
          .as("whether a checkpoint is stored that follows one that had been deleted before")
          .isFalse();
    }
    return true;
  }
}
