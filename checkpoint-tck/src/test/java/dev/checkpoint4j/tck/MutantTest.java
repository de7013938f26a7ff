package dev.checkpoint4j.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.Capability;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The TCK finds faults: each broken backend is failed by the rules that are meant for it. */
class MutantTest {

  private static volatile @Nullable Mutant current;

  static class BrokenBackend extends BackendStorageTck {
    private final ReferenceBackend store = new ReferenceBackend();

    @Override
    protected BackendStorage open(TckScope scope) {
      return Objects.requireNonNull(current, "mutant").fault().apply(store.handle());
    }

    @Override
    protected Set<Capability> expectedCapabilities() {
      return EnumSet.allOf(Capability.class);
    }
  }

  @ParameterizedTest
  @MethodSource("dev.checkpoint4j.tck.Mutant#all")
  void isKilled(Mutant mutant, @TempDir Path reports) {
    current = mutant;
    TckRunner.Outcome outcome = TckRunner.run(reports, selectClass(BrokenBackend.class));
    assertThat(outcome.failed().keySet())
        .as("rules that fail for %s", mutant)
        .containsAll(mutant.killers());
    outcome
        .failed()
        .forEach(
            (id, message) ->
                assertThat(message)
                    .as("message of %s for %s", id, mutant)
                    .startsWith("[" + id + " ")
                    .contains("Seen: ", "Check first: ", "Repeat with: -Dcheckpoint.tck.seed=")
                    .doesNotContain("Seen: unexpected java.lang.NullPointerException"));
    assertThat(outcome.json())
        .as("report of %s", mutant)
        .contains("\"verdict\": \"NOT CONFORMANT\"");
  }
}
