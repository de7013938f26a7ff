package dev.checkpoint4j.store.file;

import dev.checkpoint4j.error.CheckpointException;
import dev.checkpoint4j.error.CorruptCheckpointException;
import dev.checkpoint4j.error.ErrorContext;
import dev.checkpoint4j.error.OutcomeUnknownException;
import dev.checkpoint4j.error.StorageAccessDeniedException;
import dev.checkpoint4j.error.StorageLimitExceededException;
import dev.checkpoint4j.error.StorageUnavailableException;
import dev.checkpoint4j.spi.CallDeadline;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.nio.file.ReadOnlyFileSystemException;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Translates errors of the file system to the exceptions of the SPI. */
final class IoErrors {

  private IoErrors() {}

  /** For an error before anything was changed. */
  static CheckpointException notApplied(Exception e, ErrorContext context) {
    String reason = reason(e);
    if (e instanceof ClosedByInterruptException) {
      return interrupted(context);
    }
    if (e instanceof WrongFileTypeException) {
      return new CorruptCheckpointException(e.getMessage() + "; nothing was changed", context, e);
    }
    if (e instanceof AccessDeniedException
        || e instanceof ReadOnlyFileSystemException
        || says(reason, "permission denied", "read-only file system", "operation not permitted")) {
      return new StorageAccessDeniedException(
          "the file system refused access ("
              + reason
              + "); nothing was changed. Check the owner and the permissions of the directory and"
              + " how it is mounted",
          context,
          e);
    }
    if (says(reason, "no space left", "quota exceeded", "file too large")) {
      return new StorageLimitExceededException(
          "the file system is full ("
              + reason
              + "); nothing was changed. Free some space, then try again",
          context,
          e);
    }
    return new StorageUnavailableException(
        "the file system failed ("
            + reason
            + "); nothing was changed. Check the disk, the limit of open files and whether the"
            + " directory is still there, then try again",
        context,
        e);
  }

  /** For an error after which the write may have been applied. */
  static CheckpointException outcomeUnknown(Exception e, ErrorContext context) {
    return new OutcomeUnknownException(
        "the file system failed while writing ("
            + reason(e)
            + "); the write may have been applied. Put the same checkpoint again, or repeat the"
            + " deletion: either takes effect once",
        context,
        e);
  }

  /** For a deletion that failed after it had deleted some checkpoints. */
  static CheckpointException partlyDeleted(long count, Exception e, ErrorContext context) {
    return new OutcomeUnknownException(
        count
            + " of the checkpoints were deleted, then the deletion failed ("
            + reason(e)
            + "); more may be deleted. Repeat the deletion",
        context,
        e);
  }

  /** For a log that is damaged. */
  static CorruptCheckpointException corrupt(DamagedException e, ErrorContext context) {
    return new CorruptCheckpointException(
        e.getMessage() + "; restore the file from a backup, or delete the session", context, e);
  }

  /** For a log that is missing. */
  static CorruptCheckpointException missingLog(
      Path log, @Nullable Exception e, ErrorContext context) {
    return new CorruptCheckpointException(
        "the log " + log + " is missing; restore the file from a backup, or delete the session",
        context,
        e);
  }

  static CheckpointException interrupted(ErrorContext context) {
    return new StorageUnavailableException(
        "the thread was interrupted; nothing was changed", context, null);
  }

  private static boolean says(String reason, String... phrases) {
    String lower = reason.toLowerCase(Locale.ROOT);
    for (String phrase : phrases) {
      if (lower.contains(phrase)) {
        return true;
      }
    }
    return false;
  }

  private static String reason(Exception e) {
    String reason =
        e instanceof FileSystemException fileSystem && fileSystem.getReason() != null
            ? fileSystem.getReason()
            : e.getMessage();
    return e.getClass().getSimpleName() + (reason == null ? "" : ": " + reason);
  }

  /** An operation of the store that does I/O. */
  interface IoAction<R> {
    R run() throws IOException;
  }

  /** As {@link #run(ErrorContext, IoAction)}, with a limit for all waits of the action together. */
  static <R> R run(ErrorContext context, Duration timeout, IoAction<R> action) {
    return CallDeadline.current().within(timeout).call(() -> run(context, action));
  }

  /** Runs an action that changes nothing, or has undone what it changed when it fails. */
  static <R> R run(ErrorContext context, IoAction<R> action) {
    if (Thread.currentThread().isInterrupted()) {
      throw interrupted(context);
    }
    try {
      return action.run();
    } catch (IOException | ReadOnlyFileSystemException e) {
      throw notApplied(e, context);
    }
  }
}
