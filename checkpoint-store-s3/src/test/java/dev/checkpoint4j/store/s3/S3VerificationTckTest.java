package dev.checkpoint4j.store.s3;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.spi.BackendConfig;
import dev.checkpoint4j.spi.BackendOption;
import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.CheckpointCodec;
import dev.checkpoint4j.spi.VerificationOptions;
import dev.checkpoint4j.spi.VerificationReport;
import dev.checkpoint4j.spi.VerifyingProvider;
import dev.checkpoint4j.store.s3.internal.layout.ObjectKeys;
import dev.checkpoint4j.store.s3.internal.layout.SlotClaim;
import dev.checkpoint4j.tck.VerificationTck;
import dev.checkpoint4j.testsupport.S3MockServer;
import dev.checkpoint4j.testsupport.S3Server;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import software.amazon.awssdk.core.ResponseBytes;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

class S3VerificationTckTest extends VerificationTck {

  private final S3Server server = S3MockServer.sharedInMemory();
  private final String prefix = "verification-" + UUID.randomUUID();
  private final S3Client client = server.newClient();

  @AfterEach
  void close() {
    client.close();
  }

  /** Has the credentials of the test's client, and else is as {@link S3BackendProvider}. */
  @Override
  protected VerifyingProvider provider() {
    S3BackendProvider provider = new S3BackendProvider();
    return new VerifyingProvider() {
      @Override
      public String id() {
        return provider.id();
      }

      @Override
      public Set<String> schemes() {
        return provider.schemes();
      }

      @Override
      public UrlStyle urlStyle() {
        return provider.urlStyle();
      }

      @Override
      public List<BackendOption<?>> options() {
        return provider.options();
      }

      @Override
      public BackendStorage open(BackendConfig config, CheckpointCodec codec) {
        return builder(codec).open();
      }

      @Override
      public VerificationReport verify(
          BackendConfig config, CheckpointCodec codec, VerificationOptions options) {
        return builder(codec).verify(options);
      }
    };
  }

  private S3BackendStorageBuilder builder(CheckpointCodec codec) {
    return S3BackendStorage.builder()
        .client(client)
        .bucket(S3Server.BUCKET)
        .prefix(prefix)
        .codec(codec);
  }

  @Override
  protected BackendConfig config() {
    return BackendConfig.parse(provider(), server.url(prefix), Map.of());
  }

  /** Cuts the document off. */
  @Override
  protected void damage(Checkpoint stored) {
    String key =
        new ObjectKeys(prefix + "/")
            .namespace(stored.namespace())
            .checkpoint(new SlotClaim(stored.id(), 0));
    ResponseBytes<GetObjectResponse> document =
        client.getObjectAsBytes(request -> request.bucket(S3Server.BUCKET).key(key));
    client.putObject(
        request ->
            request.bucket(S3Server.BUCKET).key(key).metadata(document.response().metadata()),
        RequestBody.fromBytes(Arrays.copyOf(document.asByteArray(), 40)));
  }

  @Override
  protected List<String> content() {
    return client
        .listObjectsV2(request -> request.bucket(S3Server.BUCKET).prefix(prefix))
        .contents()
        .stream()
        .map(object -> object.key() + " " + object.eTag() + " " + object.lastModified())
        .toList();
  }
}
