package dev.checkpoint4j.store.file;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A name of fixed length for any legal id: the first 128 bits of its SHA-256. Its text is safe on
 * every file system, also on those that ignore case. Every file and frame that is found by a key
 * also holds the id.
 */
record Key(long high, long low) implements Comparable<Key> {

  static final int BYTES = 16;

  static final Pattern PATTERN = Pattern.compile("[0-9a-f]{32}");

  static Key of(String id) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(id.getBytes(StandardCharsets.UTF_8));
      return read(ByteBuffer.wrap(digest));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  static Key read(ByteBuffer buffer) {
    return new Key(buffer.getLong(), buffer.getLong());
  }

  /**
   * Reads what {@link #toString()} returned.
   *
   * @throws IllegalArgumentException if it returns no such text
   */
  static Key parse(String text) {
    if (!PATTERN.matcher(text).matches()) {
      throw new IllegalArgumentException("not a key: " + text);
    }
    return new Key(
        HexFormat.fromHexDigitsToLong(text, 0, 16), HexFormat.fromHexDigitsToLong(text, 16, 32));
  }

  /** The key that a file's name starts with, if it starts with one. */
  static Optional<Key> find(String fileName) {
    String text = fileName.substring(0, Math.min(fileName.length(), 2 * BYTES));
    return PATTERN.matcher(text).matches() ? Optional.of(parse(text)) : Optional.empty();
  }

  void write(ByteBuffer buffer) {
    buffer.putLong(high).putLong(low);
  }

  /** The order of {@link #toString()}. */
  @Override
  public int compareTo(Key other) {
    int byHigh = Long.compareUnsigned(high, other.high);
    return byHigh != 0 ? byHigh : Long.compareUnsigned(low, other.low);
  }

  @Override
  public String toString() {
    HexFormat hex = HexFormat.of();
    return hex.toHexDigits(high) + hex.toHexDigits(low);
  }
}
