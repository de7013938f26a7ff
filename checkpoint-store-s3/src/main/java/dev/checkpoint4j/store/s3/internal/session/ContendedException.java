package dev.checkpoint4j.store.s3.internal.session;

/** Other writers changed the session during every attempt. */
public final class ContendedException extends RuntimeException {
  private static final long serialVersionUID = 1;
}
