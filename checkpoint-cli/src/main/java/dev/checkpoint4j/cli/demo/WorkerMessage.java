package dev.checkpoint4j.cli.demo;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.checkpoint4j.cli.support.Json;
import java.util.List;
import java.util.Optional;

/** What a worker of the demo reports to its parent: a JSON array on a line of its stdout. */
sealed interface WorkerMessage {

  /** The line to write. */
  String toLine();

  /** The worker has found what is stored: {@code stored} steps are done already. */
  record Resumed(long stored) implements WorkerMessage {

    @Override
    public String toLine() {
      return Json.compact(List.of("resumed", stored));
    }
  }

  /** The store has acknowledged a checkpoint, {@code micros} microseconds after it was asked. */
  record Acknowledged(String sessionId, long version, String id, long micros)
      implements WorkerMessage {

    @Override
    public String toLine() {
      return Json.compact(List.of("acknowledged", sessionId, version, id, micros));
    }
  }

  /** All sessions are at their end. */
  record Finished() implements WorkerMessage {

    @Override
    public String toLine() {
      return Json.compact(List.of("finished"));
    }
  }

  /** The worker gives up. */
  record Failed(String message) implements WorkerMessage {

    @Override
    public String toLine() {
      return Json.compact(List.of("failed", message));
    }
  }

  /** Reads a line; empty if it is none of these, such as one that a kill has cut off. */
  static Optional<WorkerMessage> parse(String line) {
    List<?> parts;
    try {
      parts = Json.readArray(line);
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
    if (parts.isEmpty() || !(parts.get(0) instanceof String kind)) {
      return Optional.empty();
    }
    return switch (kind + "/" + (parts.size() - 1)) {
      case "resumed/1" -> Optional.of(new Resumed(number(parts.get(1))));
      case "acknowledged/4" ->
          Optional.of(
              new Acknowledged(
                  text(parts.get(1)),
                  number(parts.get(2)),
                  text(parts.get(3)),
                  number(parts.get(4))));
      case "finished/0" -> Optional.of(new Finished());
      case "failed/1" -> Optional.of(new Failed(text(parts.get(1))));
      default -> Optional.empty();
    };
  }

  private static long number(Object part) {
    return ((Number) part).longValue();
  }

  private static String text(Object part) {
    return (String) part;
  }
}
