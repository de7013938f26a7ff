package com.example.journal;

import dev.checkpoint4j.error.ErrorContext;
import dev.checkpoint4j.error.StorageUnavailableException;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.util.zip.CRC32C;

/**
 * The medium: a file of frames that is only appended to. A frame is a head (the kind of its record,
 * the length and the CRC-32C of the body, and the CRC-32C of the head itself) and the body. The end
 * of the file may be the beginning of a frame whose append was cut off; anything else that is not a
 * whole frame is damage. Guarded by the lock of its store.
 */
class Journal implements Closeable {

  // Offsets in a frame: the kind is at 0.
  private static final int LENGTH = 1;
  private static final int BODY_CRC = 5;
  private static final int HEAD_CRC = 9;
  private static final int BODY = 13;

  /** Where a frame is. */
  record Slot(long position, int bytes) {}

  /** A frame is there and is not what was written. */
  static final class DamagedException extends IOException {
    private static final long serialVersionUID = 1;

    DamagedException(String message) {
      super(message);
    }
  }

  /** An append failed, and whether its record is in the file cannot be told now. */
  static final class UnsettledException extends IOException {
    private static final long serialVersionUID = 1;

    UnsettledException(IOException cause) {
      super(cause.getMessage(), cause);
    }
  }

  /** Takes the records of a journal, the oldest first. */
  interface Reader {
    void accept(byte kind, Slot slot, byte[] body) throws IOException;
  }

  private final Path path;

  /** Not a {@code FileChannel}: an interrupt of a thread that uses one closes it. */
  private final RandomAccessFile file;

  /** Where the frames end that are known to be there. */
  private long end;

  /** Whether the file ends there too. */
  private boolean settled = true;

  Journal(Path path) throws IOException {
    this.path = path;
    this.file = new RandomAccessFile(path.toFile(), "rw");
    try {
      lock();
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  /** The lock is given back when the file is closed, and when the process ends in any way. */
  private void lock() throws IOException {
    try {
      if (file.getChannel().tryLock() != null) {
        return;
      }
    } catch (OverlappingFileLockException e) {
      // The file was opened by a copy of this class that another class loader has loaded.
    }
    throw new StorageUnavailableException(
        ("the journal %s is open elsewhere, and belongs to one process at a time; end the other"
                + " one, or use another directory")
            .formatted(path),
        ErrorContext.of(JournalBackend.ID, "open"),
        null);
  }

  /**
   * Reads every record, and cuts off what an interrupted append has left behind them.
   *
   * @throws DamagedException if a frame is damaged; the file stays as it is
   */
  void replay(Reader reader) throws IOException {
    long length = file.length();
    while (end + BODY <= length) {
      ByteBuffer head = ByteBuffer.wrap(read(end, BODY));
      if (head.getInt(HEAD_CRC) != crc(head, 0, HEAD_CRC)) {
        throw damaged(end);
      }
      Slot slot = new Slot(end, BODY + head.getInt(LENGTH));
      if (end + slot.bytes() > length) {
        break;
      }
      reader.accept(head.get(0), slot, body(slot));
      end += slot.bytes();
    }
    settled = false;
    settle();
  }

  /**
   * Appends a record in one write and forces it, so that an error of the disk is told now.
   *
   * @throws UnsettledException if the record may be in the journal or not
   * @throws IOException if the record is not in the journal
   */
  Slot append(byte kind, byte[] body) throws IOException {
    settle();
    ByteBuffer frame = ByteBuffer.allocate(BODY + body.length);
    frame.put(kind).putInt(body.length).putInt(crc(ByteBuffer.wrap(body), 0, body.length));
    frame.putInt(crc(frame, 0, HEAD_CRC)).put(body);
    settled = false;
    try {
      write(end, frame.array());
      force();
      settled = true;
    } catch (IOException failure) {
      try {
        settle();
      } catch (IOException unsettled) {
        failure.addSuppressed(unsettled);
        throw new UnsettledException(failure);
      }
      throw failure;
    }
    Slot slot = new Slot(end, frame.capacity());
    end += frame.capacity();
    return slot;
  }

  /**
   * Cuts off what a failed append may have left. Until that succeeds, nobody can say whether its
   * record will be there after the next opening; so nothing is read or written before.
   */
  void settle() throws IOException {
    if (!settled) {
      if (file.length() > end) {
        truncate(end);
        force();
      }
      settled = true;
    }
  }

  /**
   * The body of a frame, read from the file.
   *
   * @throws DamagedException if it is not what was written
   */
  byte[] body(Slot slot) throws IOException {
    ByteBuffer frame = ByteBuffer.wrap(read(slot.position(), slot.bytes()));
    byte[] body = new byte[slot.bytes() - BODY];
    if (frame.getInt(LENGTH) != body.length
        || frame.getInt(BODY_CRC) != crc(frame, BODY, body.length)
        || frame.getInt(HEAD_CRC) != crc(frame, 0, HEAD_CRC)) {
      throw damaged(slot.position());
    }
    frame.get(BODY, body);
    return body;
  }

  private DamagedException damaged(long position) {
    return new DamagedException("the frame at byte " + position + " of " + path + " is damaged");
  }

  private static int crc(ByteBuffer bytes, int from, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes.slice(from, length));
    return (int) crc.getValue();
  }

  @Override
  public void close() throws IOException {
    file.close();
  }

  // What the file is asked to do. A test overrides these, to count them and to make them fail.

  byte[] read(long position, int length) throws IOException {
    byte[] bytes = new byte[length];
    file.seek(position);
    try {
      file.readFully(bytes);
    } catch (EOFException e) {
      throw damaged(position);
    }
    return bytes;
  }

  void write(long position, byte[] bytes) throws IOException {
    file.seek(position);
    file.write(bytes);
  }

  void truncate(long length) throws IOException {
    file.setLength(length);
  }

  void force() throws IOException {
    file.getFD().sync();
  }
}
