package dev.checkpoint4j.store.s3.internal;

/** The name of this backend in errors, URLs and descriptors. */
public final class S3Backend {

  public static final String ID = "s3";

  private S3Backend() {}
}
