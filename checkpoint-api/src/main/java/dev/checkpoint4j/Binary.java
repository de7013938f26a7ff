package dev.checkpoint4j;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Immutable bytes: the form that {@code byte[]} and {@link ByteBuffer} take in a checkpoint. */
public final class Binary {

  private final byte[] bytes;

  private Binary(byte[] bytes) {
    this.bytes = bytes;
  }

  /** A copy of {@code bytes}. */
  public static Binary copyOf(byte[] bytes) {
    return new Binary(Objects.requireNonNull(bytes, "bytes").clone());
  }

  /** A copy of what {@code buffer} holds between its position and its limit; both stay put. */
  public static Binary copyOf(ByteBuffer buffer) {
    byte[] copy = new byte[Objects.requireNonNull(buffer, "buffer").remaining()];
    buffer.duplicate().get(copy);
    return new Binary(copy);
  }

  /** How many bytes there are. */
  public int size() {
    return bytes.length;
  }

  /** A copy of the bytes. */
  public byte[] toByteArray() {
    return bytes.clone();
  }

  /** A read-only view of the bytes, without a copy. */
  public ByteBuffer asByteBuffer() {
    return ByteBuffer.wrap(bytes).asReadOnlyBuffer();
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Binary binary && Arrays.equals(bytes, binary.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  /** The size only, so that content does not end up in a log. */
  @Override
  public String toString() {
    return "Binary[" + bytes.length + " bytes]";
  }
}
