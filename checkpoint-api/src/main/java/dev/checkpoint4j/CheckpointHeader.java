package dev.checkpoint4j;

import dev.checkpoint4j.annotation.CanIgnoreReturnValue;
import dev.checkpoint4j.internal.Ids;
import dev.checkpoint4j.internal.PlainForm;
import dev.checkpoint4j.spi.Printable;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Everything of a {@link Checkpoint} but its values. */
public final class CheckpointHeader {

  /** The earliest time a checkpoint can have. */
  public static final Instant MIN_TS = Instant.parse("0001-01-01T00:00:00Z");

  /** The latest time a checkpoint can have. */
  public static final Instant MAX_TS = Instant.parse("9999-12-31T23:59:59.999999Z");

  private static final IdGenerator IDS = IdGenerator.uuidV7();

  private final String id;
  private final Instant ts;
  private final CheckpointMetadata metadata;
  private final long version;
  private final @Nullable String parentId;
  private final String namespace;

  private CheckpointHeader(Builder builder) {
    this.id = builder.id == null ? IDS.next() : builder.id;
    this.ts = builder.ts == null ? Instant.now().truncatedTo(ChronoUnit.MICROS) : builder.ts;
    this.metadata = builder.metadata;
    this.version = builder.version;
    this.parentId = builder.parentId;
    this.namespace = builder.namespace;
  }

  /** Starts a header: version 1, a new id, the current time, no parent, the default namespace. */
  public static Builder builder(CheckpointMetadata metadata) {
    return new Builder(metadata);
  }

  /** Names the checkpoint within its namespace. */
  public String id() {
    return id;
  }

  /** When the checkpoint was created, in microseconds. Orders nothing. */
  public Instant ts() {
    return ts;
  }

  /** The session, the task and further fields. */
  public CheckpointMetadata metadata() {
    return metadata;
  }

  /** The session the checkpoint belongs to. */
  public SessionKey sessionKey() {
    return new SessionKey(namespace, metadata.sessionId());
  }

  /** The place within the session: at least 1, greater than that of every checkpoint before. */
  public long version() {
    return version;
  }

  /** The id of the checkpoint this one was derived from, if any; it may be of another session. */
  public Optional<String> parentId() {
    return Optional.ofNullable(parentId);
  }

  /** The namespace: checkpoints of different namespaces never meet. */
  public String namespace() {
    return namespace;
  }

  /** A builder that starts with everything this header holds, id and time included. */
  public Builder toBuilder() {
    return builder(metadata).id(id).ts(ts).version(version).parentId(parentId).namespace(namespace);
  }

  /** A builder of the header that follows; see {@link Checkpoint#next()}. */
  Builder next() {
    return builder(metadata).version(VersionUtils.next(version)).parentId(id).namespace(namespace);
  }

  /**
   * This header as a map, for a log or the answer of a web controller: {@code id}, {@code
   * namespace}, {@code sessionId}, {@code taskId}, {@code version}, {@code parentId}, {@code ts}
   * and {@code attributes}, in this order, with the types that {@link Checkpoint#toMap()} lists.
   */
  public Map<String, @Nullable Object> toMap() {
    return Collections.unmodifiableMap(fields());
  }

  Map<String, @Nullable Object> fields() {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("id", id);
    fields.put("namespace", namespace);
    fields.put("sessionId", metadata.sessionId());
    fields.put("taskId", metadata.taskId().orElse(null));
    fields.put("version", version);
    fields.put("parentId", parentId);
    fields.put("ts", ts.toString());
    fields.put("attributes", PlainForm.of(metadata.attributes()));
    return fields;
  }

  String describe() {
    return Printable.line(
        "id="
            + id
            + ", namespace="
            + namespace
            + ", version="
            + version
            + ", parentId="
            + parentId
            + ", ts="
            + ts
            + ", "
            + metadata);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return this == other
        || (other instanceof CheckpointHeader that
            && version == that.version
            && id.equals(that.id)
            && namespace.equals(that.namespace)
            && ts.equals(that.ts)
            && Objects.equals(parentId, that.parentId)
            && metadata.equals(that.metadata));
  }

  @Override
  public int hashCode() {
    return Objects.hash(id, namespace, version);
  }

  /** Every field but the values of attributes; characters that do not show are escaped. */
  @Override
  public String toString() {
    return "CheckpointHeader[" + describe() + "]";
  }

  /** Creates a header. Not safe for use by several threads. */
  @CanIgnoreReturnValue
  public static final class Builder {

    private CheckpointMetadata metadata;
    private @Nullable String id;
    private @Nullable Instant ts;
    private long version = 1;
    private @Nullable String parentId;
    private String namespace = Checkpoint.DEFAULT_NAMESPACE;

    private Builder(CheckpointMetadata metadata) {
      this.metadata = Objects.requireNonNull(metadata, "metadata");
    }

    /**
     * Sets the id. Defaults to a new UUIDv7.
     *
     * @throws IllegalArgumentException if the id is not 1 to 255 UTF-8 bytes, or holds a control
     *     character or an unpaired surrogate
     */
    public Builder id(String id) {
      this.id = Ids.checkId(id);
      return this;
    }

    /**
     * Sets the time, rounded down to microseconds. Defaults to the current time.
     *
     * @throws IllegalArgumentException if it is before {@link #MIN_TS} or after {@link #MAX_TS}
     */
    public Builder ts(Instant ts) {
      Instant rounded = Objects.requireNonNull(ts, "ts").truncatedTo(ChronoUnit.MICROS);
      if (rounded.isBefore(MIN_TS) || rounded.isAfter(MAX_TS)) {
        throw new IllegalArgumentException(
            "ts " + ts + " is outside of " + MIN_TS + " to " + MAX_TS);
      }
      this.ts = rounded;
      return this;
    }

    /**
     * Sets the version. Defaults to 1.
     *
     * @throws IllegalArgumentException if it is less than 1
     */
    public Builder version(long version) {
      this.version = VersionUtils.check(version);
      return this;
    }

    /**
     * Sets the parent. Defaults to {@code null}, for none.
     *
     * @throws IllegalArgumentException if it is not a legal id
     */
    public Builder parentId(@Nullable String parentId) {
      this.parentId = parentId == null ? null : Ids.checkParentId(parentId);
      return this;
    }

    /**
     * Sets the namespace. Defaults to {@value Checkpoint#DEFAULT_NAMESPACE}.
     *
     * @throws IllegalArgumentException if it is not 1 to 255 UTF-8 bytes, or holds a control
     *     character or an unpaired surrogate
     */
    public Builder namespace(String namespace) {
      this.namespace = Ids.checkNamespace(namespace);
      return this;
    }

    /** Replaces session, task and attributes. */
    public Builder metadata(CheckpointMetadata metadata) {
      this.metadata = Objects.requireNonNull(metadata, "metadata");
      return this;
    }

    /** Creates the header. */
    public CheckpointHeader build() {
      return new CheckpointHeader(this);
    }
  }
}
