package dev.checkpoint4j.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.error.ErrorContext;
import dev.checkpoint4j.error.StorageLimitExceededException;
import dev.checkpoint4j.spi.BackendDescriptor;
import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.Capability;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the TCK says of backends without a fault, and of those it can judge in part only. */
class ReferenceOutcomeTest {

  private static final Set<String> NOT_FOR_VOLATILE =
      Set.of(
          "REOP-01",
          "REOP-02",
          "REOP-03",
          "REOP-04",
          "REOP-05",
          "REOP-06",
          "MODEL-02",
          "PROC-01",
          "PROC-02");
  private static final Set<String> NOT_WITHOUT_INJECTOR =
      Set.of("FAULT-01", "FAULT-02", "FAULT-03", "FAULT-04", "FAULT-05", "FAULT-06", "FAULT-07");
  private static final Set<String> NOT_FOR_A_JOURNAL = Set.of("FAULT-07");
  private static final Set<String> NOT_UNPINNED = Set.of("LIFE-04");
  private static final Set<String> NOT_WITHOUT_LIMIT = Set.of("LARGE-07");
  private static final Set<String> NOT_WITHOUT_CODEC =
      Set.of("BYST-03", "FAIL-01", "FAIL-02", "FAIL-03", "FAIL-08", "LIST-13", "RACE-15");
  private static final Set<String> NOT_UNCOUNTED = Set.of("VOL-03");
  private static final Set<String> NOT_FOR_ONE_PROCESS = Set.of("PROC-02");
  private static final Set<String> NOT_WITH_ATTRIBUTE_QUERY = Set.of("ATTR-08");
  private static final Set<String> NOT_WITHOUT_ATTRIBUTE_QUERY =
      Set.of("ATTR-01", "ATTR-02", "ATTR-03", "ATTR-04", "ATTR-05", "ATTR-06", "ATTR-07");

  /** Kept in memory without encoding, by a test class that overrides nothing but the obligatory. */
  private static final Set<String> NOT_FOR_PLAIN_REFERENCE =
      union(NOT_FOR_VOLATILE, NOT_WITHOUT_INJECTOR, NOT_UNPINNED, NOT_WITHOUT_CODEC, NOT_UNCOUNTED);

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
        union(NOT_FOR_PLAIN_REFERENCE, NOT_WITHOUT_LIMIT, NOT_WITH_ATTRIBUTE_QUERY));
  }

  @Test
  void minimalReferenceConforms() {
    assertConformant(
        TckRunner.run(reports, selectClass(MinimalReferenceBackendTest.class)),
        union(NOT_FOR_PLAIN_REFERENCE, NOT_WITHOUT_LIMIT, NOT_WITHOUT_ATTRIBUTE_QUERY));
  }

  @Test
  void strangersBackendConforms() {
    assertConformant(
        TckRunner.run(reports, selectClass("com.example.journal.JournalBackendTest")),
        union(NOT_WITH_ATTRIBUTE_QUERY, NOT_FOR_ONE_PROCESS, NOT_FOR_A_JOURNAL));
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

  /** Limits the size of its documents, and pins the limit. */
  static class LimitedBackend extends BackendStorageTck {
    static final int MAX_BYTES = 200_000;

    private final ReferenceBackend store = new ReferenceBackend();

    @Override
    protected BackendStorage open(TckScope scope) {
      return Faulty.put(
          Faulty.descriptor(
              store.handle(),
              unlimited ->
                  BackendDescriptor.builder(unlimited.id(), unlimited.durability())
                      .capabilities(unlimited.capabilities())
                      .maxDocumentBytes(MAX_BYTES)
                      .build()),
          (storage, checkpoint) -> {
            if (Faulty.bytes(checkpoint.values(), true)
                    + Faulty.bytes(checkpoint.metadata().attributes(), true)
                > MAX_BYTES) {
              throw new StorageLimitExceededException(
                  "the document is too large",
                  ErrorContext.of(storage.descriptor().id(), "put").checkpoint(checkpoint),
                  null);
            }
            storage.put(checkpoint, Expectation.any());
          });
    }

    @Override
    protected Set<Capability> expectedCapabilities() {
      return Set.of(Capability.ATTRIBUTE_QUERY);
    }

    @Override
    protected OptionalLong expectedMaxDocumentBytes() {
      return OptionalLong.of(MAX_BYTES);
    }
  }

  @Test
  void backendWithLimitConforms() {
    assertConformant(
        TckRunner.run(reports, selectClass(LimitedBackend.class)),
        union(
            NOT_FOR_VOLATILE,
            NOT_WITHOUT_INJECTOR,
            NOT_WITHOUT_CODEC,
            NOT_UNCOUNTED,
            NOT_WITH_ATTRIBUTE_QUERY,
            Set.of("LARGE-01", "LARGE-02", "LARGE-03", "LARGE-04", "LARGE-05", "LARGE-06")));
  }

  @Test
  void runWithoutAnyOutcomeFails() {
    TckRunner.Outcome outcome =
        TckRunner.run(reports, selectMethod(ReferenceBackendTest.class, "checkpointsSurvive"));
    assertThat(outcome.failed())
        .as("what fails when the only rule that runs is not applicable")
        .containsOnlyKeys("class");
    assertThat(outcome.failed().get("class")).contains("no rule was run to its end");
  }
}
