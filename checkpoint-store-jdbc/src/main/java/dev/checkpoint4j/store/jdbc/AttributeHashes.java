package dev.checkpoint4j.store.jdbc;

import dev.checkpoint4j.Binary;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the database looks for when it is asked for attributes: the first 64 bits of the SHA-256
 * hash of each attribute's name, type and value. Two hashes are equal if the attributes are, and
 * hardly ever otherwise; the store compares what was found once more.
 *
 * <p>The form is stored, so it does not change: {@code " 0123456789abcdef 0123..."}.
 */
final class AttributeHashes {

  /** More attributes than this are not hashed; every search reads such a checkpoint. */
  static final int MOST = 1_000;

  /** Stands for more attributes than are hashed. */
  static final String MANY = "*";

  private static final int HASH_BYTES = Long.BYTES;

  private AttributeHashes() {}

  /** The hashes of all attributes, {@code null} if there are none. */
  static @Nullable String of(Map<String, @Nullable Object> attributes) {
    if (attributes.isEmpty()) {
      return null;
    }
    if (attributes.size() > MOST) {
      return MANY;
    }
    StringBuilder hashes = new StringBuilder();
    attributes.forEach((name, value) -> hashes.append(' ').append(of(name, value)));
    return hashes.toString();
  }

  /** The hash of one attribute: 16 hexadecimal digits, so nothing that means anything in SQL. */
  static String of(String name, @Nullable Object value) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      writeString(name, out);
      write(value, out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return HexFormat.of().formatHex(sha256(bytes.toByteArray()), 0, HASH_BYTES);
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** Equal values, in the sense of the model, and only they are written as equal bytes. */
  private static void write(@Nullable Object value, DataOutputStream out) throws IOException {
    if (value == null) {
      out.writeByte('n');
    } else if (value instanceof Boolean bool) {
      out.writeByte(bool ? 't' : 'f');
    } else if (value instanceof String string) {
      out.writeByte('s');
      writeString(string, out);
    } else if (value instanceof Integer number) {
      out.writeByte('i');
      out.writeInt(number);
    } else if (value instanceof Long number) {
      out.writeByte('l');
      out.writeLong(number);
    } else if (value instanceof BigInteger number) {
      out.writeByte('b');
      writeBytes(number.toByteArray(), out);
    } else if (value instanceof Double number) {
      out.writeByte('d');
      out.writeLong(Double.doubleToLongBits(number));
    } else if (value instanceof BigDecimal number) {
      out.writeByte('c');
      out.writeInt(number.scale());
      writeBytes(number.unscaledValue().toByteArray(), out);
    } else if (value instanceof Instant instant) {
      out.writeByte('o');
      out.writeLong(instant.getEpochSecond());
      out.writeInt(instant.getNano());
    } else if (value instanceof Binary binary) {
      out.writeByte('x');
      writeBytes(binary.toByteArray(), out);
    } else if (value instanceof List<?> list) {
      out.writeByte('[');
      out.writeInt(list.size());
      for (Object element : list) {
        write(element, out);
      }
    } else if (value instanceof Map<?, ?> map) {
      out.writeByte('{');
      out.writeInt(map.size());
      TreeMap<String, @Nullable Object> sorted = new TreeMap<>();
      map.forEach((key, element) -> sorted.put((String) key, element));
      for (Map.Entry<String, @Nullable Object> entry : sorted.entrySet()) {
        writeString(entry.getKey(), out);
        write(entry.getValue(), out);
      }
    } else {
      throw new IllegalArgumentException("no value of a checkpoint: " + value.getClass());
    }
  }

  /** Chars, not UTF-8, which has nothing for an unpaired surrogate. */
  private static void writeString(String string, DataOutputStream out) throws IOException {
    out.writeInt(string.length());
    out.writeChars(string);
  }

  private static void writeBytes(byte[] bytes, DataOutputStream out) throws IOException {
    out.writeInt(bytes.length);
    out.write(bytes);
  }
}
