package dev.checkpoint4j.error;

import org.jspecify.annotations.Nullable;

/**
 * The backend did not confirm a write: it may have been applied or not. Retrying a put of the same
 * checkpoint is safe, because put is idempotent; so are delete and deleteBySession. After a {@code
 * save} or {@code update} of a repository, which would store another checkpoint, look first whether
 * the one that {@link #checkpointId()} names is there.
 */
public final class OutcomeUnknownException extends CheckpointException {

  private static final long serialVersionUID = 1;

  /** Makes the exception; {@code message} says what happened and what to check. */
  public OutcomeUnknownException(String message, ErrorContext context, @Nullable Throwable cause) {
    super(message, context, cause);
  }

  @Override
  public boolean mayHaveBeenApplied() {
    return true;
  }
}
