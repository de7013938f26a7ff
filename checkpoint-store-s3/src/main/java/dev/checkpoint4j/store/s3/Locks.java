package dev.checkpoint4j.store.s3;

import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Has the writers of one handle that are after the same thing wait for each other, rather than get
 * in each other's way in the bucket. Nothing depends on it.
 */
final class Locks {

  private static final int STRIPES = 1024;

  private final Lock[] locks = new Lock[STRIPES];

  Locks() {
    for (int i = 0; i < STRIPES; i++) {
      locks[i] = new ReentrantLock();
    }
  }

  Lock of(String what) {
    return locks[Math.floorMod(what.hashCode(), STRIPES)];
  }
}
