package dev.checkpoint4j;

import dev.checkpoint4j.internal.UuidV7;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.Objects;
import java.util.random.RandomGenerator;

/**
 * Creates the ids of new checkpoints. An implementation is safe for use by several threads and
 * never gives the same id twice, in any process that writes to the same namespace.
 */
@FunctionalInterface
public interface IdGenerator {

  /** The next id: 1 to 255 UTF-8 bytes without control characters and unpaired surrogates. */
  String next();

  /**
   * Random, time-ordered ids: UUID version 7 as in RFC 9562. The ids of one generator increase
   * strictly in the order they were created, also when the clock goes back.
   */
  static IdGenerator uuidV7() {
    return uuidV7(Clock.systemUTC(), new SecureRandom());
  }

  /** As {@link #uuidV7()}, with a clock and a source of randomness of the caller's choice. */
  static IdGenerator uuidV7(Clock clock, RandomGenerator random) {
    return new UuidV7(
            Objects.requireNonNull(clock, "clock"), Objects.requireNonNull(random, "random"))
        ::next;
  }
}
