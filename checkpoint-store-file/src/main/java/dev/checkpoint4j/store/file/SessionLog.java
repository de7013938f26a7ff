package dev.checkpoint4j.store.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** Reads and lays out the log of a session: a head, then frames. */
final class SessionLog {

  static final String SUFFIX = ".log";

  static final int MAX_HEAD_LENGTH = 4096;
  private static final int RESYNC_CHUNK_BYTES = 1 << 16;
  private static final Pattern HEAD =
      Pattern.compile("checkpoint-log 1 ([0-9a-f]{8})( (-?[0-9]{1,10}) ([!-~]+) ([!-~]+))\n");

  private SessionLog() {}

  /** What is at some place is not what was written there. */
  static final class DamagedException extends IOException {

    private static final long serialVersionUID = 1;

    DamagedException(Path log, long offset, String what) {
      super("%s at byte %d of %s".formatted(what, offset, log));
    }
  }

  /**
   * The first line of a log.
   *
   * @param generation tells this log of the session from others
   * @param namespace whose log this is
   * @param sessionId whose log this is
   * @param length bytes of the line
   */
  record Head(int generation, String namespace, String sessionId, int length) {}

  /**
   * A frame and where it starts.
   *
   * @param offset in bytes
   * @param frame its head
   * @param deletedIds the ids it says are deleted; empty for a checkpoint
   */
  record PlacedFrame(long offset, Frame frame, List<String> deletedIds) {}

  /** What is stored at some location: a head and its payload, which belong together. */
  static final class Stored {
    final Frame frame;
    final byte[] payload;

    Stored(Frame frame, byte[] payload) {
      this.frame = frame;
      this.payload = payload;
    }
  }

  static int newGeneration() {
    return ThreadLocalRandom.current().nextInt();
  }

  static byte[] encodeHead(int generation, String namespace, String sessionId) {
    String rest = " " + generation + " " + Frame.escape(namespace) + " " + Frame.escape(sessionId);
    return ("checkpoint-log 1 " + HexFormat.of().toHexDigits(checksum(rest)) + rest + "\n")
        .getBytes(StandardCharsets.US_ASCII);
  }

  private static int checksum(String rest) {
    CRC32C crc = new CRC32C();
    crc.update(rest.getBytes(StandardCharsets.US_ASCII));
    return (int) crc.getValue();
  }

  static FileChannel openForReading(Path log) throws IOException {
    return DurableFiles.open(log, Set.of(StandardOpenOption.READ));
  }

