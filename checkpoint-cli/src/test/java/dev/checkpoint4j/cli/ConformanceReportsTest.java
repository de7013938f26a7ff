package dev.checkpoint4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** docs/stores.md links a report of every store: of today's rules, each of which was kept. */
class ConformanceReportsTest {

  private static final Path ROOT = Path.of("..");

  private static List<String> matches(String pattern, Path file) throws IOException {
    return Pattern.compile(pattern, Pattern.MULTILINE)
        .matcher(Files.readString(file))
        .results()
        .map(MatchResult::group)
        .map(match -> match.replaceAll(pattern, "$1"))
        .toList();
  }

  private static List<String> linkedReports() throws IOException {
    return matches("\\((conformance/[^)]+\\.md)\\)", ROOT.resolve("docs/stores.md")).stream()
        .map(link -> "docs/" + link)
        .toList();
  }

  @Test
  void everyStoreHasAReport() throws IOException {
    try (Stream<Path> modules = Files.list(ROOT)) {
      List<String> stores =
          modules
              .map(module -> module.getFileName().toString())
              .filter(module -> module.startsWith("checkpoint-store-"))
              .map(module -> module.substring("checkpoint-store-".length()))
              .toList();
      assertThat(stores)
          .as("stores of this repository")
          .isNotEmpty()
          .allSatisfy(
              store ->
                  assertThat(linkedReports())
                      .as("reports that docs/stores.md links, one of them of %s", store)
                      .anyMatch(link -> link.startsWith("docs/conformance/" + store + "-")));
    }
  }

  @Test
  void everyReportIsOfTodaysRulesAndConformant() throws IOException {
    List<String> rules = matches("^### ([A-Z]+-[0-9]+) ", ROOT.resolve("docs/spec.md"));
    assertThat(rules).as("rules of docs/spec.md").hasSizeGreaterThan(100);
    for (String link : linkedReports()) {
      Path report = ROOT.resolve(link);
      assertThat(report).as("a report that docs/stores.md links").exists();
      assertThat(Files.readString(report)).as(link).contains("**CONFORMANT**");
      assertThat(matches("^\\| ([A-Z]+-[0-9]+) \\| (?:MUST|SHOULD) \\| (?:PASS|N/A) \\|", report))
          .as(
              "rules that passed or are not applicable in %s; CONTRIBUTING.md says how to write it"
                  + " again",
              link)
          .containsExactlyInAnyOrderElementsOf(rules);
    }
  }
}
