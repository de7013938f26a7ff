package dev.checkpoint4j.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RetryPolicyTest {

  private static final RandomGenerator RANDOM = new SplittableRandom(42);

  private static RetryPolicy.Builder delays(Duration initial, Duration max) {
    return RetryPolicy.builder().initialDelay(initial).maxDelay(max);
  }

  @Test
  void noneIsOneAttempt() {
    assertThat(RetryPolicy.none().maxAttempts()).as("attempts of none()").isEqualTo(1);
  }

  @Test
  void standardRetriesAFewTimesWithFullJitter() {
    RetryPolicy standard = RetryPolicy.standard();
    assertThat(standard.maxAttempts()).as("attempts").isEqualTo(5);
    assertThat(standard.initialDelay()).as("first delay").isEqualTo(Duration.ofMillis(50));
    assertThat(standard.maxDelay()).as("longest delay").isEqualTo(Duration.ofSeconds(2));
    assertThat(standard.jitter()).as("jitter").isEqualTo(1.0);
    assertThat(standard).as("text").hasToString(RetryPolicy.builder().build().toString());
  }

  @Test
  void delaysDoubleUpToTheLongest() {
    RetryPolicy policy =
        delays(Duration.ofMillis(10), Duration.ofMillis(35)).jitter(0).maxAttempts(9).build();
    assertThat(IntStream.rangeClosed(1, 5).mapToObj(n -> policy.delayAfter(n, RANDOM)))
        .as("delays without jitter")
        .containsExactly(
            Duration.ofMillis(10),
            Duration.ofMillis(20),
            Duration.ofMillis(35),
            Duration.ofMillis(35),
            Duration.ofMillis(35));
    assertThat(policy.delayAfter(Integer.MAX_VALUE, RANDOM))
        .as("delay after very many failures")
        .isEqualTo(Duration.ofMillis(35));
  }

  @Test
  void jitterTakesAwayAtMostItsPartOfTheDelay() {
    Duration delay = Duration.ofMillis(100);
    RetryPolicy half = delays(delay, delay).jitter(0.5).build();
    RetryPolicy full = delays(delay, delay).build();
    assertThat(IntStream.range(0, 1000).mapToObj(n -> half.delayAfter(1, RANDOM)))
        .as("delays with half jitter")
        .allMatch(d -> d.compareTo(Duration.ofMillis(50)) >= 0 && d.compareTo(delay) <= 0);
    assertThat(IntStream.range(0, 1000).mapToObj(n -> full.delayAfter(1, RANDOM)))
        .as("delays with full jitter")
        .allMatch(d -> !d.isNegative() && d.compareTo(delay) <= 0)
        .anyMatch(d -> d.compareTo(Duration.ofMillis(20)) < 0)
        .anyMatch(d -> d.compareTo(Duration.ofMillis(80)) > 0);
  }

  @Test
  void aZeroDelayStaysZero() {
    assertThat(delays(Duration.ZERO, Duration.ofSeconds(1)).build().delayAfter(7, RANDOM))
        .as("delay")
        .isEqualTo(Duration.ZERO);
  }

  @Test
  void allProblemsAreReportedAtOnce() {
    RetryPolicy.Builder builder =
        RetryPolicy.builder()
            .maxAttempts(0)
            .initialDelay(Duration.ofMillis(-1))
            .maxDelay(Duration.ofDays(1))
            .jitter(Double.NaN);
    assertThatThrownBy(builder::build)
        .as("everything out of range")
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("maxAttempts 0", "initialDelay", "maxDelay PT24H", "jitter NaN");
    RetryPolicy.Builder crossed = delays(Duration.ofSeconds(2), Duration.ofSeconds(1));
    assertThatThrownBy(crossed::build)
        .as("a longest delay below the first")
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("maxDelay PT1S");
  }
}
