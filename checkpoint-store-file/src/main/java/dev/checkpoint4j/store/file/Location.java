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
record Location(Key session, Key id, long version, long offset, int length, int headLength) {

  int payloadLength() {
    return length - headLength - Frame.TAIL_LENGTH;
  }

  long end() {
    return offset + length;
  }
}
