package dev.checkpoint4j.spi;

/**
 * Checks, before a call takes a lock, that the stack of the thread leaves room for the call. A
 * stack that overflows while a lock is released keeps the lock for ever; one that overflows in the
 * initializer of a class makes the class unusable for all threads.
 *
 * <pre>{@code
 * StackSpace.require();
 * lock.lock();
 * try {
 *   ...
 * } finally {
 *   lock.unlock();
 * }
 * }</pre>
 *
 * <p>The check is advice: it takes about 12 KB of stack where its own code is compiled, more where
 * it is interpreted, and a call that needs more may still overflow. It takes less than a
 * microsecond. Safe for use by several threads.
 */
public final class StackSpace {

  /** Each call takes 40 bytes at least. */
  private static final int CALLS = 300;

  private StackSpace() {}

  /**
   * Returns if the stack of the calling thread has room for a call.
   *
   * @throws StackOverflowError if it has not; nothing else was done
   */
  public static void require() {
    if (descend(CALLS, 1, 2) == 0) {
      throw new AssertionError("a sum of positive numbers");
    }
  }

  /** Computes what no compiler can leave out. */
  private static long descend(int calls, long first, long second) {
    return calls == 0 ? first : 1 + Math.abs(descend(calls - 1, second, first) & 7) + second;
  }
}
