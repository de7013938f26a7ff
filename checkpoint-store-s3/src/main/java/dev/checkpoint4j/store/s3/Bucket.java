package dev.checkpoint4j.store.s3;

import dev.checkpoint4j.annotation.CanIgnoreReturnValue;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.ResponseBytes;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.Delete;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.ObjectIdentifier;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.PutObjectResponse;
import software.amazon.awssdk.services.s3.model.S3Error;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.S3Object;
import software.amazon.awssdk.utils.DateUtils;

/**
 * The requests the store makes, with the settings of the store. Failures are those of the SDK. Safe
 * for use by several threads.
 */
final class Bucket {

  /** What one request deletes at most. */
  static final int KEYS_OF_A_DELETION = 1000;

  private static final int NOT_FOUND = 404;
  private static final int CONFLICT = 409;
  private static final int PRECONDITION_FAILED = 412;
  private static final int RANGE_NOT_SATISFIABLE = 416;

  /** How often a server that is busy with another write of the same key is asked again. */
  private static final int CONFLICTS = 10;

  private final S3Client client;
  private final ObjectSettings settings;
  private final Requests requests;

  /** What is not told counts as new. */
  private static Instant modified(@Nullable Instant told) {
    return told == null ? Instant.MAX : told;
  }

  /** The time of the server when it last listed. */
  private volatile Instant now = Instant.EPOCH;

  Bucket(S3Client client, ObjectSettings settings, Requests requests) {
    this.client = client;
    this.settings = settings;
    this.requests = requests;
  }

  /** How much of an object is asked for, beside the metadata. */
  enum Part {
    /** As little as can be. A HEAD would not tell a missing object from a missing bucket. */
    METADATA(1),
    /** The first bytes, where the header of a document is. */
    START(Bucket.START),
    ALL(0);

    private final @Nullable String range;

    Part(int bytes) {
      range = bytes == 0 ? null : "bytes=0-" + (bytes - 1);
    }
  }

  /** The size of {@link Part#START}. */
  static final int START = 16 * 1024;

  /** An object that was read. */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  record Stored(Map<String, String> metadata, byte[] body, Instant modified) {}

  /** A page of a listing; there is more behind it if {@code isTruncated}. */
  record Listing(List<Slot> slots, boolean isTruncated) {

    private Slot last() {
      return slots.get(slots.size() - 1);
    }
  }

  /** Runs requests at once. */
  @CanIgnoreReturnValue
  <R> List<R> all(List<? extends Supplier<R>> several) {
    return requests.all(several);
  }

  /**
   * Makes an object unless there is one with this key.
   *
   * @return the ETag of the new object; empty if there was one
   */
  @CanIgnoreReturnValue
  Optional<String> putIfAbsent(String key, byte[] body, Map<String, String> metadata) {
    for (int conflicts = 0; ; conflicts++) {
      try {
        return Optional.of(put(key, body, metadata, request -> request.ifNoneMatch("*")));
      } catch (S3Exception e) {
        if (e.statusCode() == PRECONDITION_FAILED) {
          return Optional.empty();
        }
        if (e.statusCode() != CONFLICT || conflicts == CONFLICTS) {
          throw e;
        }
        pause(conflicts);
      }
    }
  }

  /** Makes an object, or replaces the one with this key. */
  @CanIgnoreReturnValue
  String put(String key, byte[] body, Map<String, String> metadata) {
    return put(key, body, metadata, request -> {});
  }

  private String put(
      String key,
      byte[] body,
      Map<String, String> metadata,
      Consumer<PutObjectRequest.Builder> condition) {
    PutObjectRequest.Builder request =
        PutObjectRequest.builder()
            .bucket(settings.bucket())
            .key(key)
            .metadata(metadata)
            .expectedBucketOwner(settings.expectedBucketOwner())
            .storageClass(settings.storageClass())
            .serverSideEncryption(settings.encryption())
            .ssekmsKeyId(settings.kmsKeyId());
    condition.accept(request);
    PutObjectResponse response =
        requests.run(() -> client.putObject(request.build(), RequestBody.fromBytes(body)));
    return unquoted(response.eTag());
  }

  /** Reads an object; empty if there is none. */
  Optional<Stored> get(String key, Part part) {
    try {
      return Optional.of(requests.run(() -> read(key, part)));
    } catch (NoSuchKeyException e) {
      return Optional.empty();
    } catch (S3Exception e) {
      if (e.statusCode() == NOT_FOUND && !isOfBucket(e)) {
        return Optional.empty();
      }
      if (e.statusCode() == RANGE_NOT_SATISFIABLE && part != Part.ALL) {
        return get(key, Part.ALL);
      }
      throw e;
    }
  }

