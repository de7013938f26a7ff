package dev.checkpoint4j.testsupport;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;

/** The contract of a server whose data survives a kill. */
abstract class DurableS3ServerContract extends S3ServerContract {

  /** A server of its own, for a test that kills it. */
  abstract S3Server start();

  @Test
  void keepsItsDataWhenKilledAndLeavesNothingWhenClosed() {
    S3Server own = start();
    Path directory = own.directory();
    try (own;
        S3Client client = own.newClient()) {
      client.putObject(
          request -> request.bucket(S3Server.BUCKET).key("kept"), RequestBody.fromString("body"));
      own.kill();
      assertThat(own.answers()).as("whether a killed server answers").isFalse();
      own.restart();
      assertThat(
              client
                  .getObjectAsBytes(request -> request.bucket(S3Server.BUCKET).key("kept"))
                  .asUtf8String())
          .isEqualTo("body");
    }
    assertThat(own.answers()).as("whether a closed server answers").isFalse();
    assertThat(directory).as("the server's directory").doesNotExist();
  }
}
