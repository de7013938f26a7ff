package dev.checkpoint4j;

import dev.checkpoint4j.annotation.CanIgnoreReturnValue;
import dev.checkpoint4j.internal.Freezer;
import dev.checkpoint4j.internal.Ids;
import dev.checkpoint4j.spi.Printable;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a checkpoint belongs to, and any further fields to find it by. */
public final class CheckpointMetadata {

  private final String sessionId;
  private final @Nullable String taskId;
  private final Map<String, @Nullable Object> attributes;

  private CheckpointMetadata(Builder builder) {
    this.sessionId = builder.sessionId;
    this.taskId = builder.taskId;
    this.attributes = Freezer.freeze("attributes", builder.attributes);
  }

  /**
   * Metadata that names a session and nothing else.
   *
   * @throws IllegalArgumentException if the session id breaks its rule
   */
  public static CheckpointMetadata of(String sessionId) {
    return builder(sessionId).build();
  }

  /**
   * Metadata that names a session and a task.
   *
   * @throws IllegalArgumentException if an id breaks its rule
   */
  public static CheckpointMetadata of(String sessionId, String taskId) {
    return builder(sessionId).taskId(taskId).build();
  }

  /**
   * Starts metadata of the session.
   *
   * @throws IllegalArgumentException if the session id is not 1 to 512 UTF-8 bytes, or holds a
   *     control character or an unpaired surrogate
   */
  public static Builder builder(String sessionId) {
    return new Builder(Ids.checkSessionId(sessionId));
  }

  /** The session the checkpoint belongs to. */
  public String sessionId() {
    return sessionId;
  }

  /** The task the checkpoint belongs to, if any. */
  public Optional<String> taskId() {
    return Optional.ofNullable(taskId);
  }

  /** Further fields: immutable, in the order they were given, of the types {@link Values} lists. */
  public Map<String, @Nullable Object> attributes() {
    return attributes;
  }

  /** A builder that starts with what this object holds. */
  public Builder toBuilder() {
    Builder builder = new Builder(sessionId);
    builder.taskId = taskId;
    builder.attributes = attributes;
    return builder;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return this == other
        || (other instanceof CheckpointMetadata that
            && sessionId.equals(that.sessionId)
            && Objects.equals(taskId, that.taskId)
            && attributes.equals(that.attributes));
  }

  @Override
  public int hashCode() {
    return Objects.hash(sessionId, taskId, attributes);
  }

  /**
   * Names the session, the task and the attributes' keys, never an attribute's value. Characters
   * that do not show are escaped.
   */
  @Override
  public String toString() {
    return Printable.line(
        "CheckpointMetadata[sessionId="
            + sessionId
            + ", taskId="
            + taskId
            + ", attributes="
            + attributes.keySet()
            + "]");
  }

  /** Creates metadata. Not safe for use by several threads. */
  @CanIgnoreReturnValue
  public static final class Builder {

    private final String sessionId;
    private @Nullable String taskId;
    private Map<String, ? extends @Nullable Object> attributes = Map.of();

    private Builder(String sessionId) {
      this.sessionId = sessionId;
    }

    /**
     * Sets the task; {@code null} for none.
     *
     * @throws IllegalArgumentException if the id is not 1 to 512 UTF-8 bytes, or holds a control
     *     character or an unpaired surrogate
     */
    public Builder taskId(@Nullable String taskId) {
      this.taskId = taskId == null ? null : Ids.checkTaskId(taskId);
      return this;
    }

    /** Replaces the attributes. They are frozen by {@link #build()}. */
    public Builder attributes(Map<String, ? extends @Nullable Object> attributes) {
      this.attributes = Objects.requireNonNull(attributes, "attributes");
      return this;
    }

    /** Sets one attribute, keeping the others. */
    public Builder attribute(String name, @Nullable Object value) {
      Map<String, @Nullable Object> copy = new LinkedHashMap<>(attributes);
      copy.put(Objects.requireNonNull(name, "name"), value);
      this.attributes = copy;
      return this;
    }

    /**
     * Creates the metadata.
     *
     * @throws dev.checkpoint4j.error.UnsupportedValueException if an attribute is of no type that
     *     {@link Values} lists
     */
    public CheckpointMetadata build() {
      return new CheckpointMetadata(this);
    }
  }
}
