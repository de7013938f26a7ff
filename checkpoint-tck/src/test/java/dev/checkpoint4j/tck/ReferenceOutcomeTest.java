package dev.checkpoint4j.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import dev.checkpoint4j.Binary;
import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.error.DuplicateCheckpointException;
import dev.checkpoint4j.error.ErrorContext;
import dev.checkpoint4j.error.StorageLimitExceededException;
import dev.checkpoint4j.error.VersionConflictException;
import dev.checkpoint4j.spi.BackendDescriptor;
import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.Capability;
import dev.checkpoint4j.spi.Durability;
import dev.checkpoint4j.spi.ForwardingBackendStorage;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the TCK says of backends without a fault, and of those it can judge in part only. */
class ReferenceOutcomeTest {

  private static final Set<String> NOT_FOR_VOLATILE =
      Set.of("REOP-01", "REOP-02", "REOP-03", "REOP-04", "REOP-05");
  private static final Set<String> NOT_WITHOUT_LIMIT = Set.of("LARGE-07");
  private static final Set<String> NOT_WITHOUT_CODEC =
      Set.of("FAIL-01", "FAIL-02", "FAIL-03", "LIST-13");
  private static final Set<String> NOT_FOR_ONE_PROCESS = Set.of("PROC-02");
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
  void strangersBackendConforms() {
    assertConformant(
        TckRunner.run(reports, selectClass("com.example.journal.JournalBackendTest")),
        union(NOT_WITH_ATTRIBUTE_QUERY, NOT_FOR_ONE_PROCESS));
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

  /** Claims durability, which within one process is easily kept, and a limit. */
  static class DurableBackend extends BackendStorageTck {
    static final int MOST_BYTES = 200_000;

    final ReferenceBackend store = new ReferenceBackend();

    @Override
    protected BackendStorage open(TckScope scope) {
      BackendDescriptor descriptor =
          BackendDescriptor.builder("durable", Durability.PROCESS_CRASH)
              .capabilities(expectedCapabilities())
              .maxDocumentBytes(MOST_BYTES)
              .build();
      return new ForwardingBackendStorage(store.handle()) {
        @Override
        public BackendDescriptor descriptor() {
          return descriptor;
        }

        @Override
        public void put(Checkpoint checkpoint) {
          ErrorContext context = ErrorContext.of("durable", "put").checkpoint(checkpoint);
          if (checkpoint.values().get("binary") instanceof Binary binary
              && binary.size() > MOST_BYTES) {
            throw new StorageLimitExceededException("the document is too large", context, null);
          }
          try {
            super.put(checkpoint);
          } catch (VersionConflictException e) {
            throw new VersionConflictException("durable", checkpoint, e.latestVersion());
          } catch (DuplicateCheckpointException e) {
            throw new DuplicateCheckpointException("durable", checkpoint);
          }
        }
      };
    }

    @Override
    protected Set<Capability> expectedCapabilities() {
      return Set.of(Capability.ATTRIBUTE_QUERY);
    }
  }

  /** Forgets everything when its last handle is closed. */
  static class ForgetfulBackend extends DurableBackend {
    private final AtomicInteger handles = new AtomicInteger();

    @Override
    protected BackendStorage open(TckScope scope) {
      handles.incrementAndGet();
      AtomicBoolean closed = new AtomicBoolean();
      return new ForwardingBackendStorage(super.open(scope)) {
        @Override
        public void close() {
          if (!closed.getAndSet(true) && handles.decrementAndGet() == 0) {
            BackendStorage all = store.handle();
            String namespace = "tck-" + scope.name();
            all.listSessions(namespace, 1000, Optional.empty())
                .items()
                .forEach(all::deleteBySession);
          }
          super.close();
        }
      };
    }
  }

  @Test
  void durableBackendWithLimitConforms() {
    assertConformant(
        TckRunner.run(reports, selectClass(DurableBackend.class)),
        union(
            NOT_WITHOUT_CODEC,
            NOT_WITH_ATTRIBUTE_QUERY,
            Set.of("LARGE-01", "LARGE-02", "LARGE-03", "LARGE-04", "LARGE-05", "LARGE-06")));
  }

  @Test
  void dataLostOnReopenIsKilled() {
    assertThat(TckRunner.run(reports, selectClass(ForgetfulBackend.class)).failed().keySet())
        .as("rules that fail")
        .containsExactlyInAnyOrder("REOP-01", "REOP-02", "REOP-03", "REOP-04", "REOP-05");
  }
}
