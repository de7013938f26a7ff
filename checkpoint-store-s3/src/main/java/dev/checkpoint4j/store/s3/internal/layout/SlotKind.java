package dev.checkpoint4j.store.s3.internal.layout;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The kind of a slot. The size of the object modulo 4 encodes it, so that a listing shows it. */
public enum SlotKind {
  /** Claimed for a checkpoint; the ETag is the name of the checkpoint object. */
  CLAIMED(0),
  /** Claimed for a checkpoint; the ETag is no MD5, so that the slot has to be read. */
  CLAIMED_OPAQUE_ETAG(1),
  /** Abandoned for good. */
  TOMBSTONE(2),
  /** Abandoned for good, together with every slot before it: the session was deleted. */
  SESSION_TOMBSTONE(3);

  private static final int KINDS = 4;

  private final int remainder;

  SlotKind(int remainder) {
    this.remainder = remainder;
  }

  public static SlotKind ofSize(long size) {
    for (SlotKind kind : values()) {
      if (size % KINDS == kind.remainder) {
        return kind;
      }
    }
    throw new IllegalArgumentException("size " + size);
  }

  public boolean isClaimed() {
    return this == CLAIMED || this == CLAIMED_OPAQUE_ETAG;
  }

  /** Pads a text with line feeds to a size that encodes this kind. */
  byte[] padded(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    int padding = Math.floorMod(remainder - bytes.length, KINDS);
    byte[] padded = Arrays.copyOf(bytes, bytes.length + padding);
    Arrays.fill(padded, bytes.length, padded.length, (byte) '\n');
    return padded;
  }

  /**
   * The bytes of a tombstone.
   *
   * @param name the key of the slot without the prefix of the store. It is in the bytes so that the
   *     ETag in a listing shows whether the tombstone is a copy of another one.
   */
  public byte[] tombstone(String name) {
    if (isClaimed()) {
      throw new IllegalStateException(this + " is not a tombstone");
    }
    return padded((this == TOMBSTONE ? "dead " : "ended ") + name + "\n");
  }
}
