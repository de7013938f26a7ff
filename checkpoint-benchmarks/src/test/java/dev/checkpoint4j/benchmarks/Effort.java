package dev.checkpoint4j.benchmarks;

import dev.checkpoint4j.benchmarks.media.Backend;
import java.time.Duration;

/**
 * How long and how much.
 *
 * @param longHistory what is compared with a history of 10
 * @param iterations of a fork that count
 */
record Effort(int rounds, int longHistory, int longChat, int iterations, Duration iteration) {

  static Effort full(int rounds) {
    return new Effort(rounds, Point.LONG_HISTORY, 1_000, 3, Duration.ofMillis(300));
  }

  static Effort quick(int rounds) {
    return new Effort(rounds, 1_000, 100, 2, Duration.ofMillis(200));
  }

  boolean isQuick() {
    return longHistory < Point.LONG_HISTORY;
  }

  /** Before the first iteration, for the compilers of the JVM, which many threads leave no time. */
  Duration warmup(Point point) {
    int millis =
        switch (point.backend()) {
          case JACKSON, MEMORY -> 1_000;
          case FILE, POSTGRESQL -> 10_000;
          // The database itself runs in the JVM.
          case H2 -> 12_000;
          default -> 4_000;
        };
    if (point.threads() > 2) {
      millis *= 3;
    }
    return Duration.ofMillis(isQuick() ? millis / 2 : millis);
  }

  /** Operations of an invocation, where the number is fixed. */
  int batch(Point point) {
    boolean isVolatile = !point.backend().outlivesProcesses();
    return switch (point.operation()) {
      case OPEN, CHAT_RESUME -> 1;
      case DELETE_BY_SESSION -> isVolatile ? 100 : point.backend().isS3() ? 2 : 5;
      case CHAT_PUT -> isVolatile ? 100 : 10;
      default -> isVolatile ? batchInMemory(point) : batchOnMedium(point);
    };
  }

  private static int batchInMemory(Point point) {
    int encoded =
        switch (point.payload()) {
          case "1KB" -> 5_000;
          case "16KB" -> 500;
          case "500KB" -> 50;
          default -> point.backend() == Backend.JACKSON ? 2 : 1_000;
        };
    return encoded / (point.threads() > 2 ? 2 : 1);
  }

  /** So many that a pause of the disk is not most of what is measured. */
  private static int batchOnMedium(Point point) {
    return switch (point.payload()) {
      case "1KB", "16KB" -> point.backend().isS3() ? 30 : point.threads() > 2 ? 100 : 300;
      case "500KB" -> 10;
      default -> 1;
    };
  }
}
