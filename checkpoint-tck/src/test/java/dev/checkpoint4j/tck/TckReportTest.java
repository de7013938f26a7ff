package dev.checkpoint4j.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.spi.BackendDescriptor;
import dev.checkpoint4j.spi.Durability;
import dev.checkpoint4j.tck.RuleResult.Status;
import dev.checkpoint4j.tck.TckReport.Verdict;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.platform.commons.support.AnnotationSupport;
import org.junit.platform.commons.support.HierarchyTraversalMode;

class TckReportTest {

  private static final BackendDescriptor DESCRIPTOR =
      BackendDescriptor.builder("my backend", Durability.VOLATILE).build();

  private static RuleResult result(String id, Status status, String detail) {
    Rule rule =
        AnnotationSupport.findAnnotatedMethods(
                BackendStorageTck.class, Rule.class, HierarchyTraversalMode.TOP_DOWN)
            .stream()
            .map(method -> method.getAnnotation(Rule.class))
            .filter(found -> found.id().equals(id))
            .findFirst()
            .orElseThrow();
    return new RuleResult(rule, status, detail);
  }

  private static TckReport report(
      Class<?> testClass, @Nullable BackendDescriptor descriptor, List<RuleResult> results) {
    return report(testClass, descriptor, new ModelTally(), results);
  }

  private static TckReport report(
      Class<?> testClass,
      @Nullable BackendDescriptor descriptor,
      ModelTally model,
      List<RuleResult> results) {
    return new TckReport(
        new TckReport.Subject(testClass, descriptor, null, 1, 10_000, model, null, null),
        results.stream().map(ReportRow::of).toList());
  }

  private static RuleResult must(Status status) {
    return result("PUT-01", status, "");
  }

  private static RuleResult should(Status status) {
    return result("LIST-13", status, "");
  }

  static Stream<Arguments> verdicts() {
    return Stream.of(
        Arguments.of(List.of(must(Status.PASS)), Verdict.CONFORMANT),
        Arguments.of(List.of(must(Status.PASS), must(Status.NOT_APPLICABLE)), Verdict.CONFORMANT),
        Arguments.of(List.of(must(Status.PASS), should(Status.FAIL)), Verdict.CONFORMANT),
        Arguments.of(List.of(must(Status.PASS), should(Status.UNTESTED)), Verdict.CONFORMANT),
        Arguments.of(List.of(must(Status.PASS), should(Status.DEVIATION)), Verdict.CONFORMANT),
        Arguments.of(List.of(must(Status.PASS), must(Status.DEVIATION)), Verdict.DEVIATES),
        Arguments.of(List.of(must(Status.DEVIATION)), Verdict.INCOMPLETE),
        Arguments.of(
            List.of(must(Status.PASS), must(Status.DEVIATION), must(Status.UNTESTED)),
            Verdict.INCOMPLETE),
        Arguments.of(List.of(must(Status.FAIL), must(Status.DEVIATION)), Verdict.NOT_CONFORMANT),
        Arguments.of(List.of(must(Status.PASS), must(Status.FAIL)), Verdict.NOT_CONFORMANT),
        Arguments.of(List.of(must(Status.FAIL), must(Status.UNTESTED)), Verdict.NOT_CONFORMANT),
        Arguments.of(List.of(must(Status.PASS), must(Status.UNTESTED)), Verdict.INCOMPLETE),
        Arguments.of(List.of(must(Status.NOT_APPLICABLE)), Verdict.INCOMPLETE),
        Arguments.of(List.of(), Verdict.INCOMPLETE));
  }

  @ParameterizedTest
  @MethodSource("verdicts")
  void verdictIsConformantOnlyIfEveryMustRulePassedOrIsNotApplicable(
      List<RuleResult> results, Verdict expected) {
    assertThat(report(TckReportTest.class, DESCRIPTOR, results).verdict())
        .as("verdict of %s", results)
        .isEqualTo(expected);
  }

