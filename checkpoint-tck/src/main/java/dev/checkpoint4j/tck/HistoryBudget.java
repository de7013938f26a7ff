package dev.checkpoint4j.tck;

import java.time.Duration;
import java.util.OptionalInt;

/**
 * How many histories a rule runs: at least a few, then as many as begin in its time. Time never
 * decides whether a rule passes: a history that has begun is run to its end.
 *
 * @param factor what the time of every rule is multiplied with
 * @param count how many histories a rule runs instead, if given
 */
record HistoryBudget(double factor, OptionalInt count) {

  private static final int LEAST = 4;

  private static final Duration LONG_TIME = Duration.ofSeconds(20);

  /** Starts the time of a rule. */
  Clock start(Duration time) {
    return new Clock((long) (time.toNanos() * factor), count);
  }

  /**
   * Starts the time of a list that has an end. Where a number of histories is given, the time is
   * long, so that a fast backend runs the whole list on any machine.
   */
  Clock startList(Duration time) {
    long nanos = count.isPresent() ? LONG_TIME.toNanos() : (long) (time.toNanos() * factor);
    return new Clock(nanos, OptionalInt.empty());
  }

  /** Counts the histories of a rule. Thread-safe. */
  static final class Clock {
    private final long start = System.nanoTime();
    private final long nanos;
    private final OptionalInt count;
    private int begun;

    private Clock(long nanos, OptionalInt count) {
      this.nanos = nanos;
      this.count = count;
    }

    /** Whether one more history is to be run. */
    synchronized boolean isOneMore() {
      boolean isOneMore =
          count.isPresent()
              ? begun < count.getAsInt()
              : begun < LEAST || System.nanoTime() - start < nanos;
      begun += isOneMore ? 1 : 0;
      return isOneMore;
    }

    /** Whether there is time for what a rule may leave out. */
    boolean isTimeLeft() {
      return count.isPresent() || System.nanoTime() - start < nanos;
    }

    /** The number of the history that runs. */
    synchronized int begun() {
      return begun;
    }
  }
}
