package dev.checkpoint4j.store.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
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

/**
 * The format of a session's log: a head, then frames. Reads and encodes both, as
 * docs/file-format.md describes them.
 */
final class LogFormat {

  static final String SUFFIX = ".log";

  static final int MAX_HEAD_LENGTH = 4096;
  private static final byte[] SKIP_START = {'!', '\n'};
  private static final int RESYNC_CHUNK_BYTES = 1 << 16;
  private static final Pattern HEAD =
      Pattern.compile("checkpoint-log 1 ([0-9a-f]{8})( (-?[0-9]{1,10}) ([!-~]+) ([!-~]+))\n");

  private LogFormat() {}

  /**
   * The first line of a log.
   *
   * @param generation distinguishes the logs that a session has over time
   * @param namespace whose log this is
   * @param sessionId whose log this is
   * @param length bytes of the line
   */
  record Head(int generation, String namespace, String sessionId, int length) {}

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
    return PlainFiles.open(log, Set.of(StandardOpenOption.READ));
  }

  /**
   * Reads the first line.
   *
   * @throws DamagedException if it is damaged
   */
  static Head readHead(FileChannel channel, Path log) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(MAX_HEAD_LENGTH);
    int length = PlainFiles.read(channel, buffer, 0);
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

  /** The frame of a deletion. */
  static byte[] encodeDeletion(Collection<String> ids) {
    String lines = ids.stream().map(id -> Frame.escape(id) + "\n").collect(Collectors.joining());
    return Frame.encode(Frame.Kind.DELETED, 0, "", lines.getBytes(StandardCharsets.US_ASCII));
  }

  /**
   * The end of a line, and the frame that marks the bytes from {@code from} up to it as no frame.
   * The line does not end at once: a line feed could complete what was torn.
   */
  static byte[] encodeSkip(long from) {
    byte[] frame = Frame.encode(Frame.Kind.SKIPPED, from, "", new byte[0]);
    return ByteBuffer.allocate(SKIP_START.length + frame.length).put(SKIP_START).put(frame).array();
  }

  /**
   * A part of a log: a frame, or bytes that are none.
   *
   * @param offset where it starts
   * @param frame the head that starts there, if one does; it may be that of a torn write
   * @param isIntact whether it is an intact frame
   * @param isFollowed whether another frame starts where this frame ends
   * @param end where the next part starts
   */
  record Part(long offset, @Nullable Frame frame, boolean isIntact, boolean isFollowed, long end) {}

  /**
   * Reads the part of a log that starts at some offset.
   *
   * <p>A frame that is not intact was torn, or was damaged after it was acknowledged. A torn one
   * may claim bytes of later writes, and even end where one of their frames ends. Therefore the
   * part ends at the next intact frame, unless the frame ends before it and another head follows.
   */
  static Part partAt(FileChannel channel, long offset, long size) throws IOException {
    Frame frame = frameAt(channel, offset, size);
    if (frame == null) {
      return new Part(offset, null, false, false, nextIntactFrame(channel, offset + 1, size));
    }
    long end = offset + frame.length();
    Frame following = frameAt(channel, end, size);
    if (following != null
        && following.kind() == Frame.Kind.SKIPPED
        && !isIntact(channel, end, following)) {
      // Its writer died before it wrote a frame.
      following = null;
    }
    boolean isSkipped = following != null && isSkipped(channel, offset, end, following);
    if (!isSkipped && isIntact(channel, offset, frame)) {
      return new Part(offset, frame, true, following != null, end);
    }
    long next = nextIntactFrame(channel, offset + 1, size);
    return !isSkipped && following != null && end <= next
        ? new Part(offset, frame, false, true, end)
        : new Part(offset, frame, false, false, next);
  }

  /**
   * Whether the frame at {@code end} says that the bytes from {@code offset} on are no frame,
   * whatever they look like.
   */
  static boolean isSkipped(FileChannel channel, long offset, long end, long size)
      throws IOException {
    Frame following = frameAt(channel, end, size);
    return following != null && isSkipped(channel, offset, end, following);
  }

  private static boolean isSkipped(FileChannel channel, long offset, long end, Frame following)
      throws IOException {
    return following.kind() == Frame.Kind.SKIPPED
        && following.version() <= offset
        && isIntact(channel, end, following);
  }

  /**
   * Finds the frames from some offset on, in whole or damaged. All payloads are read: a head alone
   * does not show whether its frame was torn, and what other frames it hides. The last frame is a
   * torn write unless it is intact.
   */
  static List<FrameAt> scan(FileChannel channel, long from) throws IOException {
    long size = channel.size();
    List<FrameAt> frames = new ArrayList<>();
    for (long position = from; position < size; ) {
      Part part = partAt(channel, position, size);
      Frame frame = part.frame();
      if (frame != null && (part.isIntact() || part.isFollowed())) {
        boolean isDeletion = frame.kind() == Frame.Kind.DELETED;
        if (part.isIntact() || !isDeletion) {
          frames.add(
              new FrameAt(
                  position,
                  frame,
                  isDeletion ? ids(payload(channel, position, frame)) : List.of()));
        }
      }
      position = part.end();
    }
    return frames;
  }

  /** The head that starts at a position; null if none does, or the log is shorter by now. */
  static @Nullable Frame frameAt(FileChannel channel, long position, long size) throws IOException {
    if (position >= size) {
      return null;
    }
    ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(Frame.MAX_HEAD_LENGTH, size - position));
    int length = PlainFiles.read(channel, buffer, position);
    return Frame.parse(buffer.array(), length)
        .filter(frame -> position + frame.length() <= size)
        .orElse(null);
  }

  static byte[] payload(FileChannel channel, long offset, Frame frame) throws IOException {
    ByteBuffer payload = ByteBuffer.allocate(frame.payloadLength());
    PlainFiles.read(channel, payload, offset + frame.headLength());
    return payload.array();
  }

  /** Whether a frame is whole: its payload, and the line feed that no checksum covers. */
  static boolean isIntact(FileChannel channel, long offset, Frame frame) throws IOException {
    ByteBuffer tail = ByteBuffer.allocate(Frame.TAIL_LENGTH);
    PlainFiles.read(channel, tail, offset + frame.length() - Frame.TAIL_LENGTH);
    return tail.get(0) == '\n' && hasIntactPayload(channel, offset, frame);
  }

  /** As {@link Frame#isIntact}, in bounded memory whatever the length says. */
  static boolean hasIntactPayload(FileChannel channel, long offset, Frame frame)
      throws IOException {
    CRC32C crc = frame.startChecksum();
    ByteBuffer chunk = ByteBuffer.allocate(Math.min(RESYNC_CHUNK_BYTES, frame.payloadLength()));
    long position = offset + frame.headLength();
    long end = position + frame.payloadLength();
    while (position < end) {
      chunk.clear().limit((int) Math.min(chunk.capacity(), end - position));
      int length = PlainFiles.read(channel, chunk, position);
      if (length == 0) {
        return false;
      }
      crc.update(chunk.array(), 0, length);
      position += length;
    }
    return (int) crc.getValue() == frame.checksum();
  }

  /** Whether the bytes are an incomplete head of a log. */
  static boolean isStartOfHead(byte[] bytes, int length) {
    Matcher matcher = HEAD.matcher(new String(bytes, 0, length, StandardCharsets.ISO_8859_1));
    return !matcher.lookingAt() && matcher.hitEnd();
  }

  /**
   * Whether a log cannot hold an acknowledged write: it consists of a head, complete or not, or of
   * zeros, which a crash of the machine leaves in place of what was not forced.
   */
  static boolean isWithoutFrames(Path log) throws IOException {
    try (FileChannel channel = openForReading(log)) {
      ByteBuffer buffer = ByteBuffer.allocate(MAX_HEAD_LENGTH);
      int length = PlainFiles.read(channel, buffer, 0);
      if (length < channel.size()) {
        return false;
      }
      Matcher matcher =
          HEAD.matcher(new String(buffer.array(), 0, length, StandardCharsets.ISO_8859_1));
      return matcher.matches()
          || isStartOfHead(buffer.array(), length)
          || Arrays.equals(buffer.array(), 0, length, new byte[length], 0, length);
    }
  }

  static List<String> ids(byte[] payload) {
    return new String(payload, StandardCharsets.US_ASCII).lines().map(Frame::unescape).toList();
  }

  /** Where the next intact frame starts, at the start of a line; {@code size} if there is none. */
  static long nextIntactFrame(FileChannel channel, long from, long size) throws IOException {
    ByteBuffer chunk = ByteBuffer.allocate(RESYNC_CHUNK_BYTES);
    for (long start = from - 1; start < size; start += RESYNC_CHUNK_BYTES) {
      chunk.clear();
      int length = PlainFiles.read(channel, chunk, start);
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
}
