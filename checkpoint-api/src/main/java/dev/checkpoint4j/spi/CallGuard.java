package dev.checkpoint4j.spi;

import dev.checkpoint4j.annotation.CanIgnoreReturnValue;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * Runs the calls on a handle of a store until the handle is closed, and lets {@code close} wait for
 * the calls in flight.
 *
 * <pre>{@code
 * public long deleteBySession(SessionKey session) {
 *   return guard.call(() -> ...);
 * }
 *
 * public void close() {
 *   if (guard.close(timeout)) {
 *     pool.close();
 *   }
 * }
 * }</pre>
 *
 * <p>Safe for use by several threads.
 */
public final class CallGuard {

  private final String store;
  private int inFlight;
  private boolean isClosed;

  /**
   * Creates a guard for an open handle.
   *
   * @param store names the store in messages: "file store"
   */
  public CallGuard(String store) {
    this.store = Objects.requireNonNull(store, "store");
  }

  /**
   * Runs a call on the calling thread.
   *
   * @return what the action returns
   * @throws IllegalStateException if the handle is closed; the action was not run
   * @throws StackOverflowError if {@link StackSpace} is short; the action was not run
   * @throws RuntimeException what the action throws
   */
  @CanIgnoreReturnValue
  public <R> R call(Supplier<R> action) {
    Objects.requireNonNull(action, "action");
    StackSpace.require();
    begin();
    try {
      return action.get();
    } finally {
      end();
    }
  }

  private synchronized void begin() {
    if (isClosed) {
      throw new IllegalStateException("this handle of the " + store + " is closed");
    }
    inFlight++;
  }

  private synchronized void end() {
    inFlight--;
    notifyAll();
  }

  /**
   * Refuses calls from now on, then waits for the calls in flight until the time is up. An
   * interrupt does not end the wait; the flag of the thread stays set.
   *
   * @param atMost the maximum wait; zero does not wait
   * @return false if the handle was closed before; then nothing was waited for
   */
  public synchronized boolean close(Duration atMost) {
    Objects.requireNonNull(atMost, "atMost");
    if (isClosed) {
      return false;
    }
    isClosed = true;
    CallDeadline deadline = CallDeadline.after(atMost);
    boolean interrupted = false;
    while (inFlight > 0 && !deadline.hasPassed()) {
      try {
        // A millisecond more, since zero would wait for ever.
        wait(Math.min(deadline.remaining().toMillis(), 1000) + 1);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return true;
  }
}
