package dev.checkpoint4j.store.s3;

import dev.checkpoint4j.annotation.CanIgnoreReturnValue;
import dev.checkpoint4j.annotation.CheckReturnValue;
import dev.checkpoint4j.error.BackendConfigurationException;
import dev.checkpoint4j.error.ErrorContext;
import dev.checkpoint4j.spi.CallDeadline;
import dev.checkpoint4j.spi.CheckpointCodec;
import dev.checkpoint4j.spi.CodecLookup;
import dev.checkpoint4j.spi.VerificationOptions;
import dev.checkpoint4j.spi.VerificationReport;
import dev.checkpoint4j.store.s3.internal.Clocks;
import dev.checkpoint4j.store.s3.internal.S3Backend;
import dev.checkpoint4j.store.s3.internal.client.ClientSettings;
import dev.checkpoint4j.store.s3.internal.client.ObjectSettings;
import dev.checkpoint4j.store.s3.internal.client.RequestExecutor;
import dev.checkpoint4j.store.s3.internal.client.S3Errors;
import dev.checkpoint4j.store.s3.internal.client.S3ObjectClient;
import dev.checkpoint4j.store.s3.internal.layout.ObjectKeys;
import dev.checkpoint4j.store.s3.internal.layout.StoreManifest;
import dev.checkpoint4j.store.s3.internal.session.S3Namespace;
import dev.checkpoint4j.store.s3.internal.session.S3Store;
import dev.checkpoint4j.store.s3.internal.session.SessionTailCache;
import dev.checkpoint4j.store.s3.internal.verify.StoreScanner;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * Builds an {@link S3BackendStorage}. Only the {@link #bucket} is required. Not safe for use by
 * several threads.
 */
@CanIgnoreReturnValue
public final class S3BackendStorageBuilder {

  static final int DEFAULT_PARALLELISM = 32;

  /** The default time that a call may take, with all its requests and attempts. */
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
  private Clocks clocks = Clocks.SYSTEM;

  S3BackendStorageBuilder() {}

  /**
   * Sets the client, with any HTTP client, credentials and retries. Closing the store does not
   * close it. Defaults to a client of the store, with the light HTTP client of the JDK, the
   * standard retries of the SDK, and credentials from the SDK's default chain.
   */
  public S3BackendStorageBuilder client(S3Client client) {
    this.client = Objects.requireNonNull(client, "client");
    return this;
  }

  /** Sets the bucket, which must exist. */
  public S3BackendStorageBuilder bucket(String bucket) {
    this.bucket = Objects.requireNonNull(bucket, "bucket");
    return this;
  }

  /**
   * Sets what the keys of all objects begin with. Defaults to nothing. A slash at its end is
   * optional. Each prefix is a store of its own; no store may be within another.
   */
  public S3BackendStorageBuilder prefix(String prefix) {
    this.prefix = Objects.requireNonNull(prefix, "prefix");
    return this;
  }

  /**
   * Sets the codec that encodes checkpoints. Defaults to the one codec that {@link
   * java.util.ServiceLoader} finds.
   */
  public S3BackendStorageBuilder codec(CheckpointCodec codec) {
    this.codec = Objects.requireNonNull(codec, "codec");
    return this;
  }

  /**
   * Sets the credentials. Defaults to those of the SDK's default chain. Not with a {@link #client}.
   */
  public S3BackendStorageBuilder credentials(AwsCredentialsProvider credentials) {
    this.credentials = Objects.requireNonNull(credentials, "credentials");
    return this;
  }

  /** Sets the region. Defaults to that of the SDK's default chain. Not with a {@link #client}. */
  public S3BackendStorageBuilder region(String region) {
    this.region = Objects.requireNonNull(region, "region");
    return this;
  }

  /**
   * Sets the URL of a compatible server. Defaults to Amazon S3. With an endpoint, the region
   * defaults to {@code us-east-1}. Not with a {@link #client}.
   */
  public S3BackendStorageBuilder endpoint(URI endpoint) {
    this.endpoint = Objects.requireNonNull(endpoint, "endpoint");
    return this;
  }

  /** Names the bucket in the path of URLs rather than in the host. Not with a {@link #client}. */
  public S3BackendStorageBuilder pathStyle() {
    this.pathStyle = true;
    return this;
  }

  /**
   * Sets which requests carry checksums. Defaults to {@link S3Checksums#WHEN_SUPPORTED}, with an
   * {@link #endpoint} to {@link S3Checksums#WHEN_REQUIRED}. Not with a {@link #client}.
   */
  public S3BackendStorageBuilder checksums(S3Checksums checksums) {
    this.checksums = Objects.requireNonNull(checksums, "checksums");
    return this;
  }

  /**
   * Sets the time that a call may take as a whole, with all its requests, attempts and waits; of a
   * deletion, each 100 checkpoints. Then the call fails. Defaults to 60 s. A caller may shorten it
   * for one call with {@link CallDeadline}.
   */
  public S3BackendStorageBuilder requestTimeout(Duration requestTimeout) {
    this.requestTimeout = Objects.requireNonNull(requestTimeout, "requestTimeout");
    return this;
  }

  /** Sets the clocks that measure ages. Defaults to those of this machine. */
  S3BackendStorageBuilder clocks(Clocks clocks) {
    this.clocks = clocks;
    return this;
  }

  /** Sets the most requests that the store sends at once. Defaults to 32. */
  public S3BackendStorageBuilder parallelism(int parallelism) {
    this.parallelism = parallelism;
    return this;
  }

  /** Sets the account that must own the bucket. The server checks it on each request. */
  public S3BackendStorageBuilder expectedBucketOwner(String expectedBucketOwner) {
    this.expectedBucketOwner = Objects.requireNonNull(expectedBucketOwner, "expectedBucketOwner");
    return this;
  }

  /**
   * Sets the storage class of objects, such as {@code INTELLIGENT_TIERING}. Defaults to that of the
   * server.
   */
  public S3BackendStorageBuilder storageClass(String storageClass) {
    this.storageClass = Objects.requireNonNull(storageClass, "storageClass");
    return this;
  }

  /**
   * Sets the encryption by the server, {@code AES256} or {@code aws:kms}. Defaults to that of the
   * bucket. With KMS, reading the latest checkpoint or a page takes one request more for each
   * checkpoint.
   */
  public S3BackendStorageBuilder encryption(String encryption) {
    this.encryption = Objects.requireNonNull(encryption, "encryption");
    return this;
  }

  /** Sets the key of {@code aws:kms}. Defaults to that of the account. */
  public S3BackendStorageBuilder kmsKeyId(String kmsKeyId) {
    this.kmsKeyId = Objects.requireNonNull(kmsKeyId, "kmsKeyId");
    return this;
  }

  /**
   * Opens the store; creates it if there is none. Verifies that the server honours conditional
   * writes.
   *
   * @throws BackendConfigurationException listing all problems of the settings, or if the bucket
   *     does not exist or is in another region, the server ignores conditions or lacks the storage
   *     class, or the store has a newer format
   * @throws dev.checkpoint4j.error.StorageAccessDeniedException if the server refuses access, or
   *     there are no credentials
   * @throws dev.checkpoint4j.error.StorageUnavailableException if the server cannot be reached
   */
  @CheckReturnValue
  public S3BackendStorage open() {
    Connection connection = connect();
    try {
      StoreManifest manifest =
          CallDeadline.current()
              .within(timeout())
              .call(() -> StoreManifest.open(connection.client(), connection.keys()));
      S3Store store =
          new S3Store(
              connection.client(),
              connection.keys(),
              codec(),
              clocks,
              manifest.etagsAreMd5(),
              new SessionTailCache());
      return new S3BackendStorage(store, timeout(), connection::close);
    } catch (SdkException e) {
      connection.close();
      throw S3Errors.notApplied(e, ErrorContext.of(S3Backend.ID, "open"));
    } catch (Throwable e) {
      connection.close();
      throw e;
    }
  }

  /**
   * Verifies the store with these settings, without opening it: for a program with a {@link
   * #client} of its own. A store that a URL names is verified by {@code Checkpoints.verify}; both
   * do the same.
   *
   * <p>Lists all objects below the prefix, and reads each document and each slot that claims one:
   * two requests for each checkpoint and one for each thousand objects. It needs some 400 bytes for
   * each checkpoint of a namespace and for each slot of a session, and at most 64 documents of
   * together about 64 MiB, or one if it is larger.
   *
   * <p>An object is a leftover if nobody has written it for an hour, by the clock of the server:
   * younger objects may be those of a writer at work. Remove leftovers in one verification at a
   * time. While it runs, do not reuse ids that were deleted or refused: such a checkpoint may get
   * lost.
   *
   * <pre>{@code
   * VerificationReport report =
   *     S3BackendStorage.builder()
   *         .client(client)
   *         .bucket("state")
   *         .verify(VerificationOptions.defaults().withRemovalOfLeftovers());
   * }</pre>
   *
   * @throws BackendConfigurationException listing all problems of the settings, or if there is no
   *     bucket or no store, or a store of a newer format
   * @throws dev.checkpoint4j.error.StorageAccessDeniedException if the server refuses access
   * @throws dev.checkpoint4j.error.StorageUnavailableException if the server cannot be reached, or
   *     the thread is interrupted; its flag stays set
   * @throws dev.checkpoint4j.error.OutcomeUnknownException if the server cannot be reached while
   *     leftovers are removed; some may have been removed
   */
  @CheckReturnValue
  public VerificationReport verify(VerificationOptions options) {
    return verify(options, S3Namespace.MIN_AGE);
  }

  /** Verifies the store; objects may be leftovers from an age on. */
  @CheckReturnValue
  VerificationReport verify(VerificationOptions options, Duration minAge) {
    Objects.requireNonNull(options, "options");
    try (Connection connection = connect()) {
      return new StoreScanner(
              connection.client(), connection.keys(), codec(), clocks, options, minAge)
          .scan();
    } catch (SdkException e) {
      ErrorContext context = ErrorContext.of(S3Backend.ID, "verify");
      throw options.removesLeftovers()
          ? S3Errors.partlyDone(e, context)
          : S3Errors.notApplied(e, context);
    }
  }

  /** The access to the bucket until it is closed; the caller's client stays open. */
  private record Connection(
      S3ObjectClient client, ObjectKeys keys, RequestExecutor executor, Runnable closer)
      implements AutoCloseable {

    @Override
    public void close() {
      executor.close();
      closer.run();
    }
  }

  private Connection connect() {
    List<String> problems = problems();
    if (!problems.isEmpty()) {
      throw new BackendConfigurationException(S3Backend.ID, problems, null);
    }
    S3Client given = client;
    S3Client used = given == null ? createClient() : given;
    RequestExecutor executor = new RequestExecutor(parallelism);
    String keyPrefix = prefix.isEmpty() || prefix.endsWith("/") ? prefix : prefix + "/";
    ObjectSettings settings =
        new ObjectSettings(
            Objects.requireNonNull(bucket),
            expectedBucketOwner,
            storageClass,
            encryption,
            kmsKeyId);
    return new Connection(
        new S3ObjectClient(used, settings, keyPrefix, timeout(), executor),
        new ObjectKeys(keyPrefix),
        executor,
        given == null ? used::close : () -> {});
  }

  private S3Client createClient() {
    boolean isChecksumMinimal =
        checksums == null ? endpoint != null : checksums == S3Checksums.WHEN_REQUIRED;
    try {
      return new ClientSettings(
              credentials, region, endpoint, pathStyle != null, isChecksumMinimal, timeout())
          .create();
    } catch (SdkClientException | IllegalArgumentException e) {
      throw new BackendConfigurationException(
          S3Backend.ID,
          List.of("the SDK cannot create a client with these settings: " + e.getMessage()),
          e);
    }
  }

  private Duration timeout() {
    return requestTimeout == null ? DEFAULT_REQUEST_TIMEOUT : requestTimeout;
  }

  private CheckpointCodec codec() {
    return codec == null ? CodecLookup.find() : codec;
  }

  private List<String> problems() {
    List<String> problems = new ArrayList<>();
    if (codec == null) {
      problems.addAll(CodecLookup.problems());
    }
    if (bucket == null || bucket.isEmpty()) {
      problems.add("the bucket is not set");
    }
    if (client != null
        && (credentials != null
            || region != null
            || endpoint != null
            || pathStyle != null
            || checksums != null)) {
      problems.add(
          "credentials, region, endpoint, pathStyle and checksums are those of the client, and are"
              + " set there");
    }
    if (endpoint != null && bucket != null && endpoint.getPath().endsWith("/" + bucket)) {
      problems.add(
          "the endpoint ends with the name of the bucket, which the SDK adds; leave it out");
    }
    if (parallelism < 1) {
      problems.add("parallelism " + parallelism + " is less than 1");
    }
    if (requestTimeout != null && (requestTimeout.isNegative() || requestTimeout.isZero())) {
      problems.add("requestTimeout " + requestTimeout + " is not positive");
    }
    problems.addAll(ObjectKeys.problemsOfPrefix(prefix));
    return problems;
  }
}
