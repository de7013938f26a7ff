package dev.checkpoint4j.benchmarks.report;

import dev.checkpoint4j.benchmarks.Numbers;
import java.util.Collection;
import java.util.Optional;
import java.util.function.DoubleFunction;

/** What some rounds gave. */
record Spread(double median, double least, double most, int rounds) {

  /** Of an even number of values, the median is the mean of the two in the middle. */
  static Optional<Spread> of(Collection<Double> values) {
    if (values.isEmpty()) {
      return Optional.empty();
    }
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    int upper = sorted.length / 2;
    int lower = (sorted.length - 1) / 2;
    return Optional.of(
        new Spread(
            (sorted[lower] + sorted[upper]) / 2,
            sorted[0],
            sorted[sorted.length - 1],
            sorted.length));
  }

  String ratio() {
    return text(Numbers::ratio);
  }

  /** One round has no range. */
  String text(DoubleFunction<String> format) {
    if (rounds == 1) {
      return format.apply(median);
    }
    return "%s (%s to %s)".formatted(format.apply(median), format.apply(least), format.apply(most));
  }
}
