package dev.checkpoint4j.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.checkpoint4j.benchmarks.media.Side;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.results.format.ResultFormatFactory;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.format.OutputFormat;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Runs a point in a JVM of its own. */
final class Forks {

  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final String CLASS_PATH = "java.class.path";
  private static final String ALLOCATION = "gc.alloc.rate.norm";

  /** What would tell where this ran, or is the same of all. */
  private static final List<String> LEFT_OUT =
      List.of("jvm", "jvmArgs", "jmhVersion", "jdkVersion", "vmName", "vmVersion", "forks");

  private final Effort effort;
  private final Map<String, String> properties;
  private final String classPath = System.getProperty(CLASS_PATH);
  private final String peersClassPath;
  private final OutputFormat log;

  /**
   * Makes those of a run.
   *
   * @param properties for the JVMs
   * @param peersClassPath of those that run other libraries
   */
  Forks(Effort effort, Map<String, String> properties, String peersClassPath, PrintStream log) {
    this.peersClassPath = peersClassPath;
    this.effort = effort;
    this.properties = properties;
    this.log = OutputFormatFactory.createFormatInstance(log, VerboseMode.NORMAL);
  }

  /** What was measured, and how JMH tells it. */
  record Outcome(Measurement measurement, JsonNode raw) {}

  Outcome run(int round, Point point, String side) throws RunnerException, IOException {
    boolean isPeer = Side.names().noneMatch(side::equals);
    if (isPeer) {
      // JMH gives that of this JVM to its forks.
      System.setProperty(CLASS_PATH, peersClassPath);
    }
    try {
      return outcome(round, point, side);
    } finally {
      System.setProperty(CLASS_PATH, classPath);
    }
  }

  private Outcome outcome(int round, Point point, String side) throws RunnerException, IOException {
    RunResult result = new Runner(options(point, side).build(), log).run().iterator().next();
    int operations = point.operation().isBatch() ? effort.batch(point) : 1;
    Measurement measurement =
        new Measurement(
            round,
            point,
            side,
            result.getPrimaryResult().getScore() / operations,
            Objects.requireNonNull(result.getSecondaryResults().get(ALLOCATION)).getScore()
                / operations);
    return new Outcome(measurement, raw(result));
  }

  private ChainedOptionsBuilder options(Point point, String side) {
    Operation operation = point.operation();
    ChainedOptionsBuilder options =
        new OptionsBuilder()
            .include(operation.pattern())
            .forks(1)
            .threads(point.threads())
            .shouldFailOnError(true)
            .addProfiler(GCProfiler.class)
            .warmupIterations(1)
            .measurementIterations(effort.iterations())
            .jvmArgs(jvmArguments())
            .param("backend", point.backend().name())
            .param("side", side);
    if (!operation.isBatch()) {
      options
          .warmupTime(TimeValue.milliseconds(effort.warmup(point).toMillis()))
          .measurementTime(TimeValue.milliseconds(effort.iteration().toMillis()));
    }
    if (operation == Operation.OPEN) {
      // A process opens a store when it has just started.
      return options
          .warmupIterations(0)
          .measurementIterations(1)
          .param("filled", Fillings.place(point, side).name())
          .param("session", Fillings.session(point));
    }
    return options
        .param("payload", point.payload())
        .param("history", Integer.toString(point.history()))
        .param("sessions", Integer.toString(point.sessions()))
        .param("batch", Integer.toString(effort.batch(point)))
        .param("warmMillis", Long.toString(effort.warmup(point).toMillis()))
        .param("filled", point.isFilledBefore() ? Fillings.place(point, side).name() : "");
  }

  private String[] jvmArguments() {
    List<String> arguments = new ArrayList<>(List.of("-Xms1g", "-Xmx3g"));
    properties.forEach((name, value) -> arguments.add("-D" + name + "=" + value));
    return arguments.toArray(String[]::new);
  }

  /** What went wrong in a fork, as far down as it is told. */
  static String reason(Throwable e) {
    Throwable below = e.getSuppressed().length > 0 ? e.getSuppressed()[0] : e.getCause();
    return below == null ? String.valueOf(e.getMessage()) : reason(below);
  }

  private static JsonNode raw(RunResult result) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (PrintStream out = new PrintStream(bytes, false, StandardCharsets.UTF_8)) {
      ResultFormatFactory.getInstance(ResultFormatType.JSON, out).writeOut(List.of(result));
    }
    ObjectNode raw = (ObjectNode) MAPPER.readTree(bytes.toByteArray()).get(0);
    raw.remove(LEFT_OUT);
    ObjectNode secondary = (ObjectNode) raw.get("secondaryMetrics");
    secondary.retain(ALLOCATION, "gc.count");
    for (String statistics : List.of("scoreError", "scoreConfidence", "scorePercentiles")) {
      raw.findParents(statistics).forEach(metric -> ((ObjectNode) metric).remove(statistics));
    }
    return raw;
  }
}
