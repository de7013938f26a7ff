package dev.checkpoint4j.tck;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The TCK finds faults: each broken backend is failed by the rules that are meant for it, and by
 * exactly those that docs/tck-mutants.md lists.
 */
class MutantTest {

  /** The random data of a run decides which rules of chance find a fault. */
  private static final long SEED = 20_261_124;

  /** How often a single run finds them is for {@link RacyMutantTest} to say. */
  private static final int RUNS_OF_RACY_MUTANTS = 3;

  /** A run of the whole TCK takes about five seconds: each time, others of the mutants have one. */
  private static final int SHARE = 4;

  private static final MutantTable TABLE = new MutantTable();

  static List<Mutant> sampleOrAll() {
    List<Mutant> mutants = new ArrayList<>(Mutant.all());
    if (MutantTable.ALL) {
      return mutants;
    }
    Collections.shuffle(mutants, new Random());
    return mutants.subList(0, mutants.size() / SHARE);
  }

  @AfterEach
  void endLeakedThreads() {
    HandleMutants.endLeakedThreads();
  }

  @AfterAll
  static void updateTable() {
    TABLE.updateIfAsked();
  }

  @Test
  void everyMustRuleFindsAMutantAndTheTableIsOfTodaysMutants() {
    TABLE.check();
  }

  @ParameterizedTest
  @MethodSource("dev.checkpoint4j.tck.Mutant#all")
  void isFoundByTheRulesMeantForIt(Mutant mutant, @TempDir Path reports) {
    BrokenBackend.mutate(mutant);
    Set<String> found = new TreeSet<>();
    for (int run = 0; run < (mutant.isRacy() ? RUNS_OF_RACY_MUTANTS : 1); run++) {
      TckRunner.Outcome outcome =
          TckRunner.run(reports.resolve("run" + run), SEED + run, BrokenBackend.killers(mutant));
      found.addAll(outcome.failed().keySet());
      assertMessagesHelp(mutant, outcome);
    }
    assertThat(found)
        .as("rules meant for %s that fail", mutant)
        .containsExactlyInAnyOrderElementsOf(mutant.killers());
  }

  @Tag("soak")
  @ParameterizedTest
  @MethodSource("sampleOrAll")
  void isFoundByExactlyTheRulesOfItsRow(Mutant mutant, @TempDir Path reports) {
    BrokenBackend.mutate(mutant);
    for (int run = 0; run < MutantTable.runsOf(mutant); run++) {
      TckRunner.Outcome outcome =
          TckRunner.run(reports.resolve("run" + run), SEED, BrokenBackend.matrix(mutant));
      Set<String> found = new TreeSet<>(outcome.failed().keySet());
      if (!mutant.isRacy()) {
        assertThat(found).as("rules that fail for %s", mutant).containsAll(mutant.killers());
      }
      assertThat(found).as("rules that fail for %s", mutant).isNotEmpty();
      TABLE.compare(mutant, found);
      assertMessagesHelp(mutant, outcome);
      assertThat(outcome.json())
          .as("report of %s", mutant)
          .contains("\"verdict\": \"NOT CONFORMANT\"");
    }
  }

  private static void assertMessagesHelp(Mutant mutant, TckRunner.Outcome outcome) {
    outcome
        .failed()
        .forEach(
            (id, message) ->
                assertThat(message)
                    .as("message of %s for %s", id, mutant)
                    .startsWith("[" + id + " ")
                    .contains("Seen: ", "Check first: ", "Repeat with: -Dcheckpoint.tck.seed=")
                    .doesNotContain("Seen: unexpected java.lang.NullPointerException"));
  }
}
