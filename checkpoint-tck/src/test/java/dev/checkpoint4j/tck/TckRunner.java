package dev.checkpoint4j.tck;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** Runs the TCK on a backend within a test, and tells what became of each rule. */
public final class TckRunner implements TestExecutionListener {

  /**
   * What became of a run.
   *
   * @param failed the messages of failed rules, by id
   * @param skipped the reasons of skipped rules, by id
   * @param passed the number of rules that passed
   * @param json the report
   * @param printed what a console shows of failed rules, by id
   */
  public record Outcome(
      Map<String, String> failed,
      Map<String, String> skipped,
      long passed,
      String json,
      Map<String, String> printed) {

    public Set<String> skippedIds() {
      return skipped.keySet();
    }
  }

  /** The same for every run, however fast it is: the rules that find a fault are pinned. */
  private static final int HISTORIES = 40;

  private final Map<String, String> failed = new TreeMap<>();
  private final Map<String, String> skipped = new TreeMap<>();
  private final Map<String, String> printed = new TreeMap<>();
  private long passed;

  private TckRunner() {}

  /** Runs what the selectors choose; reports go to an empty directory. */
  public static Outcome run(Path reports, DiscoverySelector... selectors) {
    return run(reports, System.nanoTime(), selectors);
  }

  /** As {@link #run(Path, DiscoverySelector...)}, with the random data of a seed. */
  public static Outcome run(Path reports, long seed, DiscoverySelector... selectors) {
    return run(reports, seed, Duration.ofMinutes(10), selectors);
  }

  /** As above; a rule that takes longer hangs. */
  static Outcome run(Path reports, long seed, Duration limit, DiscoverySelector... selectors) {
    return run(reports, seed, limit, HISTORIES, selectors);
  }

  /** As above, with so many random histories. */
  static Outcome run(
      Path reports, long seed, Duration limit, int histories, DiscoverySelector... selectors) {
    return run(
        reports,
        Map.of(
            "checkpoint.tck.seed", Long.toString(seed),
            "checkpoint.tck.histories", Integer.toString(histories),
            "checkpoint.tck.timeout", Long.toString(limit.toSeconds())),
        selectors);
  }

  /** As {@link #run(Path, DiscoverySelector...)}, with further configuration parameters. */
  static Outcome run(Path reports, Map<String, String> parameters, DiscoverySelector... selectors) {
    TckRunner runner = new TckRunner();
    LauncherFactory.create()
        .execute(
            LauncherDiscoveryRequestBuilder.request()
                .selectors(selectors)
                .configurationParameter("checkpoint.tck.reports", reports.toString())
                .configurationParameter("checkpoint.tck.volume", "10000")
                .configurationParameter("checkpoint.tck.histories", Integer.toString(HISTORIES))
                .configurationParameters(parameters)
                .build(),
            runner);
    return new Outcome(
        runner.failed, runner.skipped, runner.passed, onlyReport(reports), runner.printed);
  }

  private static String onlyReport(Path reports) {
    try (Stream<Path> files = Files.list(reports)) {
      Set<Path> json =
          files.filter(file -> file.toString().endsWith(".json")).collect(Collectors.toSet());
      return json.size() == 1 ? Files.readString(json.iterator().next()) : "reports: " + json;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void executionFinished(TestIdentifier identifier, TestExecutionResult result) {
    String id =
        identifier
            .getSource()
            .filter(MethodSource.class::isInstance)
            .map(source -> ((MethodSource) source).getJavaMethod().getAnnotation(Rule.class).id())
            .orElse("class");
    String message =
        result.getThrowable().map(Throwable::getMessage).map(Objects::toString).orElse("");
    switch (result.getStatus()) {
      case FAILED -> {
        failed.put(id, message);
        StringWriter trace = new StringWriter();
        result.getThrowable().orElseThrow().printStackTrace(new PrintWriter(trace));
        printed.put(id, trace.toString());
      }
      case ABORTED -> skipped.put(id, message);
      case SUCCESSFUL -> passed += identifier.isTest() ? 1 : 0;
    }
  }
}
