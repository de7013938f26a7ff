package dev.checkpoint4j.internal;

import java.nio.ByteBuffer;
import java.time.Clock;
import java.util.UUID;
import java.util.random.RandomGenerator;

/**
 * UUID version 7 of RFC 9562, section 5.7, with the fixed-length dedicated counter of section 6.2
 * (method 1) in {@code rand_a}: the ids of one generator increase strictly, also when the clock
 * stands still or goes back.
 */
public final class UuidV7 {

  private static final int COUNTER_BITS = 12;
  private static final int COUNTER_MAX = (1 << COUNTER_BITS) - 1;

  /**
   * A secure source is asked for the randomness of many ids at once: each call of it is expensive.
   */
  private static final int IDS_DRAWN = 32;

  private final Clock clock;
  private final RandomGenerator random;
  private final ByteBuffer drawn = ByteBuffer.allocate(IDS_DRAWN * Long.BYTES).flip();
  private long lastMillis = Long.MIN_VALUE;
  private int counter;

  public UuidV7(Clock clock, RandomGenerator random) {
    this.clock = clock;
    this.random = random;
  }

  public synchronized String next() {
    long now = clock.millis();
    if (now > lastMillis) {
      lastMillis = now;
      // Half of the counter is left for ids of the same millisecond.
      counter = (int) (draw() & COUNTER_MAX / 2);
    } else if (counter < COUNTER_MAX) {
      counter++;
    } else {
      lastMillis++;
      counter = 0;
    }
    long high = (lastMillis << 16) | 0x7000L | counter;
    long low = (draw() & 0x3FFF_FFFF_FFFF_FFFFL) | 0x8000_0000_0000_0000L;
    return new UUID(high, low).toString();
  }

  private long draw() {
    if (!drawn.hasRemaining()) {
      random.nextBytes(drawn.array());
      drawn.clear();
    }
    return drawn.getLong();
  }
}
