package dev.checkpoint4j.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class CallDeadlineTest {

  private static final Duration HOUR = Duration.ofHours(1);

  @Test
  void aThreadHasNoneUnlessACallerSetsIt() {
    assertThat(CallDeadline.current()).isSameAs(CallDeadline.none());
    assertThat(CallDeadline.none().hasPassed()).isFalse();
    assertThat(CallDeadline.none().remaining()).isEqualTo(Duration.ofNanos(Long.MAX_VALUE));
  }

  @Test
  void aTimeoutOfZeroOrLessHasPassed() {
    assertThat(CallDeadline.after(Duration.ZERO).hasPassed()).isTrue();
    assertThat(CallDeadline.after(HOUR.negated()).remaining()).isZero();
  }

  @Test
  void aTimeoutThatCannotBeCountedIsNone() {
    assertThat(CallDeadline.after(Duration.ofSeconds(Long.MAX_VALUE)))
        .isSameAs(CallDeadline.none());
    assertThat(CallDeadline.after(Duration.ofSeconds(Long.MIN_VALUE)).hasPassed()).isTrue();
  }

  @Test
  void theEarlierOfTwoCounts() {
    CallDeadline hour = CallDeadline.after(HOUR);
    assertThat(hour.within(HOUR.plus(HOUR))).isSameAs(hour);
    assertThat(hour.within(Duration.ZERO).hasPassed()).isTrue();
    assertThat(CallDeadline.none().within(HOUR).remaining()).isLessThanOrEqualTo(HOUR);
  }

  @Test
  void anInnerCallCannotOutliveTheOuterOne() {
    CallDeadline minute = CallDeadline.after(Duration.ofMinutes(1));
    minute.call(
        () -> {
          assertThat(CallDeadline.current()).as("inside").isSameAs(minute);
          CallDeadline.after(HOUR)
              .call(() -> assertThat(CallDeadline.current()).as("a later one").isSameAs(minute));
          CallDeadline earlier = CallDeadline.after(Duration.ZERO);
          earlier.call(
              () -> assertThat(CallDeadline.current()).as("an earlier one").isSameAs(earlier));
          assertThat(CallDeadline.current()).as("restored").isSameAs(minute);
          return null;
        });
    assertThat(CallDeadline.current()).as("outside").isSameAs(CallDeadline.none());
  }

  @Test
  void aFailureRestoresTheOuterDeadline() {
    assertThatThrownBy(
            () ->
                CallDeadline.after(HOUR)
                    .call(
                        () -> {
                          throw new IllegalStateException("seen");
                        }))
        .hasMessage("seen");
    assertThat(CallDeadline.current()).isSameAs(CallDeadline.none());
  }
}
