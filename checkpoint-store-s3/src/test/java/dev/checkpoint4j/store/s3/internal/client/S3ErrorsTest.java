package dev.checkpoint4j.store.s3.internal.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.error.CheckpointException;
import dev.checkpoint4j.error.ErrorContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.http.SdkHttpResponse;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** What the answers of a server mean. The codes are those of the S3 API reference. */
class S3ErrorsTest {

  private static CheckpointException exception(int status, String code, SdkHttpResponse response) {
    return S3Errors.notApplied(
        (S3Exception)
            S3Exception.builder()
                .statusCode(status)
                .awsErrorDetails(
                    AwsErrorDetails.builder().errorCode(code).sdkHttpResponse(response).build())
                .build(),
        ErrorContext.of("s3", "open"));
  }

  @ParameterizedTest
  @CsvSource({
    "404, NoSuchBucket, BackendConfigurationException, the bucket does not exist",
    "301, PermanentRedirect, BackendConfigurationException, another region",
    "400, AuthorizationHeaderMalformed, BackendConfigurationException, another region",
    "400, InvalidStorageClass, BackendConfigurationException, storage class",
    "403, InvalidAccessKeyId, StorageAccessDeniedException, does not know the access key",
    "403, SignatureDoesNotMatch, StorageAccessDeniedException, secret key",
    "400, ExpiredToken, StorageAccessDeniedException, session token",
    "403, RequestTimeTooSkewed, StorageAccessDeniedException, clock of this machine",
    "403, AccessDenied, StorageAccessDeniedException, policies of the bucket",
    "400, EntityTooLarge, StorageLimitExceededException, larger than the server takes",
    "503, SlowDown, StorageUnavailableException, busy",
    "500, InternalError, StorageUnavailableException, the server failed"
  })
  void eachMistakeHasAMessageOfItsOwn(int status, String code, String type, String words) {
    CheckpointException exception =
        exception(status, code, SdkHttpResponse.builder().statusCode(status).build());
    assertThat(exception.getClass().getSimpleName()).as("type for %s", code).isEqualTo(type);
    assertThat(exception).as("message for %s", code).hasMessageContainingAll(words, code);
  }

  @Test
  void theRegionThatTheServerNamesIsRepeated() {
    assertThat(
            exception(
                301,
                "PermanentRedirect",
                SdkHttpResponse.builder()
                    .statusCode(301)
                    .putHeader("x-amz-bucket-region", "eu-west-3")
                    .build()))
        .hasMessageContaining("Set the region eu-west-3");
  }
}
