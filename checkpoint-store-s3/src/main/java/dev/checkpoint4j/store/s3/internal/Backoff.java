package dev.checkpoint4j.store.s3.internal;

import dev.checkpoint4j.spi.CallDeadline;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Pauses between attempts. A pause never exceeds the deadline of the call. An interrupt does not
 * shorten it, because an interrupted thread that retries at once disturbs the others; the flag
 * stays set.
 */
public final class Backoff {

  private static final long BASE_MILLIS = 10;
  private static final int MAX_DOUBLINGS = 4;

  private Backoff() {}

  /** Pauses for a random time, 5 to 10 ms after attempt 0 and at most 160 ms later. */
  public static void pause(int attempt) {
    long max = TimeUnit.MILLISECONDS.toNanos(BASE_MILLIS << Math.min(attempt, MAX_DOUBLINGS));
    pause(Duration.ofNanos(ThreadLocalRandom.current().nextLong(max / 2, max)));
  }

  public static void pause(Duration duration) {
    CallDeadline end = CallDeadline.current().within(duration);
    boolean interrupted = false;
    while (!end.hasPassed()) {
      LockSupport.parkNanos(end.remaining().toNanos());
      interrupted |= Thread.interrupted();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
