package dev.checkpoint4j.spi;

import dev.checkpoint4j.error.ErrorContext;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * One call of a {@link BackendStorage} that ended. Names what it was about; never holds a value of
 * a checkpoint.
 *
 * @param context the backend, the operation, and what the call was about
 * @param duration how long the call took
 * @param failure what the call threw; empty if it succeeded
 */
public record StorageEvent(ErrorContext context, Duration duration, Optional<Throwable> failure) {

  /** Creates an event. */
  public StorageEvent {
    Objects.requireNonNull(context, "context");
    Objects.requireNonNull(duration, "duration");
    Objects.requireNonNull(failure, "failure");
  }

  /** Every component; characters that do not show are escaped. */
  @Override
  public String toString() {
    return Printable.line(
        "StorageEvent[context="
            + context
            + ", duration="
            + duration
            + ", failure="
            + failure
            + "]");
  }
}
