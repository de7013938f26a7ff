package dev.checkpoint4j.error;

import org.jspecify.annotations.Nullable;

/**
 * The backend could not do it now: no connection, a lock not obtained in time, a full queue, an
 * interrupted thread. The operation was not applied; retrying it later is useful.
 */
public final class StorageUnavailableException extends CheckpointException {

  private static final long serialVersionUID = 1;

  /** Creates the exception; {@code message} says what happened and what to check. */
  public StorageUnavailableException(
      String message, ErrorContext context, @Nullable Throwable cause) {
    super(message, context, cause);
  }
}
