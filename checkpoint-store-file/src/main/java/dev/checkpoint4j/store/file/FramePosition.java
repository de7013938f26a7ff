package dev.checkpoint4j.store.file;

/**
 * Where a checkpoint is in the log of its session.
 *
 * @param session the key of the session
 * @param id the key of the checkpoint's id
 * @param version the checkpoint's version
 * @param offset where its frame starts, in bytes
 * @param length bytes of the frame
 * @param headLength bytes of the frame's head
 */
record FramePosition(Key session, Key id, long version, long offset, int length, int headLength) {

  /** Whether another position of the same id is that of this checkpoint, which may have moved. */
  boolean isOfSameCheckpoint(FramePosition other) {
    return other.version == version && other.session.equals(session);
  }

  /** The position of the same frame at another offset, perhaps in another log. */
  FramePosition movedTo(long newOffset) {
    return new FramePosition(session, id, version, newOffset, length, headLength);
  }

  int payloadLength() {
    return length - headLength - Frame.TAIL_LENGTH;
  }

  long end() {
    return offset + length;
  }
}
