package dev.checkpoint4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class UuidV7Test {

  private static final Instant START = Instant.parse("2026-01-01T00:00:00.123Z");

  /** A clock that stands still until it is set. */
  private static final class ManualClock extends Clock {

    private Instant now = START;

    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }

  private final ManualClock clock = new ManualClock();
  private final IdGenerator ids = IdGenerator.uuidV7(clock, new SplittableRandom(1));

  @Test
  void anIdHasTheLayoutOfRfc9562() {
    String text = ids.next();
    UUID id = UUID.fromString(text);
    assertThat(text).isEqualTo(id.toString()).hasSize(36);
    assertThat(id.version()).isEqualTo(7);
    assertThat(id.variant()).isEqualTo(2);
    assertThat(millisOf(text)).isEqualTo(START.toEpochMilli());
  }

  @Test
  void idsIncreaseWhileTheClockStandsStill() {
    assertIncreasing(take(20_000));
  }

  @Test
  void idsIncreaseWhenTheClockGoesBack() {
    List<String> taken = new ArrayList<>(take(10));
    clock.now = START.minusSeconds(3600);
    taken.addAll(take(10));
    assertThat(millisOf(taken.get(19)))
        .as("the time of the last id is kept until the clock has caught up")
        .isEqualTo(START.toEpochMilli());
    clock.now = START.plusMillis(1);
    taken.addAll(take(10));
    assertIncreasing(taken);
    assertThat(millisOf(taken.get(29))).isEqualTo(START.toEpochMilli() + 1);
  }

  @Test
  void anOverflowingCounterBorrowsFromTheNextMillisecond() {
    List<String> taken = take(5000);
    assertThat(taken.stream().map(UuidV7Test::millisOf).distinct())
        .as("12 bits are used up after at most 4096 ids")
        .containsExactly(START.toEpochMilli(), START.toEpochMilli() + 1);
    assertThat(taken.stream().filter(id -> millisOf(id) == START.toEpochMilli()).count())
        .as("at least half of the counter is left for one millisecond")
        .isBetween(2048L, 4096L);
    assertIncreasing(taken);
  }

  @Test
  void theDefaultGeneratorUsesTheTime() {
    long before = System.currentTimeMillis();
    assertThat(millisOf(IdGenerator.uuidV7().next())).isBetween(before, System.currentTimeMillis());
  }

  @Test
  void threadsNeverGetTheSameId() {
    IdGenerator shared = IdGenerator.uuidV7();
    assertThat(IntStream.range(0, 20_000).parallel().mapToObj(i -> shared.next()))
        .doesNotHaveDuplicates();
  }

  private List<String> take(int count) {
    return IntStream.range(0, count).mapToObj(i -> ids.next()).toList();
  }

  private static void assertIncreasing(List<String> taken) {
    assertThat(taken).doesNotHaveDuplicates().isSorted();
  }

  private static long millisOf(String id) {
    return UUID.fromString(id).getMostSignificantBits() >>> 16;
  }
}
