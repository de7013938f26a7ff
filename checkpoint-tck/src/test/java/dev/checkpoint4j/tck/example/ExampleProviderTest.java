package dev.checkpoint4j.tck.example;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.spi.BackendConfig;
import dev.checkpoint4j.spi.BackendProvider;
import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.tck.TestCodec;
import java.util.Map;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;

class ExampleProviderTest {

  @Test
  void isFoundByServiceLoaderAndOpensNamedStores() {
    BackendProvider provider = ServiceLoader.load(BackendProvider.class).findFirst().orElseThrow();
    assertThat(provider.schemes()).as("schemes of the provider found").containsExactly("example");
    TestCodec codec = new TestCodec();
    BackendConfig one = BackendConfig.parse(provider, "example:one", Map.of());
    BackendConfig two = BackendConfig.parse(provider, "example:two", Map.of());
    try (BackendStorage first = provider.open(one, codec);
        BackendStorage again = provider.open(one, codec);
        BackendStorage other = provider.open(two, codec)) {
      Checkpoint checkpoint = Checkpoint.empty("s");
      first.put(checkpoint);
      assertThat(again.getBySession(checkpoint.sessionKey()))
          .as("latest in the store of the same name")
          .contains(checkpoint);
      assertThat(other.getBySession(checkpoint.sessionKey()))
          .as("latest in the store of another name")
          .isEmpty();
    }
  }
}
