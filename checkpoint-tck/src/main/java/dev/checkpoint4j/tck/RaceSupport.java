package dev.checkpoint4j.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.spi.BackendStorage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.IntConsumer;

/**
 * What the rules RACE share: threads that call at the same moment, and readers that meet a writer.
 */
abstract class RaceSupport extends HandleRules {

  static final int THREADS = 8;
  static final int ROUNDS = 20;

  /** Threads that meet by chance need more rounds, where a round takes little time. */
  private static final int MAX_ROUNDS = 200;

  static final Duration ROUNDS_TIME = Duration.ofMillis(300);

  /** A writer goes on for the others to meet it, but not for ever. */
  static final int MAX_WRITES = 3_000;

  /** Runs at least {@value #ROUNDS} rounds, and more while there is time. */
  static void repeat(IntConsumer round) {
    repeat(ROUNDS, round);
  }

  /** Runs at least so many rounds, and up to {@value #MAX_ROUNDS} while there is time. */
  static void repeat(int atLeast, IntConsumer round) {
    repeat(atLeast, MAX_ROUNDS, round);
  }

  /** Runs at least so many rounds, and up to so many while there is time. */
  static void repeat(int atLeast, int atMost, IntConsumer round) {
    new Rounds(atLeast, atMost, ROUNDS_TIME).run(System::nanoTime, round);
  }

  /** Alternately this test's handle and a second one. */
  final List<BackendStorage> twoHandles() {
    return List.of(storage(), openHandle());
  }

  /** Puts all checkpoints at the same moment, on the handles in turn. */
  static List<Race.Attempt<Checkpoint>> race(
      String what, List<BackendStorage> handles, List<Checkpoint> checkpoints) {
    return race(what, handles, checkpoints, Expectation.any());
  }

  /** As {@link #race(String, List, List)}, with an expectation. */
  static List<Race.Attempt<Checkpoint>> race(
      String what,
      List<BackendStorage> handles,
      List<Checkpoint> checkpoints,
      Expectation expectation) {
    List<Callable<Checkpoint>> tasks = new ArrayList<>();
    for (Checkpoint checkpoint : checkpoints) {
      BackendStorage handle = handles.get(tasks.size() % handles.size());
      tasks.add(
          () -> {
            handle.put(checkpoint, expectation);
            return checkpoint;
          });
    }
    return Race.run(what, tasks);
  }

  /** Exactly one attempt succeeded and the others were refused in the way that is expected. */
  static Checkpoint assertOneWinner(
      String what, List<Race.Attempt<Checkpoint>> attempts, Class<? extends Throwable> refusal) {
    List<Checkpoint> winners = new ArrayList<>();
    for (Race.Attempt<Checkpoint> attempt : attempts) {
      if (attempt.succeeded()) {
        winners.add(attempt.orThrow(what));
      } else {
        assertThat(attempt.failure()).as("%s: how a loser was refused", what).isInstanceOf(refusal);
      }
    }
    assertThat(winners).as("%s: writers whose put was acknowledged", what).hasSize(1);
    return winners.get(0);
  }
}
