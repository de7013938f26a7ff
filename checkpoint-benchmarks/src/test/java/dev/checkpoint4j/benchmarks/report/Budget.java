package dev.checkpoint4j.benchmarks.report;

import dev.checkpoint4j.benchmarks.Numbers;
import dev.checkpoint4j.benchmarks.Operation;
import dev.checkpoint4j.benchmarks.Point;
import dev.checkpoint4j.benchmarks.media.Backend;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.DoubleFunction;

/**
 * What something may cost.
 *
 * @param limit the most; none where the design asks for the figure only
 * @param ofBare the same of the bare medium, where it tells something
 */
record Budget(
    String text,
    OptionalDouble limit,
    Measure measure,
    Measure ofBare,
    DoubleFunction<String> format) {

  private static final double NANOS = 1e9;

  /** What is compared with the limit. */
  interface Measure {
    Optional<Spread> in(Figures figures);
  }

  /** Those of section 9 of the design that compare a store with its medium. */
  static List<Budget> besideBare(List<Backend> backends) {
    List<Budget> budgets = new ArrayList<>();
    budgets.add(besideBare(Operation.PUT, Backend.MEMORY, 3));
    budgets.add(besideBare(Operation.LATEST, Backend.MEMORY));
    budgets.add(besideBare(Operation.PUT, Backend.FILE, 1.3));
    budgets.add(seconds(Point.base(Operation.OPEN, Backend.FILE).sessions(1_000).history(100), 1));
    budgets.add(besideBare(Operation.PUT, Backend.POSTGRESQL, 1.5));
    budgets.add(besideBare(Operation.PUT, Backend.H2, 1.4));
    for (Backend s3 : List.of(Backend.S3MOCK, Backend.CEPH)) {
      budgets.add(besideBare(Operation.PUT, s3));
      budgets.add(besideBare(Operation.LATEST, s3));
    }
    return ofBackends(budgets, backends);
  }

  /** Those that compare a long history with a short one. */
  static List<Budget> growth(List<Backend> backends, int longHistory) {
    List<Budget> budgets = new ArrayList<>();
    for (Backend backend : Backend.values()) {
      if (backend != Backend.JACKSON) {
        budgets.add(growth(Operation.PUT, backend, longHistory));
        budgets.add(growth(Operation.LATEST, backend, longHistory));
      }
    }
    return ofBackends(budgets, backends);
  }

  private static List<Budget> ofBackends(List<Budget> budgets, List<Backend> backends) {
    return budgets.stream().filter(budget -> budget.isOfOneOf(backends)).toList();
  }

  private boolean isOfOneOf(List<Backend> backends) {
    return backends.stream().anyMatch(backend -> text.startsWith(backend + ":"));
  }

  private static Budget besideBare(Operation operation, Backend backend, double limit) {
    return besideBare(operation, backend, OptionalDouble.of(limit));
  }

  private static Budget besideBare(Operation operation, Backend backend) {
    return besideBare(operation, backend, OptionalDouble.empty());
  }

  private static Budget besideBare(Operation operation, Backend backend, OptionalDouble limit) {
    Point point = Point.base(operation, backend);
    return new Budget(
        backend + ": " + operation.title(),
        limit,
        figures -> figures.ratio(point),
        figures -> Optional.empty(),
        Numbers::ratio);
  }

  private static Budget growth(Operation operation, Backend backend, int longHistory) {
    Point base = Point.base(operation, backend);
    Point grown = base.history(longHistory);
    return new Budget(
        backend + ": " + operation.title(),
        OptionalDouble.of(1.5),
        figures -> figures.ratio(grown, "ours", base, "ours"),
        figures -> figures.ratio(grown, "bare", base, "bare"),
        Numbers::ratio);
  }

  private static Budget seconds(Point point, double seconds) {
    return new Budget(
        "%s: %s (%s)".formatted(point.backend(), point.operation().title(), point.variation()),
        OptionalDouble.of(seconds * NANOS),
        figures -> figures.nanos(point, "ours"),
        figures -> figures.nanos(point, "bare"),
        Numbers::time);
  }

  String verdict(Spread spread) {
    if (limit.isEmpty()) {
      return "-";
    }
    return spread.median() <= limit.getAsDouble() ? "met" : "**not met**";
  }

  String limitText() {
    return limit.isEmpty() ? "-" : format.apply(limit.getAsDouble());
  }
}
