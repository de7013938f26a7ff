package dev.checkpoint4j.cli.demo;

import java.util.Optional;
import java.util.Random;

/**
 * When the demo kills its worker: at random moments, spread such that all crashes happen while
 * there is work left.
 */
final class CrashPlan {

  private static final int MAX_DELAY_MICROS = 2_000;

  /**
   * One crash.
   *
   * @param afterAcknowledged how many checkpoints the worker gets acknowledged before
   * @param delayNanos how long after the last of them; a put or two, so that most kills land inside
   *     one
   * @param allowed how many checkpoints the worker may store, should the kill be slow to land, such
   *     that work is left for the crashes to come
   */
  record Crash(long afterAcknowledged, long delayNanos, long allowed) {}

  private final Random random;
  private int left;

  CrashPlan(int crashes, long seed) {
    this.left = crashes;
    this.random = new Random(seed);
  }

  /** Whether so many checkpoints are enough for so many crashes. */
  static boolean isPossible(int crashes, long checkpoints) {
    return crashes < checkpoints;
  }

  /** The crash of a worker that has {@code work} checkpoints to store; empty if it may live. */
  Optional<Crash> next(long work) {
    if (left == 0) {
      return Optional.empty();
    }
    long share = Math.max(1, work / (left + 1));
    long after = 1 + random.nextLong(share);
    long allowed = Math.min(work - left, after + share);
    left--;
    return Optional.of(
        new Crash(Math.min(after, allowed), 1_000L * random.nextInt(MAX_DELAY_MICROS), allowed));
  }
}
