package dev.checkpoint4j.store.s3;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.CheckpointCodec;
import dev.checkpoint4j.spi.Finding;
import dev.checkpoint4j.spi.VerificationOptions;
import dev.checkpoint4j.store.s3.servers.S3MockServer;
import dev.checkpoint4j.store.s3.servers.S3Server;
import dev.checkpoint4j.tck.ChaosReport;
import dev.checkpoint4j.tck.ChaosStore;
import dev.checkpoint4j.tck.ChaosSuite;
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

  /** As in {@code -Dcheckpoint.chaos.rounds=100}, of some seconds each. */
  private static final int ROUNDS = Integer.getInteger("checkpoint.chaos.rounds", 5);

  private static final long SEED = Long.getLong("checkpoint.chaos.seed", System.nanoTime());

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
      return builder(S3Server.clientBuilder(endpoint).build()).codec(codec).open();
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
        .rounds(ROUNDS)
        .operations(20_000)
        .roundTime(Duration.ofSeconds(4))
        .patience(Duration.ofSeconds(120))
        .seed(SEED);
  }

  private static void assertClean(ChaosSuite.Builder suite) {
    ChaosReport report = suite.run();
    System.out.println(report);
    assertThat(report.findings()).as("%s", report).isEmpty();
  }

  private static Store store(String name) {
    return new Store(S3MockServer.sharedInMemory().endpoint(), "chaos-%s-%d".formatted(name, SEED));
  }

  @Test
  void interruptsCancellationsDeadlinesAndClosedHandles() {
    assertClean(suite("s3", store("threads")));
  }

  @Test
  void killedProcesses() {
    Store store = store("processes");
    assertClean(suite("s3-processes", store).processes(2, store.argument()).killingProcesses());
  }
}