  /** Also if what was left out is a SHOULD rule, which a conformant backend may break. */
  @Test
  void aRunOfSomeRulesIsIncomplete() {
    TckReport.Subject part =
        new TckReport.Subject(
            TckReportTest.class, DESCRIPTOR, null, 1, 10_000, new ModelTally(), "!LIST-13", null);
    List<ReportRow> rows =
        Stream.of(must(Status.PASS), should(Status.UNTESTED)).map(ReportRow::of).toList();
    assertThat(new TckReport(part, rows).verdict()).isEqualTo(Verdict.INCOMPLETE);
    assertThat(new TckReport(part, rows).toMarkdown())
        .contains("| rules | a part: -Dcheckpoint.tck.rules=!LIST-13 |");
  }

  @Test
  void namesAreSafeForFilesAndUnlikeForNestedClasses() {
    assertThat(report(Nested.class, DESCRIPTOR, List.of()).name())
        .isEqualTo("my-backend-TckReportTest-Nested");
    assertThat(report(TckReportTest.class, null, List.of()).name())
        .isEqualTo("unknown-TckReportTest");
  }

  private static final class Nested {}

  @Test
  void failuresComeFirst() {
    List<RuleResult> results =
        List.of(
            result("GET-01", Status.PASS, ""),
            result("LIFE-04", Status.NOT_APPLICABLE, "nothing is pinned"),
            result("LIST-13", Status.UNTESTED, "not run"),
            result("PUT-01", Status.FAIL, "it hides"),
            result("PUT-02", Status.DEVIATION, "declared"));
    TckReport report = report(TckReportTest.class, DESCRIPTOR, results);
    assertThat(idsIn(report.toMarkdown(), "(?m)^\\| ([A-Z]+-\\d+) \\|"))
        .containsExactly("PUT-01", "PUT-02", "LIST-13", "LIFE-04", "GET-01");
    assertThat(idsIn(report.toHtml(), "<td>([A-Z]+-\\d+)</td>"))
        .containsExactly("PUT-01", "GET-01", "LIFE-04", "LIST-13", "PUT-02");
    assertThat(report.toHtml()).contains("<h2>Failed <small>(1 FAIL)</small></h2>");
    assertThat(idsIn(report.toJson(), "\"id\": \"([A-Z]+-\\d+)\"")).isSorted();
  }

  private static List<String> idsIn(String text, String pattern) {
    return Pattern.compile(pattern).matcher(text).results().map(match -> match.group(1)).toList();
  }

  @Test
  void reportSaysHowManyHistoriesRan() {
    ModelTally model = new ModelTally();
    model.history();
    model.operation();
    model.operation();
    for (int i = 0; i < 3; i++) {
      model.comparison();
    }
    TckReport report = report(TckReportTest.class, DESCRIPTOR, model, List.of(must(Status.PASS)));
    assertThat(report.toJson())
        .contains("\"model\": {\"histories\": 1, \"operations\": 2, \"comparisons\": 3}");
    String sentence =
        "the rules MODEL ran 1 histories: 2 operations, 3 comparisons with the reference";
    assertThat(report.toMarkdown()).contains("| histories | " + sentence + " |");
    assertThat(report.toHtml()).contains(sentence);
  }

  @Test
  void anyDetailIsEscaped() {
    List<RuleResult> results =
        List.of(result("PUT-01", Status.FAIL, "a \"b\"\n\\c | \u00e9\ud83d\u0000"));
    TckReport report = report(TckReportTest.class, DESCRIPTOR, results);
    assertThat(report.toJson())
        .contains("\"detail\": \"a \\\"b\\\"\\u000a\\\\c | \\u00e9\\ud83d\\u0000\"");
    assertThat(report.toMarkdown()).contains("| a \"b\"<br>\\c \\| \u00e9\\ud83d\\u0000 |");
    assertThat(report.toHtml()).contains("<pre>a &quot;b&quot;\n\\c | \u00e9\\ud83d\\u0000</pre>");
  }
}
