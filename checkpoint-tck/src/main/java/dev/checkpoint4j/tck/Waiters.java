package dev.checkpoint4j.tck;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** Threads whose calls have to wait for the call of another thread, or end without waiting. */
final class Waiters {

  private static final long POLL_NANOS = 20_000;

  private final Set<Thread> calling = ConcurrentHashMap.newKeySet();
  private final AtomicInteger notBegun;

  Waiters(int count) {
    notBegun = new AtomicInteger(count);
  }

  /** The calling thread is about to call. */
  void begin() {
    calling.add(Thread.currentThread());
    notBegun.decrementAndGet();
  }

  /** The call of the calling thread has ended. */
  void end() {
    calling.remove(Thread.currentThread());
  }

  /** Returns when each call waits or has ended, or after a while. */
  void awaitBlocked() {
    long start = System.nanoTime();
    while (!areBlocked() && System.nanoTime() - start < RaceSupport.ROUNDS_TIME.toNanos()) {
      LockSupport.parkNanos(POLL_NANOS);
    }
  }

  private boolean areBlocked() {
    return notBegun.get() == 0
        && calling.stream().noneMatch(thread -> thread.getState() == Thread.State.RUNNABLE);
  }
}