  private static boolean isOfBucket(S3Exception e) {
    return e.awsErrorDetails() != null && "NoSuchBucket".equals(e.awsErrorDetails().errorCode());
  }

  private Stored read(String key, Part part) {
    ResponseBytes<GetObjectResponse> response =
        client.getObjectAsBytes(
            request ->
                request
                    .bucket(settings.bucket())
                    .key(key)
                    .range(part.range)
                    .expectedBucketOwner(settings.expectedBucketOwner()));
    byte[] body = response.asByteArrayUnsafe();
    Long length = response.response().contentLength();
    // Not every HTTP client notices.
    if (length == null || length != body.length) {
      throw SdkClientException.create("the answer was cut short");
    }
    return new Stored(
        response.response().metadata(), body, modified(response.response().lastModified()));
  }

  /**
   * Lists slots by key.
   *
   * @param startAfter lists only what is behind this key, if set
   * @param limit most slots of the page; at most 1000
   */
  Listing list(String prefix, @Nullable String startAfter, int limit) {
    ListObjectsV2Response response =
        requests.run(
            () ->
                client.listObjectsV2(
                    request ->
                        request
                            .bucket(settings.bucket())
                            .prefix(prefix)
                            .startAfter(startAfter)
                            .maxKeys(limit)
                            .expectedBucketOwner(settings.expectedBucketOwner())));
    response
        .sdkHttpResponse()
        .firstMatchingHeader("Date")
        .ifPresent(date -> now = DateUtils.parseRfc822Date(date));
    return new Listing(
        response.contents().stream().map(Bucket::slot).toList(),
        Boolean.TRUE.equals(response.isTruncated()));
  }

  /** All slots by key, which are listed as they are needed. */
  Stream<Slot> slots(String prefix) {
    return Stream.iterate(
            list(prefix, null, SlotSource.MOST_KEYS),
            Objects::nonNull,
            page ->
                page.isTruncated() ? list(prefix, page.last().key(), SlotSource.MOST_KEYS) : null)
        .flatMap(page -> page.slots().stream());
  }

  private static Slot slot(S3Object object) {
    return new Slot(
        object.key(), object.size(), unquoted(object.eTag()), modified(object.lastModified()));
  }

  /** The time of the server when it last listed; long ago if it does not tell. */
  Instant now() {
    return now;
  }

  /** Deletes objects, as far as there are any with these keys. */
  void delete(List<String> keys) {
    List<Supplier<Boolean>> deletions = new ArrayList<>();
    for (int from = 0; from < keys.size(); from += KEYS_OF_A_DELETION) {
      List<String> some = keys.subList(from, Math.min(keys.size(), from + KEYS_OF_A_DELETION));
      deletions.add(() -> deleteAtOnce(some));
    }
    requests.all(deletions);
  }

  /** Some servers fail for an object that somebody else deletes at the same time. */
  private boolean deleteAtOnce(List<String> keys) {
    List<S3Error> failed = deleteOnce(keys);
    for (int times = 0; !failed.isEmpty(); times++) {
      if (times == CONFLICTS) {
        throw new PartlyDeletedException(failed.get(0).code(), failed.size());
      }
      pause(times);
      failed = deleteOnce(failed.stream().map(S3Error::key).toList());
    }
    return true;
  }

  private List<S3Error> deleteOnce(List<String> keys) {
    return client
        .deleteObjects(
            request ->
                request
                    .bucket(settings.bucket())
                    .expectedBucketOwner(settings.expectedBucketOwner())
                    .delete(
                        Delete.builder()
                            .quiet(true)
                            .objects(
                                keys.stream()
                                    .map(key -> ObjectIdentifier.builder().key(key).build())
                                    .toList())
                            .build()))
        .errors();
  }

  /** The server did not delete every object it was told to. */
  static final class PartlyDeletedException extends SdkException {

    private static final long serialVersionUID = 1;

    private final String code;

    PartlyDeletedException(String code, int failures) {
      super(
          SdkException.builder()
              .message(failures + " objects were not deleted, the first for " + code));
      this.code = code;
    }

    String code() {
      return code;
    }
  }

  /** Some servers quote ETags in one place and not in the other. */
  private static String unquoted(@Nullable String etag) {
    return etag == null ? "" : etag.replace("\"", "");
  }

  /** Waits for others, a few milliseconds at first and longer each time, at random. */
  static void pause(int times) {
    long most = TimeUnit.MILLISECONDS.toNanos(10L << Math.min(times, 5));
    LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(most / 2, most));
  }
}
