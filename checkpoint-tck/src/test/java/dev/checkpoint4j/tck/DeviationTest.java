package dev.checkpoint4j.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import dev.checkpoint4j.spi.BackendStorage;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A rule that a backend is declared to break has to be broken. */
class DeviationTest {

  @TempDir private Path reports;

  /** Accepts a limit that is too great. */
  static class HonestBackend extends ReferenceBackendTest {
    @Override
    protected BackendStorage open(TckScope scope) {
      return Faulty.sessions(
          super.open(scope),
          (storage, namespace, limit, cursor) ->
              storage.listSessions(namespace, limit == 1001 ? 1000 : limit, cursor));
    }

    @Override
    protected Map<String, String> deviations() {
      return Map.of("ARG-04", "the medium has longer pages, see its manual");
    }
  }

  @Test
  void declaredDeviationIsRunAndShown() {
    TckRunner.Outcome outcome = TckRunner.run(reports, selectClass(HonestBackend.class));
    assertThat(outcome.failed()).as("rules that fail").isEmpty();
    assertThat(outcome.skipped().get("ARG-04"))
        .as("why ARG-04 is skipped")
        .startsWith("declared: the medium has longer pages, see its manual")
        .contains("[ARG-04 MUST]", "Seen: ");
    assertThat(outcome.json())
        .as("report")
        .contains(
            "\"verdict\": \"DEVIATES\"",
            "\"deviation\": 1",
            "\"id\": \"ARG-04\", \"level\": \"MUST\", \"status\": \"DEVIATION\"");
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
