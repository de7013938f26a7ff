package dev.checkpoint4j.store.file;

import dev.checkpoint4j.spi.Finding.Severity;

/** What the verification of a file store can find; docs/file.md says what to do about each. */
enum FindingKind {
  /** The file that says that the directory is a store is missing, damaged or of a newer format. */
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
  /** A symbolic link, a pipe or something else that the store does not create. */
  FILE_TYPE,
  /** The file system does not give the file, or the rest of it. */
  UNREADABLE,
  /** The end of a log is that of a write that was cut off, or is under way: no damage. */
  UNFINISHED_WRITE,
  /**
   * A log holds a whole frame that the index does not know, so readers do not see it: no damage.
   */
  UNPUBLISHED_WRITE;

  Severity severity() {
    return switch (this) {
      case UNFINISHED_WRITE, UNPUBLISHED_WRITE, VERSION_ORDER -> Severity.LEFTOVER;
      default -> Severity.DAMAGE;
    };
  }
}
