package dev.checkpoint4j.store.s3;

import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.CheckpointCodec;
import dev.checkpoint4j.spi.Finding;
import dev.checkpoint4j.spi.VerificationOptions;
import dev.checkpoint4j.store.s3.internal.client.ClosingHttpClient;
import dev.checkpoint4j.tck.ChaosStore;
import dev.checkpoint4j.tck.ChaosSuite;
import dev.checkpoint4j.testsupport.S3MockServer;
import dev.checkpoint4j.testsupport.S3Server;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.s3.S3Client;

/** What happens to some threads and processes costs the others nothing, and nobody his data. */
@Tag("soak")
class S3ChaosTest {

  private static final long RUN = System.nanoTime();

  /** A prefix on a server. */
  record Store(URI endpoint, String prefix) implements ChaosStore {

    Store(String argument) {
      this(URI.create(argument.split(" ", 2)[0]), argument.split(" ", 2)[1]);
    }

    String argument() {
      return endpoint + " " + prefix;
    }

    private S3BackendStorageBuilder builder(S3Client client) {
      return S3BackendStorage.builder().client(client).bucket(S3Server.BUCKET).prefix(prefix);
    }

    @Override
    public BackendStorage open(CheckpointCodec codec) {
      return builder(
              S3Server.clientBuilder(endpoint)
                  .httpClientBuilder(ClosingHttpClient.builder())
                  .build())
          .codec(codec)
          .open();
    }

    @Override
    public Optional<List<String>> verify() {
      try (S3Client client = S3Server.clientBuilder(endpoint).build()) {
        return Optional.of(
            builder(client).verify(VerificationOptions.defaults()).findings().stream()
                .filter(Finding::isDamage)
                .map(Object::toString)
                .toList());
      }
    }
  }

  private static ChaosSuite.Builder suite(String name, Store store) {
    return ChaosSuite.builder(name, store)
        .threads(4)
        .operations(20_000)
        .roundTime(Duration.ofSeconds(4))
        .patience(Duration.ofSeconds(120));
  }

  private static Store store(String name) {
    return new Store(S3MockServer.sharedInMemory().endpoint(), "chaos-%s-%d".formatted(name, RUN));
  }

  @Test
  void interruptsCancellationsDeadlinesAndClosedHandles() {
    suite("s3", store("threads")).runAndAssertClean();
  }

  @Test
  void killedProcesses() {
    Store store = store("processes");
    suite("s3-processes", store)
        .processes(2, store.argument())
        .killingProcesses()
        .runAndAssertClean();
  }
}
