package dev.checkpoint4j.store.s3.internal.client;

import software.amazon.awssdk.core.exception.SdkException;

/** A request was not sent and will not be sent. */
public final class NotSentException extends SdkException {

  private static final long serialVersionUID = 1;

  public NotSentException(String why) {
    super(SdkException.builder().message(why));
  }
}
