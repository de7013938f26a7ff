package dev.checkpoint4j.core;

import dev.checkpoint4j.spi.CallDeadline;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The time of one call that alternates between the storage and the caller's own code, which does
 * not count: the deadline moves by what that takes. Not safe for use by several threads.
 */
final class CallBudget {

  private CallDeadline deadline;

  CallBudget(CallDeadline deadline) {
    this.deadline = deadline;
  }

  /** When the call has to end as things stand, by this budget or by a deadline around the call. */
  CallDeadline deadline() {
    return CallDeadline.current().within(deadline.remaining());
  }

  /** Runs work of the storage, by the deadline. */
  <T extends @Nullable Object> T spend(Supplier<T> work) {
    return deadline.call(work);
  }

  /** Runs the caller's own code, and moves the deadline by the time that takes. */
  <T> T spare(Supplier<T> code) {
    Duration left = deadline.remaining();
    T result = code.get();
    // If it throws, the call is over.
    deadline = CallDeadline.after(left);
    return result;
  }
}
