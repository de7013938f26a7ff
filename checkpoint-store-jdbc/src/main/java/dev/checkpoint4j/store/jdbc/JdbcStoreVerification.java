package dev.checkpoint4j.store.jdbc;

import dev.checkpoint4j.Checkpoint;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * The result of reading every row of a JDBC store: how much is there, and what is wrong with it.
 * Immutable, hence safe for use by several threads.
 *
 * <p>Verification only reads, so it may run while processes use the store. Checkpoints that are put
 * or deleted during it may be seen or not; what is read by several statements is read again before
 * it is reported, so that concurrent operations are not reported as damage. Open the store with
 * {@link SchemaMode#NONE} to verify tables that are not to be changed.
 *
 * <p><b>What the tables can show.</b> A document that cannot be decoded, was cut off, or is not the
 * document of its row; columns that differ from the document; a session whose latest checkpoint was
 * removed; checkpoints without a session, and sessions without checkpoints. <b>What they cannot
 * show.</b> A checkpoint that is not the latest of its session and was removed by hand together
 * with its row leaves the same rows as one that the store deleted; so does a whole session that was
 * removed from both tables. A row that was replaced by an older copy of itself is intact.
 *
 * <p><b>Memory.</b> The documents of at most 64 checkpoints of together 32 MiB, or one if it is
 * larger, the ids of the sessions that have problems, and the first {@value #MAX_PROBLEMS}
 * problems.
 */
public final class JdbcStoreVerification {

  /** How many problems are kept; all of them are counted and given to the listener. */
  public static final int MAX_PROBLEMS = 1000;

  /** What can be wrong. */
  public enum Kind {
    /** A document cannot be decoded: it was changed, cut off, or written in a newer format. */
    DOCUMENT,
    /** A document is not that of its row: of another namespace, session, id or version. */
    MISPLACED_DOCUMENT,
    /** A column of a checkpoint differs from its document, so that listings are wrong. */
    HEADER,
    /** The latest checkpoint of a session is missing; something else than the store removed it. */
    MISSING_LATEST,
    /** A session has checkpoints of greater versions than its latest version. */
    STALE_LATEST,
    /** The id that a session has for its latest checkpoint is not that of its greatest version. */
    WRONG_LATEST_ID,
    /** A session has no checkpoints; something else than the store removed them. */
    EMPTY_SESSION,
    /** Checkpoints whose session is missing: it is not listed, and puts ignore its versions. */
    MISSING_SESSION,
    /** The id of a checkpoint is stored more than once in its namespace. */
    DUPLICATE_ID,
    /** A version is stored more than once in its session. */
    DUPLICATE_VERSION;

    /** Whether something is wrong, or may be lost: always. */
    public boolean isDamage() {
      return true;
    }
  }

  /**
   * Something that was found.
   *
   * @param namespace of the row
   * @param sessionId of the row; empty if it is about several sessions
   * @param id of the checkpoint; empty if it is about a session
   * @param kind what is wrong
   * @param message the same in words, and what to do; holds ids, but no value of a checkpoint
   */
  public record Problem(
      String namespace,
      Optional<String> sessionId,
      Optional<String> id,
      Kind kind,
      String message) {
    /** Makes a problem. */
    public Problem {
      Objects.requireNonNull(namespace, "namespace");
      Objects.requireNonNull(sessionId, "sessionId");
      Objects.requireNonNull(id, "id");
      Objects.requireNonNull(kind, "kind");
      Objects.requireNonNull(message, "message");
    }
  }

  /** Is notified of findings by the thread that verifies. What it throws ends the verification. */
  public interface Listener {

    /**
     * An intact checkpoint: one whose document is, also if columns of its row differ from it. Those
     * of a session come in the order of their versions, those of a namespace together.
     */
    void intact(Checkpoint checkpoint);

    /** A problem. */
    void found(Problem problem);
  }

  private final long namespaces;
  private final long sessions;
  private final long checkpoints;
  private final long bytes;
  private final long problemCount;
  private final List<Problem> problems;

  JdbcStoreVerification(
      long namespaces,
      long sessions,
      long checkpoints,
      long bytes,
      long problemCount,
      List<Problem> problems) {
    this.namespaces = namespaces;
    this.sessions = sessions;
    this.checkpoints = checkpoints;
    this.bytes = bytes;
    this.problemCount = problemCount;
    this.problems = List.copyOf(problems);
  }

  /**
   * Verifies a store.
   *
   * @see #verify(JdbcBackendStorage, Listener)
   */
  public static JdbcStoreVerification verify(JdbcBackendStorage store) {
    return verify(
        store,
        new Listener() {
          @Override
          public void intact(Checkpoint checkpoint) {
            // Counted already.
          }

          @Override
          public void found(Problem problem) {
            // Kept already.
          }
        });
  }

  /**
   * Verifies a store, and gives its intact checkpoints to a listener.
   *
   * @param store the store, open, with the codec that it was written with
   * @param listener is notified of what is found
   * @throws NullPointerException if an argument is null
   * @throws IllegalStateException if the store is closed
   * @throws dev.checkpoint4j.error.StorageUnavailableException if the database cannot be reached or
   *     the thread is interrupted; its flag stays set
   * @throws dev.checkpoint4j.error.CheckpointException if the database refuses to read its tables
   */
  public static JdbcStoreVerification verify(JdbcBackendStorage store, Listener listener) {
    Objects.requireNonNull(store, "store");
    Objects.requireNonNull(listener, "listener");
    return store.verify(listener);
  }

  /** How many namespaces have rows. */
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

  /** How long all documents are together, in bytes. */
  public long bytes() {
    return bytes;
  }

  /** How many problems there are. */
  public long problemCount() {
    return problemCount;
  }

  /** The first {@value #MAX_PROBLEMS} problems. */
  public List<Problem> problems() {
    return problems;
  }

  /** Whether no damage was found. */
  public boolean isSound() {
    return problemCount == 0;
  }
}
