package dev.checkpoint4j.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.checkpoint4j.benchmarks.media.Backend;
import dev.checkpoint4j.benchmarks.media.Peers.Peer;
import dev.checkpoint4j.benchmarks.report.Report;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {

  private static final Point PUT = Point.base(Operation.PUT, Backend.FILE);

  @TempDir Path directory;

  @Test
  void tellsTheMedianOfTheRatiosOfRoundsAndWhetherItIsWithinTheBudget() throws IOException {
    String page =
        pageOf(
            results -> {
              // Ratios of 1.1, 1.2 and 3.
              pair(results, 1, PUT, 110, 100);
              pair(results, 2, PUT, 240, 200);
              pair(results, 3, PUT, 300, 100);
            });
    assertThat(page)
        .as("the budget of 1.3")
        .contains("| file: put | 1.30 | 1.20 (1.10 to 3.00) | 3 | met | - |");
  }

  @Test
  void comparesALongHistoryWithAShortOneOfTheSameRound() throws IOException {
    String page =
        pageOf(
            results -> {
              pair(results, 1, PUT, 100, 100);
              pair(results, 1, PUT.history(10_000), 200, 100);
              pair(results, 2, PUT, 100, 100);
            });
    assertThat(page)
        .as("a round without the long history counts for nothing")
        .contains("| file: put | 1.50 | 2.00 | 1 | **not met** | 1.00 |");
  }

  @Test
  void saysWhatWasNotMeasured() throws IOException {
    String page =
        pageOf(results -> results.add(new Results.Failure(1, PUT, "bare", "disk full | or\nso")));
    assertThat(page)
        .contains("| file: latest | 1.50 | - | 0 | not measured | - |")
        .contains("| 1 | bare, file, put, 1 KB, history 10 | disk full \\| or so |");
  }

  @Test
  void showsOtherLibrariesBesideOurs() throws IOException {
    Point step = Point.base(Operation.CHAT_PUT, Backend.FILE).history(100);
    String page =
        pageOf(
            results -> {
              pair(results, 1, step, 200_000, 100_000);
              add(results, 1, step, "other", 1_000_000);
            });
    assertThat(page)
        .contains("| other | file | 5.00 (1.00 ms) | forgotten |")
        .contains("| other | put | 100 | 1.00 ms | 200 µs | 5.00 |");
  }

  @Test
  void writesTheBytesThatAChatLeaves() throws IOException {
    Point step = Point.base(Operation.CHAT_PUT, Backend.FILE).history(100);
    String page =
        pageOf(
            results -> {
              pair(results, 1, step, 2_000, 1_000);
              results.add(new Results.Stored(Backend.FILE, "ours", 100, 12_300_000));
            });
    assertThat(page).contains("| file | 100 | 2.00 µs | 1.00 µs | 2.00 | - | 12.3 MB | - |");
  }

  @Test
  void replacesWhatIsMeasuredAgain() throws IOException {
    Point latest = Point.base(Operation.LATEST, Backend.FILE);
    String before =
        pageOf(
            results -> {
              pair(results, 1, PUT, 300, 100);
              pair(results, 1, latest, 700, 100);
            });
    assertThat(before)
        .contains("| put | 1 KB, history 10 | 300 ns |")
        .doesNotContain("Measured again");
    Path file = directory.resolve("performance").resolve("results.jsonl");
    pair(Results.again(file, List.of(Backend.FILE), List.of(PUT), "run --again"), 1, PUT, 200, 100);
    Report.write(directory, Results.read(file));
    assertThat(directory.resolve("performance.md"))
        .content()
        .contains("by `run --again` on")
        .contains("| put | 1 KB, history 10 | 200 ns | 100 ns | 2.00 |")
        .contains("| latest | 1 KB, history 10 | 700 ns | 100 ns | 7.00 |");
  }

  @Test
  void addsABackend() throws IOException {
    pageOf(results -> pair(results, 1, PUT, 300, 100));
    Path file = directory.resolve("performance").resolve("results.jsonl");
    Point added = Point.base(Operation.PUT, Backend.H2);
    pair(
        Results.again(file, List.of(Backend.H2), List.of(added), "run --again"),
        1,
        added,
        200,
        100);
    Report.write(directory, Results.read(file));
    assertThat(directory.resolve("performance.md"))
        .content()
        .contains("Backends were added by `run --again` on")
        .contains("| file: put | 1.30 | 3.00 | 1 |")
        .contains("| h2: put | 1.40 | 2.00 | 1 |");
  }

  @Test
  void thePublishedPageIsThatOfItsResults() throws IOException {
    Path published = Path.of("..", "docs");
    Files.createDirectory(directory.resolve("performance"));
    Report.write(
        directory, Results.read(published.resolve("performance").resolve("results.jsonl")));
    assertThat(withoutPlots(directory.resolve("performance.md")))
        .as("docs/performance.md, as ./checkpoint-benchmarks/run --report-only writes it")
        .isEqualTo(withoutPlots(published.resolve("performance.md")));
  }

  /** A machine without fonts draws none. */
  private static List<String> withoutPlots(Path page) throws IOException {
    return Files.readAllLines(page).stream()
        .filter(line -> !line.isEmpty() && !line.startsWith("!["))
        .toList();
  }

  private interface Filling {
    void into(Results results) throws IOException;
  }

  private String pageOf(Filling filling) throws IOException {
    Path file = Files.createDirectories(directory.resolve("performance")).resolve("results.jsonl");
    Run run =
        new Run(
            "2026-11-27",
            Map.of("memory", "some"),
            Map.of("h2", "2"),
            List.of(Backend.FILE),
            List.of(new Peer("other", Backend.FILE, "forgotten")),
            3,
            10_000,
            true,
            "./checkpoint-benchmarks/run",
            List.of());
    filling.into(Results.create(file, run));
    Report.write(directory, Results.read(file));
    return Files.readString(directory.resolve("performance.md"));
  }

  private static void pair(Results results, int round, Point point, double ours, double bare)
      throws IOException {
    add(results, round, point, "ours", ours);
    add(results, round, point, "bare", bare);
  }

  private static void add(Results results, int round, Point point, String side, double nanos)
      throws IOException {
    results.add(
        new Forks.Outcome(
            new Measurement(round, point, side, nanos, 1_000),
            JsonNodeFactory.instance.objectNode().put("mode", "ss")));
  }
}
