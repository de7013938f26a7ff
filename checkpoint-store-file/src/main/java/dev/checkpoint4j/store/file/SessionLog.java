package dev.checkpoint4j.store.file;

import dev.checkpoint4j.error.ErrorContext;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Set;

/**
 * The log of a session, opened by one thread for one operation. Writing appends to its end and
 * overwrites nothing, so a writer that lost its lock destroys nothing.
 */
final class SessionLog implements AutoCloseable {

  private final Path path;
  private final Object identity;
  private final FileChannel reader;
  private final LogFormat.Head head;

  private SessionLog(Path path, Object identity, FileChannel reader, LogFormat.Head head) {
    this.path = path;
    this.identity = identity;
    this.reader = reader;
    this.head = head;
  }

  /**
   * Opens a log.
   *
   * @throws java.nio.file.NoSuchFileException if there is none
   * @throws DamagedException if its head is damaged
   * @throws WrongFileTypeException if it is no file
   */
  static SessionLog open(Path path) throws IOException {
    Object identity = PlainFiles.identity(path);
    FileChannel reader = LogFormat.openForReading(path);
    try {
      return new SessionLog(path, identity, reader, LogFormat.readHead(reader, path));
    } catch (IOException | RuntimeException | Error e) {
      reader.close();
      throw e;
    }
  }

  LogFormat.Head head() {
    return head;
  }

  long size() throws IOException {
    return reader.size();
  }

  /**
   * Appends bytes, and forces them if the store is to survive power loss.
   *
   * @throws dev.checkpoint4j.error.CheckpointException whose type says whether all bytes may be in
   *     the log
   */
  void append(byte[] bytes, DurableFiles files, ErrorContext context) {
    boolean isWhole = false;
    try (FileChannel end = PlainFiles.openChecked(path, Set.of(StandardOpenOption.APPEND))) {
      PlainFiles.appendUnforced(end, ByteBuffer.wrap(bytes));
      isWhole = true;
      files.force(end);
    } catch (ClosedByInterruptException e) {
      throw IoErrors.outcomeUnknown(e, context);
    } catch (IOException e) {
      throw isWhole ? IoErrors.outcomeUnknown(e, context) : IoErrors.notApplied(e, context);
    }
  }

  /**
   * Whether this log is still the one at its path. Its inode number is not reused while it is open.
   */
  boolean isInPlace() throws IOException {
    BasicFileAttributes attributes = PlainFiles.attributes(path);
    return attributes != null && PlainFiles.identity(path, attributes).equals(identity);
  }

  /** Whether the log ends with these bytes, and they start at {@code start}. */
  boolean endsWith(byte[] bytes, long start) throws IOException {
    if (reader.size() != start + bytes.length) {
      return false;
    }
    // The first line of a frame holds the checksum of the whole frame.
    ByteBuffer found = ByteBuffer.allocate(Math.min(bytes.length, Frame.MAX_HEAD_LENGTH));
    PlainFiles.read(reader, found, start);
    return found.flip().equals(ByteBuffer.wrap(bytes, 0, found.capacity()));
  }

  /** The frames from an offset on. */
  List<FrameAt> frames(long from) throws IOException {
    return LogFormat.scan(reader, from);
  }

  /** Whether no intact frame starts in a range. */
  boolean hasNoFrame(long from, long to) throws IOException {
    Frame first = LogFormat.frameAt(reader, from, to);
    return (first == null || !LogFormat.isIntact(reader, from, first))
        && LogFormat.nextIntactFrame(reader, from + 1, to) == to;
  }

  /** Copies a frame as it is, damaged or not. */
  void copy(FramePosition frame, FileChannel to, long position) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(frame.length());
    if (PlainFiles.read(reader, bytes, frame.offset()) < frame.length()) {
      throw new DamagedException(path, frame.offset(), "the log ends within the frame");
    }
    PlainFiles.writeUnforced(to, bytes.flip(), position);
  }

  @Override
  public void close() throws IOException {
    reader.close();
  }
}
