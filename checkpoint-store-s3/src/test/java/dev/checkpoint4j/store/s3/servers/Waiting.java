package dev.checkpoint4j.store.s3.servers;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for what happens in another process or thread. */
final class Waiting {

  /** Long enough for a machine that does much else; who waits that long has failed. */
  static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final Duration POLL = Duration.ofMillis(5);

  private Waiting() {}

  static void until(String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - deadline > 0) {
        throw new IllegalStateException(what + ": not within " + PATIENCE.toSeconds() + " s");
      }
      LockSupport.parkNanos(POLL.toNanos());
    }
  }
}
