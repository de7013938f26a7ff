package dev.checkpoint4j;

import dev.checkpoint4j.annotation.CanIgnoreReturnValue;
import dev.checkpoint4j.internal.Freezer;
import dev.checkpoint4j.internal.Ids;
import dev.checkpoint4j.internal.PageLimit;
import dev.checkpoint4j.spi.Printable;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which checkpoints of a namespace to list, in which order, and how many at a time.
 *
 * <p>All conditions must hold. The order is total and stable: session by session, in a fixed order
 * that the backend chooses, and within a session by version.
 */
public final class CheckpointQuery {

  /** The order of versions within a session. */
  public enum Order {
    /** The greatest version first. */
    NEWEST_FIRST,
    /** The smallest version first. */
    OLDEST_FIRST
  }

  /** The limit of a page unless one is set. */
  public static final int DEFAULT_LIMIT = 100;

  /** The greatest limit of a page. */
  public static final int MAX_LIMIT = PageLimit.MAX;

  private final String namespace;
  private final @Nullable String sessionId;
  private final @Nullable String taskId;
  private final @Nullable String parentId;
  private final Map<String, @Nullable Object> attributes;
  private final long minVersion;
  private final long maxVersion;
  private final @Nullable Instant tsFrom;
  private final @Nullable Instant tsBefore;
  private final Order order;
  private final int limit;
  private final @Nullable String cursor;

  private CheckpointQuery(Builder builder) {
    this.namespace = builder.namespace;
    this.sessionId = builder.sessionId;
    this.taskId = builder.taskId;
    this.parentId = builder.parentId;
    this.attributes = Collections.unmodifiableMap(new LinkedHashMap<>(builder.attributes));
    this.minVersion = builder.minVersion;
    this.maxVersion = builder.maxVersion;
    this.tsFrom = builder.tsFrom;
    this.tsBefore = builder.tsBefore;
    this.order = builder.order;
    this.limit = builder.limit;
    this.cursor = builder.cursor;
  }

  /**
   * Starts a query of everything in the namespace, newest first, {@value #DEFAULT_LIMIT} at a time.
   *
   * @throws IllegalArgumentException if the namespace breaks its rule
   */
  public static Builder builder(String namespace) {
    return new Builder(Ids.checkNamespace(namespace));
  }

  /** Starts a query of everything in the session, newest first. */
  public static Builder builder(SessionKey session) {
    Objects.requireNonNull(session, "session");
    return new Builder(session.namespace()).sessionId(session.sessionId());
  }

  /** The namespace that is listed. */
  public String namespace() {
    return namespace;
  }

  /** Only this session, if set. */
  public Optional<String> sessionId() {
    return Optional.ofNullable(sessionId);
  }

  /** Only checkpoints of this task, if set. */
  public Optional<String> taskId() {
    return Optional.ofNullable(taskId);
  }

  /** Only checkpoints whose parent is this one, if set. */
  public Optional<String> parentId() {
    return Optional.ofNullable(parentId);
  }

  /**
   * Only checkpoints that have all of these attributes with equal values: of the same type, at the
   * top level; {@code null} is matched by {@code null}, not by an absent attribute. Answered only
   * by backends with {@code Capability.ATTRIBUTE_QUERY}; a repository filters for the others.
   */
  public Map<String, @Nullable Object> attributes() {
    return attributes;
  }

  /** The smallest version that is listed. */
  public long minVersion() {
    return minVersion;
  }

  /** The greatest version that is listed. */
  public long maxVersion() {
    return maxVersion;
  }

  /** Only checkpoints created at this time or later, if set. */
  public Optional<Instant> tsFrom() {
    return Optional.ofNullable(tsFrom);
  }

  /** Only checkpoints created before this time, if set. */
  public Optional<Instant> tsBefore() {
    return Optional.ofNullable(tsBefore);
  }

  /** The order of versions within a session. */
  public Order order() {
    return order;
  }

  /** Most entries of a page: 1 to {@value #MAX_LIMIT}. */
  public int limit() {
    return limit;
  }

  /** Where to go on: what {@link Page#nextCursor()} gave for the same query, if set. */
  public Optional<String> cursor() {
    return Optional.ofNullable(cursor);
  }

  /** Whether a checkpoint with this header is listed; order, limit and cursor play no part. */
  public boolean matches(CheckpointHeader header) {
    return Objects.requireNonNull(header, "header").namespace().equals(namespace)
        && (sessionId == null || sessionId.equals(header.metadata().sessionId()))
        && (taskId == null || taskId.equals(header.metadata().taskId().orElse(null)))
        && (parentId == null || parentId.equals(header.parentId().orElse(null)))
        && header.version() >= minVersion
        && header.version() <= maxVersion
        && (tsFrom == null || !header.ts().isBefore(tsFrom))
        && (tsBefore == null || header.ts().isBefore(tsBefore))
        && matchesAttributes(header.metadata().attributes());
  }

  private boolean matchesAttributes(Map<String, @Nullable Object> actual) {
    return attributes.entrySet().stream()
        .allMatch(
            wanted ->
                actual.containsKey(wanted.getKey())
                    && Objects.equals(actual.get(wanted.getKey()), wanted.getValue()));
  }

