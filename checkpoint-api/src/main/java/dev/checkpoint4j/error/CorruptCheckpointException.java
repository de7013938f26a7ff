package dev.checkpoint4j.error;

import org.jspecify.annotations.Nullable;

/**
 * A record is there but cannot be read: it is damaged, or was written by something newer. Retrying
 * does not help. What is intact around it stays readable.
 */
public final class CorruptCheckpointException extends CheckpointException {

  private static final long serialVersionUID = 1;

  /** Creates the exception; {@code message} says what happened and what to check. */
  public CorruptCheckpointException(
      String message, ErrorContext context, @Nullable Throwable cause) {
    super(message, context, cause);
  }
}
