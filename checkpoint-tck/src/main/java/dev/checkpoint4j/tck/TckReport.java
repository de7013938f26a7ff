package dev.checkpoint4j.tck;

import dev.checkpoint4j.spi.BackendDescriptor;
import dev.checkpoint4j.tck.RuleResult.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The outcome of one test class, as files for people and for machines. */
final class TckReport {

  /** What a report comes to. */
  enum Verdict {
    CONFORMANT("CONFORMANT"),
    DEVIATES("DEVIATES"),
    INCOMPLETE("INCOMPLETE"),
    NOT_CONFORMANT("NOT CONFORMANT");

    private final String label;

    Verdict(String label) {
      this.label = label;
    }
  }

  /**
   * What was tested.
   *
   * @param testClass the test class
   * @param descriptor the backend's; {@code null} if no handle was opened
   * @param version the backend's, of the manifest of its jar; {@code null} if it says none
   * @param seed of the random data
   * @param volume how many checkpoints and sessions the rules VOL stored
   * @param model what the rules MODEL did
   * @param selected the rules that the run was confined to; {@code null} for all
   * @param unfinished what ended the run before its time; {@code null} if nothing did
   */
  record Subject(
      Class<?> testClass,
      @Nullable BackendDescriptor descriptor,
      @Nullable String version,
      long seed,
      int volume,
      ModelTally model,
      @Nullable String selected,
      @Nullable String unfinished) {

    String backendId() {
      return descriptor == null ? "unknown" : descriptor.id();
    }
  }

  private static final String JSON = ".json";
  private static final String MARKDOWN = ".md";
  private static final String HTML = ".html";

  private final Subject subject;
  private final List<ReportRow> rows;

  TckReport(Subject subject, List<ReportRow> rows) {
    this.subject = subject;
    this.rows = List.copyOf(rows);
  }

  /**
   * Conformant only if every MUST rule passed or is not applicable, at least one rule passed, and
   * none was left out.
   */
  Verdict verdict() {
    if (hasMust(Status.FAIL) || subject.unfinished() != null) {
      return Verdict.NOT_CONFORMANT;
    }
    if (hasMust(Status.UNTESTED) || count(Status.PASS) == 0 || subject.selected() != null) {
      return Verdict.INCOMPLETE;
    }
    return hasMust(Status.DEVIATION) ? Verdict.DEVIATES : Verdict.CONFORMANT;
  }

  private boolean hasMust(Status status) {
    return rows.stream()
        .map(ReportRow::result)
        .anyMatch(result -> result.isMust() && result.is(status));
  }

  /** Whether nothing was found out about the backend. */
  boolean isEmpty() {
    return count(Status.PASS) + count(Status.FAIL) + count(Status.DEVIATION) == 0;
  }

  private long count(Status status) {
    return count(rows, status);
  }

  private static long count(List<ReportRow> rows, Status status) {
    return rows.stream().filter(row -> row.result().is(status)).count();
  }

  void write(Path directory) throws IOException {
    Files.createDirectories(directory);
    Files.writeString(directory.resolve(name() + JSON), toJson());
    Files.writeString(directory.resolve(name() + MARKDOWN), toMarkdown());
    Files.writeString(directory.resolve(name() + HTML), toHtml());
  }

  /** Removes what {@link #write} wrote for a report of this name. */
  static void delete(Path directory, String name) throws IOException {
    for (String extension : List.of(JSON, MARKDOWN, HTML)) {
      Files.deleteIfExists(directory.resolve(name + extension));
    }
  }

  /** The backend's id and the name of the test class without its package. */
  String name() {
    String simpleName = subject.testClass().getName().replaceFirst("^.*\\.", "");
    return (subject.backendId() + "-" + simpleName).replaceAll("[^A-Za-z0-9._-]", "-");
  }

