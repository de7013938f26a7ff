package dev.checkpoint4j.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.checkpoint4j.benchmarks.media.Backend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;

/**
 * The results of a run, as a file of JSON lines: one for the machine, one for each fork, one for
 * each count of bytes. A run that is stopped leaves what it has measured.
 */
public final class Results {

  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final Path file;

  private Results(Path file) {
    this.file = file;
  }

  /**
   * The bytes that a medium holds.
   *
   * @param steps of a chat, each stored as a whole
   */
  public record Stored(Backend backend, String side, int steps, long bytes) {}

  /** A point of a side that could not be measured. */
  public record Failure(int round, Point point, String side, String reason) {}

  /** Everything. */
  public record All(
      Run run, List<Measurement> measurements, List<Stored> stored, List<Failure> failures) {}

  /** A new file, in place of one that is there. */
  static Results create(Path file, Run run) throws IOException {
    Files.deleteIfExists(file);
    Results results = new Results(file);
    results.append("run", MAPPER.valueToTree(run));
    return results;
  }

  /** The file that is there, without what is about to be measured again. */
  static Results again(
      Path file, Collection<Backend> backends, Collection<Point> points, String command)
      throws IOException {
    Run run = read(file).run().again(backends, command);
    List<String> lines = Files.readAllLines(file);
    Results results = create(file, run);
    for (String text : lines) {
      JsonNode line = MAPPER.readTree(text);
      Point point = MAPPER.treeToValue(line.get("point"), Point.class);
      boolean isReplaced = point != null && points.contains(point);
      if (!isReplaced && !line.get("kind").asText().equals("run")) {
        results.append(text);
      }
    }
    return results;
  }

  void add(Forks.Outcome outcome) throws IOException {
    ObjectNode line = MAPPER.valueToTree(outcome.measurement());
    line.set("jmh", outcome.raw());
    append("measurement", line);
  }

  void add(Stored stored) throws IOException {
    append("stored", MAPPER.valueToTree(stored));
  }

  void add(Failure failure) throws IOException {
    append("failure", MAPPER.valueToTree(failure));
  }

  private void append(String kind, JsonNode content) throws IOException {
    ObjectNode line = MAPPER.createObjectNode().put("kind", kind);
    line.setAll((ObjectNode) content);
    append(MAPPER.writeValueAsString(line));
  }

  private void append(String line) throws IOException {
    Files.writeString(file, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  public static All read(Path file) throws IOException {
    Run run = null;
    List<Measurement> measurements = new ArrayList<>();
    List<Stored> stored = new ArrayList<>();
    List<Failure> failures = new ArrayList<>();
    try (Stream<String> lines = Files.lines(file)) {
      for (String text : (Iterable<String>) lines::iterator) {
        ObjectNode line = (ObjectNode) MAPPER.readTree(text);
        line.remove("jmh");
        String kind = line.remove("kind").asText();
        switch (kind) {
          case "run" -> run = MAPPER.treeToValue(line, Run.class);
          case "measurement" -> measurements.add(MAPPER.treeToValue(line, Measurement.class));
          case "stored" -> stored.add(MAPPER.treeToValue(line, Stored.class));
          case "failure" -> failures.add(MAPPER.treeToValue(line, Failure.class));
          default -> throw new IOException("a line of kind '" + kind + "' in " + file);
        }
      }
    }
    if (run == null) {
      throw new IOException(file + " does not tell of its run");
    }
    return new All(run, measurements, stored, failures);
  }
}
