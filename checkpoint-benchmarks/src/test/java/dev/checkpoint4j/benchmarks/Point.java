package dev.checkpoint4j.benchmarks;

import dev.checkpoint4j.benchmarks.media.Backend;

/**
 * What is measured of all sides, side by side.
 *
 * @param history the checkpoints of a session before
 * @param sessions those that a thread takes by turns
 */
public record Point(
    Operation operation, Backend backend, String payload, int history, int sessions, int threads) {

  static final int LONG_HISTORY = 10_000;

  public static Point base(Operation operation, Backend backend) {
    return new Point(operation, backend, "1KB", 10, 1, 1);
  }

  public Point payload(String name) {
    return new Point(operation, backend, name, history, sessions, threads);
  }

  public Point history(int length) {
    return new Point(operation, backend, payload, length, sessions, threads);
  }

  public Point sessions(int count) {
    return new Point(operation, backend, payload, history, count, threads);
  }

  public Point threads(int count) {
    return new Point(operation, backend, payload, history, sessions, count);
  }

  /** Whether it is of a budget of the design. */
  boolean isOfBudget() {
    return switch (operation) {
      case OPEN -> true;
      case PUT, LATEST ->
          equals(base(operation, backend))
              || equals(base(operation, backend).history(LONG_HISTORY));
      default -> false;
    };
  }

  /** Whether its history is so long that it is stored once, before the first round. */
  boolean isFilledBefore() {
    return backend.outlivesProcesses() && history >= LONG_HISTORY;
  }

  /** What it differs in from the base, for people. */
  public String variation() {
    return switch (operation) {
      case CHAT_PUT, CHAT_LATEST, CHAT_RESUME -> "step " + Numbers.grouped(history);
      case OPEN ->
          sessions == 1
              ? Numbers.grouped(history) + " checkpoints"
              : "%s sessions, %s checkpoints"
                  .formatted(Numbers.grouped(sessions), Numbers.grouped((long) sessions * history));
      default -> {
        StringBuilder text = new StringBuilder(payload.replace("KB", " KB").replace("MB", " MB"));
        text.append(", history ").append(Numbers.grouped(history));
        if (sessions > 1) {
          text.append(", ").append(Numbers.grouped(sessions)).append(" sessions");
        }
        if (threads > 1) {
          text.append(", ").append(threads).append(" threads");
        }
        yield text.toString();
      }
    };
  }
}
