package dev.checkpoint4j.store.s3;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** What a slot is. The remainder of its size tells, so that a listing does. */
enum SlotKind {
  /** Taken by a checkpoint; the ETag is the name of the document. */
  CLAIM(0),
  /** Taken by a checkpoint; the ETag is no MD5, so that the slot has to be read. */
  OPAQUE_CLAIM(1),
  /** Given up for good. */
  DEAD(2),
  /** Given up for good, as is every slot before it. */
  ENDED(3);

  private static final int KINDS = 4;

  private final int remainder;

  SlotKind(int remainder) {
    this.remainder = remainder;
  }

  static SlotKind ofSize(long size) {
    for (SlotKind kind : values()) {
      if (size % KINDS == kind.remainder) {
        return kind;
      }
    }
    throw new IllegalArgumentException("size " + size);
  }

  boolean isClaim() {
    return this == CLAIM || this == OPAQUE_CLAIM;
  }

  /** Fills up with line feeds to a size that tells this kind. */
  byte[] padded(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    int padding = Math.floorMod(remainder - bytes.length, KINDS);
    byte[] padded = Arrays.copyOf(bytes, bytes.length + padding);
    Arrays.fill(padded, bytes.length, padded.length, (byte) '\n');
    return padded;
  }

  /** The bytes of a slot that is given up. */
  byte[] givenUp() {
    if (isClaim()) {
      throw new IllegalStateException(this + " is not given up");
    }
    return padded(this == DEAD ? "dead\n" : "ended\n");
  }
}
