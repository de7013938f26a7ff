package dev.checkpoint4j.error;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.spi.Printable;
import java.io.Serializable;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Where a failure happened: what a {@link CheckpointException} is about.
 *
 * @param backendId the id of the backend's descriptor, or the scheme if no backend was found
 * @param operation the operation, named as the method of the SPI: {@code put}, {@code open}, ...
 * @param namespace the namespace, if the failure is about one
 * @param sessionId the session, if the failure is about one
 * @param checkpointId the checkpoint, if the failure is about one
 */
public record ErrorContext(
    String backendId,
    String operation,
    @Nullable String namespace,
    @Nullable String sessionId,
    @Nullable String checkpointId)
    implements Serializable {

  /** Creates a context. */
  public ErrorContext {
    Objects.requireNonNull(backendId, "backendId");
    Objects.requireNonNull(operation, "operation");
  }

  /** A context that names no namespace, session or checkpoint. */
  public static ErrorContext of(String backendId, String operation) {
    return new ErrorContext(backendId, operation, null, null, null);
  }

  /** This context, about a namespace. */
  public ErrorContext namespace(String namespace) {
    return new ErrorContext(backendId, operation, namespace, sessionId, checkpointId);
  }

  /** This context, about a session. */
  public ErrorContext session(SessionKey session) {
    return new ErrorContext(
        backendId, operation, session.namespace(), session.sessionId(), checkpointId);
  }

  /** This context, about a listing: of a session if the query names one, else of a namespace. */
  public ErrorContext query(CheckpointQuery query) {
    return query
        .sessionId()
        .map(sessionId -> session(new SessionKey(query.namespace(), sessionId)))
        .orElseGet(() -> namespace(query.namespace()));
  }

  /** This context, about a checkpoint whose session may be unknown. */
  public ErrorContext checkpoint(String namespace, String checkpointId) {
    return new ErrorContext(backendId, operation, namespace, sessionId, checkpointId);
  }

  /** This context, about a checkpoint and its session. */
  public ErrorContext checkpoint(Checkpoint checkpoint) {
    return session(checkpoint.sessionKey()).checkpoint(checkpoint.namespace(), checkpoint.id());
  }

  /** What it names, on one line: characters that do not show are escaped. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("[backend=").append(backendId);
    text.append(", operation=").append(operation);
    append(text, ", namespace=", namespace);
    append(text, ", session=", sessionId);
    append(text, ", id=", checkpointId);
    return Printable.line(text.append(']').toString());
  }

  private static void append(StringBuilder text, String label, @Nullable String value) {
    if (value != null) {
      text.append(label).append(value);
    }
  }
}
