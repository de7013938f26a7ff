package dev.checkpoint4j.store.s3.internal.client;

import software.amazon.awssdk.core.exception.SdkException;

/** The server did not delete all objects of a request. */
final class PartlyDeletedException extends SdkException {

  private static final long serialVersionUID = 1;

  private final String code;

  PartlyDeletedException(String code, int failures) {
    super(
        SdkException.builder()
            .message(failures + " objects were not deleted, the first because of " + code));
    this.code = code;
  }

  String code() {
    return code;
  }
}
