package dev.checkpoint4j.tck;

import dev.checkpoint4j.spi.BackendDescriptor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The outcome of one test class, as files for people and for machines. */
final class TckReport {

  /** What a report comes to. */
  enum Verdict {
    CONFORMANT("CONFORMANT"),
    NOT_CONFORMANT("NOT CONFORMANT"),
    INCOMPLETE("INCOMPLETE");

    private final String label;

    Verdict(String label) {
      this.label = label;
    }
  }

  private final Class<?> testClass;
  private final @Nullable BackendDescriptor descriptor;
  private final long seed;
  private final List<RuleResult> results;

  TckReport(
      Class<?> testClass,
      @Nullable BackendDescriptor descriptor,
      long seed,
      List<RuleResult> results) {
    this.testClass = testClass;
    this.descriptor = descriptor;
    this.seed = seed;
    this.results = List.copyOf(results);
  }

  /** Whether every MUST rule passed or is not applicable; a run in which none passed is not. */
  Verdict verdict() {
    if (results.stream().anyMatch(result -> result.isMust() && result.is(RuleResult.Status.FAIL))) {
      return Verdict.NOT_CONFORMANT;
    }
    boolean complete =
        results.stream().anyMatch(result -> result.is(RuleResult.Status.PASS))
            && results.stream()
                .noneMatch(result -> result.isMust() && result.is(RuleResult.Status.UNTESTED));
    return complete ? Verdict.CONFORMANT : Verdict.INCOMPLETE;
  }

  void write(Path directory) throws IOException {
    Files.createDirectories(directory);
    Files.writeString(directory.resolve(name() + ".json"), toJson());
    Files.writeString(directory.resolve(name() + ".md"), toMarkdown());
  }

  /** The backend's id and the name of the test class without its package. */
  String name() {
    String simpleName = testClass.getName().replaceFirst("^.*\\.", "");
    return (backendId() + "-" + simpleName).replaceAll("[^A-Za-z0-9._-]", "-");
  }

  private String backendId() {
    return descriptor == null ? "unknown" : descriptor.id();
  }

  private static String tckVersion() {
    return Objects.requireNonNullElse(
        TckReport.class.getPackage().getImplementationVersion(), "development");
  }

  private static String javaVersion() {
    return System.getProperty("java.vm.name") + " " + System.getProperty("java.runtime.version");
  }

  private long count(RuleResult.Status status) {
    return results.stream().filter(result -> result.is(status)).count();
  }

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
      "format": 1,
      "verdict": %s,
      "backend": %s,
      "testClass": %s,
      "tckVersion": %s,
      "java": %s,
      "seed": %s,
      "counts": {"rules": %d, "pass": %d, "fail": %d, "notApplicable": %d, "untested": %d},
      "rules": [
    %s
      ]
    }
    """
        .formatted(
            quote(verdict().label),
            descriptorJson(),
            quote(testClass.getName()),
            quote(tckVersion()),
            quote(javaVersion()),
            quote(Long.toString(seed)),
            results.size(),
            count(RuleResult.Status.PASS),
            count(RuleResult.Status.FAIL),
            count(RuleResult.Status.NOT_APPLICABLE),
            count(RuleResult.Status.UNTESTED),
            rules);
  }

  private String descriptorJson() {
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
            // As text: not every reader keeps a number over 2^53.
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

  String toMarkdown() {
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

    **%s**: %d rules, %d passed, %d failed, %d not applicable, %d untested.

    | | |
    |---|---|
    | backend | %s |
    | test class | `%s` |
    | TCK | %s |
    | Java | %s |
    | seed | %d (repeat with `-Dcheckpoint.tck.seed=%d`) |

    | rule | level | status | promise | detail |
    |---|---|---|---|---|
    %s"""
        .formatted(
            cell(backendId()),
            verdict().label,
            results.size(),
            count(RuleResult.Status.PASS),
            count(RuleResult.Status.FAIL),
            count(RuleResult.Status.NOT_APPLICABLE),
            count(RuleResult.Status.UNTESTED),
            cell(descriptor == null ? "never opened" : descriptor.toString()),
            testClass.getName(),
            tckVersion(),
            javaVersion(),
            seed,
            seed,
            rows);
  }

  private static String cell(String text) {
    return text.strip().replace("|", "\\|").replaceAll("\\s*\\R\\s*", "<br>");
  }
}
