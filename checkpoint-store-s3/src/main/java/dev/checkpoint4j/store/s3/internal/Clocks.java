package dev.checkpoint4j.store.s3.internal;

import java.util.function.LongSupplier;

/**
 * The two clocks of this machine. Neither is enough: the first never goes back but may stand still
 * while the machine sleeps; the second counts sleep but may be set.
 *
 * @param nanos as {@link System#nanoTime()}
 * @param millis as {@link System#currentTimeMillis()}
 */
public record Clocks(LongSupplier nanos, LongSupplier millis) {

  public static final Clocks SYSTEM = new Clocks(System::nanoTime, System::currentTimeMillis);

  public ClockReading now() {
    return new ClockReading(this, nanos.getAsLong(), millis.getAsLong());
  }
}
