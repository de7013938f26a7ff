package dev.checkpoint4j.store.file;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.error.ErrorContext;
import dev.checkpoint4j.spi.CheckpointCodec;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * The result of reading every byte of a file store: how much is there, and what is wrong with it.
 * Immutable, hence safe for use by several threads.
 *
 * <p>Verifying reads only: it takes no lock and changes no file. So it may be done on a backup, on
 * a store that cannot be opened any more, and on one that processes are writing to; what they write
 * during the verification may be seen or not. All content is read from the logs. The index says in
 * addition which checkpoints were acknowledged; each of them must be in its log. In a copy of a
 * store, whose indexes may be newer than its logs, and where an index is missing or damaged, the
 * logs alone count. A write that is under way, or was cut off by a crash, at the end of a log was
 * never acknowledged: it is reported as {@link Kind#UNFINISHED_WRITE}, which is no damage.
 *
 * <p><b>Memory.</b> One checkpoint at a time, the ids that the log at hand says are deleted, the
 * first {@value #MAX_PROBLEMS} problems, and at most 32 MiB to find ids that are stored twice; a
 * namespace of more than some million checkpoints is read several times for that.
 */
public final class FileStoreVerification {

  /** How many problems are kept; all of them are counted and given to the listener. */
  public static final int MAX_PROBLEMS = 1000;

  /** What can be wrong. */
  public enum Kind {
    /**
     * The file that says that the directory is a store is missing, damaged or of a newer format.
     */
    MARKER,
    /** The file with the name of a namespace is missing or damaged. */
    NAMESPACE_NAME,
    /** The first line of a log is damaged, or says that the log belongs elsewhere. */
    LOG_HEAD,
    /** A frame of a log is damaged, with what it held. */
    FRAME,
    /** A document cannot be decoded, or is of another checkpoint than its frame says. */
    DOCUMENT,
    /**
     * The version of a checkpoint is not greater than that of one before it. So it was refused, and
     * not acknowledged: no damage.
     */
    VERSION_ORDER,
    /** The id of a checkpoint is stored more than once in its namespace. */
    DUPLICATE_ID,
    /** A checkpoint that was acknowledged, as the index says, is not in the log of its session. */
    LOST_CHECKPOINT,
    /** A file or a directory that is not of the store. */
    FOREIGN_FILE,
    /** A symbolic link, a pipe or something else that the store does not make. */
    FILE_TYPE,
    /** The file system does not give the file, or the rest of it. */
    UNREADABLE,
    /** The end of a log is that of a write that was cut off, or is under way: no damage. */
    UNFINISHED_WRITE;

    /** Whether something is wrong, or may be lost. */
    public boolean isDamage() {
      return this != UNFINISHED_WRITE && this != VERSION_ORDER;
    }
  }

  /**
   * Something that was found.
   *
   * @param file where
   * @param offset at which byte of the file; 0 if it is about the whole
   * @param kind what is wrong
   * @param message the same in words, and what to do; holds ids, but no value of a checkpoint
   */
  public record Problem(Path file, long offset, Kind kind, String message) {
    /** Makes a problem. */
    public Problem {
      Objects.requireNonNull(file, "file");
      Objects.requireNonNull(kind, "kind");
      Objects.requireNonNull(message, "message");
    }
  }

  /**
   * Is told what is found as it is found, by the thread that verifies. What it throws ends that.
   */
  public interface Listener {

    /**
     * An intact checkpoint that is not deleted. Those of a session come in the order of their
     * versions, those of a namespace together. If an id is stored twice, both come.
     */
    void intact(Checkpoint checkpoint);

    /** A problem, or an unfinished write. */
    void found(Problem problem);
  }

  private final long namespaces;
  private final long sessions;
  private final long checkpoints;
  private final long bytes;
  private final long problemCount;
  private final List<Problem> problems;

  FileStoreVerification(
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
   * @see #verify(Path, CheckpointCodec, Listener)
   */
  public static FileStoreVerification verify(Path directory, CheckpointCodec codec) {
    return verify(
        directory,
        codec,
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
   * @param directory where the store is
   * @param codec the one that the store was written with
   * @param listener is told what is found
   * @throws NullPointerException if an argument is null
   * @throws dev.checkpoint4j.error.BackendConfigurationException if there is no directory, or
   *     nothing of a store in it
   * @throws dev.checkpoint4j.error.StorageAccessDeniedException if the directory may not be read
   * @throws dev.checkpoint4j.error.StorageUnavailableException if the file system fails to list it,
   *     or the thread is interrupted; its flag stays set
   */
  public static FileStoreVerification verify(
      Path directory, CheckpointCodec codec, Listener listener) {
    Objects.requireNonNull(directory, "directory");
    Objects.requireNonNull(codec, "codec");
    Objects.requireNonNull(listener, "listener");
    ErrorContext context = ErrorContext.of(FileBackendStorage.ID, "verify");
    return IoErrors.run(context, () -> new StoreScanner(codec, listener).scan(directory));
  }

  /** How many namespaces have a directory. */
  public long namespaces() {
    return namespaces;
  }

  /** How many sessions hold an intact checkpoint. */
  public long sessions() {
    return sessions;
  }

  /** How many intact checkpoints there are that are not deleted. */
  public long checkpoints() {
    return checkpoints;
  }

  /** How long all logs are together, in bytes. */
  public long bytes() {
    return bytes;
  }

  /** How many problems there are, those that are no damage left out. */
  public long problemCount() {
    return problemCount;
  }

  /** The first {@value #MAX_PROBLEMS} of what was found, unfinished writes included. */
  public List<Problem> problems() {
    return problems;
  }

  /** Whether no damage was found. */
  public boolean isSound() {
    return problemCount == 0;
  }
}
