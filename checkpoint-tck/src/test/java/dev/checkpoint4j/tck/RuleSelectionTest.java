package dev.checkpoint4j.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RuleSelectionTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "PUT-03; PUT-03; PUT-01 VOL-01",
        "PUT-03, MODEL; PUT-03 MODEL-01 MODEL-02; PUT-01 VOL-01",
        "!VOL; PUT-03 MODEL-01; VOL-01 VOL-02",
        "PUT,!PUT-03; PUT-01; PUT-03 VOL-01",
        "''; PUT-03 VOL-01; ''",
      })
  void namesRulesAndGroups(String text, String included, String excluded) {
    RuleSelection selection = RuleSelection.parse(text);
    assertThat(words(included)).allMatch(selection::includes);
    assertThat(words(excluded)).noneMatch(selection::includes);
    assertThat(selection.isPartial()).isEqualTo(!words(excluded).isEmpty());
  }

  private static List<String> words(String text) {
    return text.lines().flatMap(line -> List.of(line.split(" ")).stream()).toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {"PUT-99", "VOLUME", "PUT-0", "MODEL-*", "!", "put-01"})
  void refusesWhatNamesNoRule(String text) {
    assertThatThrownBy(() -> RuleSelection.parse(text))
        .isInstanceOf(ExtensionConfigurationException.class)
        .hasMessageContaining("checkpoint.tck.rules")
        .hasMessageContaining("'" + text + "'");
  }

  @Test
  void partOfTheRulesIsIncomplete(@TempDir Path reports) {
    TckRunner.Outcome outcome =
        TckRunner.run(
            reports,
            Map.of("checkpoint.tck.rules", "PUT-01,LIFE-01"),
            selectClass(ReferenceBackendTest.class));
    assertThat(outcome.failed()).isEmpty();
    assertThat(outcome.passed()).as("rules that pass").isEqualTo(2);
    assertThat(outcome.json())
        .contains(
            "\"verdict\": \"INCOMPLETE\"",
            "\"selected\": \"PUT-01,LIFE-01\"",
            "\"detail\": \"left out by checkpoint.tck.rules=PUT-01,LIFE-01\"");
  }
}
