package dev.checkpoint4j.store.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/** The frame of a checkpoint: its head and its payload, which belong together. */
final class StoredFrame {

  final Frame frame;
  final byte[] payload;

  private StoredFrame(Frame frame, byte[] payload) {
    this.frame = frame;
    this.payload = payload;
  }

  /**
   * Reads a checkpoint.
   *
   * @throws DamagedException if what is there is not the whole, intact frame of that checkpoint
   */
  static StoredFrame read(Path log, FramePosition position) throws IOException {
    try (FileChannel channel = LogFormat.openForReading(log)) {
      if (channel.size() < position.end()) {
        throw new DamagedException(log, position.offset(), "the log ends before the frame does");
      }
      ByteBuffer head = ByteBuffer.allocate(position.headLength());
      ByteBuffer payload = ByteBuffer.allocate(position.payloadLength());
      PlainFiles.read(channel, head, position.offset());
      PlainFiles.read(channel, payload, position.offset() + position.headLength());
      Frame frame = Frame.parse(head.array(), head.position()).orElse(null);
      if (frame == null
          || frame.kind() != Frame.Kind.CHECKPOINT
          || frame.headLength() != position.headLength()
          || frame.payloadLength() != position.payloadLength()
          || frame.version() != position.version()
          || !frame.isIntact(payload.array())) {
        throw new DamagedException(log, position.offset(), "no intact frame of this checkpoint");
      }
      return new StoredFrame(frame, payload.array());
    }
  }
}
