package dev.checkpoint4j.error;

import org.jspecify.annotations.Nullable;

/**
 * The backend refused access: a missing permission, wrong credentials. The operation was not
 * applied; retrying helps only after access has been granted.
 */
public final class StorageAccessDeniedException extends CheckpointException {

  private static final long serialVersionUID = 1;

  /** Creates the exception; {@code message} says what happened and what to check. */
  public StorageAccessDeniedException(
      String message, ErrorContext context, @Nullable Throwable cause) {
    super(message, context, cause);
  }
}
