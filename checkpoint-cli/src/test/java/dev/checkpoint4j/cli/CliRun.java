package dev.checkpoint4j.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.List;

/** A run of the command within the JVM of the test, and what came of it. */
public record CliRun(int exitCode, String out, String err) {

  private static final ObjectMapper MAPPER = new ObjectMapper();

  public static CliRun of(String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exitCode = CheckpointCli.execute(new PrintWriter(out), new PrintWriter(err), args);
    return new CliRun(exitCode, out.toString(), err.toString());
  }

  public List<String> outLines() {
    return out.lines().toList();
  }

  public List<JsonNode> outObjects() {
    return outLines().stream().map(CliRun::parse).toList();
  }

  public JsonNode outObject() {
    return parse(out);
  }

  private static JsonNode parse(String json) {
    try {
      return MAPPER.readTree(json);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
