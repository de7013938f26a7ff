package dev.checkpoint4j.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * docs/tck-generated-mutants.md: which generated mutants the TCK finds. With {@code
 * -Dcheckpoint.tck.generated=all} each of them is compared with it, instead of a sample; with
 * {@code update} what is found is written there.
 */
final class GeneratedMutantTable {

  private static final Path DOCUMENT = Path.of("../docs/tck-generated-mutants.md");
  private static final String NONE = "-";
  private static final String MODE = System.getProperty("checkpoint.tck.generated", "sample");
  private static final boolean UPDATE = MODE.equals("update");

  /** Whether each mutant is tried, and not a sample. */
  static final boolean ALL = UPDATE || MODE.equals("all");

  /** A row: the faults of a kind on a path. */
  private record Faults(String kind, String path) {}

  /** Names of mutants that are found. */
  private final Set<String> found = UPDATE ? new HashSet<>() : read();

  boolean isFound(GeneratedMutant mutant) {
    return found.contains(mutant.name());
  }

  void compare(GeneratedMutant mutant, boolean isFound) {
    if (UPDATE) {
      if (isFound) {
        found.add(mutant.name());
      }
    } else if (isFound(mutant) || !mutant.isRacy()) {
      assertThat(isFound).as("whether %s is found", mutant).isEqualTo(isFound(mutant));
    }
  }

  void check() {
    List<String> names = GeneratedMutant.all().stream().map(GeneratedMutant::name).toList();
    assertThat(names).as("names of mutants").doesNotHaveDuplicates();
    assumeFalse(UPDATE, "the table is being written");
    try {
      assertThat(Files.readString(DOCUMENT))
          .as("%s; CONTRIBUTING.md says how to write it again", DOCUMENT)
          .isEqualTo(render());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void updateIfAsked() {
    if (UPDATE) {
      try {
        Files.writeString(DOCUMENT, render());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private String render() {
    Map<Faults, List<GeneratedMutant>> rows =
        GeneratedMutant.all().stream()
            .collect(
                Collectors.groupingBy(
                    mutant -> new Faults(mutant.kind(), mutant.path()),
                    LinkedHashMap::new,
                    Collectors.toList()));
    long survivors = GeneratedMutant.all().stream().filter(each -> !isFound(each)).count();
    return """
    # The TCK tested: generated mutants

    Each mutant is a backend with one fault: a kind of fault, on one path, in one field. They were written from
    [spec.md](spec.md) alone, without regard to the rules. A plain build runs the TCK against 3 of those that are found,
    the profile `soak` against 100 others each time, and with `-Dcheckpoint.tck.generated=all` against every mutant. A run
    fails if a mutant that is found here is not found, and if one that is not found here is: the last column must become
    empty. Whether mutants of threads are found is chance where it says that they are not.
    [CONTRIBUTING.md](../CONTRIBUTING.md) says how to write this page again.

    | | |
    |---|---|
    | mutants | %d |
    | kinds | %d |
    | not found yet | %d |

    | kind | path | found | not found yet |
    |---|---|---|---|
    %s"""
        .formatted(
            GeneratedMutant.all().size(),
            GeneratedMutant.all().stream().map(GeneratedMutant::kind).distinct().count(),
            survivors,
            rows.entrySet().stream()
                .map(
                    row ->
                        "| %s | %s | %s | %s |%n"
                            .formatted(
                                row.getKey().kind(),
                                row.getKey().path(),
                                fields(row.getValue(), true),
                                fields(row.getValue(), false)))
                .collect(Collectors.joining()));
  }

  private String fields(List<GeneratedMutant> mutants, boolean isFound) {
    String fields =
        mutants.stream()
            .filter(mutant -> isFound(mutant) == isFound)
            .map(GeneratedMutant::field)
            .collect(Collectors.joining("; "));
    return fields.isEmpty() ? NONE : fields;
  }

  private static Set<String> read() {
    Set<String> found = new HashSet<>();
    try {
      for (String line : Files.readAllLines(DOCUMENT)) {
        String[] cells = line.split(" *\\| *", -1);
        if (cells.length == 6 && !cells[3].equals(NONE)) {
          for (String field : cells[3].split("; ", -1)) {
            found.add(cells[1] + " / " + cells[2] + " / " + field);
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return found;
  }
}
