package dev.checkpoint4j.error;

import org.jspecify.annotations.Nullable;

/**
 * A limit of the backend was exceeded: a checkpoint too large, a full disk, a quota. The operation
 * was not applied; retrying helps only after space has been freed or the checkpoint has shrunk.
 */
public final class StorageLimitExceededException extends CheckpointException {

  private static final long serialVersionUID = 1;

  /** Creates the exception; {@code message} says what happened and what to check. */
  public StorageLimitExceededException(
      String message, ErrorContext context, @Nullable Throwable cause) {
    super(message, context, cause);
  }
}
