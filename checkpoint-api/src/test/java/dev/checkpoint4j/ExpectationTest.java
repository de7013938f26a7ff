package dev.checkpoint4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import dev.checkpoint4j.error.VersionConflictException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ExpectationTest {

  private static final Expectation LATEST_IS_A = Expectation.latestIs("a");

  @Test
  void eachIsMetByTheSessionsItNames() {
    assertThat(Expectation.any().isMetBy(Optional.empty())).isTrue();
    assertThat(Expectation.any().isMetBy(Optional.of("a"))).isTrue();
    assertThat(Expectation.noSession().isMetBy(Optional.empty())).isTrue();
    assertThat(Expectation.noSession().isMetBy(Optional.of("a"))).isFalse();
    assertThat(LATEST_IS_A.isMetBy(Optional.of("a"))).isTrue();
    assertThat(LATEST_IS_A.isMetBy(Optional.of("A"))).isFalse();
    assertThat(LATEST_IS_A.isMetBy(Optional.empty())).isFalse();
  }

  @Test
  void theyAreEqualByWhatTheyExpect() {
    assertThat(LATEST_IS_A)
        .isEqualTo(Expectation.latestIs("a"))
        .hasSameHashCodeAs(Expectation.latestIs("a"))
        .isNotEqualTo(Expectation.latestIs("b"))
        .isNotEqualTo(Expectation.noSession());
    assertThat(Expectation.any()).isNotEqualTo(Expectation.noSession());
    assertThat(Expectation.latestIs("a\u202e")).hasToString("latestIs a\\u202e");
  }

  @Test
  void anIllegalIdIsRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> Expectation.latestIs(""));
    assertThatNullPointerException()
        .isThrownBy(() -> Expectation.any().isMetBy(nothing()))
        .withMessage("latestId");
  }

  @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"}) // Passing null is the test.
  private static <T> T nothing() {
    @Nullable T nothing = null;
    return nothing;
  }

  @Test
  void aConflictNamesWhatWasExpected() {
    Checkpoint refused = Checkpoint.builder("s").version(3).build();
    assertThat(new VersionConflictException("file", refused, LATEST_IS_A, 0))
        .hasMessageContaining("the latest checkpoint was expected to be 'a', but the session holds")
        .returns(0L, VersionConflictException::latestVersion);
    assertThat(new VersionConflictException("file", refused, Expectation.noSession(), 2))
        .hasMessageContaining("no checkpoint was expected, but the latest stored is another one");
    assertThat(new VersionConflictException("file", refused, LATEST_IS_A, 3))
        .hasMessageContaining("version 3 is not greater than the latest stored version 3");
  }
}
