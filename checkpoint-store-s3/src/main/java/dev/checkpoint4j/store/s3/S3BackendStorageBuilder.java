package dev.checkpoint4j.store.s3;

import dev.checkpoint4j.annotation.CanIgnoreReturnValue;
import dev.checkpoint4j.annotation.CheckReturnValue;
import dev.checkpoint4j.error.BackendConfigurationException;
import dev.checkpoint4j.error.ErrorContext;
import dev.checkpoint4j.spi.CheckpointCodec;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.retry.RetryMode;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.LegacyMd5Plugin;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.s3.S3Configuration;

/**
 * Makes an {@link S3BackendStorage}. Only the {@link #bucket} is required. Not safe for use by
 * several threads.
 */
@CanIgnoreReturnValue
public final class S3BackendStorageBuilder {

  static final int DEFAULT_PARALLELISM = 32;

  /** How long an operation on an object may take by default, with all attempts. */
  public static final Duration DEFAULT_REQUEST_TIMEOUT = Duration.ofSeconds(60);

  private @Nullable S3Client client;
  private @Nullable String bucket;
  private String prefix = "";
  private @Nullable CheckpointCodec codec;
  private @Nullable AwsCredentialsProvider credentials;
  private @Nullable String region;
  private @Nullable URI endpoint;
  private @Nullable Boolean pathStyle;
  private @Nullable S3Checksums checksums;
  private @Nullable Duration requestTimeout;
  private @Nullable String expectedBucketOwner;
  private @Nullable String storageClass;
  private @Nullable String encryption;
  private @Nullable String kmsKeyId;
  private int parallelism = DEFAULT_PARALLELISM;

  S3BackendStorageBuilder() {}

  /**
   * Sets the client: with any HTTP client, any credentials and any retries. Closing the store does
   * not close it. Unless called, the store makes one of its own with the light HTTP client of the
   * JDK, the SDK's standard retries, and credentials by the SDK's default chain.
   */
  public S3BackendStorageBuilder client(S3Client client) {
    this.client = Objects.requireNonNull(client, "client");
    return this;
  }

  /** Sets the bucket, which exists. */
  public S3BackendStorageBuilder bucket(String bucket) {
    this.bucket = Objects.requireNonNull(bucket, "bucket");
    return this;
  }

  /**
   * Sets what the keys of all objects begin with; nothing unless called. A slash at its end may be
   * left out. Stores with different prefixes are different stores; none may be within another.
   */
  public S3BackendStorageBuilder prefix(String prefix) {
    this.prefix = Objects.requireNonNull(prefix, "prefix");
    return this;
  }

  /**
   * Sets how checkpoints become bytes; the one codec that {@link ServiceLoader} finds unless
   * called.
   */
  public S3BackendStorageBuilder codec(CheckpointCodec codec) {
    this.codec = Objects.requireNonNull(codec, "codec");
    return this;
  }

  /** Sets the credentials; by the SDK's default chain unless called. Not with a {@link #client}. */
  public S3BackendStorageBuilder credentials(AwsCredentialsProvider credentials) {
    this.credentials = Objects.requireNonNull(credentials, "credentials");
    return this;
  }

  /** Sets the region; by the SDK's default chain unless called. Not with a {@link #client}. */
  public S3BackendStorageBuilder region(String region) {
    this.region = Objects.requireNonNull(region, "region");
    return this;
  }

  /**
   * Sets the URL of a compatible server; Amazon S3 unless called. Not with a {@link #client}. The
   * region is {@code us-east-1} then unless it is set.
   */
  public S3BackendStorageBuilder endpoint(URI endpoint) {
    this.endpoint = Objects.requireNonNull(endpoint, "endpoint");
    return this;
  }

  /**
   * Has the bucket named in the path of URLs rather than in the host. Not with a {@link #client}.
   */
  public S3BackendStorageBuilder pathStyle() {
    this.pathStyle = true;
    return this;
  }

  /**
   * Sets which requests carry checksums: {@link S3Checksums#WHEN_SUPPORTED} unless called, {@link
   * S3Checksums#WHEN_REQUIRED} with an {@link #endpoint}. Not with a {@link #client}.
   */
  public S3BackendStorageBuilder checksums(S3Checksums checksums) {
    this.checksums = Objects.requireNonNull(checksums, "checksums");
    return this;
  }

  /**
   * Sets how long an operation on an object may take, with all attempts, before it is given up; 60
   * s unless called. Not with a {@link #client}.
   */
  public S3BackendStorageBuilder requestTimeout(Duration requestTimeout) {
    this.requestTimeout = Objects.requireNonNull(requestTimeout, "requestTimeout");
    return this;
  }

