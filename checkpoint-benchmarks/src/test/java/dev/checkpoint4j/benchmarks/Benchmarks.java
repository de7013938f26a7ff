package dev.checkpoint4j.benchmarks;

import dev.checkpoint4j.benchmarks.media.Backend;
import dev.checkpoint4j.benchmarks.media.Conversations;
import dev.checkpoint4j.benchmarks.media.Peers;
import dev.checkpoint4j.benchmarks.media.Peers.Peer;
import dev.checkpoint4j.benchmarks.media.Place;
import dev.checkpoint4j.benchmarks.media.Side;
import dev.checkpoint4j.benchmarks.media.Trees;
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
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.openjdk.jmh.runner.RunnerException;

/** Measures, in rounds in which all that are compared take turns, and writes the report. */
public final class Benchmarks {

  private final Arguments arguments;
  private final Effort effort;
  private final Plan plan;

  /** What is not tried again in the next round. */
  private final Set<String> failed = new HashSet<>();

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
    Path directory = arguments.work().resolve("data");
    // Of a run that was stopped.
    Trees.delete(directory);
    Files.createDirectories(directory);
    Files.createDirectories(arguments.output());
    System.setProperty(Place.DIRECTORY_PROPERTY, directory.toString());
    arguments
        .trajectories()
        .ifPresent(file -> System.setProperty(Conversations.FILE_PROPERTY, file));
    List<Peer> peers = arguments.withPeers() && !arguments.isAgain() ? peers() : List.of();
    List<Point> points = plan.points(arguments.backends());
    List<Backend> known = known();
    if (arguments.isAgain()) {
      points.removeIf(
          point ->
              !arguments.backends().contains(point.backend())
                  || (known.contains(point.backend())
                      && arguments.operations().isEmpty()
                      && !point.isOfBudget()));
    } else if (arguments.isOfBudgetsOnly()) {
      points.removeIf(point -> !point.isOfBudget() && !point.operation().isOfChat());
    }
    points.addAll(plan.comparedWithPeers(backendsOf(peers)));
    if (!arguments.operations().isEmpty()) {
      points.removeIf(point -> !arguments.operations().contains(point.operation()));
    }
    Instant start = Instant.now();
    try (Servers servers = new Servers();
        PrintStream log =
            new PrintStream(
                Files.newOutputStream(arguments.work().resolve("jmh.log")),
                true,
                StandardCharsets.UTF_8)) {
      System.out.println("starting the servers ...");
      servers.start(arguments.backends());
      Run run =
          Run.of(
              List.copyOf(arguments.backends()),
              peers,
              effort,
              directory,
              arguments.peersClassPath(),
              arguments.command());
      Results results = results(run, points, known);
      Fillings.fill(points);
      Forks forks = new Forks(effort, properties(servers), arguments.peersClassPath(), log);
      List<Point> ofBudgets = points.stream().filter(Point::isOfBudget).toList();
      for (int round = 1; round <= effort.rounds(); round++) {
        for (Point point : round <= run.fewerRounds() ? points : ofBudgets) {
          measure(round, point, sides(point, peers), forks, results);
        }
        System.out.printf(
            "round %d of %d is done after %d s%n",
            round, effort.rounds(), Duration.between(start, Instant.now()).toSeconds());
      }
    }
    Trees.delete(directory);
  }

  /** The backends of the results that are kept. */
  private List<Backend> known() throws IOException {
    return arguments.isAgain() ? Results.read(arguments.results()).run().backends() : List.of();
  }

  private Results results(Run run, List<Point> points, List<Backend> known) throws IOException {
    Results results =
        arguments.isAgain()
            ? Results.again(arguments.results(), arguments.backends(), points, arguments.command())
            : Results.create(arguments.results(), run);
    Set<Backend> others = EnumSet.copyOf(arguments.backends());
    others.removeAll(known);
    StoredBytes.count(others, plan.chatSteps(), results);
    return results;
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

  private List<Peer> peers() {
    return Peers.found().stream()
        .filter(peer -> arguments.backends().contains(peer.backend()))
        .toList();
  }

  private static Set<Backend> backendsOf(List<Peer> peers) {
    return peers.stream()
        .map(Peer::backend)
        .collect(Collectors.toCollection(() -> EnumSet.noneOf(Backend.class)));
  }

  private static List<String> sides(Point point, List<Peer> peers) {
    List<String> sides = new ArrayList<>(Side.names().toList());
    if (point.operation().isOfChat()) {
      peers.stream()
          .filter(peer -> peer.backend() == point.backend())
          .map(Peer::name)
          .forEach(sides::add);
    }
    return sides;
  }

  /** One side after the other; another one is the first in the next round. */
  private void measure(int round, Point point, List<String> sides, Forks forks, Results results)
      throws IOException {
    if (round % 2 == 0) {
      Collections.reverse(sides);
    }
    StringBuilder line = new StringBuilder();
    for (String side : sides) {
      line.append("  ")
          .append(side)
          .append(' ')
          .append(measure(round, point, side, forks, results));
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

  private String measure(int round, Point point, String side, Forks forks, Results results)
      throws IOException {
    if (!failed.add(side + point)) {
      return "has failed before";
    }
    try {
      Forks.Outcome outcome = forks.run(round, point, side);
      results.add(outcome);
      failed.remove(side + point);
      return Numbers.time(outcome.measurement().nanos());
    } catch (RunnerException e) {
      results.add(new Results.Failure(round, point, side, Forks.reason(e)));
      return "FAILED (" + Forks.reason(e) + ")";
    }
  }
}
