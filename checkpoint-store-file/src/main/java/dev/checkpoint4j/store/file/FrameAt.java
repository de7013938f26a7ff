package dev.checkpoint4j.store.file;

import java.util.List;

/**
 * A frame and where it starts.
 *
 * @param offset in bytes
 * @param frame its head
 * @param deletedIds the ids it says are deleted; empty for a checkpoint
 */
record FrameAt(long offset, Frame frame, List<String> deletedIds) {
  long end() {
    return offset + frame.length();
  }
}
