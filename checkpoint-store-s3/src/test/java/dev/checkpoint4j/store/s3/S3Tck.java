package dev.checkpoint4j.store.s3;

import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.Capability;
import dev.checkpoint4j.spi.Durability;
import dev.checkpoint4j.store.s3.internal.client.ClosingHttpClient;
import dev.checkpoint4j.tck.BackendStorageTck;
import dev.checkpoint4j.tck.FaultInjector;
import dev.checkpoint4j.tck.TckScope;
import dev.checkpoint4j.testsupport.RequestCounter;
import dev.checkpoint4j.testsupport.S3Server;
import java.net.URI;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import software.amazon.awssdk.retries.api.BackoffStrategy;
import software.amazon.awssdk.services.s3.S3Client;

/** The TCK on a server; each scope has a prefix of its own, if not a bucket. */
abstract class S3Tck extends BackendStorageTck {

  /** For all handles: what is compared is the cost of one call after the other. */
  private final RequestCounter requests = new RequestCounter();

  private final FaultyConnection connection = new FaultyConnection();

  /** Where the server of this JVM, or of its parent, is. */
  abstract URI endpoint();

  /** The bucket for a scope, which is there. */
  String bucket(TckScope scope) {
    return S3Server.BUCKET;
  }

  @Override
  protected BackendStorage open(TckScope scope) {
    S3Client client =
        S3Server.clientBuilder(endpoint())
            .httpClientBuilder(ClosingHttpClient.builder())
            .overrideConfiguration(
                configuration ->
                    configuration
                        .addExecutionInterceptor(requests)
                        .addExecutionInterceptor(connection)
                        .retryStrategy(
                            retries -> retries.backoffStrategy(BackoffStrategy.retryImmediately())))
            .build();
    return S3BackendStorage.builder()
        .client(client)
        .bucket(bucket(scope))
        .prefix(scope.name())
        .codec(scope.codec())
        .open();
  }

  @Override
  protected Optional<FaultInjector> faultInjector(TckScope scope) {
    return Optional.of(new CopiedRecords(connection, endpoint(), bucket(scope), scope.name()));
  }

  @Override
  protected Optional<LongSupplier> operationCounter(TckScope scope) {
    return Optional.of(() -> requests.sent().total());
  }

  @Override
  protected Set<Capability> expectedCapabilities() {
    return Set.of();
  }

  @Override
  protected Optional<Durability> expectedDurability() {
    return Optional.of(Durability.POWER_LOSS);
  }
}
