package dev.checkpoint4j.tck;

import java.util.Locale;

/**
 * What became of one rule, as a row of each kind of report. Made once for each result: a report is
 * written whenever a rule starts.
 *
 * @param result what became of the rule
 * @param json an object
 * @param markdown a line of a table
 * @param html a line of a table
 */
record ReportRow(RuleResult result, String json, String markdown, String html) {

  static ReportRow of(RuleResult result) {
    return new ReportRow(result, toJson(result), toMarkdown(result), toHtml(result));
  }

  private static String toJson(RuleResult result) {
    return "    {\"id\": %s, \"level\": %s, \"status\": %s%s}"
        .formatted(
            ReportText.json(result.rule().id()),
            ReportText.json(result.rule().level().name()),
            ReportText.json(result.status().label()),
            result.detail().isEmpty() ? "" : ", \"detail\": " + ReportText.json(result.detail()));
  }

  private static String toMarkdown(RuleResult result) {
    return "| %s | %s | %s | %s | %s |%n"
        .formatted(
            result.rule().id(),
            result.rule().level(),
            result.status().label(),
            ReportText.cell(Spec.of(result.rule()).sentence()),
            ReportText.cell(result.detail()));
  }

  private static String toHtml(RuleResult result) {
    return "<tr><td>%s</td><td>%s</td><td class=\"status %s\">%s</td><td>%s%s</td></tr>%n"
        .formatted(
            result.rule().id(),
            result.rule().level(),
            result.status().label().replace("/", "").toLowerCase(Locale.ROOT),
            result.status().label(),
            ReportText.html(Spec.of(result.rule()).sentence())
                .replaceAll("`([^`]+)`", "<code>$1</code>"),
            result.detail().isEmpty()
                ? ""
                : "<pre>" + ReportText.html(result.detail().strip()) + "</pre>");
  }

  /** The heading of the table of an HTML report that shows the rule. */
  String group() {
    return result.is(RuleResult.Status.FAIL)
        ? "Failed"
        : result.rule().id().substring(0, result.rule().id().indexOf('-'));
  }
}