  /** A builder that starts with everything this query holds. */
  public Builder toBuilder() {
    Builder builder = new Builder(namespace);
    builder.sessionId = sessionId;
    builder.taskId = taskId;
    builder.parentId = parentId;
    builder.attributes.putAll(attributes);
    builder.minVersion = minVersion;
    builder.maxVersion = maxVersion;
    builder.tsFrom = tsFrom;
    builder.tsBefore = tsBefore;
    builder.order = order;
    builder.limit = limit;
    builder.cursor = cursor;
    return builder;
  }

  /** Every condition but the values of attributes; characters that do not show are escaped. */
  @Override
  public String toString() {
    return Printable.line(
        "CheckpointQuery[namespace="
            + namespace
            + ", sessionId="
            + sessionId
            + ", taskId="
            + taskId
            + ", parentId="
            + parentId
            + ", attributes="
            + attributes.keySet()
            + ", versions="
            + minVersion
            + ".."
            + maxVersion
            + ", tsFrom="
            + tsFrom
            + ", tsBefore="
            + tsBefore
            + ", order="
            + order
            + ", limit="
            + limit
            + ", cursor="
            + cursor
            + "]");
  }

  /** Creates a query. Not safe for use by several threads. */
  @CanIgnoreReturnValue
  public static final class Builder {

    private final String namespace;
    private @Nullable String sessionId;
    private @Nullable String taskId;
    private @Nullable String parentId;
    private final Map<String, @Nullable Object> attributes = new LinkedHashMap<>();
    private long minVersion = VersionUtils.FIRST;
    private long maxVersion = Long.MAX_VALUE;
    private @Nullable Instant tsFrom;
    private @Nullable Instant tsBefore;
    private Order order = Order.NEWEST_FIRST;
    private int limit = DEFAULT_LIMIT;
    private @Nullable String cursor;

    private Builder(String namespace) {
      this.namespace = namespace;
    }

    /**
     * Lists only this session.
     *
     * @throws IllegalArgumentException if it is not a legal session id
     */
    public Builder sessionId(String sessionId) {
      this.sessionId = Ids.checkSessionId(sessionId);
      return this;
    }

    /**
     * Lists only checkpoints of this task.
     *
     * @throws IllegalArgumentException if it is not a legal task id
     */
    public Builder taskId(String taskId) {
      this.taskId = Ids.checkTaskId(taskId);
      return this;
    }

    /**
     * Lists only checkpoints whose parent is this one.
     *
     * @throws IllegalArgumentException if it is not a legal id
     */
    public Builder parentId(String parentId) {
      this.parentId = Ids.checkParentId(parentId);
      return this;
    }

    /**
     * Lists only checkpoints whose attribute {@code name} equals {@code value}. May be called for
     * several names. The value is normalised as in a checkpoint.
     *
     * @throws dev.checkpoint4j.error.UnsupportedValueException if no attribute can have this value
     */
    public Builder attribute(String name, @Nullable Object value) {
      attributes.put(
          Objects.requireNonNull(name, "name"),
          Freezer.freezeValue("attributes." + Printable.line(name), value));
      return this;
    }

    /**
     * Lists only versions from {@code min} to {@code max}, both included.
     *
     * @throws IllegalArgumentException if {@code min} is less than 1 or greater than {@code max}
     */
    public Builder versions(long min, long max) {
      if (VersionUtils.isGreater(min, max)) {
        throw new IllegalArgumentException(
            "min version " + min + " is greater than max version " + max);
      }
      this.minVersion = min;
      this.maxVersion = max;
      return this;
    }

    /** Lists only checkpoints created at this time or later, rounded up to microseconds. */
    public Builder tsFrom(Instant tsFrom) {
      this.tsFrom = ceilToMicros(Objects.requireNonNull(tsFrom, "tsFrom"));
      return this;
    }

    /** Lists only checkpoints created before this time, rounded up to microseconds. */
    public Builder tsBefore(Instant tsBefore) {
      this.tsBefore = ceilToMicros(Objects.requireNonNull(tsBefore, "tsBefore"));
      return this;
    }

    /** Times of checkpoints are whole microseconds: both bounds mean the same when rounded up. */
    private static Instant ceilToMicros(Instant instant) {
      Instant floor = instant.truncatedTo(ChronoUnit.MICROS);
      // Beyond all times of checkpoints it makes no difference, and Instant.MAX would overflow.
      return floor.equals(instant) || floor.isAfter(CheckpointHeader.MAX_TS)
          ? floor
          : floor.plus(1, ChronoUnit.MICROS);
    }

    /** Sets the order of versions within a session. */
    public Builder order(Order order) {
      this.order = Objects.requireNonNull(order, "order");
      return this;
    }

    /**
     * Sets the most entries of a page.
     *
     * @throws IllegalArgumentException if it is not 1 to {@value CheckpointQuery#MAX_LIMIT}
     */
    public Builder limit(int limit) {
      this.limit = PageLimit.check(limit);
      return this;
    }

    /**
     * Goes on where a page of the same query ended; {@code null} to start. Checked by the store
     * that is asked, not here.
     */
    public Builder cursor(@Nullable String cursor) {
      this.cursor = cursor;
      return this;
    }

    /** Creates the query. */
    public CheckpointQuery build() {
      return new CheckpointQuery(this);
    }
  }
}
