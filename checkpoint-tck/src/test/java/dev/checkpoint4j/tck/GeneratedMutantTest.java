package dev.checkpoint4j.tck;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The TCK finds backends whose authors did not know its rules: each kind of fault on each path that
 * docs/tck-generated-mutants.md says is found.
 */
class GeneratedMutantTest {

  private static final long SEED = 20_261_130;

  /** A plain build tries a few of those that are found. */
  private static final int SAMPLE = 3;

  /** A long one tries more, others each time; all of them take two hours. */
  private static final int LARGE_SAMPLE = 100;

  /** How often threads get a chance to meet. */
  private static final int RUNS_OF_RACY_MUTANTS = 3;

  /** As many random histories as a run of ten seconds on a fast backend. */
  private static final int HISTORIES = 300;

  /** These find nearly all, and take a second together. */
  private static final Set<String> FIRST_RULES =
      Set.of(
          "ID", "PUT", "EXP", "GET", "LAST", "LIST", "CURS", "ATTR", "SESS", "NS", "DEL", "ISOL",
          "VAL", "HNDL", "MODEL");

  private static final GeneratedMutantTable TABLE = new GeneratedMutantTable();

  static List<GeneratedMutant> sample() {
    return sample(GeneratedMutant.inMemory(), SAMPLE, new Random(SEED));
  }

  static List<GeneratedMutant> largeSampleOrAll() {
    return GeneratedMutantTable.ALL
        ? GeneratedMutant.all()
        : sample(GeneratedMutant.all(), LARGE_SAMPLE, new Random());
  }

  private static List<GeneratedMutant> sample(
      List<GeneratedMutant> mutants, int size, Random random) {
    List<GeneratedMutant> found =
        new ArrayList<>(
            mutants.stream().filter(mutant -> !mutant.isRacy() && TABLE.isFound(mutant)).toList());
    Collections.shuffle(found, random);
    return found.subList(0, Math.min(size, found.size()));
  }

  @AfterAll
  static void updateTable() {
    TABLE.updateIfAsked();
  }

  @Test
  void theTableIsOfTodaysMutants() {
    TABLE.check();
  }

  @ParameterizedTest
  @MethodSource("sample")
  void aSampleIsFound(GeneratedMutant mutant, @TempDir Path reports) {
    assertThat(findings(mutant, SEED, reports)).as("rules that find %s", mutant).isNotEmpty();
  }

  @Tag("soak")
  @ParameterizedTest
  @MethodSource("largeSampleOrAll")
  void isFoundIfTheTableSaysSo(GeneratedMutant mutant, @TempDir Path reports) {
    boolean isFound = false;
    for (int run = 0; !isFound && run < (mutant.isRacy() ? RUNS_OF_RACY_MUTANTS : 1); run++) {
      isFound = !findings(mutant, SEED + run, reports.resolve("run" + run)).isEmpty();
    }
    TABLE.compare(mutant, isFound);
  }

  /** What is found of its mutants is then their fault. */
  @Tag("soak")
  @Test
  void theLogWithoutAFaultPasses(@TempDir Path reports) {
    assertThat(findings(SharedLogFaults.faultless(), SEED, reports)).isEmpty();
  }

  /** The messages of rules that fail; the first rules are enough if one of them does. */
  private static Map<String, String> findings(GeneratedMutant mutant, long seed, Path reports) {
    BrokenBackend.mutate(mutant.mutant());
    Map<String, String> first =
        failures(reports.resolve("first"), seed, id -> FIRST_RULES.contains(group(id)));
    return first.isEmpty()
        ? failures(reports.resolve("rest"), seed, id -> !FIRST_RULES.contains(group(id)))
        : first;
  }

  private static Map<String, String> failures(Path reports, long seed, Predicate<String> ids) {
    return TckRunner.run(reports, seed, Duration.ofMinutes(10), HISTORIES, BrokenBackend.rules(ids))
        .failed();
  }

  private static String group(String id) {
    return id.substring(0, id.indexOf('-'));
  }
}
