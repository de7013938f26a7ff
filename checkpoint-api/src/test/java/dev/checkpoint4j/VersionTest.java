package dev.checkpoint4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Optional;
import org.junit.jupiter.api.Test;

class VersionTest {

  @Test
  void versionsFollowOneAnother() {
    assertThat(VersionUtils.next(1)).isEqualTo(2);
    assertThat(VersionUtils.next(Long.MAX_VALUE - 1)).isEqualTo(Long.MAX_VALUE);
    assertThat(VersionUtils.previous(1)).isEmpty();
    assertThat(VersionUtils.previous(2)).hasValue(1);
    assertThat(VersionUtils.previous(Long.MAX_VALUE)).hasValue(Long.MAX_VALUE - 1);
  }

  @Test
  void versionsAreComparedAsNumbers() {
    assertThat(VersionUtils.compare(2, 10)).isNegative();
    assertThat(VersionUtils.compare(10, 2)).isPositive();
    assertThat(VersionUtils.compare(Long.MAX_VALUE, Long.MAX_VALUE)).isZero();
    assertThat(VersionUtils.isGreater(10, 2)).isTrue();
    assertThat(VersionUtils.isGreater(2, 2)).isFalse();
    assertThat(VersionUtils.isLess(2, 10)).isTrue();
    assertThat(VersionUtils.isLess(2, 2)).isFalse();
  }

  @Test
  void whatIsNoVersionIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> VersionUtils.next(Long.MAX_VALUE))
        .withMessage("there is no version after 9223372036854775807");
    for (long none : new long[] {0, -1, Long.MIN_VALUE}) {
      assertThatIllegalArgumentException().isThrownBy(() -> VersionUtils.next(none));
      assertThatIllegalArgumentException().isThrownBy(() -> VersionUtils.previous(none));
      assertThatIllegalArgumentException().isThrownBy(() -> VersionUtils.compare(none, 1));
      assertThatIllegalArgumentException().isThrownBy(() -> VersionUtils.compare(1, none));
    }
  }

  @Test
  void theSequentialPolicyCountsFromOne() {
    VersionPolicy policy = VersionPolicy.sequential();
    assertThat(policy.next(Optional.empty())).isEqualTo(1);
    CheckpointHeader latest =
        CheckpointHeader.builder(CheckpointMetadata.of("s")).version(41).build();
    assertThat(policy.next(Optional.of(latest))).isEqualTo(42);
  }
}
