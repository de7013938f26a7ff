package dev.checkpoint4j.store.s3;

import dev.checkpoint4j.Checkpoint;
import java.util.List;
import java.util.Objects;

/**
 * What is found when every object of an S3 store is looked at: how much is there, what is wrong
 * with it, and what crashed writers and deletions have left behind. Immutable, hence safe for use
 * by several threads. {@link S3BackendStorageBuilder#verify} makes one, and {@link
 * S3BackendStorageBuilder#repair} one that has removed what is left over.
 *
 * <p>Verifying reads only, so it may be done while processes use the store; what they write or
 * delete meanwhile may be seen or not. It lists everything below the prefix and reads every
 * document and every slot that claims one, hence takes two requests for each checkpoint and one for
 * each thousand objects.
 *
 * <p><b>Leftovers</b> do no harm but to the bill. Only what nobody has written to for an hour, by
 * the clock of the server, is taken for one: younger objects may be those of a writer at work.
 *
 * <p><b>Memory.</b> Some 400 bytes for each checkpoint of a namespace and for each slot of a
 * session, at most 64 documents of together about 64 MiB, or one if it is larger, and the first
 * {@value #MAX_PROBLEMS} findings.
 */
public final class S3StoreVerification {

  /** How many findings are kept; all of them are counted and given to the listener. */
  public static final int MAX_PROBLEMS = 1000;

  /** What can be found. */
  public enum Kind {
    /**
     * The object that says that here is a store is missing, damaged or of a newer format. The next
     * handle that is opened makes a missing one.
     */
    MARKER,
    /** A document cannot be decoded, or is not that of the checkpoint its slot claims. */
    DOCUMENT,
    /**
     * A slot claims a checkpoint that has no document: the deletion of its session was cut short or
     * is under way, or something else than the store has deleted the object.
     */
    MISSING_DOCUMENT,
    /** A document has no slot: something else than the store has deleted that. */
    MISSING_SLOT,
    /** A slot does not say whose it is. */
    SLOT,
    /** The version of a checkpoint is not greater than that of one before it. */
    VERSION_ORDER,
    /** A checkpoint is found by its session or by its id, but not by both. */
    UNREACHABLE,
    /** An object that is not of the store. */
    FOREIGN_OBJECT,
    /** A slot that was given up, or is of a session that was deleted: no damage. */
    LEFTOVER_SLOT,
    /** A document that was given up, or whose slot is another's: no damage. */
    LEFTOVER_DOCUMENT,
    /** A slot or a document whose writer did not come to write the other one: no damage. */
    UNFINISHED_WRITE;

    /** Whether something is wrong, or may be lost. */
    public boolean isDamage() {
      return this != LEFTOVER_SLOT && this != LEFTOVER_DOCUMENT && this != UNFINISHED_WRITE;
    }
  }

  /**
   * Something that was found.
   *
   * @param key of the object
   * @param kind what it is
   * @param message the same in words, and what to do; holds ids, but no value of a checkpoint
   */
  public record Problem(String key, Kind kind, String message) {
    /** Makes a problem. */
    public Problem {
      Objects.requireNonNull(key, "key");
      Objects.requireNonNull(kind, "kind");
      Objects.requireNonNull(message, "message");
    }
  }

  /**
   * Is told what is found as it is found, by the thread that verifies. What it throws ends that.
   */
  public interface Listener {

    /**
     * A stored checkpoint that is intact. Those of a session come in the order of their versions,
     * those of a namespace together.
     */
    void intact(Checkpoint checkpoint);

    /** A problem, or a leftover. */
    void found(Problem problem);
  }

  private final long namespaces;
  private final long sessions;
  private final long checkpoints;
  private final long bytes;
  private final long problemCount;
  private final long leftovers;
  private final long removed;
  private final List<Problem> problems;

  S3StoreVerification(Findings findings) {
    namespaces = findings.namespaces;
    sessions = findings.sessions;
    checkpoints = findings.checkpoints;
    bytes = findings.bytes;
    problemCount = findings.problemCount;
    leftovers = findings.leftovers;
    removed = findings.removed;
    problems = List.copyOf(findings.problems);
  }

  /** How many namespaces have objects. */
  public long namespaces() {
    return namespaces;
  }

  /** How many sessions hold an intact checkpoint. */
  public long sessions() {
    return sessions;
  }

  /** How many intact checkpoints are stored. */
  public long checkpoints() {
    return checkpoints;
  }

  /** How long all objects are together, in bytes, leftovers included. */
  public long bytes() {
    return bytes;
  }

  /** How many problems there are; leftovers are none. */
  public long problemCount() {
    return problemCount;
  }

  /** How many objects were found that are left over. */
  public long leftovers() {
    return leftovers;
  }

  /** How many objects were removed. */
  public long removed() {
    return removed;
  }

  /** The first {@value #MAX_PROBLEMS} of what was found, leftovers included. */
  public List<Problem> problems() {
    return problems;
  }

  /** Whether no damage was found. */
  public boolean isSound() {
    return problemCount == 0;
  }
}
