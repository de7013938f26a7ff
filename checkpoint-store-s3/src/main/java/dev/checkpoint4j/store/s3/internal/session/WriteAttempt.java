package dev.checkpoint4j.store.s3.internal.session;

import dev.checkpoint4j.store.s3.internal.client.S3Errors;
import dev.checkpoint4j.store.s3.internal.client.S3ObjectClient;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * One of the two conditional writes of a put.
 *
 * @param etag of the object that was created; else empty
 */
record WriteAttempt(Outcome outcome, String etag, @Nullable SdkException failure) {

  enum Outcome {
    NOT_TRIED,
    CREATED,
    ALREADY_EXISTS,
    FAILED
  }

  static final WriteAttempt NOT_TRIED = new WriteAttempt(Outcome.NOT_TRIED, "", null);

  static final WriteAttempt ALREADY_EXISTS = new WriteAttempt(Outcome.ALREADY_EXISTS, "", null);

  /** Creates an object unless one has this key. Does not throw an {@link SdkException}. */
  static WriteAttempt create(
      S3ObjectClient client, String key, byte[] body, Map<String, String> metadata) {
    try {
      return client
          .putIfAbsent(key, body, metadata)
          .map(etag -> new WriteAttempt(Outcome.CREATED, etag, null))
          .orElse(ALREADY_EXISTS);
    } catch (SdkException e) {
      return failed(e);
    }
  }

  static WriteAttempt failed(SdkException failure) {
    return new WriteAttempt(Outcome.FAILED, "", failure);
  }

  boolean isTried() {
    return outcome != Outcome.NOT_TRIED;
  }

  boolean isCreated() {
    return outcome == Outcome.CREATED;
  }

  boolean alreadyExists() {
    return outcome == Outcome.ALREADY_EXISTS;
  }

  /** Whether the object exists now, or may still be created by this write. */
  boolean mayExist() {
    return isTried() && (failure == null || S3Errors.mayHaveBeenApplied(failure));
  }
}
