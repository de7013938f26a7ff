package dev.checkpoint4j.store.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.error.BackendConfigurationException;
import dev.checkpoint4j.spi.BackendConfig;
import dev.checkpoint4j.spi.CheckpointCodec;
import dev.checkpoint4j.testsupport.LocalS3Server;
import dev.checkpoint4j.testsupport.S3MockServer;
import dev.checkpoint4j.testsupport.S3Server;
import java.time.Duration;
import java.util.Map;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;

class S3BackendProviderTest {

  private static void open(String url) {
    S3BackendProvider provider = new S3BackendProvider();
    CheckpointCodec codec = ServiceLoader.load(CheckpointCodec.class).iterator().next();
    provider.open(BackendConfig.parse(provider, url, Map.of()), codec).close();
  }

  @ParameterizedTest
  @CsvSource({
    "s3:bucket, names no bucket",
    "s3:///prefix, names no bucket",
    "s3://key:secret@bucket/prefix, names no bucket",
    "s3://, the bucket is not set",
    "s3://bucket/a//b, empty part",
    "s3://bucket/../b, dots only",
    "s3://bucket?endpoint=ftp://host, http or https",
    "s3://bucket?endpoint=http://user:pw@host, http or https",
    "s3://bucket?endpoint=http://host/bucket, ends with the name of the bucket",
    "s3://bucket?paralelism=3, parallelism"
  })
  void refusesUrlsThatCannotWork(String url, String problem) {
    assertThatThrownBy(() -> open(url))
        .isInstanceOf(BackendConfigurationException.class)
        .hasMessageContaining(problem)
        .hasMessageNotContaining("secret")
        .hasMessageNotContaining("pw");
  }

  @Test
  void takesEveryOption() {
    S3MockServer server = S3MockServer.shared();
    try (S3BackendStorage store =
        S3BackendStorage.builder()
            .bucket(S3Server.BUCKET)
            .prefix("options/")
            .endpoint(server.endpoint())
            .pathStyle()
            .region("eu-central-1")
            .credentials(S3Server.credentials())
            .checksums(S3Checksums.WHEN_SUPPORTED)
            .requestTimeout(Duration.ofSeconds(20))
            .parallelism(2)
            .storageClass("STANDARD")
            .encryption("AES256")
            .open()) {
      Checkpoint checkpoint = Checkpoint.builder("s").version(1).build();
      store.put(checkpoint, Expectation.any());
      assertThat(store.getBySession(checkpoint.sessionKey())).contains(checkpoint);
    }
  }

  @Test
  void listsEverythingThatIsWrong() {
    try (S3Client client = S3MockServer.shared().newClient()) {
      assertThatThrownBy(
              () ->
                  S3BackendStorage.builder()
                      .client(client)
                      .region("us-east-1")
                      .prefix("x".repeat(601))
                      .parallelism(0)
                      .requestTimeout(Duration.ZERO)
                      .open())
          .isInstanceOfSatisfying(
              BackendConfigurationException.class, e -> assertThat(e.problems()).hasSize(5));
    }
  }

  @Test
  void refusesAServerThatIgnoresConditions() {
    LocalS3Server server = LocalS3Server.shared();
    try (S3Client client = server.newClient()) {
      assertThatThrownBy(
              () ->
                  S3BackendStorage.builder()
                      .client(client)
                      .bucket(S3Server.BUCKET)
                      .prefix("refused")
                      .open())
          .isInstanceOf(BackendConfigurationException.class)
          .hasMessageContaining("does not honour If-None-Match")
          .hasMessageContaining("412");
    }
  }

  @Test
  void refusesABucketThatDoesNotExist() {
    try (S3Client client = S3MockServer.shared().newClient()) {
      assertThatThrownBy(
              () -> S3BackendStorage.builder().client(client).bucket("no-such-bucket").open())
          .isInstanceOf(BackendConfigurationException.class)
          .hasMessageContaining("the bucket does not exist");
    }
  }

  @Test
  void refusesWhatIsNoStoreOrANewerOne() {
    try (S3Client client = S3MockServer.shared().newClient()) {
      assertRefused(client, "something else", "is not that of a store of checkpoints");
      assertRefused(
          client, "{\"format\":\"checkpoint-store-s3\",\"version\":2}", "use a newer version");
    }
  }

  private static void assertRefused(S3Client client, String manifest, String problem) {
    String bucket = S3MockServer.shared().newBucket();
    client.putObject(
        request -> request.bucket(bucket).key("checkpoint-store.json"),
        RequestBody.fromString(manifest));
    assertThatThrownBy(() -> S3BackendStorage.builder().client(client).bucket(bucket).open())
        .isInstanceOf(BackendConfigurationException.class)
        .hasMessageContaining(problem);
  }
}
