package dev.checkpoint4j.store.file;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;

/**
 * The head of a frame: the line of ASCII text before a payload, as docs/file-format.md describes
 * it.
 *
 * @param kind what the payload is
 * @param checksum CRC-32C of the line after the field of the checksum, and of the payload
 * @param payloadLength bytes of the payload
 * @param version the version of the checkpoint; 0 in {@link Kind#DELETED}
 * @param id the id of the checkpoint; empty in the other kinds
 * @param headLength bytes of the line, with its line feed
 */
record Frame(Kind kind, int checksum, int payloadLength, long version, String id, int headLength) {

  enum Kind {
    CHECKPOINT("checkpoint"),
    DELETED("deleted"),
    /** The bytes from an offset, which is this frame's version, up to this frame are no frame. */
    SKIPPED("skipped");

    final String word;

    Kind(String word) {
      this.word = word;
    }
  }

  /** No head of a frame is longer: an id is at most 255 bytes, each of at most three characters. */
  static final int MAX_HEAD_LENGTH = 1024;

  /** The line feed after the payload. */
  static final int TAIL_LENGTH = 1;

  private static final Pattern HEAD =
      Pattern.compile(
          "(checkpoint|deleted|skipped) ([0-9a-f]{8})( ([0-9]{1,10}) ([0-9]{1,19}) ([!-~]*)\n)");

  long length() {
    return (long) headLength + payloadLength + TAIL_LENGTH;
  }

  /** A whole frame, ready to be appended. */
  static byte[] encode(Kind kind, long version, String id, byte[] payload) {
    String rest = " " + payload.length + " " + version + " " + escape(id) + "\n";
    int checksum = checksum(rest, payload);
    byte[] head =
        (kind.word + " " + HexFormat.of().toHexDigits(checksum) + rest)
            .getBytes(StandardCharsets.US_ASCII);
    return ByteBuffer.allocate(Math.addExact(head.length + TAIL_LENGTH, payload.length))
        .put(head)
        .put(payload)
        .put((byte) '\n')
        .array();
  }

  /** The head that {@code bytes} start with, if they start with one. */
  static Optional<Frame> parse(byte[] bytes, int length) {
    String text =
        new String(bytes, 0, Math.min(length, MAX_HEAD_LENGTH), StandardCharsets.ISO_8859_1);
    Matcher matcher = HEAD.matcher(text);
    if (!matcher.lookingAt()) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new Frame(
              Kind.valueOf(matcher.group(1).toUpperCase(Locale.ROOT)),
              HexFormat.fromHexDigits(matcher.group(2)),
              Integer.parseInt(matcher.group(4)),
              Long.parseLong(matcher.group(5)),
              unescape(matcher.group(6)),
              matcher.end()));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** Whether the payload, and what this head says of it, are as they were written. */
  boolean isIntact(byte[] payload) {
    CRC32C crc = startChecksum();
    crc.update(payload);
    return (int) crc.getValue() == checksum;
  }

  /** The checksum of the head alone, to be updated with the payload. */
  CRC32C startChecksum() {
    return startChecksum(" " + payloadLength + " " + version + " " + escape(id) + "\n");
  }

  private static CRC32C startChecksum(String rest) {
    CRC32C crc = new CRC32C();
    crc.update(rest.getBytes(StandardCharsets.US_ASCII));
    return crc;
  }

  /** Whether the bytes are the start of some head, cut off. */
  static boolean isStartOfHead(byte[] bytes, int length) {
    Matcher matcher = HEAD.matcher(new String(bytes, 0, length, StandardCharsets.ISO_8859_1));
    return !matcher.lookingAt() && matcher.hitEnd();
  }

  private static int checksum(String rest, byte[] payload) {
    CRC32C crc = startChecksum(rest);
    crc.update(payload);
    return (int) crc.getValue();
  }

  /** Printable ASCII without a space, for any legal id. */
  static String escape(String id) {
    return URLEncoder.encode(id, StandardCharsets.UTF_8).replace("+", "%20");
  }

  static String unescape(String escaped) {
    return URLDecoder.decode(escaped.replace("+", "%2B"), StandardCharsets.UTF_8);
  }
}