  /** Sets how many requests the store makes at once at most; 32 unless called. */
  public S3BackendStorageBuilder parallelism(int parallelism) {
    this.parallelism = parallelism;
    return this;
  }

  /** Sets the account that the bucket has to be of, which the server checks on each request. */
  public S3BackendStorageBuilder expectedBucketOwner(String expectedBucketOwner) {
    this.expectedBucketOwner = Objects.requireNonNull(expectedBucketOwner, "expectedBucketOwner");
    return this;
  }

  /** Sets the storage class of objects, such as {@code INTELLIGENT_TIERING}. */
  public S3BackendStorageBuilder storageClass(String storageClass) {
    this.storageClass = Objects.requireNonNull(storageClass, "storageClass");
    return this;
  }

  /**
   * Sets the encryption by the server, {@code AES256} or {@code aws:kms}; that of the bucket unless
   * called. With KMS a read of the latest checkpoint or of a page takes a request more for each
   * checkpoint.
   */
  public S3BackendStorageBuilder encryption(String encryption) {
    this.encryption = Objects.requireNonNull(encryption, "encryption");
    return this;
  }

  /** Sets the key of {@code aws:kms}; that of the account unless called. */
  public S3BackendStorageBuilder kmsKeyId(String kmsKeyId) {
    this.kmsKeyId = Objects.requireNonNull(kmsKeyId, "kmsKeyId");
    return this;
  }

  /**
   * Opens the store, and makes it if there is none. Looks whether the server honours conditional
   * writes.
   *
   * @throws BackendConfigurationException listing everything that is wrong with what was set, or if
   *     the server ignores conditions, or the store is of a newer format
   * @throws dev.checkpoint4j.error.StorageAccessDeniedException if the server refuses access
   * @throws dev.checkpoint4j.error.StorageUnavailableException if it cannot be reached, or the
   *     bucket does not exist
   */
  @CheckReturnValue
  public S3BackendStorage open() {
    Connection connection = connect();
    try {
      Marker.check(connection.bucket(), connection.keys());
      return new S3BackendStorage(
          connection.bucket(), connection.keys(), codec(), connection::close);
    } catch (SdkException e) {
      connection.close();
      throw S3Errors.notApplied(e, ErrorContext.of(S3BackendStorage.ID, "open"));
    } catch (Throwable e) {
      connection.close();
      throw e;
    }
  }

  /**
   * Looks at every object of the store, and changes nothing; processes may be using it.
   *
   * @param listener is told what is found
   * @throws BackendConfigurationException listing everything that is wrong with what was set, or if
   *     there is no store, or one of a newer format
   * @throws dev.checkpoint4j.error.StorageAccessDeniedException if the server refuses access
   * @throws dev.checkpoint4j.error.StorageUnavailableException if it cannot be reached, or the
   *     bucket does not exist, or the thread is interrupted; its flag stays set
   */
  public S3StoreVerification verify(S3StoreVerification.Listener listener) {
    return walk(listener, /* isRepairing= */ false, Deletions.GRACE);
  }

  /**
   * Looks at every object of the store, and removes what is left over; processes may be using it.
   * Intact and damaged checkpoints stay as they are. It may be ended at any time and repeated. One
   * repair at a time: and while it runs, do not put ids anew that were deleted or refused; such a
   * checkpoint may get lost.
   *
   * @param listener is told what is found
   * @throws BackendConfigurationException listing everything that is wrong with what was set, or if
   *     there is no store, or one of a newer format
   * @throws dev.checkpoint4j.error.StorageAccessDeniedException if the server refuses access
   * @throws dev.checkpoint4j.error.StorageUnavailableException if the thread is interrupted; its
   *     flag stays set
   * @throws dev.checkpoint4j.error.OutcomeUnknownException if the server cannot be reached, or the
   *     bucket does not exist; part of it may have been done
   */
  public S3StoreVerification repair(S3StoreVerification.Listener listener) {
    return walk(listener, /* isRepairing= */ true, Deletions.GRACE);
  }

  S3StoreVerification walk(
      S3StoreVerification.Listener listener, boolean isRepairing, Duration grace) {
    Objects.requireNonNull(listener, "listener");
    ErrorContext context = ErrorContext.of(S3BackendStorage.ID, isRepairing ? "repair" : "verify");
    try (Connection connection = connect()) {
      return new StoreWalk(
              connection.bucket(),
              connection.keys(),
              codec(),
              listener,
              context,
              isRepairing,
              grace)
          .walk();
    } catch (SdkException e) {
      throw isRepairing ? S3Errors.outcomeUnknown(e, context) : S3Errors.notApplied(e, context);
    }
  }

