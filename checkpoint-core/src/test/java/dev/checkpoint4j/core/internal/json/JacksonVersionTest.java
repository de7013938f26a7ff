package dev.checkpoint4j.core.internal.json;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.Version;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JacksonVersionTest {

  @Test
  void theVersionOfTheBuildIsAccepted() {
    assertThatCode(JacksonVersion::require).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @CsvSource({"2, 16", "2, 17", "2, 23"})
  void newEnoughVersionsAreAccepted(int major, int minor) {
    assertThatCode(() -> JacksonVersion.require(version(major, minor))).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @CsvSource({"1, 9", "2, 15", "3, 0"})
  void othersAreRefusedWithTheVersionFoundAndTheOneNeeded(int major, int minor) {
    assertThatThrownBy(() -> JacksonVersion.require(version(major, minor)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContainingAll(
            "jackson-core %d.%d.1".formatted(major, minor), "2.16", "jackson-bom");
  }

  private static Version version(int major, int minor) {
    return new Version(major, minor, 1, null, "com.fasterxml.jackson.core", "jackson-core");
  }
}
