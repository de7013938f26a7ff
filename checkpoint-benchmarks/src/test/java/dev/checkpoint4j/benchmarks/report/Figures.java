package dev.checkpoint4j.benchmarks.report;

import dev.checkpoint4j.benchmarks.Measurement;
import dev.checkpoint4j.benchmarks.Operation;
import dev.checkpoint4j.benchmarks.Point;
import dev.checkpoint4j.benchmarks.Results;
import dev.checkpoint4j.benchmarks.media.Backend;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;

/** Answers questions on the results. */
final class Figures {

  private final Results.All results;

  Figures(Results.All results) {
    this.results = results;
  }

  /** Of a backend, in the order in which they were measured. */
  List<Point> points(Predicate<Point> wanted) {
    return results.measurements().stream()
        .map(Measurement::point)
        .filter(wanted)
        .distinct()
        .toList();
  }

  /** The sides other than ours and the bare medium, in their order. */
  List<String> peers() {
    return results.measurements().stream()
        .map(Measurement::side)
        .filter(side -> !side.equals("ours") && !side.equals("bare"))
        .distinct()
        .toList();
  }

  Optional<Spread> nanos(Point point, String side) {
    return Spread.of(rounds(point, side, Measurement::nanos).values());
  }

  Optional<Spread> allocated(Point point, String side) {
    return Spread.of(rounds(point, side, Measurement::allocated).values());
  }

  private Map<Integer, Double> rounds(
      Point point, String side, ToDoubleFunction<Measurement> value) {
    Map<Integer, Double> rounds = new TreeMap<>();
    for (Measurement measurement : results.measurements()) {
      if (measurement.point().equals(point) && measurement.side().equals(side)) {
        rounds.put(measurement.round(), value.applyAsDouble(measurement));
      }
    }
    return rounds;
  }

  /** The time of one beside that of the other, in each round that has both. */
  Optional<Spread> ratio(Point point, String side, Point other, String otherSide) {
    Map<Integer, Double> base = rounds(other, otherSide, Measurement::nanos);
    List<Double> ratios = new ArrayList<>();
    rounds(point, side, Measurement::nanos)
        .forEach(
            (round, nanos) -> {
              Double denominator = base.get(round);
              if (denominator != null) {
                ratios.add(nanos / denominator);
              }
            });
    return Spread.of(ratios);
  }

  Optional<Spread> ratio(Point point) {
    return ratio(point, "ours", point, "bare");
  }

  OptionalLong stored(Backend backend, String side, int steps) {
    return results.stored().stream()
        .filter(stored -> stored.backend() == backend)
        .filter(stored -> stored.side().equals(side) && stored.steps() == steps)
        .mapToLong(Results.Stored::bytes)
        .findFirst();
  }

  /** The lengths at which chats were measured. */
  List<Integer> chatSteps() {
    return points(point -> point.operation() == Operation.CHAT_PUT).stream()
        .map(Point::history)
        .distinct()
        .sorted()
        .toList();
  }
}
