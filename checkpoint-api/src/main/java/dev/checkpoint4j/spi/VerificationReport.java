package dev.checkpoint4j.spi;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.annotation.CanIgnoreReturnValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The result of a verification: how much a store holds, and what is wrong with it. Immutable.
 *
 * @param namespaces the number of namespaces that hold anything
 * @param sessions the number of sessions that hold an intact checkpoint
 * @param checkpoints the number of intact checkpoints
 * @param bytes the size of what was read, as the medium stores it
 * @param damaged the number of findings that are damage
 * @param leftovers the number of findings that are leftovers
 * @param removed the number of leftover objects that were removed
 * @param findings the first {@value #MAX_FINDINGS} findings; all are counted and passed to the
 *     listener
 */
public record VerificationReport(
    long namespaces,
    long sessions,
    long checkpoints,
    long bytes,
    long damaged,
    long leftovers,
    long removed,
    List<Finding> findings) {

  /** The most findings that a report keeps. */
  public static final int MAX_FINDINGS = 1000;

  /** Copies the list. */
  public VerificationReport {
    findings = List.copyOf(findings);
  }

  /** Whether no damage was found. */
  public boolean isSound() {
    return damaged == 0;
  }

  /** Starts the report of a verification, which notifies the listener of {@code options}. */
  public static Builder builder(VerificationOptions options) {
    return new Builder(options.listener());
  }

  /**
   * Counts what a backend reads, keeps the first findings and notifies the listener. For one
   * thread.
   */
  @CanIgnoreReturnValue
  public static final class Builder {

    private final VerificationListener listener;
    private final List<Finding> findings = new ArrayList<>();
    private @Nullable SessionKey lastSession;
    private long namespaces;
    private long sessions;
    private long checkpoints;
    private long bytes;
    private long damaged;
    private long leftovers;
    private long removed;

    private Builder(VerificationListener listener) {
      this.listener = listener;
    }

    /** Counts a namespace. */
    public Builder addNamespace() {
      namespaces++;
      return this;
    }

    /**
     * Adds an intact checkpoint, in the order that {@link VerificationListener#onIntact} asks for.
     */
    public Builder addIntact(Checkpoint checkpoint) {
      checkpoints++;
      if (!checkpoint.sessionKey().equals(lastSession)) {
        lastSession = checkpoint.sessionKey();
        sessions++;
      }
      listener.onIntact(checkpoint);
      return this;
    }

    /** Adds to the size of what was read. */
    public Builder addBytes(long size) {
      bytes += size;
      return this;
    }

    /** Adds a finding. */
    public Builder add(Finding finding) {
      Objects.requireNonNull(finding, "finding");
      if (finding.isDamage()) {
        damaged++;
      } else {
        leftovers++;
      }
      if (findings.size() < MAX_FINDINGS) {
        findings.add(finding);
      }
      listener.onFinding(finding);
      return this;
    }

    /** Counts leftover objects that were removed. */
    public Builder addRemoved(long count) {
      removed += count;
      return this;
    }

    /** The report of what was added so far. */
    public VerificationReport build() {
      return new VerificationReport(
          namespaces, sessions, checkpoints, bytes, damaged, leftovers, removed, findings);
    }
  }
}
