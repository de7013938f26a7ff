package dev.checkpoint4j.testsupport;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;

class LocalS3ServerTest {

  @Test
  void ignoresTheConditionOfAWrite() {
    LocalS3Server server = LocalS3Server.shared();
    PutObjectRequest create =
        PutObjectRequest.builder().bucket(server.newBucket()).key("slot").ifNoneMatch("*").build();
    try (S3Client client = server.newClient()) {
      client.putObject(create, RequestBody.fromString("first"));
      client.putObject(create, RequestBody.fromString("second"));
      assertThat(
              client
                  .getObjectAsBytes(request -> request.bucket(create.bucket()).key("slot"))
                  .asUtf8String())
          .isEqualTo("second");
    }
  }
}
