package dev.checkpoint4j.tck;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.platform.engine.DiscoverySelector;

/** Races find what they are there to find, whatever the threads do. */
@Tag("soak")
class RacyMutantTest {

  private static final int RUNS = 50;
  private static final int LEAST_FOUND = 49;

  static List<Mutant> racyMutants() {
    return Mutant.all().stream().filter(Mutant::isRacy).toList();
  }

  @ParameterizedTest
  @MethodSource("racyMutants")
  void isFoundInAlmostEveryRun(Mutant mutant, @TempDir Path reports) {
    BrokenBackend.mutate(mutant);
    DiscoverySelector[] killers = BrokenBackend.killers(mutant);
    assertThat(killers).as("rules that are there to find the mutant").isNotEmpty();
    int found = 0;
    for (int seed = 1; seed <= RUNS; seed++) {
      TckRunner.Outcome outcome = TckRunner.run(reports.resolve("run" + seed), seed, killers);
      found += outcome.failed().isEmpty() ? 0 : 1;
    }
    assertThat(found)
        .as("runs of %d in which %s find the mutant", RUNS, mutant.killers())
        .isGreaterThanOrEqualTo(LEAST_FOUND);
  }
}