  /** What a reader has to know to repeat the run, by its name. */
  private Map<String, String> facts() {
    Map<String, String> facts = new LinkedHashMap<>();
    BackendDescriptor descriptor = subject.descriptor();
    facts.put("backend", descriptor == null ? "never opened" : descriptor.toString());
    facts.put(
        "version of the backend", Objects.requireNonNullElse(subject.version(), "development"));
    facts.put("test class", subject.testClass().getName());
    facts.put("TCK", tckVersion());
    facts.put("Java", javaVersion());
    facts.put("system", system());
    facts.put(
        "seed",
        "%d (repeat with %s)".formatted(subject.seed(), TckRun.howToRepeat(subject.seed())));
    if (subject.volume() < TckRun.FULL_VOLUME) {
      facts.put(
          "volume",
          "reduced: the rules VOL stored %d checkpoints and sessions instead of %d"
              .formatted(subject.volume(), TckRun.FULL_VOLUME));
    }
    if (subject.selected() != null) {
      facts.put("rules", "a part: -D%s=%s".formatted(RuleSelection.PROPERTY, subject.selected()));
    }
    ModelTally model = subject.model();
    if (model.histories() > 0) {
      facts.put(
          "histories",
          "the rules MODEL ran %d histories: %d operations, %d comparisons with the reference"
              .formatted(model.histories(), model.operations(), model.comparisons()));
    }
    return facts;
  }

  private static String tckVersion() {
    return Objects.requireNonNullElse(
        TckReport.class.getPackage().getImplementationVersion(), "development");
  }

  private static String javaVersion() {
    return System.getProperty("java.vm.name") + " " + System.getProperty("java.runtime.version");
  }

  private static String system() {
    return "%s %s %s"
        .formatted(
            System.getProperty("os.name"),
            System.getProperty("os.version"),
            System.getProperty("os.arch"));
  }

  private String summary() {
    return "%s%d rules, %d passed, %d failed, %d not applicable, %d deviations, %d untested."
        .formatted(
            subject.unfinished() == null ? "" : subject.unfinished() + ". ",
            rows.size(),
            count(Status.PASS),
            count(Status.FAIL),
            count(Status.NOT_APPLICABLE),
            count(Status.DEVIATION),
            count(Status.UNTESTED));
  }

  // ---- JSON

  String toJson() {
    String rules = rows.stream().map(ReportRow::json).collect(Collectors.joining(",\n"));
    return """
    {
      "format": 2,
      "verdict": %s,
      "backend": %s,
      "backendVersion": %s,
      "testClass": %s,
      "tckVersion": %s,
      "java": %s,
      "system": %s,
      "seed": %s,
      "volume": %d,
      "model": {"histories": %d, "operations": %d, "comparisons": %d},
      "selected": %s,
      "unfinished": %s,
      "counts": {"rules": %d, "pass": %d, "fail": %d, "notApplicable": %d, "deviation": %d, "untested": %d},
      "rules": [
    %s
      ]
    }
    """
        .formatted(
            ReportText.json(verdict().label),
            descriptorJson(),
            jsonOrNull(subject.version()),
            ReportText.json(subject.testClass().getName()),
            ReportText.json(tckVersion()),
            ReportText.json(javaVersion()),
            ReportText.json(system()),
            // As text: not every reader keeps a number over 2^53.
            ReportText.json(Long.toString(subject.seed())),
            subject.volume(),
            subject.model().histories(),
            subject.model().operations(),
            subject.model().comparisons(),
            jsonOrNull(subject.selected()),
            jsonOrNull(subject.unfinished()),
            rows.size(),
            count(Status.PASS),
            count(Status.FAIL),
            count(Status.NOT_APPLICABLE),
            count(Status.DEVIATION),
            count(Status.UNTESTED),
            rules);
  }

