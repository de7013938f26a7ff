package dev.checkpoint4j.store.s3.internal.client;

import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.retry.RetryMode;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.LegacyMd5Plugin;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.s3.S3Configuration;

/**
 * The settings of a client that the store creates itself. Null stands for the default of the SDK.
 *
 * @param endpoint null for Amazon S3
 * @param isChecksumMinimal whether requests carry checksums only where S3 requires them
 * @param timeout the most that a request may take with all its attempts
 */
public record ClientSettings(
    @Nullable AwsCredentialsProvider credentials,
    @Nullable String region,
    @Nullable URI endpoint,
    boolean isPathStyle,
    boolean isChecksumMinimal,
    Duration timeout) {

  /**
   * Creates a client.
   *
   * @throws SdkClientException if the SDK refuses the settings
   * @throws IllegalArgumentException if the SDK refuses the settings
   */
  public S3Client create() {
    S3ClientBuilder builder =
        S3Client.builder()
            .httpClientBuilder(ClosingHttpClient.builder())
            .overrideConfiguration(
                configuration ->
                    configuration.retryStrategy(RetryMode.STANDARD).apiCallTimeout(timeout))
            .serviceConfiguration(
                S3Configuration.builder()
                    .pathStyleAccessEnabled(isPathStyle)
                    .chunkedEncodingEnabled(endpoint == null)
                    .build())
            .requestChecksumCalculation(
                isChecksumMinimal
                    ? RequestChecksumCalculation.WHEN_REQUIRED
                    : RequestChecksumCalculation.WHEN_SUPPORTED)
            .responseChecksumValidation(
                isChecksumMinimal
                    ? ResponseChecksumValidation.WHEN_REQUIRED
                    : ResponseChecksumValidation.WHEN_SUPPORTED);
    if (isChecksumMinimal) {
      // Older compatible servers require Content-MD5 in DeleteObjects.
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
    return builder.build();
  }
}
