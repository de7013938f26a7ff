package dev.checkpoint4j.store.s3.internal.client;

import dev.checkpoint4j.annotation.CanIgnoreReturnValue;
import dev.checkpoint4j.spi.CallDeadline;
import dev.checkpoint4j.spi.Printable;
import dev.checkpoint4j.store.s3.internal.Backoff;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
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
import software.amazon.awssdk.services.s3.model.S3Error;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * The requests to the server, with the settings of the store. Every failure is an {@link
 * SdkException}, whatever the server answers. Each object is written with a metadata entry that
 * holds its key, so that {@link #get} detects a copy under another key. Safe for use by several
 * threads.
 */
public final class S3ObjectClient {

  /** The most objects that one request deletes. */
  public static final int MAX_DELETED_KEYS = 1000;

  private static final int NOT_FOUND = 404;
  private static final int CONFLICT = 409;
  private static final int PRECONDITION_FAILED = 412;
  private static final int RANGE_NOT_SATISFIABLE = 416;

  /** How often a request is repeated while the server is busy with the same key. */
  private static final int MAX_CONFLICTS = 10;

  /** The metadata entry that holds the key, without the prefix of the store. */
  private static final String KEY = "key";

  private final S3Client client;
  private final ObjectSettings settings;
  private final String prefix;
  private final Duration timeout;
  private final RequestExecutor executor;

  private volatile Instant serverTime = Instant.EPOCH;

  /**
   * Creates a client.
   *
   * @param prefix what the keys of all objects begin with
   * @param timeout the most that a request may take with all its attempts; a call may have less
   *     time left
   */
  public S3ObjectClient(
      S3Client client,
      ObjectSettings settings,
      String prefix,
      Duration timeout,
      RequestExecutor executor) {
    this.client = client;
    this.settings = settings;
    this.prefix = prefix;
    this.timeout = atMostTimeoutOf(client, timeout);
    this.executor = executor;
  }

  /** The timeout of a request replaces that of the client, which may be shorter. */
  private static Duration atMostTimeoutOf(S3Client client, Duration timeout) {
    try {
      return client
          .serviceClientConfiguration()
          .overrideConfiguration()
          .apiCallTimeout()
          .filter(ofClient -> ofClient.compareTo(timeout) < 0)
          .orElse(timeout);
    } catch (UnsupportedOperationException e) {
      // A client that is not the SDK's need not have a configuration.
      return timeout;
    }
  }

  /** Runs several requests at once. */
  @CanIgnoreReturnValue
  public <R> List<R> invokeAll(List<? extends Supplier<R>> requests) {
    return executor.invokeAll(requests);
  }

  /** The key without the prefix of the store. */
  public String nameOf(String key) {
    return key.substring(prefix.length());
  }

  /** The time of the server at its last listing; {@link Instant#EPOCH} if it is not known. */
  public Instant serverTime() {
    return serverTime;
  }

  // ---- writing

  /**
   * Creates an object unless one has this key.
   *
   * @return the ETag of the new object; empty if the key was taken
   */
  @CanIgnoreReturnValue
  public Optional<String> putIfAbsent(String key, byte[] body, Map<String, String> metadata) {
    for (int conflicts = 0; ; conflicts++) {
      try {
        return Optional.of(put(key, body, metadata, request -> request.ifNoneMatch("*")));
      } catch (S3Exception e) {
        if (e.statusCode() == PRECONDITION_FAILED) {
          return Optional.empty();
        }
        if (e.statusCode() != CONFLICT || conflicts == MAX_CONFLICTS) {
          throw e;
        }
        Backoff.pause(conflicts);
      }
    }
  }

  /** Creates or replaces an object; returns its ETag. */
  @CanIgnoreReturnValue
  public String put(String key, byte[] body, Map<String, String> metadata) {
    return put(key, body, metadata, request -> {});
  }

  private String put(
      String key,
      byte[] body,
      Map<String, String> metadata,
      Consumer<PutObjectRequest.Builder> condition) {
    Map<String, String> all = new HashMap<>(metadata);
    all.put(KEY, nameOf(key));
    PutObjectRequest.Builder request =
        PutObjectRequest.builder()
            .bucket(settings.bucket())
            .key(key)
            .metadata(all)
            .expectedBucketOwner(settings.expectedBucketOwner())
            .storageClass(settings.storageClass())
            .serverSideEncryption(settings.encryption())
            .ssekmsKeyId(settings.kmsKeyId());
    condition.accept(request);
    return send(
        limit ->
            Responses.unquoted(
                client
                    .putObject(
                        request.overrideConfiguration(limit).build(), RequestBody.fromBytes(body))
                    .eTag()));
  }

  /** Sends a request on a thread that nobody interrupts, with the time that the call has left. */
  private <R> R send(Function<AwsRequestOverrideConfiguration, R> request) {
    return executor.invoke(
        () -> {
          CallDeadline deadline = CallDeadline.current().within(timeout);
          if (deadline.hasPassed()) {
            throw new NotSentException("the time of the call is over");
          }
          try {
            return request.apply(
                AwsRequestOverrideConfiguration.builder()
                    .apiCallTimeout(deadline.remaining())
                    .build());
          } catch (SdkException e) {
            throw e;
          } catch (RuntimeException e) {
            // The SDK lets parse errors through, such as that of a date.
            throw SdkClientException.create("the server's answer is invalid", e);
          }
        });
  }

  // ---- reading

  /**
   * Reads an object; empty if there is none.
   *
   * @throws MalformedObjectException if it was written under another key
   */
  public Optional<StoredObject> get(String key, ObjectPart part) {
    Optional<StoredObject> object = getUnchecked(key, part);
    object.ifPresent(this::requireOriginal);
    return object;
  }

  /**
   * Verifies the key of an object, which may be missing.
   *
   * @throws MalformedObjectException if it was written under another key
   */
  public void requireOriginal(String key) {
    getUnchecked(key, ObjectPart.METADATA).ifPresent(this::requireOriginal);
  }

  private void requireOriginal(StoredObject object) {
    String name = object.metadata().get(KEY);
    if (!nameOf(object.key()).equals(name)) {
      throw new MalformedObjectException(
          object.key(),
          name == null
              ? "does not say under which key it was written"
              : "was written under another key, '" + Printable.line(name) + "'");
    }
  }

  /** Reads an object, which may be a copy of another one; empty if there is none. */
  public Optional<StoredObject> getUnchecked(String key, ObjectPart part) {
    try {
      return Optional.of(send(limit -> read(key, part, limit)));
    } catch (NoSuchKeyException e) {
      return Optional.empty();
    } catch (S3Exception e) {
      if (e.statusCode() == NOT_FOUND && !isBucketMissing(e)) {
        return Optional.empty();
      }
      if (e.statusCode() == RANGE_NOT_SATISFIABLE && part != ObjectPart.ALL) {
        return getUnchecked(key, ObjectPart.ALL);
      }
      throw e;
    }
  }

  private static boolean isBucketMissing(S3Exception e) {
    return e.awsErrorDetails() != null && "NoSuchBucket".equals(e.awsErrorDetails().errorCode());
  }

  private StoredObject read(String key, ObjectPart part, AwsRequestOverrideConfiguration limit) {
    ResponseBytes<GetObjectResponse> bytes =
        client.getObjectAsBytes(
            request ->
                request
                    .bucket(settings.bucket())
                    .overrideConfiguration(limit)
                    .key(key)
                    .range(part.range())
                    .expectedBucketOwner(settings.expectedBucketOwner()));
    GetObjectResponse response = bytes.response();
    byte[] body = bytes.asByteArrayUnsafe();
    Long length = response.contentLength();
    // Not every HTTP client checks the length.
    if (length == null || length != body.length) {
      throw SdkClientException.create("the server's answer was cut short");
    }
    return new StoredObject(
        key,
        response.metadata(),
        body,
        Responses.unquoted(response.eTag()),
        Responses.orNew(response.lastModified()));
  }

  // ---- listing

  /**
   * Lists one page of objects, in the order of keys.
   *
   * @param startAfter lists only keys after this one, if set
   * @param limit the most objects; at most {@link ObjectListing#MAX_OBJECTS}
   */
  public ObjectListing list(String keyPrefix, @Nullable String startAfter, int limit) {
    return send(
        limits -> {
          ListObjectsV2Response response =
              client.listObjectsV2(
                  request ->
                      request
                          .bucket(settings.bucket())
                          .overrideConfiguration(limits)
                          .prefix(keyPrefix)
                          .startAfter(startAfter)
                          .maxKeys(limit)
                          .expectedBucketOwner(settings.expectedBucketOwner()));
          serverTime = Responses.date(response);
          return Responses.toListing(response, keyPrefix);
        });
  }

  /**
   * Lists one page of the common prefixes below the prefix of the store, in the order of keys: what
   * keys begin with, up to and with the next slash.
   *
   * @param startAfter lists only keys after this one, if set
   * @param limit the most prefixes; at most {@link ObjectListing#MAX_OBJECTS}
   */
  public PrefixListing listPrefixes(@Nullable String startAfter, int limit) {
    return send(
        limits ->
            Responses.toPrefixes(
                client.listObjectsV2(
                    request ->
                        request
                            .bucket(settings.bucket())
                            .overrideConfiguration(limits)
                            .prefix(prefix)
                            .delimiter("/")
                            .startAfter(startAfter)
                            .maxKeys(limit)
                            .expectedBucketOwner(settings.expectedBucketOwner())),
                prefix));
  }

  /** Lists all objects, in the order of keys; requests each page when it is needed. */
  public Stream<ObjectSummary> listAll(String keyPrefix, @Nullable String startAfter) {
    return Stream.iterate(
            list(keyPrefix, startAfter, ObjectListing.MAX_OBJECTS),
            Objects::nonNull,
            page ->
                page.isTruncated() ? list(keyPrefix, page.next(), ObjectListing.MAX_OBJECTS) : null)
        .flatMap(page -> page.objects().stream());
  }

  // ---- deleting

  /** Deletes the objects that exist. */
  public void delete(List<String> keys) {
    List<Supplier<Boolean>> deletions = new ArrayList<>();
    for (int from = 0; from < keys.size(); from += MAX_DELETED_KEYS) {
      List<String> batch = keys.subList(from, Math.min(keys.size(), from + MAX_DELETED_KEYS));
      deletions.add(() -> deleteBatch(batch));
    }
    executor.invokeAll(deletions);
  }

  /** Some servers fail for an object that another client deletes at the same time. */
  private boolean deleteBatch(List<String> keys) {
    List<S3Error> failed = deleteOnce(keys);
    for (int attempt = 0; !failed.isEmpty(); attempt++) {
      if (attempt == MAX_CONFLICTS) {
        throw new PartlyDeletedException(failed.get(0).code(), failed.size());
      }
      Backoff.pause(attempt);
      failed = deleteOnce(failed.stream().map(S3Error::key).toList());
    }
    return true;
  }

  private List<S3Error> deleteOnce(List<String> keys) {
    Delete delete =
        Delete.builder()
            .quiet(true)
            .objects(keys.stream().map(key -> ObjectIdentifier.builder().key(key).build()).toList())
            .build();
    return send(
        limit ->
            client
                .deleteObjects(
                    request ->
                        request
                            .bucket(settings.bucket())
                            .overrideConfiguration(limit)
                            .expectedBucketOwner(settings.expectedBucketOwner())
                            .delete(delete))
                .errors());
  }
}