  /** The bucket, as long as it is not closed; a client that was given stays open. */
  private record Connection(Bucket bucket, Keys keys, Requests requests, Runnable closer)
      implements AutoCloseable {

    @Override
    public void close() {
      requests.close();
      closer.run();
    }
  }

  private Connection connect() {
    List<String> problems = problems();
    if (!problems.isEmpty()) {
      throw new BackendConfigurationException(S3BackendStorage.ID, problems, null);
    }
    S3Client given = client;
    S3Client used = given == null ? made() : given;
    Requests requests = new Requests(parallelism);
    return new Connection(
        new Bucket(
            used,
            new ObjectSettings(
                Objects.requireNonNull(bucket),
                expectedBucketOwner,
                storageClass,
                encryption,
                kmsKeyId),
            requests),
        new Keys(prefix.isEmpty() || prefix.endsWith("/") ? prefix : prefix + "/"),
        requests,
        given == null ? used::close : () -> {});
  }

  private CheckpointCodec codec() {
    return codec == null ? codecs().get(0) : codec;
  }

  private List<String> problems() {
    List<String> problems = new ArrayList<>();
    if (codec == null && codecs().size() != 1) {
      problems.add(
          codecs().size()
              + " codecs are registered for ServiceLoader; have dev.checkpoint4j:checkpoint-core on"
              + " the class path, which brings one, or set a codec");
    }
    if (bucket == null || bucket.isEmpty()) {
      problems.add("the bucket is not set");
    }
    if (client != null
        && (credentials != null
            || region != null
            || endpoint != null
            || pathStyle != null
            || checksums != null
            || requestTimeout != null)) {
      problems.add(
          "credentials, region, endpoint, pathStyle, checksums and requestTimeout are those of the"
              + " client, and are set there");
    }
    if (parallelism < 1) {
      problems.add("parallelism " + parallelism + " is less than 1");
    }
    if (requestTimeout != null && (requestTimeout.isNegative() || requestTimeout.isZero())) {
      problems.add("requestTimeout " + requestTimeout + " is not positive");
    }
    checkPrefix(problems);
    return problems;
  }

  private void checkPrefix(List<String> problems) {
    if (prefix.getBytes(StandardCharsets.UTF_8).length > Keys.MAX_PREFIX) {
      problems.add("the prefix has more than " + Keys.MAX_PREFIX + " bytes");
    }
    String checked = prefix.endsWith("/") ? prefix.substring(0, prefix.length() - 1) : prefix;
    if (prefix.isEmpty()) {
      return;
    }
    for (String segment : checked.split("/", -1)) {
      if (segment.isEmpty() || segment.equals(".") || segment.equals("..")) {
        problems.add("the prefix '" + prefix + "' has an empty part, or one of dots only");
        return;
      }
    }
    if (prefix.chars().anyMatch(Character::isISOControl)) {
      problems.add("the prefix holds control characters");
    }
  }

  private static List<CheckpointCodec> codecs() {
    return ServiceLoader.load(CheckpointCodec.class).stream()
        .map(ServiceLoader.Provider::get)
        .toList();
  }

  private S3Client made() {
    boolean isRequired =
        checksums == null ? endpoint != null : checksums == S3Checksums.WHEN_REQUIRED;
    S3ClientBuilder builder =
        S3Client.builder()
            .httpClientBuilder(UrlConnectionHttpClient.builder())
            .overrideConfiguration(
                configuration ->
                    configuration
                        .retryStrategy(RetryMode.STANDARD)
                        .apiCallTimeout(
                            requestTimeout == null ? DEFAULT_REQUEST_TIMEOUT : requestTimeout))
            .serviceConfiguration(
                S3Configuration.builder()
                    .pathStyleAccessEnabled(pathStyle != null)
                    .chunkedEncodingEnabled(endpoint == null)
                    .build())
            .requestChecksumCalculation(
                isRequired
                    ? RequestChecksumCalculation.WHEN_REQUIRED
                    : RequestChecksumCalculation.WHEN_SUPPORTED)
            .responseChecksumValidation(
                isRequired
                    ? ResponseChecksumValidation.WHEN_REQUIRED
                    : ResponseChecksumValidation.WHEN_SUPPORTED);
    if (isRequired) {
      builder.addPlugin(LegacyMd5Plugin.create());
    }
    if (credentials != null) {
      builder.credentialsProvider(credentials);
    }
    if (endpoint != null) {
      builder.endpointOverride(endpoint).region(Region.US_EAST_1);
    }
    if (region != null) {
      builder.region(Region.of(region));
    }
    try {
      return builder.build();
    } catch (SdkClientException | IllegalArgumentException e) {
      throw new BackendConfigurationException(
          S3BackendStorage.ID, List.of("the SDK makes no client of this: " + e.getMessage()), e);
    }
  }
}
