package dev.checkpoint4j.tck;

import dev.checkpoint4j.CheckpointHeader;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Random;

/** Around which moments the times of checkpoints are. */
enum ModelTimes {
  PLAIN("2026-01-01T00:00:00Z"),
  EPOCH("1970-01-01T00:00:00Z"),
  BEFORE_1970("1969-12-31T23:59:59.5Z"),
  END_OF_32_BITS("2038-01-19T03:14:07.999999Z"),
  END_OF_NANOSECONDS("2262-04-11T23:47:16.854775Z"),
  START_OF_NANOSECONDS("1677-09-21T00:12:43.145225Z"),
  CALENDAR_REFORM("1582-10-15T00:00:00Z"),
  REPEATED_HOUR("2025-10-26T01:00:00Z"),
  REPEATED_HOUR_OF_LONDON("2025-10-26T00:00:00Z"),
  REPEATED_HOUR_OF_NEW_YORK("2025-11-02T05:00:00Z"),
  REPEATED_HOUR_OF_LOS_ANGELES("2025-11-02T08:00:00Z"),
  REPEATED_HOUR_OF_SYDNEY("2026-04-04T15:00:00Z"),
  SKIPPED_HOUR_OF_BERLIN("2026-03-29T01:00:00Z"),
  SKIPPED_HOUR_OF_NEW_YORK("2026-03-08T07:00:00Z"),
  LEAST("0001-01-01T00:00:00Z"),
  GREATEST("9999-12-31T23:59:59.999999Z"),
  ANY("5000-01-01T00:00:00Z");

  private static final List<Long> OFFSETS_IN_MICROS =
      List.of(0L, 1L, -1L, 999L, 500_000L, 1_000_000L, -1_000_000L, 3_600_000_000L);

  private final Instant center;

  ModelTimes(String center) {
    this.center = Instant.parse(center);
  }

  List<Instant> pool(Random random) {
    return OFFSETS_IN_MICROS.stream()
        .map(
            offset ->
                (this == ANY ? center.plusSeconds(random.nextLong() >> 27) : center)
                    .plus(offset, ChronoUnit.MICROS))
        .map(ModelTimes::legal)
        .toList();
  }

  private static Instant legal(Instant time) {
    if (time.isBefore(CheckpointHeader.MIN_TS)) {
      return CheckpointHeader.MIN_TS;
    }
    return time.isAfter(CheckpointHeader.MAX_TS) ? CheckpointHeader.MAX_TS : time;
  }
}
