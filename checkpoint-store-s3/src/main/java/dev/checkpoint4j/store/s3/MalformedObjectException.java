package dev.checkpoint4j.store.s3;

import software.amazon.awssdk.core.exception.SdkException;

/** An object does not say what the store has written into it, or the answer was cut short. */
final class MalformedObjectException extends SdkException {

  private static final long serialVersionUID = 1;

  MalformedObjectException(String what) {
    super(
        SdkException.builder()
            .message(
                what + "; the answer was cut short, or something else than the store wrote it"));
  }
}
