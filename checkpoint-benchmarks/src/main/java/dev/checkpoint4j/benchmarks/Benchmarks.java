package dev.checkpoint4j.benchmarks;

import dev.checkpoint4j.benchmarks.media.Backend;
import dev.checkpoint4j.benchmarks.media.Conversations;
import dev.checkpoint4j.benchmarks.media.Place;
import dev.checkpoint4j.benchmarks.media.Side;
import dev.checkpoint4j.benchmarks.report.Report;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.openjdk.jmh.runner.RunnerException;

/** Measures, in rounds in which all that are compared take turns, and writes the report. */
public final class Benchmarks {

  private final Arguments arguments;
  private final Effort effort;
  private final Plan plan;

  private Benchmarks(Arguments arguments) {
    this.arguments = arguments;
    effort = arguments.effort();
    plan = new Plan(effort);
  }

  public static void main(String[] args) throws Exception {
    Arguments arguments = Arguments.parse(args);
    if (!arguments.isReportOnly()) {
      new Benchmarks(arguments).measure();
    }
    Report.write(arguments.pageDirectory(), Results.read(arguments.results()));
    System.out.println("written: " + arguments.pageDirectory().resolve("performance.md"));
  }

  private void measure() throws Exception {
    Path directory = Files.createDirectories(arguments.work().resolve("data"));
    Files.createDirectories(arguments.output());
    System.setProperty(Place.DIRECTORY_PROPERTY, directory.toString());
    arguments
        .trajectories()
        .ifPresent(file -> System.setProperty(Conversations.FILE_PROPERTY, file));
    List<Point> points = plan.points(arguments.backends());
    Instant start = Instant.now();
    try (Servers servers = new Servers();
        PrintStream log =
            new PrintStream(
                Files.newOutputStream(arguments.work().resolve("jmh.log")),
                true,
                StandardCharsets.UTF_8)) {
      System.out.println("starting the servers ...");
      servers.start(arguments.backends());
      Results results =
          Results.create(
              arguments.results(),
              Run.of(List.copyOf(arguments.backends()), effort, directory, arguments.command()));
      Fillings.fill(points);
      Forks forks = new Forks(effort, properties(servers), log);
      for (int round = 1; round <= effort.rounds(); round++) {
        for (Point point : points) {
          measure(round, point, forks, results);
        }
        System.out.printf(
            "round %d of %d is done after %d s%n",
            round, effort.rounds(), Duration.between(start, Instant.now()).toSeconds());
      }
    }
  }

  private static Map<String, String> properties(Servers servers) {
    Map<String, String> properties = new LinkedHashMap<>(servers.properties());
    for (String name : List.of(Place.DIRECTORY_PROPERTY, Conversations.FILE_PROPERTY)) {
      String value = System.getProperty(name);
      if (value != null) {
        properties.put(name, value);
      }
    }
    return properties;
  }

  /** One side after the other; another one is the first in the next round. */
  private void measure(int round, Point point, Forks forks, Results results) throws IOException {
    List<String> sides = new ArrayList<>();
    if (point.backend() != Backend.JACKSON) {
      sides.add(Side.OURS.toString());
    }
    sides.add(Side.BARE.toString());
    if (round % 2 == 0) {
      Collections.reverse(sides);
    }
    StringBuilder line = new StringBuilder();
    for (String side : sides) {
      try {
        Forks.Outcome outcome = forks.run(round, point, side);
        results.add(outcome);
        line.append("  ").append(side).append(' ');
        line.append(Numbers.time(outcome.measurement().nanos()));
      } catch (RunnerException e) {
        results.add(new Results.Failure(round, point, side, String.valueOf(e.getMessage())));
        line.append("  ").append(side).append(" FAILED: see jmh.log");
      }
    }
    System.out.printf(
        "%d/%d %s, %s, %s:%s%n",
        round,
        effort.rounds(),
        point.backend(),
        point.operation().title(),
        point.variation(),
        line);
  }
}
