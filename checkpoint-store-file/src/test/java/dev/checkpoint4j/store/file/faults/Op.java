package dev.checkpoint4j.store.file.faults;

import java.nio.ByteBuffer;

/** What was done to a disk. Files and directories are numbers, since their names change. */
sealed interface Op {

  record Write(int file, long offset, ByteBuffer content) implements Op {

    byte[] bytes() {
      byte[] bytes = new byte[content.remaining()];
      content.duplicate().get(bytes);
      return bytes;
    }

    @Override
    public String toString() {
      return "Write[file=%d, offset=%d, %d bytes]".formatted(file, offset, content.remaining());
    }
  }

  record Truncate(int file, long size) implements Op {}

  record Force(int file) implements Op {}

  /**
   * A force that failed, after which the system takes what was written for clean: no later force
   * writes it.
   */
  record DropUnforced(int file) implements Op {}

  /** A new name, of a new file or directory, or of a file that is there. */
  record Link(int directory, String name, int node, boolean isDirectory) implements Op {}

  record Rename(int directory, String from, String to, int node) implements Op {}

  record Unlink(int directory, String name) implements Op {}

  record ForceDirectory(int directory) implements Op {}
}
