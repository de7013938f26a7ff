package dev.checkpoint4j.spi;

import dev.checkpoint4j.error.ErrorContext;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One call of a {@link BackendStorage} that ended. Names what it was about; never holds a value of
 * a checkpoint.
 *
 * @param backendId the id of the backend's descriptor
 * @param operation the operation, named as the method of {@link BackendStorage}
 * @param namespace the namespace, if the call was about one
 * @param sessionId the session, if the call was about one
 * @param checkpointId the checkpoint, if the call was about one
 * @param duration how long the call took
 * @param failure what the call threw; empty if it succeeded
 */
public record StorageEvent(
    String backendId,
    String operation,
    @Nullable String namespace,
    @Nullable String sessionId,
    @Nullable String checkpointId,
    Duration duration,
    Optional<Throwable> failure) {

  /** Makes an event. */
  public StorageEvent {
    Objects.requireNonNull(backendId, "backendId");
    Objects.requireNonNull(operation, "operation");
    Objects.requireNonNull(duration, "duration");
    Objects.requireNonNull(failure, "failure");
  }

  /** An event about what {@code context} names. */
  public static StorageEvent of(
      ErrorContext context, Duration duration, Optional<Throwable> failure) {
    return new StorageEvent(
        context.backendId(),
        context.operation(),
        context.namespace(),
        context.sessionId(),
        context.checkpointId(),
        duration,
        failure);
  }
}
