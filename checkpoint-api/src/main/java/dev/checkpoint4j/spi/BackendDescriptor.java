package dev.checkpoint4j.spi;

import dev.checkpoint4j.annotation.CanIgnoreReturnValue;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;

/** What a backend is and promises. Constant for the life of a handle. */
public final class BackendDescriptor {

  private final String id;
  private final Durability durability;
  private final Set<Capability> capabilities;
  private final long maxDocumentBytes;

  private BackendDescriptor(Builder builder) {
    this.id = builder.id;
    this.durability = builder.durability;
    this.capabilities = Collections.unmodifiableSet(builder.capabilities);
    this.maxDocumentBytes = builder.maxDocumentBytes;
  }

  /** Starts a descriptor without capabilities and limits. */
  public static Builder builder(String id, Durability durability) {
    return new Builder(id, durability);
  }

  /** The backend's id, for example {@code file}; part of every error. */
  public String id() {
    return id;
  }

  /** What an acknowledged checkpoint survives. */
  public Durability durability() {
    return durability;
  }

  /** What the backend can do beyond the obligatory. */
  public Set<Capability> capabilities() {
    return capabilities;
  }

  /**
   * The largest encoded checkpoint in bytes, {@link Long#MAX_VALUE} if only the medium limits it. A
   * larger one is refused with a {@code StorageLimitExceededException}.
   */
  public long maxDocumentBytes() {
    return maxDocumentBytes;
  }

  @Override
  public String toString() {
    return "BackendDescriptor[id="
        + id
        + ", durability="
        + durability
        + ", capabilities="
        + capabilities
        + ", maxDocumentBytes="
        + maxDocumentBytes
        + "]";
  }

  /** Creates a descriptor. Not safe for use by several threads. */
  @CanIgnoreReturnValue
  public static final class Builder {

    private final String id;
    private final Durability durability;
    private Set<Capability> capabilities = EnumSet.noneOf(Capability.class);
    private long maxDocumentBytes = Long.MAX_VALUE;

    private Builder(String id, Durability durability) {
      this.id = Objects.requireNonNull(id, "id");
      this.durability = Objects.requireNonNull(durability, "durability");
    }

    /** Sets what the backend can do beyond the obligatory. */
    public Builder capabilities(Set<Capability> capabilities) {
      EnumSet<Capability> copy = EnumSet.noneOf(Capability.class);
      copy.addAll(Objects.requireNonNull(capabilities, "capabilities"));
      this.capabilities = copy;
      return this;
    }

    /**
     * Sets the largest encoded checkpoint, in bytes.
     *
     * @throws IllegalArgumentException if it is less than 1
     */
    public Builder maxDocumentBytes(long maxDocumentBytes) {
      if (maxDocumentBytes < 1) {
        throw new IllegalArgumentException("maxDocumentBytes " + maxDocumentBytes + " < 1");
      }
      this.maxDocumentBytes = maxDocumentBytes;
      return this;
    }

    /** Creates the descriptor. */
    public BackendDescriptor build() {
      return new BackendDescriptor(this);
    }
  }
}
