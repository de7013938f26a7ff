package dev.checkpoint4j.spi;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Something that a crash or another program left, and that a backend has repaired by itself. No
 * acknowledged checkpoint was lost by it. Never holds a value of a checkpoint.
 *
 * @param backendId the id of the backend's descriptor
 * @param namespace the namespace it was in
 * @param sessionId the session it was in; null if it was not in one, or the id is not known
 * @param description what was found and what was done, for a person
 */
public record RecoveryEvent(
    String backendId, String namespace, @Nullable String sessionId, String description) {

  /** Creates a report. */
  public RecoveryEvent {
    Objects.requireNonNull(backendId, "backendId");
    Objects.requireNonNull(namespace, "namespace");
    Objects.requireNonNull(description, "description");
  }

  /** Every component; characters that do not show are escaped. */
  @Override
  public String toString() {
    return Printable.line(
        "RecoveryEvent[backendId="
            + backendId
            + ", namespace="
            + namespace
            + ", sessionId="
            + sessionId
            + ", description="
            + description
            + "]");
  }
}