  /**
   * Reads the first line.
   *
   * @throws DamagedException if it is damaged
   */
  static Head readHead(FileChannel channel, Path log) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(MAX_HEAD_LENGTH);
    int length = DurableFiles.read(channel, buffer, 0);
    Matcher matcher =
        HEAD.matcher(new String(buffer.array(), 0, length, StandardCharsets.ISO_8859_1));
    if (!matcher.lookingAt()
        || HexFormat.fromHexDigits(matcher.group(1)) != checksum(matcher.group(2))) {
      throw new DamagedException(log, 0, "no valid head of a log");
    }
    try {
      return new Head(
          Integer.parseInt(matcher.group(3)),
          Frame.unescape(matcher.group(4)),
          Frame.unescape(matcher.group(5)),
          matcher.end());
    } catch (IllegalArgumentException e) {
      throw new DamagedException(log, 0, "no valid head of a log");
    }
  }

  /** A frame that says that checkpoints of the log are deleted. */
  static byte[] encodeDeletion(Collection<String> ids) {
    String lines = ids.stream().map(id -> Frame.escape(id) + "\n").collect(Collectors.joining());
    return Frame.encode(Frame.Kind.DELETED, 0, "", lines.getBytes(StandardCharsets.US_ASCII));
  }

  /**
   * Reads a checkpoint.
   *
   * @throws DamagedException if what is there is not the whole, intact frame of that checkpoint
   */
  static Stored read(Path log, Location location) throws IOException {
    try (FileChannel channel = openForReading(log)) {
      if (channel.size() < location.end()) {
        throw new DamagedException(log, location.offset(), "the log ends before the frame does");
      }
      ByteBuffer head = ByteBuffer.allocate(location.headLength());
      ByteBuffer payload = ByteBuffer.allocate(location.payloadLength());
      DurableFiles.read(channel, head, location.offset());
      DurableFiles.read(channel, payload, location.offset() + location.headLength());
      Frame frame = Frame.parse(head.array(), head.position()).orElse(null);
      if (frame == null
          || frame.kind() != Frame.Kind.CHECKPOINT
          || frame.headLength() != location.headLength()
          || frame.payloadLength() != location.payloadLength()
          || frame.version() != location.version()
          || !frame.isIntact(payload.array())) {
        throw new DamagedException(log, location.offset(), "no intact frame of this checkpoint");
      }
      return new Stored(frame, payload.array());
    }
  }

  /**
   * Finds the frames from some offset on. A frame is trusted without reading its payload if another
   * one follows it, because it was forced before that one was written; the last one is the torn end
   * of a write unless it is intact. What no frame starts at is passed over up to the next intact
   * one.
   */
  static List<PlacedFrame> walk(FileChannel channel, long from) throws IOException {
    long size = channel.size();
    List<PlacedFrame> frames = new ArrayList<>();
    long position = from;
    Frame frame = frameAt(channel, position, size);
    while (position < size) {
      if (frame != null) {
        Frame following = frameAt(channel, position + frame.length(), size);
        boolean deletion = frame.kind() == Frame.Kind.DELETED;
        byte[] payload =
            deletion || following == null ? intactPayload(channel, position, frame) : null;
        if (payload != null || (following != null && !deletion)) {
          frames.add(
              new PlacedFrame(
                  position, frame, deletion && payload != null ? ids(payload) : List.of()));
          position += frame.length();
          frame = following;
          continue;
        }
      }
      position = nextIntactFrame(channel, position + 1, size);
      frame = frameAt(channel, position, size);
    }
    return frames;
  }

  static @Nullable Frame frameAt(FileChannel channel, long position, long size) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(Frame.MAX_HEAD_LENGTH, size - position));
    int length = DurableFiles.read(channel, buffer, position);
    return Frame.parse(buffer.array(), length)
        .filter(frame -> position + frame.length() <= size)
        .orElse(null);
  }

  private static byte @Nullable [] intactPayload(FileChannel channel, long offset, Frame frame)
      throws IOException {
    ByteBuffer payload = ByteBuffer.allocate(frame.payloadLength());
    DurableFiles.read(channel, payload, offset + frame.headLength());
    return frame.isIntact(payload.array()) ? payload.array() : null;
  }

  /** As {@link Frame#isIntact}, without the memory that a damaged length might ask for. */
  static boolean isIntact(FileChannel channel, long offset, Frame frame) throws IOException {
    CRC32C crc = frame.startChecksum();
    ByteBuffer chunk = ByteBuffer.allocate(Math.min(RESYNC_CHUNK_BYTES, frame.payloadLength()));
    long position = offset + frame.headLength();
    long end = position + frame.payloadLength();
    while (position < end) {
      chunk.clear().limit((int) Math.min(chunk.capacity(), end - position));
      int length = DurableFiles.read(channel, chunk, position);
      if (length == 0) {
        return false;
      }
      crc.update(chunk.array(), 0, length);
      position += length;
    }
    return (int) crc.getValue() == frame.checksum();
  }

  /** Whether the bytes are the start of some head of a log, cut off. */
  static boolean isStartOfHead(byte[] bytes, int length) {
    Matcher matcher = HEAD.matcher(new String(bytes, 0, length, StandardCharsets.ISO_8859_1));
    return !matcher.lookingAt() && matcher.hitEnd();
  }

  static List<String> ids(byte[] payload) {
    return new String(payload, StandardCharsets.US_ASCII).lines().map(Frame::unescape).toList();
  }

  /** Where the next line starts an intact frame; {@code size} if none does. */
  static long nextIntactFrame(FileChannel channel, long from, long size) throws IOException {
    ByteBuffer chunk = ByteBuffer.allocate(RESYNC_CHUNK_BYTES);
    for (long start = from - 1; start < size; start += RESYNC_CHUNK_BYTES) {
      chunk.clear();
      int length = DurableFiles.read(channel, chunk, start);
      for (int i = 0; i < length; i++) {
        long candidate = start + i + 1;
        if (chunk.get(i) == '\n' && candidate < size) {
          Frame frame = frameAt(channel, candidate, size);
          if (frame != null && isIntact(channel, candidate, frame)) {
            return candidate;
          }
        }
      }
    }
    return size;
  }

  /** Copies a frame as it is, damaged or not. */
  static void copy(FileChannel from, Location location, FileChannel to, long position)
      throws IOException {
    ByteBuffer frame = ByteBuffer.allocate(location.length());
    if (DurableFiles.read(from, frame, location.offset()) < location.length()) {
      throw new IOException("the log ends before byte " + location.end());
    }
    DurableFiles.writeUnforced(to, frame.flip(), position);
  }
}
