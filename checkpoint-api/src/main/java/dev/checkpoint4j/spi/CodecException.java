package dev.checkpoint4j.spi;

import org.jspecify.annotations.Nullable;

/**
 * A document cannot be decoded, or a checkpoint is too large for one. A backend turns it into a
 * {@code CorruptCheckpointException} or a {@code StorageLimitExceededException} that says which
 * record it is; it never reaches the user of a backend.
 */
public final class CodecException extends RuntimeException {

  private static final long serialVersionUID = 1;

  /** Creates the exception; {@code message} holds no value of the document. */
  public CodecException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
