package dev.checkpoint4j.error;

import dev.checkpoint4j.spi.Printable;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The root of everything that can go wrong with a backend. The message says what happened and what
 * to check, and ends with the {@link ErrorContext context}; it never holds a value or a secret, and
 * characters that do not show are escaped in it, as {@link Printable#line} does.
 */
public abstract class CheckpointException extends RuntimeException {

  private static final long serialVersionUID = 1;

  private final ErrorContext context;

  CheckpointException(String message, ErrorContext context, @Nullable Throwable cause) {
    super(
        // At one place for all backends: their messages may quote ids, keys and paths.
        Printable.line(
            Objects.requireNonNull(message, "message")
                + " "
                + Objects.requireNonNull(context, "context")),
        cause);
    this.context = context;
  }

  /** What the failure is about. */
  public final ErrorContext context() {
    return context;
  }

  /** The id of the backend. */
  public final String backendId() {
    return context.backendId();
  }

  /** The operation that failed, named as the method of the SPI. */
  public final String operation() {
    return context.operation();
  }

  /** The namespace the failure is about, if any. */
  public final Optional<String> namespace() {
    return Optional.ofNullable(context.namespace());
  }

  /** The session the failure is about, if known. */
  public final Optional<String> sessionId() {
    return Optional.ofNullable(context.sessionId());
  }

  /** The checkpoint the failure is about, if any. */
  public final Optional<String> checkpointId() {
    return Optional.ofNullable(context.checkpointId());
  }

  /**
   * Whether the operation may have taken effect, also in part, although it failed. {@code false}
   * means that nothing was changed.
   */
  public boolean mayHaveBeenApplied() {
    return false;
  }
}
