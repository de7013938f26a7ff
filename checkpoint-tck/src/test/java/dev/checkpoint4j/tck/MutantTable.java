package dev.checkpoint4j.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * docs/tck-mutants.md: which rules find which mutant. With {@code -Dcheckpoint.tck.mutants=all}
 * each mutant is compared with it, instead of a sample; with {@code update} what is found is
 * written there.
 */
final class MutantTable {

  private static final Path DOCUMENT = Path.of("../docs/tck-mutants.md");
  private static final String MODE = System.getProperty("checkpoint.tck.mutants", "sample");
  private static final boolean UPDATE = MODE.equals("update");

  /** Whether the whole TCK runs against each mutant, and not against a sample. */
  static final boolean ALL = UPDATE || MODE.equals("all");

  /**
   * Which rules find a mutant.
   *
   * @param always in every run
   * @param sometimes when threads meet in a certain way
   */
  record Row(Set<String> always, Set<String> sometimes) {

    private Row and(Set<String> found) {
      Set<String> both = new TreeSet<>(always);
      both.retainAll(found);
      Set<String> others = new TreeSet<>(sometimes);
      others.addAll(always);
      others.addAll(found);
      others.removeAll(both);
      return new Row(both, others);
    }
  }

  private final Map<String, Row> rows = UPDATE ? new LinkedHashMap<>() : read();

  static int runsOf(Mutant mutant) {
    if (!UPDATE) {
      return 1;
    }
    return mutant.isRacy() ? 6 : 1;
  }

  /**
   * Compares the rules that have found a mutant with those of its row. Rules that let threads meet
   * are left out: whether they find what they are not meant for is chance.
   */
  void compare(Mutant mutant, Set<String> found) {
    if (UPDATE) {
      rows.merge(
          mutant.name(), new Row(found, Set.of()), (row, further) -> row.and(further.always()));
      return;
    }
    Row row = row(mutant);
    assertThat(withoutRaces(found))
        .as("rules that find the mutant '%s', compared with %s", mutant, DOCUMENT)
        .isEqualTo(withoutRaces(row.always()));
  }

  private static Set<String> withoutRaces(Set<String> ids) {
    return ids.stream()
        .filter(id -> !id.startsWith("RACE-") && !id.startsWith("BYST-") && !id.equals("CLOSE-05"))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** Checks that the document is of today's mutants and rules, and that no rule is idle. */
  void check() {
    assumeFalse(UPDATE, "the table is being written");
    assertThat(mustRulesWithoutMutant()).as("MUST rules that find no mutant").isEmpty();
    Mutant.all()
        .forEach(
            mutant ->
                assertThat(row(mutant).always())
                    .as("rules of %s that always find the mutant '%s'", DOCUMENT, mutant)
                    .containsAll(mutant.isRacy() ? Set.of() : mutant.killers()));
    try {
      assertThat(Files.readString(DOCUMENT))
          .as("%s; CONTRIBUTING.md says how to regenerate it", DOCUMENT)
          .isEqualTo(render());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Writes what was found, if that was asked for. */
  void updateIfAsked() {
    if (UPDATE) {
      try {
        Files.writeString(DOCUMENT, render());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private Row row(Mutant mutant) {
    return rows.getOrDefault(mutant.name(), new Row(Set.of(), Set.of()));
  }

  /** MUST rules that find no mutant in every run. */
  Set<String> mustRulesWithoutMutant() {
    Set<String> ids =
        Spec.entries().stream()
            .filter(entry -> entry.level() == Level.MUST)
            .map(Spec.Entry::id)
            .collect(Collectors.toCollection(TreeSet::new));
    rows.values().forEach(row -> ids.removeAll(row.always()));
    return ids;
  }

  private String render() {
    String table =
        Mutant.all().stream()
            .map(
                mutant -> {
                  Row row = row(mutant);
                  return "| %s | %s | %s |%n"
                      .formatted(mutant.name(), always(row, mutant), ids(row.sometimes()));
                })
            .collect(Collectors.joining());
    long must = Spec.entries().stream().filter(entry -> entry.level() == Level.MUST).count();
    return """
    # The TCK tested: broken backends and the rules that find them

    Each mutant is a backend that is correct but for one fault. Every build runs the rules that are **meant** to find it,
    and fails if one of them does not. The profile `soak` runs the whole TCK against a quarter (`.ci/run --full`: against each), and
    fails if the rules that find it are not exactly those of its row. Rules that let threads meet (RACE, BYST, CLOSE-05)
    are an exception: what they find besides is chance, and is listed as seen in the runs that wrote this table. Racy mutants
    show only there; `soak` finds them in at least 49 of 50 runs. [CONTRIBUTING.md](../CONTRIBUTING.md) says how to
    regenerate this page.

    | | |
    |---|---|
    | rules | %d (%d MUST, %d SHOULD) |
    | mutants | %d (%d of them racy) |
    | mutants that no rule finds | %d |
    | MUST rules that find no mutant | %d%s |

    | mutant | always found by | sometimes also by |
    |---|---|---|
    %s"""
        .formatted(
            Spec.entries().size(),
            must,
            Spec.entries().size() - must,
            Mutant.all().size(),
            Mutant.all().stream().filter(Mutant::isRacy).count(),
            rows.values().stream().filter(row -> row.always().isEmpty()).count(),
            mustRulesWithoutMutant().size(),
            mustRulesWithoutMutant().isEmpty()
                ? ""
                : " (" + String.join(", ", mustRulesWithoutMutant()) + ")",
            table);
  }

  private static String always(Row row, Mutant mutant) {
    return ids(
        row.always().stream()
            .map(id -> mutant.killers().contains(id) ? "**" + id + "**" : id)
            .collect(Collectors.toCollection(LinkedHashSet::new)));
  }

  private static String ids(Set<String> ids) {
    return ids.isEmpty() ? "-" : String.join(", ", ids);
  }

  private static Map<String, Row> read() {
    Map<String, Row> rows = new LinkedHashMap<>();
    try {
      for (String line : Files.readAllLines(DOCUMENT)) {
        String[] cells = line.split(" *\\| *", -1);
        if (cells.length == 5 && !cells[1].equals("mutant") && !cells[1].startsWith("--")) {
          rows.put(cells[1], new Row(parse(cells[2]), parse(cells[3])));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return rows;
  }

  private static Set<String> parse(String cell) {
    List<String> ids =
        cell.equals("-") ? List.of() : Arrays.asList(cell.replace("*", "").split(", ", -1));
    return new TreeSet<>(ids);
  }
}
