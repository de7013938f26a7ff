package dev.checkpoint4j.tck;

import java.time.Duration;
import java.util.function.IntConsumer;
import java.util.function.LongSupplier;

/**
 * How often something is repeated. Time decides how much is tried on a slow medium, and never
 * whether a rule holds.
 *
 * @param atLeast however long they take
 * @param atMost however fast they are
 * @param time after which no further round starts
 */
record Rounds(int atLeast, int atMost, Duration time) {

  /** Runs the rounds, numbered from 0, by a clock of nanoseconds. */
  void run(LongSupplier clock, IntConsumer round) {
    long start = clock.getAsLong();
    for (int i = 0;
        i < atLeast || (i < atMost && clock.getAsLong() - start < time.toNanos());
        i++) {
      round.accept(i);
    }
  }
}
