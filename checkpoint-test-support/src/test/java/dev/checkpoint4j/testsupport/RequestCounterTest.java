package dev.checkpoint4j.testsupport;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.testsupport.FaultProxy.Fault;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;

class RequestCounterTest {

  private final RequestCounter counter = new RequestCounter();

  @Test
  void countsTheAttemptsOfEachOperation() throws Exception {
    S3MockServer server = S3MockServer.shared();
    String bucket = server.newBucket();
    try (FaultProxy proxy = FaultProxy.to(server.endpoint());
        S3Client client =
            S3Server.clientBuilder(proxy.endpoint())
                .overrideConfiguration(
                    configuration -> configuration.addExecutionInterceptor(counter))
                .build()) {
      assertThat(counter.sent()).hasToString("none");
      proxy.armNth(1, request -> true, Fault.slowDown());
      client.putObject(request -> request.bucket(bucket).key("k"), RequestBody.fromString("body"));
      assertThat(counter.calls()).hasToString("PutObject 1");
      assertThat(counter.sent()).hasToString("PutObject 2");
      RequestCounter.Counts more =
          counter.sentBy(
              () -> {
                client.headObject(request -> request.bucket(bucket).key("k"));
                client.listObjectsV2(request -> request.bucket(bucket));
                return client.headObject(request -> request.bucket(bucket).key("k"));
              });
      assertThat(more).hasToString("HeadObject 2, ListObjectsV2 1");
      assertThat(more.total()).isEqualTo(3);
      assertThat(more.of("GetObject")).isZero();
    }
  }
}
