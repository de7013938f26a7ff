package dev.checkpoint4j.tck;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;

/** Readers, or others, and one writer who goes on until they have met often enough. */
final class Readers {
  /** So often each reader has to begin after another number of writes. */
  private static final int MEETINGS = 50;

  /** So many writes are made without regard to the readers. */
  private static final int BURST = 10;

  private final CountDownLatch meetings;
  private final int burst;
  private final int readsBetween;
  private final Semaphore turns = new Semaphore(0);
  private final AtomicLong written = new AtomicLong();
  private final AtomicBoolean done = new AtomicBoolean();

  Readers(int count) {
    this(count, BURST, 1);
  }

  private Readers(int count, int burst, int readsBetween) {
    meetings = new CountDownLatch(count * MEETINGS);
    this.burst = burst;
    this.readsBetween = readsBetween;
  }

  /** Those whose writer pauses after each write for as many reads as there are readers. */
  static Readers inStep(int count) {
    return new Readers(count, 1, count);
  }

  /** Writes versions from 1 on, at least so many; the last one. */
  long write(int atLeast, LongConsumer put) throws InterruptedException {
    try {
      long version = 0;
      while (version < atLeast || (version < RaceSupport.MAX_WRITES && meetings.getCount() > 0)) {
        put.accept(++version);
        written.set(version);
        if (version % burst == 0 && meetings.getCount() > 0) {
          awaitTurn();
        }
      }
      return version;
    } finally {
      done.set(true);
    }
  }

  /** A fast writer would be done before the readers begin, or keep them from a lock. */
  private void awaitTurn() throws InterruptedException {
    turns.drainPermits();
    boolean unused = turns.tryAcquire(readsBetween, 100, TimeUnit.MILLISECONDS);
  }

  /** Reads until the writer has ended, and once more. */
  void read(Runnable read) {
    boolean ended = false;
    try {
      long met = -1;
      while (!ended) {
        ended = done.get();
        long now = written.get();
        read.run();
        if (now != met) {
          met = now;
          meetings.countDown();
        }
        turns.release();
      }
    } finally {
      while (!ended && meetings.getCount() > 0) {
        // Nobody has to wait for a reader that has failed.
        meetings.countDown();
      }
    }
  }
}
