package dev.checkpoint4j.store.s3;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.spi.Printable;
import dev.checkpoint4j.store.s3.internal.verify.Totals;
import java.util.List;
import java.util.Objects;

/**
 * The result of reading every object of an S3 store: how much it holds, what is damaged, and what
 * crashed writers and deletions have left. Immutable, hence safe for use by several threads. {@link
 * S3BackendStorageBuilder#verify} returns one, and so does {@link S3BackendStorageBuilder#repair},
 * which removes leftovers.
 *
 * <p>A verification only reads, so the store may be in use. It may or may not see what is written
 * or deleted while it runs. It lists everything below the prefix, and reads every document and
 * every slot that claims one: two requests for each checkpoint and one for each thousand objects.
 *
 * <p><b>Leftovers</b> only cost storage. An object counts as a leftover if nobody has written it
 * for an hour, by the clock of the server: younger objects may be those of a writer at work.
 *
 * <p><b>Memory.</b> Some 400 bytes for each checkpoint of a namespace and for each slot of a
 * session, at most 64 documents of together about 64 MiB, or one if it is larger, and the first
 * {@value #MAX_PROBLEMS} findings.
 */
public final class S3StoreVerification {

  /** The most findings that are kept. All of them are counted and passed to the listener. */
  public static final int MAX_PROBLEMS = 1000;

  /** What can be found. */
  public enum Kind {
    /**
     * The object that marks the prefix as a store is missing, damaged or of a newer format. Opening
     * the store creates a missing one.
     */
    MARKER,
    /** A document cannot be decoded, or is not that of the checkpoint its slot claims. */
    DOCUMENT,
    /**
     * A slot claims a checkpoint that has no document: the deletion of its session was cut short or
     * is in progress, or something else than the store has deleted the object.
     */
    MISSING_DOCUMENT,
    /** A document has no slot: something else than the store has deleted that. */
    MISSING_SLOT,
    /** A slot is damaged: it does not name its checkpoint. */
    SLOT,
    /** The version of a checkpoint is not greater than that of one before it. */
    VERSION_ORDER,
    /** A checkpoint is found by its session or by its id, but not by both. */
    UNREACHABLE,
    /** An object that is not of the store. */
    FOREIGN_OBJECT,
    /** A slot that was abandoned, or is of a session that was deleted: no damage. */
    LEFTOVER_SLOT,
    /** A document that was abandoned, or whose slot has another checkpoint: no damage. */
    LEFTOVER_DOCUMENT,
    /** A slot or a document whose writer did not create the other one: no damage. */
    UNFINISHED_WRITE;

    /** Whether it is damage: a checkpoint may be lost. */
    public boolean isDamage() {
      return this != LEFTOVER_SLOT && this != LEFTOVER_DOCUMENT && this != UNFINISHED_WRITE;
    }
  }

  /**
   * A finding.
   *
   * @param key of the object
   * @param kind of finding
   * @param message what was found and what to do; contains ids, but no value of a checkpoint
   */
  public record Problem(String key, Kind kind, String message) {
    /** Creates a finding. */
    public Problem {
      Objects.requireNonNull(key, "key");
      Objects.requireNonNull(kind, "kind");
      Objects.requireNonNull(message, "message");
    }

    /** On one line, because a foreign key may contain any character. */
    @Override
    public String toString() {
      return kind + " '" + Printable.line(key) + "' " + message;
    }
  }

  /** Receives each finding at once, in the verifying thread. An exception ends the verification. */
  public interface Listener {

    /**
     * Receives an intact stored checkpoint. Those of a session come in the order of their versions,
     * those of a namespace together.
     */
    void intact(Checkpoint checkpoint);

    /** Receives a problem or a leftover. */
    void found(Problem problem);
  }

  private final Totals totals;

  S3StoreVerification(Totals totals) {
    this.totals = totals;
  }

  /** The number of namespaces that have objects. */
  public long namespaces() {
    return totals.namespaces();
  }

  /** The number of sessions that have an intact checkpoint. */
  public long sessions() {
    return totals.sessions();
  }

  /** The number of intact stored checkpoints. */
  public long checkpoints() {
    return totals.checkpoints();
  }

  /** The size of all objects in bytes, leftovers included. */
  public long bytes() {
    return totals.bytes();
  }

  /** The number of problems, without leftovers. */
  public long problemCount() {
    return totals.problemCount();
  }

  /** The number of leftovers. */
  public long leftovers() {
    return totals.leftovers();
  }

  /** The number of objects that were removed. */
  public long removed() {
    return totals.removed();
  }

  /** The first {@value #MAX_PROBLEMS} findings, leftovers included. */
  public List<Problem> problems() {
    return totals.problems();
  }

  /** Whether no damage was found. */
  public boolean isSound() {
    return totals.problemCount() == 0;
  }
}
