package dev.checkpoint4j.store.s3.internal.client;

import dev.checkpoint4j.spi.Printable;
import software.amazon.awssdk.core.exception.SdkException;

/** The store has not written this object under this key. */
public final class MalformedObjectException extends SdkException {

  private static final long serialVersionUID = 1;

  public MalformedObjectException(String key, String what) {
    super(
        SdkException.builder()
            .message(
                "the object '"
                    + Printable.line(key)
                    + "' "
                    + what
                    + ": something else than the store has written, copied or damaged it"));
  }
}
