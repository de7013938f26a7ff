package dev.checkpoint4j.store.file;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** An entry of the index file: {@value #BYTES} bytes, as docs/file-format.md describes them. */
sealed interface IndexRecord {

  int BYTES = 64;

  /**
   * A record about one log of a session. It has no effect if the session has another log by then.
   */
  sealed interface OfLog extends IndexRecord {
    Key session();

    /** The generation of the log. */
    int generation();

    /** The log is known up to here at least. */
    long end();
  }

  /** A checkpoint is stored. */
  record Stored(int generation, FramePosition position) implements OfLog {
    @Override
    public Key session() {
      return position.session();
    }

    @Override
    public long end() {
      return position.end();
    }
  }

  /**
   * A checkpoint is deleted.
   *
   * @param id the key of the checkpoint's id
   * @param offset where the frame of the deletion starts; 0, with a length of 0, if the record does
   *     not say how much of the log is known
   * @param length bytes of that frame
   * @param headLength bytes of that frame's head
   */
  record Deleted(int generation, Key session, Key id, long offset, int length, int headLength)
      implements OfLog {
    @Override
    public long end() {
      return offset + length;
    }

    Deleted withoutPlace() {
      return new Deleted(generation, session, id, 0, 0, 0);
    }
  }

  /**
   * The end of the acknowledged part of a log, if its last frame is not that of a live checkpoint.
   * Stored as the deletion of no checkpoint.
   */
  record EndOfLog(int generation, Key session, long end) implements OfLog {}

  /** A session is gone, and with it everything that earlier records say about it. */
  record Dropped(Key session) implements IndexRecord {}

  /** The next {@code size} records are read together or not at all. */
  record Batch(long size) implements IndexRecord {}

  /**
   * The records as bytes. If there are several, a {@link Batch} precedes them, so that all or none
   * of them are read.
   */
  static byte[] encode(List<IndexRecord> records) {
    boolean isBatch = records.size() > 1;
    ByteBuffer buffer = ByteBuffer.allocate(Math.multiplyExact(BYTES, records.size() + 1));
    if (isBatch) {
      Encoding.write(new Batch(records.size()), buffer);
    }
    records.forEach(record -> Encoding.write(record, buffer));
    byte[] bytes = new byte[buffer.position()];
    buffer.flip().get(bytes);
    return bytes;
  }

  /** The record at the buffer's position, which moves to its end; null if it is damaged. */
  static @Nullable IndexRecord read(ByteBuffer buffer) {
    return Encoding.read(buffer);
  }

  /** The bytes of a record. */
  final class Encoding {
    private static final byte STORED = 'P';
    private static final byte DELETED = 'D';
    private static final byte DROPPED = 'S';
    private static final byte BATCH = 'B';
    private static final Key NONE = new Key(0, 0);

    private Encoding() {}

    private static void write(IndexRecord record, ByteBuffer buffer) {
      if (record instanceof Stored stored) {
        write(STORED, stored.generation(), stored.position(), buffer);
      } else if (record instanceof Deleted deleted) {
        FramePosition position =
            new FramePosition(
                deleted.session(),
                deleted.id(),
                0,
                deleted.offset(),
                deleted.length(),
                deleted.headLength());
        write(DELETED, deleted.generation(), position, buffer);
      } else if (record instanceof EndOfLog end) {
        FramePosition position = new FramePosition(end.session(), NONE, 0, end.end(), 0, 0);
        write(DELETED, end.generation(), position, buffer);
      } else if (record instanceof Dropped dropped) {
        write(DROPPED, 0, new FramePosition(dropped.session(), NONE, 0, 0, 0, 0), buffer);
      } else if (record instanceof Batch batch) {
        write(BATCH, 0, new FramePosition(NONE, NONE, batch.size(), 0, 0, 0), buffer);
      }
    }

    private static void write(
        byte kind, int generation, FramePosition position, ByteBuffer buffer) {
      int start = buffer.position();
      buffer.put(kind).put((byte) 0).putShort((short) position.headLength()).putInt(0);
      position.id().write(buffer);
      position.session().write(buffer);
      buffer.putInt(generation).putInt(position.length());
      buffer.putLong(position.offset()).putLong(position.version());
      buffer.putInt(start + Integer.BYTES, checksum(buffer, start));
    }

    private static @Nullable IndexRecord read(ByteBuffer buffer) {
      int start = buffer.position();
      byte kind = buffer.get();
      buffer.get();
      int headLength = Short.toUnsignedInt(buffer.getShort());
      int checksum = buffer.getInt();
      Key id = Key.read(buffer);
      Key session = Key.read(buffer);
      int generation = buffer.getInt();
      int length = buffer.getInt();
      long offset = buffer.getLong();
      long version = buffer.getLong();
      if (checksum != checksum(buffer, start)) {
        return null;
      }
      return switch (kind) {
        case STORED ->
            new Stored(
                generation, new FramePosition(session, id, version, offset, length, headLength));
        case DELETED ->
            id.equals(NONE)
                ? new EndOfLog(generation, session, offset + length)
                : new Deleted(generation, session, id, offset, length, headLength);
        case DROPPED -> new Dropped(session);
        case BATCH -> new Batch(version);
        default -> null;
      };
    }

    /** The checksum of everything but the checksum itself. */
    private static int checksum(ByteBuffer buffer, int start) {
      CRC32C crc = new CRC32C();
      crc.update(buffer.array(), buffer.arrayOffset() + start, Integer.BYTES);
      crc.update(
          buffer.array(),
          buffer.arrayOffset() + start + 2 * Integer.BYTES,
          BYTES - 2 * Integer.BYTES);
      return (int) crc.getValue();
    }
  }
}
