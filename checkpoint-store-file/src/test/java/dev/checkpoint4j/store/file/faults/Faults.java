package dev.checkpoint4j.store.file.faults;

import java.io.IOException;
import java.nio.file.FileSystemException;
import org.jspecify.annotations.Nullable;

/** Which operation of the file system fails next, and how; and what happens before one. */
public final class Faults {

  /** The kinds of operations that can fail. */
  public enum Target {
    OPEN,
    READ,
    WRITE,
    TRUNCATE,
    FORCE,
    FORCE_DIRECTORY,
    RENAME,
    DELETE,
    MAKE_DIRECTORY
  }

  /** How they fail. */
  enum Failure {
    IO_ERROR("Input/output error"),
    TOO_MANY_OPEN_FILES("Too many open files"),
    NO_SPACE("No space left on device"),
    /** Half of the bytes are written, and the caller is told so. */
    SHORT_WRITE(""),
    /** Half of the bytes are written, then the disk is full. */
    SHORT_WRITE_THEN_NO_SPACE("No space left on device"),
    /** The bytes can neither be written nor what is there be cut: a disk that was pulled. */
    DEAD("Input/output error");

    final String message;

    Failure(String message) {
      this.message = message;
    }
  }

  /** What another process does between two operations of the store. */
  public interface Interference {
    void run() throws IOException;
  }

  private record Moment(Target target, String suffix, Interference interference) {}

  private @Nullable Moment next;
  private @Nullable Target target;
  private @Nullable Failure failure;
  private int passes;
  private boolean fullAfterShortWrite;
  private int hits;

  /** Lets the operation after {@code passes} ones of its kind fail; later ones work again. */
  synchronized void arm(Target target, Failure failure, int passes) {
    this.target = target;
    this.failure = failure;
    this.passes = passes;
    this.hits = 0;
    this.fullAfterShortWrite = false;
  }

  synchronized void disarm() {
    target = null;
    fullAfterShortWrite = false;
  }

  /** Runs {@code interference} once: before the next operation on a file whose path ends so. */
  synchronized void before(Target operation, String suffix, Interference interference) {
    next = new Moment(operation, suffix, interference);
  }

  /** Whether an interference is still to come. */
  synchronized boolean isPending() {
    return next != null;
  }

  synchronized int hits() {
    return hits;
  }

  synchronized void check(Target operation, Object file) throws IOException {
    Moment pending = next;
    if (pending != null
        && pending.target() == operation
        && file.toString().endsWith(pending.suffix())) {
      next = null;
      pending.interference().run();
    }
    if (failure == Failure.DEAD && hits > 0 && target != null && operation != Target.READ) {
      throw new FileSystemException(file.toString(), null, failure.message);
    }
    if (isHit(operation) && failure != null) {
      throw new FileSystemException(file.toString(), null, failure.message);
    }
  }

  private boolean isHit(Target operation) {
    if (operation != target || passes-- != 0) {
      return false;
    }
    hits++;
    return true;
  }

  /** How many of {@code count} bytes are written. */
  synchronized int allowedToWrite(int count, Object file) throws IOException {
    if (fullAfterShortWrite) {
      fullAfterShortWrite = false;
      throw new IOException(Failure.NO_SPACE.message);
    }
    if (failure != Failure.SHORT_WRITE && failure != Failure.SHORT_WRITE_THEN_NO_SPACE) {
      check(Target.WRITE, file);
      return count;
    }
    if (!isHit(Target.WRITE)) {
      return count;
    }
    fullAfterShortWrite = failure == Failure.SHORT_WRITE_THEN_NO_SPACE;
    return count / 2;
  }
}