  private String descriptorJson() {
    BackendDescriptor descriptor = subject.descriptor();
    if (descriptor == null) {
      return "null";
    }
    String capabilities =
        descriptor.capabilities().stream()
            .map(capability -> ReportText.json(capability.name()))
            .collect(Collectors.joining(", ", "[", "]"));
    return "{\"id\": %s, \"durability\": %s, \"capabilities\": %s, \"maxDocumentBytes\": %s}"
        .formatted(
            ReportText.json(descriptor.id()),
            ReportText.json(descriptor.durability().name()),
            capabilities,
            ReportText.json(Long.toString(descriptor.maxDocumentBytes())));
  }

  private static String jsonOrNull(@Nullable String text) {
    return text == null ? "null" : ReportText.json(text);
  }

  // ---- Markdown

  String toMarkdown() {
    String facts =
        facts().entrySet().stream()
            .map(fact -> "| %s | %s |%n".formatted(fact.getKey(), ReportText.cell(fact.getValue())))
            .collect(Collectors.joining());
    String table =
        rows.stream()
            .sorted(Comparator.comparing(row -> row.result().status()))
            .map(ReportRow::markdown)
            .collect(Collectors.joining());
    return """
    # TCK report: %s

    **%s**: %s

    | | |
    |---|---|
    %s
    | rule | level | status | promise | detail |
    |---|---|---|---|---|
    %s"""
        .formatted(ReportText.cell(subject.backendId()), verdict().label, summary(), facts, table);
  }

  // ---- HTML

  String toHtml() {
    String facts =
        facts().entrySet().stream()
            .map(
                fact ->
                    "<tr><th>%s</th><td>%s</td></tr>%n"
                        .formatted(
                            ReportText.html(fact.getKey()), ReportText.html(fact.getValue())))
            .collect(Collectors.joining());
    Map<String, List<ReportRow>> groups =
        rows.stream()
            .sorted(Comparator.comparing(row -> !row.result().is(Status.FAIL)))
            .collect(
                Collectors.groupingBy(ReportRow::group, LinkedHashMap::new, Collectors.toList()));
    String tables =
        groups.entrySet().stream()
            .map(group -> htmlTable(group.getKey(), group.getValue()))
            .collect(Collectors.joining());
    String title = "TCK report: " + ReportText.html(subject.backendId());
    return """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>%s</title>
    <style>
    body { font: 15px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
    table { border-collapse: collapse; width: 100%%; }
    th, td { text-align: left; vertical-align: top; padding: .3rem .6rem; border-bottom: 1px solid #ddd; }
    th:first-child, td:first-child { width: 11rem; white-space: nowrap; }
    th:nth-last-child(3), td:nth-last-child(3), th:nth-last-child(2):not(:first-child), td:nth-last-child(2) { width: 7rem; }
    pre { white-space: pre-wrap; margin: .3rem 0 0; font-size: .85rem; }
    .status { font-weight: bold; white-space: nowrap; }
    .pass { color: #1a7f37; } .fail { color: #b42318; } .untested, .deviation { color: #9a6700; } .na { color: #666; }
    </style>
    </head>
    <body>
    <h1>%s</h1>
    <p><strong class="%s">%s</strong>: %s</p>
    <table>
    %s</table>
    %s</body>
    </html>
    """
        .formatted(
            title,
            title,
            verdict() == Verdict.CONFORMANT ? "pass" : "fail",
            verdict().label,
            ReportText.html(summary()),
            facts,
            tables);
  }

  private static String htmlTable(String group, List<ReportRow> rows) {
    String counts =
        Arrays.stream(Status.values())
            .filter(status -> count(rows, status) > 0)
            .map(status -> "%d %s".formatted(count(rows, status), status.label()))
            .collect(Collectors.joining(", "));
    String lines = rows.stream().map(ReportRow::html).collect(Collectors.joining());
    return """
    <h2>%s <small>(%s)</small></h2>
    <table>
    <tr><th>rule</th><th>level</th><th>status</th><th>promise</th></tr>
    %s</table>
    """
        .formatted(group, counts, lines);
  }
}
