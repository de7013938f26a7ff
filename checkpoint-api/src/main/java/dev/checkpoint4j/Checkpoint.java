package dev.checkpoint4j;

import dev.checkpoint4j.annotation.CanIgnoreReturnValue;
import dev.checkpoint4j.internal.Freezer;
import dev.checkpoint4j.internal.PlainForm;
import dev.checkpoint4j.spi.Printable;
import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One saved state of a session: deeply immutable, equal to what is read back from any backend.
 *
 * <p>Within a namespace the {@link #id() id} names the checkpoint; within a session the {@link
 * #version() version} orders it. The {@link #ts() time} is information only and orders nothing.
 */
public final class Checkpoint {

  /** The namespace of checkpoints for which none is named. */
  public static final String DEFAULT_NAMESPACE = "default";

  private final CheckpointHeader header;
  private final Map<String, @Nullable Object> values;

  private Checkpoint(CheckpointHeader header, Map<String, @Nullable Object> values) {
    this.header = header;
    this.values = values;
  }

  /**
   * The first checkpoint of a session: version 1, a new id, the current time, no parent.
   *
   * @throws IllegalArgumentException if the session id breaks its rule
   * @throws dev.checkpoint4j.error.UnsupportedValueException if a value cannot be stored
   */
  public static Checkpoint create(
      String sessionId, Map<String, ? extends @Nullable Object> values) {
    return builder(sessionId).values(values).build();
  }

  /**
   * As {@link #create(String, Map)}, without values.
   *
   * @throws IllegalArgumentException if the session id breaks its rule
   */
  public static Checkpoint empty(String sessionId) {
    return builder(sessionId).build();
  }

  /**
   * Starts a checkpoint of the session: version 1, a new id, the current time, no parent.
   *
   * @throws IllegalArgumentException if the session id breaks its rule
   */
  public static Builder builder(String sessionId) {
    return builder(CheckpointMetadata.of(sessionId));
  }

  /** As {@link #builder(String)}, with further metadata. */
  public static Builder builder(CheckpointMetadata metadata) {
    return new Builder(CheckpointHeader.builder(metadata));
  }

  /** Starts a checkpoint with every header field given and no values. */
  public static Builder builder(CheckpointHeader header) {
    return new Builder(Objects.requireNonNull(header, "header").toBuilder());
  }

  /** Everything but the values. */
  public CheckpointHeader header() {
    return header;
  }

  /** Names the checkpoint within its namespace. */
  public String id() {
    return header.id();
  }

  /** When the checkpoint was created, in microseconds. Orders nothing. */
  public Instant ts() {
    return header.ts();
  }

  /** The session, the task and further fields. */
  public CheckpointMetadata metadata() {
    return header.metadata();
  }

  /** The session the checkpoint belongs to. */
  public SessionKey sessionKey() {
    return header.sessionKey();
  }

  /** The state: immutable, in the order it was given, of the types {@link Values} lists. */
  public Map<String, @Nullable Object> values() {
    return values;
  }

  /**
   * One of the {@link #values()}; empty if there is none of this name, or if it is {@code null}.
   *
   * <pre>{@code
   * int done = latest.value("done", Integer.class).orElse(0);
   * }</pre>
   *
   * @param type the type that the value has; no conversion takes place
   * @throws ClassCastException if the value has another type; the message names both types
   */
  public <T> Optional<T> value(String name, Class<T> type) {
    Object value = values.get(Objects.requireNonNull(name, "name"));
    if (value != null && !Objects.requireNonNull(type, "type").isInstance(value)) {
      throw new ClassCastException(
          Printable.line(
              "value '"
                  + name
                  + "' is of type "
                  + value.getClass().getName()
                  + ", not "
                  + type.getName()));
    }
    return Optional.ofNullable(type.cast(value));
  }

  /** The place within the session: at least 1, greater than that of every checkpoint before. */
  public long version() {
    return header.version();
  }

  /** The id of the checkpoint this one was derived from, if any; it may be of another session. */
  public Optional<String> parentId() {
    return header.parentId();
  }

  /** The namespace: checkpoints of different namespaces never meet. */
  public String namespace() {
    return header.namespace();
  }

  /** A builder that starts with everything this checkpoint holds, id and time included. */
  public Builder toBuilder() {
    return builder(header).values(values);
  }

  /**
   * A builder of the checkpoint that follows: the same namespace, metadata and values, the next
   * version, this checkpoint as its parent, a new id and the current time.
   *
   * @throws IllegalArgumentException if there is no version after this one
   */
  public Builder next() {
    return new Builder(header.next()).values(values);
  }

  /**
   * This checkpoint as a map, for a log or the answer of a web controller: the fields of {@link
   * CheckpointHeader#toMap()}, then {@code values}. Holds only types that every JSON library
   * writes: an {@code Instant} becomes text as in ISO 8601, a {@link Binary} becomes text in
   * Base64, and a {@code Double} that is not finite becomes its name. So the map cannot be turned
   * back into an equal checkpoint; the document of {@link CheckpointRepository#codec()} can.
   *
   * <pre>{@code
   * return latest.toMap(); // in a web controller
   * }</pre>
   */
  public Map<String, @Nullable Object> toMap() {
    Map<String, @Nullable Object> fields = header.fields();
    fields.put("values", PlainForm.of(values));
    return Collections.unmodifiableMap(fields);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return this == other
        || (other instanceof Checkpoint that
            && header.equals(that.header)
            && values.equals(that.values));
  }

  @Override
  public int hashCode() {
    return header.hashCode();
  }

  /** The header only, so that state does not end up in a log. */
  @Override
  public String toString() {
    return "Checkpoint[" + header.describe() + ", " + values.size() + " values]";
  }

  /** Creates a checkpoint. Not safe for use by several threads. */
  @CanIgnoreReturnValue
  public static final class Builder {

    private final CheckpointHeader.Builder header;
    private Map<String, ? extends @Nullable Object> values = Map.of();

    private Builder(CheckpointHeader.Builder header) {
      this.header = header;
    }

    /**
     * Sets the id. Defaults to a new UUIDv7.
     *
     * @throws IllegalArgumentException as {@link CheckpointHeader.Builder#id}
     */
    public Builder id(String id) {
      header.id(id);
      return this;
    }

    /**
     * Sets the time, rounded down to microseconds. Defaults to the current time.
     *
     * @throws IllegalArgumentException as {@link CheckpointHeader.Builder#ts}
     */
    public Builder ts(Instant ts) {
      header.ts(ts);
      return this;
    }

    /**
     * Sets the version. Defaults to 1.
     *
     * @throws IllegalArgumentException if it is less than 1
     */
    public Builder version(long version) {
      header.version(version);
      return this;
    }

    /**
     * Sets the parent. Defaults to {@code null}, for none.
     *
     * @throws IllegalArgumentException if it is not a legal id
     */
    public Builder parentId(@Nullable String parentId) {
      header.parentId(parentId);
      return this;
    }

    /**
     * Sets the namespace. Defaults to {@value Checkpoint#DEFAULT_NAMESPACE}.
     *
     * @throws IllegalArgumentException as {@link CheckpointHeader.Builder#namespace}
     */
    public Builder namespace(String namespace) {
      header.namespace(namespace);
      return this;
    }

    /** Replaces session, task and attributes. */
    public Builder metadata(CheckpointMetadata metadata) {
      header.metadata(metadata);
      return this;
    }

    /** Sets the values, which {@link #build()} freezes. Defaults to no values. */
    public Builder values(Map<String, ? extends @Nullable Object> values) {
      this.values = Objects.requireNonNull(values, "values");
      return this;
    }

    /**
     * Creates the checkpoint. What was passed in is not aliased: changing it later changes nothing.
     *
     * @throws dev.checkpoint4j.error.UnsupportedValueException if a value is of no type that {@link
     *     Values} lists
     */
    public Checkpoint build() {
      return new Checkpoint(header.build(), Freezer.freeze("values", values));
    }
  }
}
