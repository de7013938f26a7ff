package dev.checkpoint4j.spi;

import dev.checkpoint4j.error.ErrorContext;
import java.util.Locale;
import java.util.Objects;

/**
 * Something that a verification found. Immutable. Never holds a value of a checkpoint; may hold ids
 * and names of objects.
 *
 * @param kind what it is, in lower case with hyphens, such as {@code duplicate-id}; the
 *     documentation of a backend lists its kinds
 * @param severity whether it is damage
 * @param context the namespace, session and id of the checkpoint, each if it is known
 * @param location where it is on the medium, such as a file and an offset, a table or an object key
 * @param message what is wrong and what to do; does not repeat the location
 */
public record Finding(
    String kind, Severity severity, ErrorContext context, String location, String message) {

  /** How bad a finding is. */
  public enum Severity {
    /** Something is wrong: a checkpoint is lost, or may be, or the store answers wrongly. */
    DAMAGE,
    /**
     * Something that belongs to no stored checkpoint: what a deletion or a crashed writer left, or
     * a write in progress. It costs space; nothing is wrong.
     */
    LEFTOVER
  }

  /** Creates a finding. */
  public Finding {
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(severity, "severity");
    Objects.requireNonNull(context, "context");
    Objects.requireNonNull(location, "location");
    Objects.requireNonNull(message, "message");
  }

  /** Creates a finding of a kind that is a constant: {@code DUPLICATE_ID} is duplicate-id. */
  public static Finding of(
      Enum<?> kind, Severity severity, ErrorContext context, String location, String message) {
    String code = kind.name().toLowerCase(Locale.ROOT).replace('_', '-');
    return new Finding(code, severity, context, location, message);
  }

  /** Whether it is damage. */
  public boolean isDamage() {
    return severity == Severity.DAMAGE;
  }

  /** All of it on one line: characters that do not show are escaped. */
  @Override
  public String toString() {
    return Printable.line("%s: %s: %s %s".formatted(kind, location, message, context));
  }
}
