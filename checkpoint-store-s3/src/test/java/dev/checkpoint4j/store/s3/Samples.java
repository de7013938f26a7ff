package dev.checkpoint4j.store.s3;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.spi.VerificationOptions;
import dev.checkpoint4j.testsupport.S3MockServer;
import dev.checkpoint4j.testsupport.S3Server;
import java.time.Instant;
import java.util.Map;
import software.amazon.awssdk.services.s3.S3Client;

/** What tests store, and what they have to leave. */
final class Samples {

  static final SessionKey SESSION = new SessionKey("default", "s");

  private Samples() {}

  static Checkpoint checkpoint(String session, String id, long version) {
    return Checkpoint.builder(session)
        .id(id)
        .version(version)
        .ts(Instant.EPOCH)
        .values(Map.of("version", version))
        .build();
  }

  /** Of {@link #SESSION}; its version is in its id. */
  static Checkpoint checkpoint(long version) {
    return checkpoint(SESSION.sessionId(), "id-" + version, version);
  }

  /** A store on S3Mock has no damage after a fault, as a verification reads it. */
  static void assertSound(String prefix) {
    try (S3Client client = S3MockServer.sharedInMemory().newClient()) {
      assertThat(
              S3BackendStorage.builder()
                  .client(client)
                  .bucket(S3Server.BUCKET)
                  .prefix(prefix)
                  .verify(VerificationOptions.defaults())
                  .findings())
          .as("what verify finds")
          .isEmpty();
    }
  }
}
