package dev.checkpoint4j.store.file.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The machine crashes after each operation, and leaves any state of the disk that it may leave. */
class FileCrashTest extends QuietLogs {

  private static final String STORE = "path/to/store";

  @TempDir Path root;

  @Test
  void whatWasAcknowledgedSurvivesEveryCrash() throws IOException {
    check("everyday", Scenarios.everyday(), 1, new Crashes.Effort(Crashes.Extremes.ALL, 2, 150));
  }

  @Test
  void aLogThatIsRewrittenSurvivesEveryCrash() throws IOException {
    check(
        "compacting", Scenarios.compacting(), 2, new Crashes.Effort(Crashes.Extremes.ALL, 2, 150));
  }

  @ParameterizedTest
  @ValueSource(longs = {3, 4})
  void anyStepsSurviveEveryCrash(long seed) throws IOException {
    check(
        "random",
        Scenarios.random(seed, 12),
        seed,
        new Crashes.Effort(Crashes.Extremes.ALL, 1, 200));
  }

  @Test
  @Tag("soak")
  void everythingSurvivesManyMoreCrashes() throws IOException {
    check("everyday", Scenarios.everyday(), 11, new Crashes.Effort(Crashes.Extremes.ALL, 40, 10));
    check(
        "compacting", Scenarios.compacting(), 12, new Crashes.Effort(Crashes.Extremes.ALL, 40, 10));
    for (long seed = 13; seed < 33; seed++) {
      check(
          "random",
          Scenarios.random(seed, 20),
          seed,
          new Crashes.Effort(Crashes.Extremes.ALL, 8, 20));
    }
  }

  private void check(String name, List<Step> steps, long seed, Crashes.Effort effort)
      throws IOException {
    Path disk = Files.createTempDirectory(root, "disk");
    Crashes crashes = new Crashes(root, STORE, seed);
    try (Run run = new Run(disk, STORE, new Expected(), true)) {
      for (Step step : steps) {
        assertThat(run.perform(step)).as("failure of %s", step).isEmpty();
      }
      crashes.check(run, effort);
      System.out.printf(
          "%s with seed %d: %d operations, %d states%n",
          name, seed, run.recording().size(), crashes.states());
    }
    assertThat(crashes.states()).as("states that were tried").isGreaterThan(100);
  }
}
