package dev.checkpoint4j.store.s3;

/** Which requests carry a checksum, and of which answers it is checked. */
public enum S3Checksums {
  /** Only those that S3 asks one of: what most compatible servers understand. */
  WHEN_REQUIRED,
  /** All that can: what Amazon S3 understands. */
  WHEN_SUPPORTED
}
