package dev.checkpoint4j.store.s3.internal;

import java.time.Duration;

/** What both clocks of this machine showed at one moment. */
public record ClockReading(Clocks clocks, long nanos, long millis) {

  /**
   * Whether less than {@code max} has passed since this reading, by both clocks. False if a clock
   * went back, because the time that passed is then unknown.
   */
  public boolean isWithin(Duration max) {
    ClockReading now = clocks.now();
    return isWithin(now.nanos - nanos, max.toNanos())
        && isWithin(now.millis - millis, max.toMillis());
  }

  private static boolean isWithin(long age, long max) {
    return age >= 0 && age < max;
  }
}
