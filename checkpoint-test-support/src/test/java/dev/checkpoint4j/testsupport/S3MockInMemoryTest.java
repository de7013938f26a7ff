package dev.checkpoint4j.testsupport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.NoSuchBucketException;

/** The server that the TCK runs on: what it keeps in memory is what S3Mock has in its files. */
@Tag("soak")
class S3MockInMemoryTest extends S3ServerContract {

  @Override
  S3Server server() {
    return S3MockServer.sharedInMemory();
  }

  @Test
  void removesABucketWithAllThatIsInIt() {
    S3MockServer server = S3MockServer.sharedInMemory();
    try (S3Client client = server.newClient()) {
      String bucket = server.newBucket();
      client.putObject(
          request -> request.bucket(bucket).key("gone"), RequestBody.fromString("body"));
      server.removeBucket(bucket);
      assertThatExceptionOfType(NoSuchBucketException.class)
          .isThrownBy(() -> client.listObjectsV2(request -> request.bucket(bucket)));
      server.createBucket(bucket);
      assertThat(client.listObjectsV2(request -> request.bucket(bucket)).contents())
          .as("objects of a new bucket of the same name")
          .isEmpty();
    }
  }
}
