package dev.checkpoint4j.error;

import org.jspecify.annotations.Nullable;

/**
 * The backend did not confirm a write: it may have been applied or not. A deletion of several
 * checkpoints that failed on the way was applied in part. Retrying a put of the same checkpoint is
 * safe, because put is idempotent; so are delete and deleteBySession. So is a {@code save} with an
 * id of the caller. After any other {@code save}, an {@code update}, a {@code restore} or a {@code
 * fork} of a repository, which would store another checkpoint, look first whether the one that
 * {@link #checkpointId()} names is there.
 */
public final class OutcomeUnknownException extends CheckpointException {

  private static final long serialVersionUID = 1;

  /** Creates the exception; {@code message} says what happened and what to check. */
  public OutcomeUnknownException(String message, ErrorContext context, @Nullable Throwable cause) {
    super(message, context, cause);
  }

  @Override
  public boolean mayHaveBeenApplied() {
    return true;
  }
}
