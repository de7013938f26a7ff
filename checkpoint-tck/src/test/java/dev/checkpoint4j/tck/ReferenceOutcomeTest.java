package dev.checkpoint4j.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the TCK says of backends without a fault, and of those it can judge in part only. */
class ReferenceOutcomeTest {

  private static final Set<String> NOT_FOR_VOLATILE =
      Set.of("REOP-01", "REOP-02", "REOP-03", "REOP-04", "REOP-05");
  private static final Set<String> NOT_WITHOUT_LIMIT = Set.of("LARGE-07");
  private static final Set<String> NOT_WITHOUT_CODEC =
      Set.of("FAIL-01", "FAIL-02", "FAIL-03", "LIST-13");
  private static final Set<String> NOT_WITH_ATTRIBUTE_QUERY = Set.of("ATTR-08");
  private static final Set<String> NOT_WITHOUT_ATTRIBUTE_QUERY =
      Set.of("ATTR-01", "ATTR-02", "ATTR-03", "ATTR-04", "ATTR-05", "ATTR-06", "ATTR-07");

  @TempDir private Path reports;

  @SafeVarargs
  private static Set<String> union(Set<String>... sets) {
    Set<String> union = new TreeSet<>();
    for (Set<String> set : sets) {
      union.addAll(set);
    }
    return union;
  }

  private static void assertConformant(TckRunner.Outcome outcome, Set<String> notApplicable) {
    assertThat(outcome.failed()).as("rules that fail").isEmpty();
    assertThat(outcome.skippedIds()).as("rules that are skipped").isEqualTo(notApplicable);
    assertThat(outcome.passed() + notApplicable.size())
        .as("rules that pass or are skipped: all there are")
        .isEqualTo(Spec.entries().size());
    assertThat(outcome.json()).as("report").contains("\"verdict\": \"CONFORMANT\"");
  }

  @Test
  void fullReferenceConforms() {
    assertConformant(
        TckRunner.run(reports, selectClass(ReferenceBackendTest.class)),
        union(NOT_FOR_VOLATILE, NOT_WITHOUT_LIMIT, NOT_WITHOUT_CODEC, NOT_WITH_ATTRIBUTE_QUERY));
  }

  @Test
  void minimalReferenceConforms() {
    assertConformant(
        TckRunner.run(reports, selectClass(MinimalReferenceBackendTest.class)),
        union(NOT_FOR_VOLATILE, NOT_WITHOUT_LIMIT, NOT_WITHOUT_CODEC, NOT_WITHOUT_ATTRIBUTE_QUERY));
  }

  @Test
  void backendWithCodecConforms() {
    assertConformant(
        TckRunner.run(reports, selectClass("dev.checkpoint4j.tck.example.ExampleBackendTest")),
        union(NOT_FOR_VOLATILE, NOT_WITHOUT_LIMIT, NOT_WITH_ATTRIBUTE_QUERY));
  }

  @Test
  void partOfTheRulesIsIncomplete() {
    TckRunner.Outcome outcome =
        TckRunner.run(
            reports, selectMethod(ReferenceBackendTest.class, "putIsVisibleWhenItReturns"));
    assertThat(outcome.passed()).as("rules that pass").isEqualTo(1);
    assertThat(outcome.json())
        .as("report of one rule")
        .contains("\"verdict\": \"INCOMPLETE\"", "\"status\": \"UNTESTED\"");
  }
}
