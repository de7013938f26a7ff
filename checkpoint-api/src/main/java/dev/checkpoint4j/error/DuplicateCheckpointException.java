package dev.checkpoint4j.error;

import dev.checkpoint4j.Checkpoint;

/**
 * A put was refused because another checkpoint of the namespace, of this or of another session, has
 * the same id and other content. Nothing was changed. Give each checkpoint an id of its own.
 */
public final class DuplicateCheckpointException extends CheckpointException {

  private static final long serialVersionUID = 1;

  /** Says that {@code refused} was not stored since its id is taken. */
  public DuplicateCheckpointException(String backendId, Checkpoint refused) {
    super(
        "another checkpoint with this id and other content is stored; nothing was changed. Give"
            + " each checkpoint an id of its own",
        ErrorContext.of(backendId, "put").checkpoint(refused),
        null);
  }
}
