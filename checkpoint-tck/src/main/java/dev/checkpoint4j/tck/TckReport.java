package dev.checkpoint4j.tck;

import dev.checkpoint4j.spi.BackendDescriptor;
import dev.checkpoint4j.tck.RuleResult.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
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
   */
  record Subject(
      Class<?> testClass,
      @Nullable BackendDescriptor descriptor,
      @Nullable String version,
      long seed,
      int volume,
      ModelTally model) {

    String backendId() {
      return descriptor == null ? "unknown" : descriptor.id();
    }
  }

  private final Subject subject;
  private final List<RuleResult> results;

  TckReport(Subject subject, List<RuleResult> results) {
    this.subject = subject;
    this.results = List.copyOf(results);
  }

  /**
   * Conformant only if every MUST rule passed or is not applicable, and at least one rule passed.
   */
  Verdict verdict() {
    if (hasMust(Status.FAIL)) {
      return Verdict.NOT_CONFORMANT;
    }
    if (hasMust(Status.UNTESTED) || count(Status.PASS) == 0) {
      return Verdict.INCOMPLETE;
    }
    return hasMust(Status.DEVIATION) ? Verdict.DEVIATES : Verdict.CONFORMANT;
  }

  private boolean hasMust(Status status) {
    return results.stream().anyMatch(result -> result.isMust() && result.is(status));
  }

  /** Whether nothing was found out about the backend. */
  boolean isEmpty() {
    return count(Status.PASS) + count(Status.FAIL) + count(Status.DEVIATION) == 0;
  }

  private long count(Status status) {
    return results.stream().filter(result -> result.is(status)).count();
  }

  void write(Path directory) throws IOException {
    Files.createDirectories(directory);
    Files.writeString(directory.resolve(name() + ".json"), toJson());
    Files.writeString(directory.resolve(name() + ".md"), toMarkdown());
    Files.writeString(directory.resolve(name() + ".html"), toHtml());
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
    return "%d rules, %d passed, %d failed, %d not applicable, %d deviations, %d untested."
        .formatted(
            results.size(),
            count(Status.PASS),
            count(Status.FAIL),
            count(Status.NOT_APPLICABLE),
            count(Status.DEVIATION),
            count(Status.UNTESTED));
  }

  // ---- JSON

  String toJson() {
    String rules =
        results.stream()
            .map(
                result ->
                    "    {\"id\": %s, \"level\": %s, \"status\": %s%s}"
                        .formatted(
                            quote(result.rule().id()),
                            quote(result.rule().level().name()),
                            quote(result.status().label()),
                            result.detail().isEmpty()
                                ? ""
                                : ", \"detail\": " + quote(result.detail())))
            .collect(Collectors.joining(",\n"));
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
      "counts": {"rules": %d, "pass": %d, "fail": %d, "notApplicable": %d, "deviation": %d, "untested": %d},
      "rules": [
    %s
      ]
    }
    """
        .formatted(
            quote(verdict().label),
            descriptorJson(),
            subject.version() == null ? "null" : quote(subject.version()),
            quote(subject.testClass().getName()),
            quote(tckVersion()),
            quote(javaVersion()),
            quote(system()),
            // As text: not every reader keeps a number over 2^53.
            quote(Long.toString(subject.seed())),
            subject.volume(),
            subject.model().histories(),
            subject.model().operations(),
            subject.model().comparisons(),
            results.size(),
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
            .map(capability -> quote(capability.name()))
            .collect(Collectors.joining(", ", "[", "]"));
    return "{\"id\": %s, \"durability\": %s, \"capabilities\": %s, \"maxDocumentBytes\": %s}"
        .formatted(
            quote(descriptor.id()),
            quote(descriptor.durability().name()),
            capabilities,
            quote(Long.toString(descriptor.maxDocumentBytes())));
  }

  private static String quote(String text) {
    StringBuilder json = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        json.append('\\').append(c);
      } else if (c < ' ' || c > '~') {
        json.append("\\u%04x".formatted((int) c));
      } else {
        json.append(c);
      }
    }
    return json.append('"').toString();
  }

  // ---- Markdown

  String toMarkdown() {
    String facts =
        facts().entrySet().stream()
            .map(fact -> "| %s | %s |%n".formatted(fact.getKey(), cell(fact.getValue())))
            .collect(Collectors.joining());
    String rows =
        results.stream()
            .map(
                result ->
                    "| %s | %s | %s | %s | %s |%n"
                        .formatted(
                            result.rule().id(),
                            result.rule().level(),
                            result.status().label(),
                            cell(Spec.of(result.rule()).sentence()),
                            cell(result.detail())))
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
        .formatted(cell(subject.backendId()), verdict().label, summary(), facts, rows);
  }

  private static String cell(String text) {
    return visible(text.strip()).replace("|", "\\|").replaceAll("\\s*\\R\\s*", "<br>");
  }

  // ---- HTML

  String toHtml() {
    String facts =
        facts().entrySet().stream()
            .map(
                fact ->
                    "<tr><th>%s</th><td>%s</td></tr>%n"
                        .formatted(escape(fact.getKey()), escape(fact.getValue())))
            .collect(Collectors.joining());
    Map<String, List<RuleResult>> groups =
        results.stream()
            .collect(
                Collectors.groupingBy(
                    result -> result.rule().id().replaceFirst("-.*", ""),
                    LinkedHashMap::new,
                    Collectors.toList()));
    String tables =
        groups.entrySet().stream()
            .map(group -> htmlTable(group.getKey(), group.getValue()))
            .collect(Collectors.joining());
    String title = "TCK report: " + escape(subject.backendId());
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
            escape(summary()),
            facts,
            tables);
  }

  private static String htmlTable(String group, List<RuleResult> results) {
    String counts =
        Arrays.stream(Status.values())
            .filter(status -> results.stream().anyMatch(result -> result.is(status)))
            .map(
                status ->
                    "%d %s"
                        .formatted(
                            results.stream().filter(result -> result.is(status)).count(),
                            status.label()))
            .collect(Collectors.joining(", "));
    String rows =
        results.stream()
            .map(
                result ->
                    "<tr><td>%s</td><td>%s</td><td class=\"status %s\">%s</td><td>%s%s</td></tr>%n"
                        .formatted(
                            result.rule().id(),
                            result.rule().level(),
                            result.status().label().replace("/", "").toLowerCase(Locale.ROOT),
                            result.status().label(),
                            escape(Spec.of(result.rule()).sentence())
                                .replaceAll("`([^`]+)`", "<code>$1</code>"),
                            result.detail().isEmpty()
                                ? ""
                                : "<pre>" + escape(result.detail().strip()) + "</pre>"))
            .collect(Collectors.joining());
    return """
    <h2>%s <small>(%s)</small></h2>
    <table>
    <tr><th>rule</th><th>level</th><th>status</th><th>promise</th></tr>
    %s</table>
    """
        .formatted(group, counts, rows);
  }

  private static String escape(String text) {
    return visible(text)
        .replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }

  /** A text with what no file of text can hold, or no reader would see, shown by its number. */
  private static String visible(String text) {
    StringBuilder visible = new StringBuilder();
    text.codePoints()
        .forEach(
            c -> {
              boolean hidden =
                  Character.getType(c) == Character.SURROGATE
                      || (Character.isISOControl(c) && c != '\n' && c != '\r' && c != '\t');
              if (hidden) {
                visible.append("\\u%04x".formatted(c));
              } else {
                visible.appendCodePoint(c);
              }
            });
    return visible.toString();
  }
}
