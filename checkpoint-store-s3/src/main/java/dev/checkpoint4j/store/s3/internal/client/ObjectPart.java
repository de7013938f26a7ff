package dev.checkpoint4j.store.s3.internal.client;

import org.jspecify.annotations.Nullable;

/** How much of an object a request reads in addition to the metadata. */
public enum ObjectPart {
  /**
   * As little as possible. A HEAD request would not distinguish a missing object from a missing
   * bucket.
   */
  METADATA(1),
  /** The first bytes, which contain the header of a document. */
  START(ObjectPart.START_BYTES),
  ALL(0);

  /** The size of {@link #START}. */
  public static final int START_BYTES = 16 * 1024;

  private final @Nullable String range;

  ObjectPart(int bytes) {
    range = bytes == 0 ? null : "bytes=0-" + (bytes - 1);
  }

  /** The HTTP header {@code Range}; null for the whole object. */
  @Nullable String range() {
    return range;
  }
}
