package dev.checkpoint4j.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import dev.checkpoint4j.spi.BackendStorage;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A rule that a backend is declared to break has to be broken. */
class DeviationTest {

  @TempDir private Path reports;

  /** Counts the ids it was given, and says so. */
  static class HonestBackend extends ReferenceBackendTest {
    @Override
    protected BackendStorage open(TckScope scope) {
      return Faulty.delete(
          super.open(scope),
          (storage, namespace, ids) -> {
            long existed = storage.delete(namespace, ids);
            return ids.size() == 4 && Set.copyOf(ids).size() == 2 ? ids.size() : existed;
          });
    }

    @Override
    protected Map<String, String> deviations() {
      return Map.of("DEL-03", "the medium counts statements, see its manual");
    }
  }

  @Test
  void declaredDeviationIsRunAndShown() {
    TckRunner.Outcome outcome = TckRunner.run(reports, selectClass(HonestBackend.class));
    assertThat(outcome.failed()).as("rules that fail").isEmpty();
    assertThat(outcome.skipped().get("DEL-03"))
        .as("why DEL-03 is skipped")
        .startsWith("declared: the medium counts statements, see its manual")
        .contains("[DEL-03 MUST]", "Seen: ");
    assertThat(outcome.json())
        .as("report")
        .contains(
            "\"verdict\": \"DEVIATES\"",
            "\"deviation\": 1",
            "\"id\": \"DEL-03\", \"level\": \"MUST\", \"status\": \"DEVIATION\"");
  }

  /** Declares what is not so: one rule holds, the other is not applicable. */
  static class StaleBackend extends ReferenceBackendTest {
    @Override
    protected Map<String, String> deviations() {
      return Map.of("DEL-03", "once upon a time", "REOP-01", "once upon a time");
    }
  }

  @Test
  void staleDeviationFails() {
    TckRunner.Outcome outcome = TckRunner.run(reports, selectClass(StaleBackend.class));
    assertThat(outcome.failed()).as("rules that fail").containsOnlyKeys("DEL-03", "REOP-01");
    assertThat(outcome.failed().get("DEL-03"))
        .as("message of a deviation from a rule that holds")
        .startsWith("[DEL-03 MUST]")
        .contains("deviations()", "once upon a time", "it holds");
    assertThat(outcome.failed().get("REOP-01"))
        .as("message of a deviation from a rule that is not applicable")
        .contains("it is not applicable: the backend declares durability VOLATILE");
    assertThat(outcome.json()).as("report").contains("\"verdict\": \"NOT CONFORMANT\"");
  }

  /** Declares a deviation from a rule that there is not. */
  static class MistypedBackend extends ReferenceBackendTest {
    @Override
    protected Map<String, String> deviations() {
      return Map.of("DEL-99", "no reason");
    }
  }

  @Test
  void deviationFromNoRuleFailsEveryRule() {
    TckRunner.Outcome outcome =
        TckRunner.run(reports, selectMethod(MistypedBackend.class, "putIsVisibleWhenItReturns"));
    assertThat(outcome.failed().get("PUT-01"))
        .as("message of any rule")
        .contains("deviations() names what is no rule: DEL-99");
  }
}
