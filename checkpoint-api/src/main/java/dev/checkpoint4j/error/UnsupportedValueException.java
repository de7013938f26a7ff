package dev.checkpoint4j.error;

import dev.checkpoint4j.spi.Printable;

/**
 * A value cannot be part of a checkpoint. Thrown when the checkpoint is created, before anything is
 * stored; the message holds the path of the value, its class and what to use instead.
 */
public final class UnsupportedValueException extends IllegalArgumentException {

  private static final long serialVersionUID = 1;

  private final String path;

  /** Says that the value at {@code path} cannot be stored, for the given {@code reason}. */
  public UnsupportedValueException(String path, String reason) {
    super(Printable.line(path + ": " + reason));
    this.path = path;
  }

  /** Where the value is, for example {@code values.agent.tools[3]}. */
  public String path() {
    return path;
  }
}
