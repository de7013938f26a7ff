package dev.checkpoint4j.core.internal.json;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CanonicalInstantTest {

  private static final long FIRST = Instant.parse("0000-01-01T00:00:00Z").getEpochSecond();
  private static final long LAST = Instant.parse("9999-12-31T23:59:59Z").getEpochSecond();

  @Test
  void readsWhatAnInstantWrites() {
    Random random = new Random(1);
    for (int i = 0; i < 20_000; i++) {
      long second = FIRST + (long) (random.nextDouble() * (LAST - FIRST + 1));
      int unit = new int[] {1_000_000_000, 1_000_000, 1_000}[i % 3];
      Instant instant =
          Instant.ofEpochSecond(second, random.nextInt(1_000_000_000 / unit) * (long) unit);
      assertThat(CanonicalInstant.parse(instant.toString()))
          .isEqualTo(instant.truncatedTo(ChronoUnit.MICROS));
    }
    assertThat(CanonicalInstant.parse(Instant.EPOCH.toString())).isEqualTo(Instant.EPOCH);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "2026-11-27",
        "2026-11-27T20:50:00",
        "2026-11-27T20:50:00z",
        "2026-11-27t20:50:00Z",
        "2026-11-27T20:50:00.Z",
        "2026-11-27T20:50:00.1Z",
        "2026-11-27T20:50:00.000Z",
        "2026-11-27T20:50:00.123000Z",
        "2026-11-27T20:50:00.000000Z",
        "2026-11-27T20:50:00.123456789Z",
        "2026-11-27T20:50:00,123Z",
        "2026-11-27T20:50:00.12aZ",
        "2026-11-27T24:00:00Z",
        "2026-11-27T20:60:00Z",
        "2026-11-27T20:50:60Z",
        "2026-02-29T20:50:00Z",
        "2026-13-01T20:50:00Z",
        "2026-00-01T20:50:00Z",
        "+12026-11-27T20:50:00Z",
        "-0001-11-27T20:50:00Z",
        "\u0662026-11-27T20:50:00Z",
        "2026-11-27T20:50:00+00:00"
      })
  void leavesTheRestToOthers(String text) {
    assertThat(CanonicalInstant.parse(text)).isNull();
  }
}
