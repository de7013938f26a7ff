package dev.checkpoint4j.store.file;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * An entry of the index file: {@value #BYTES} bytes, as docs/file-format.md describes them.
 *
 * @param kind what happened
 * @param generation which log of the session this is about
 * @param location the checkpoint, or, for {@link Kind#DELETED}, the key of its id and the frame
 *     that says so; for {@link Kind#DROPPED} only the session; for {@link Kind#BATCH} the number of
 *     records that belong together, as its version
 */
record IndexRecord(Kind kind, int generation, Location location) {

  enum Kind {
    STORED('P'),
    DELETED('D'),
    DROPPED('S'),
    BATCH('B');

    final byte code;

    Kind(char code) {
      this.code = (byte) code;
    }

    static @Nullable Kind of(byte code) {
      for (Kind kind : values()) {
        if (kind.code == code) {
          return kind;
        }
      }
      return null;
    }
  }

  static final int BYTES = 64;

  private static final Key NONE = new Key(0, 0);

  static IndexRecord dropped(Key session) {
    return new IndexRecord(Kind.DROPPED, 0, new Location(session, NONE, 0, 0, 0, 0));
  }

  /** The same, but it says nothing about how much of the log is known. */
  IndexRecord withoutPlace() {
    return new IndexRecord(
        kind, generation, new Location(location.session(), location.id(), 0, 0, 0, 0));
  }

  private static IndexRecord batch(int size) {
    return new IndexRecord(Kind.BATCH, 0, new Location(NONE, NONE, size, 0, 0, 0));
  }

  /** The records as bytes; if there are several, such that all or none of them are read. */
  static byte[] encode(List<IndexRecord> records) {
    boolean batch = records.size() > 1;
    ByteBuffer buffer = ByteBuffer.allocate(Math.multiplyExact(BYTES, records.size() + 1));
    if (batch) {
      batch(records.size()).write(buffer);
    }
    records.forEach(record -> record.write(buffer));
    byte[] bytes = new byte[buffer.position()];
    buffer.flip().get(bytes);
    return bytes;
  }

  private void write(ByteBuffer buffer) {
    int start = buffer.position();
    buffer.put(kind.code).put((byte) 0).putShort((short) location.headLength()).putInt(0);
    location.id().write(buffer);
    location.session().write(buffer);
    buffer.putInt(generation).putInt(location.length());
    buffer.putLong(location.offset()).putLong(location.version());
    buffer.putInt(start + Integer.BYTES, checksum(buffer, start));
  }

  /** The record at the buffer's position, which moves behind it; null if it is damaged. */
  static @Nullable IndexRecord read(ByteBuffer buffer) {
    int start = buffer.position();
    Kind kind = Kind.of(buffer.get());
    buffer.get();
    int headLength = Short.toUnsignedInt(buffer.getShort());
    int checksum = buffer.getInt();
    Key id = Key.read(buffer);
    Key session = Key.read(buffer);
    int generation = buffer.getInt();
    int length = buffer.getInt();
    long offset = buffer.getLong();
    long version = buffer.getLong();
    return kind == null || checksum != checksum(buffer, start)
        ? null
        : new IndexRecord(
            kind, generation, new Location(session, id, version, offset, length, headLength));
  }

  /** Of everything but the checksum itself. */
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
