package dev.checkpoint4j.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.tck.ChaosMutants.ChaosMutant;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The chaos suite finds what it is there to find, and nothing where nothing is wrong. */
class ChaosSuiteTest {

  private static final int RUNS = 50;
  private static final int LEAST_FOUND = 49;

  static List<ChaosMutant> mutants() {
    return ChaosMutants.all();
  }

  private static ChaosSuite.Builder suite(String name, ChaosStore store, long seed) {
    return ChaosSuite.builder(name, store)
        .rounds(2)
        .operations(300)
        .roundTime(Duration.ofMillis(500))
        .seed(seed);
  }

  private static boolean isFound(ChaosMutant mutant, long seed) {
    ChaosReport report = suite(mutant.name(), mutant.stores().get(), seed).run();
    return report.findings().stream().anyMatch(finding -> finding.contains(mutant.finding()));
  }

  @ParameterizedTest
  @MethodSource("mutants")
  void findsAMutant(ChaosMutant mutant) {
    assertThat(isFound(mutant, 1) || isFound(mutant, 2))
        .as("whether one of two runs finds '%s'", mutant.finding())
        .isTrue();
  }

  @Tag("soak")
  @ParameterizedTest
  @MethodSource("mutants")
  void findsAMutantInAlmostEveryRun(ChaosMutant mutant) {
    int found = 0;
    for (int seed = 1; seed <= RUNS; seed++) {
      found += isFound(mutant, seed) ? 1 : 0;
    }
    assertThat(found)
        .as("runs of %d that find '%s'", RUNS, mutant.finding())
        .isGreaterThanOrEqualTo(LEAST_FOUND);
  }

  @Test
  void findsNothingInTheReference() {
    ReferenceBackend store = new ReferenceBackend();
    ChaosReport report = suite("reference", codec -> store.handle(), 1).run();
    assertThat(report.findings()).as("%s", report).isEmpty();
    assertThat(report.toString())
        .contains("store=reference", "lost=0 wrong=0 damage=0 rounds=2", "seed=1");
    assertThat(List.of(report.acknowledged(), report.interrupts(), report.disturbed()))
        .as("what the figures say: %s", report)
        .allMatch(figure -> figure > 0);
  }

  @Test
  void someCallsAreMadeWhereTheStackEnds() {
    ReferenceBackend store = new ReferenceBackend();
    ChaosReport report = suite("reference", codec -> store.handle(), 1).deepStacks().run();
    assertThat(report.failed()).as("calls that failed: %s", report).isPositive();
  }

  @Test
  void aVerificationThatTellsIsNotSaidToBeFooled() {
    ChaosReport report = suite("honest", ChaosMutants.losingWithHonestVerification(), 1).run();
    assertThat(report.findings())
        .as("%s", report)
        .anyMatch(finding -> finding.contains("damaged"))
        .anyMatch(finding -> finding.contains("is lost"))
        .noneMatch(finding -> finding.contains("fooled"));
    assertThat(report.damage()).isPositive();
    assertThat(report.lost()).isPositive();
  }

  @Test
  void whatADisturberThrowsIsAFinding() {
    ReferenceBackend store = new ReferenceBackend();
    ChaosReport report =
        suite("reference", codec -> store.handle(), 1)
            .disturber(
                "failing",
                random -> {
                  throw new IllegalStateException("no " + random.nextInt(1));
                })
            .run();
    assertThat(report.findings()).first().asString().contains("failing failed", "no 0");
  }

  private static ChaosReport processes(ChaosStore store, Path directory, boolean killed) {
    ChaosSuite.Builder suite =
        ChaosSuite.builder(store.getClass().getSimpleName(), store)
            .threads(2)
            .rounds(2)
            .operations(60)
            .roundTime(Duration.ofSeconds(3))
            .processes(2, directory.toString())
            .seed(1);
    return (killed ? suite.killingProcesses() : suite).run();
  }

  @Test
  void processesThatShareAStoreFindNothingWrong(@TempDir Path directory) {
    ChaosReport report =
        processes(new ChaosMutants.SharedJournal(directory.toString()), directory, true);
    assertThat(report.findings()).as("%s", report).isEmpty();
  }

  @Test
  void whatOtherProcessesCannotSeeIsFound(@TempDir Path directory) {
    ChaosReport report =
        processes(new ChaosMutants.PrivateJournal(directory.toString()), directory, false);
    assertThat(report.findings()).as("%s", report).anyMatch(finding -> finding.contains("is lost"));
  }

  @Test
  void whatAKilledProcessLosesIsFound(@TempDir Path directory) {
    ChaosReport report =
        processes(new ChaosMutants.LateJournal(directory.toString()), directory, true);
    assertThat(report.findings()).as("%s", report).anyMatch(finding -> finding.contains("is lost"));
  }
}
