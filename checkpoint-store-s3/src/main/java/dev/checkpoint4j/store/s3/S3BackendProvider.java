package dev.checkpoint4j.store.s3;

import com.google.auto.service.AutoService;
import dev.checkpoint4j.error.BackendConfigurationException;
import dev.checkpoint4j.spi.BackendConfig;
import dev.checkpoint4j.spi.BackendOption;
import dev.checkpoint4j.spi.BackendProvider;
import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.CheckpointCodec;
import dev.checkpoint4j.spi.VerificationOptions;
import dev.checkpoint4j.spi.VerificationReport;
import dev.checkpoint4j.spi.VerifyingProvider;
import dev.checkpoint4j.store.s3.internal.S3Backend;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * Opens {@code s3://bucket/prefix?region=...}. Credentials are found by the default chain of the
 * SDK, never in the URL.
 */
@AutoService(BackendProvider.class)
public final class S3BackendProvider implements VerifyingProvider {

  private static final BackendOption<String> REGION =
      BackendOption.text(
          "region",
          "the region; defaults to us-east-1 with an endpoint, else to the SDK's region chain");

  private static final BackendOption<URI> ENDPOINT =
      BackendOption.of(
          "endpoint",
          "the URL of a server other than Amazon S3",
          "an http or https URL without user information",
          S3BackendProvider::endpoint);

  private static final BackendOption<Boolean> PATH_STYLE =
      BackendOption.flag(
              "pathStyle", "whether request URLs name the bucket in the path, not in the host")
          .withDefault(false);

  private static final BackendOption<S3Checksums> CHECKSUMS =
      BackendOption.choice(
          "checksums",
          "which requests carry checksums; defaults to WHEN_REQUIRED with an endpoint, else to"
              + " WHEN_SUPPORTED",
          S3Checksums.class);

  private static final BackendOption<Duration> REQUEST_TIMEOUT =
      BackendOption.duration(
              "requestTimeout", "the time limit of a call, with all its requests and retries")
          .withDefault(S3BackendStorageBuilder.DEFAULT_REQUEST_TIMEOUT);

  private static final BackendOption<Integer> PARALLELISM =
      BackendOption.integer("parallelism", "the maximum number of concurrent requests", 1, 1_000)
          .withDefault(S3BackendStorageBuilder.DEFAULT_PARALLELISM);

  private static final BackendOption<String> EXPECTED_BUCKET_OWNER =
      BackendOption.text("expectedBucketOwner", "the account that must own the bucket");

  private static final BackendOption<String> STORAGE_CLASS =
      BackendOption.text(
          "storageClass", "the storage class of new objects; defaults to the server's");

  private static final BackendOption<String> ENCRYPTION =
      BackendOption.text(
          "encryption", "server-side encryption, AES256 or aws:kms; defaults to the bucket's");

  private static final BackendOption<String> KMS_KEY_ID =
      BackendOption.text("kmsKeyId", "the key of aws:kms; defaults to the account's");

  /** For {@link java.util.ServiceLoader}. */
  public S3BackendProvider() {}

  private static URI endpoint(String text) {
    URI uri = URI.create(text);
    boolean isHttp = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
    if (!isHttp || uri.getHost() == null || uri.getUserInfo() != null) {
      throw new IllegalArgumentException("no endpoint");
    }
    return uri;
  }

  @Override
  public String id() {
    return S3Backend.ID;
  }

  @Override
  public Set<String> schemes() {
    return Set.of("s3");
  }

  @Override
  public UrlStyle urlStyle() {
    return UrlStyle.OPTIONS_IN_QUERY;
  }

  @Override
  public List<BackendOption<?>> options() {
    return List.of(
        REGION,
        ENDPOINT,
        PATH_STYLE,
        CHECKSUMS,
        REQUEST_TIMEOUT,
        PARALLELISM,
        EXPECTED_BUCKET_OWNER,
        STORAGE_CLASS,
        ENCRYPTION,
        KMS_KEY_ID);
  }

  @Override
  public BackendStorage open(BackendConfig config, CheckpointCodec codec) {
    return builder(config).codec(codec).open();
  }

  /**
   * {@inheritDoc}
   *
   * <p>Removes leftovers on request. {@link S3BackendStorageBuilder#verify} states the cost.
   */
  @Override
  public VerificationReport verify(
      BackendConfig config, CheckpointCodec codec, VerificationOptions options) {
    return builder(config).codec(codec).verify(options);
  }

  private static S3BackendStorageBuilder builder(BackendConfig config) {
    String location = config.location();
    if (!location.startsWith("//") || location.startsWith("///") || location.contains("@")) {
      throw new BackendConfigurationException(
          S3Backend.ID,
          "the URL names no bucket; write s3://bucket/prefix, and leave credentials to the SDK's"
              + " default chain");
    }
    String path = location.substring(2);
    int slash = path.indexOf('/');
    S3BackendStorageBuilder builder =
        S3BackendStorage.builder()
            .bucket(slash < 0 ? path : path.substring(0, slash))
            .prefix(slash < 0 ? "" : path.substring(slash + 1))
            .requestTimeout(config.require(REQUEST_TIMEOUT))
            .parallelism(config.require(PARALLELISM));
    if (config.require(PATH_STYLE)) {
      builder.pathStyle();
    }
    config.get(REGION).ifPresent(builder::region);
    config.get(ENDPOINT).ifPresent(builder::endpoint);
    config.get(CHECKSUMS).ifPresent(builder::checksums);
    config.get(EXPECTED_BUCKET_OWNER).ifPresent(builder::expectedBucketOwner);
    config.get(STORAGE_CLASS).ifPresent(builder::storageClass);
    config.get(ENCRYPTION).ifPresent(builder::encryption);
    config.get(KMS_KEY_ID).ifPresent(builder::kmsKeyId);
    return builder;
  }
}
