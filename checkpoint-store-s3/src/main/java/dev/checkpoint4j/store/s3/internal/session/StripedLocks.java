package dev.checkpoint4j.store.s3.internal.session;

import dev.checkpoint4j.spi.CallDeadline;
import dev.checkpoint4j.store.s3.internal.client.NotSentException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * Serializes the writers of one handle that write the same thing, first come first served, so that
 * they do not conflict in the bucket. Correctness does not depend on it.
 */
public final class StripedLocks {

  private static final int STRIPES = 1024;

  private final ReentrantLock[] locks = new ReentrantLock[STRIPES];

  public StripedLocks() {
    for (int i = 0; i < STRIPES; i++) {
      locks[i] = new ReentrantLock(true);
    }
  }

  /**
   * Runs an action while no other one with an equal key runs.
   *
   * @throws NotSentException if the time of the call is over first, or the thread is interrupted
   *     while it waits; its flag stays set
   */
  public <R> R call(String key, Supplier<R> action) {
    ReentrantLock lock = locks[Math.floorMod(key.hashCode(), STRIPES)];
    try {
      long max = CallDeadline.current().remaining().toNanos();
      if (!lock.tryLock(max, TimeUnit.NANOSECONDS)) {
        throw new NotSentException("other writers of this handle took all the time of the call");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new NotSentException("the thread was interrupted while it waited for other writers");
    }
    try {
      return action.get();
    } finally {
      lock.unlock();
    }
  }
}
