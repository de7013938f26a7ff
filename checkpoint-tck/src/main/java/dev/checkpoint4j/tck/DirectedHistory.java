package dev.checkpoint4j.tck;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Calls that meet one confusion of a medium on every path: with every field, every method, every
 * condition and every page. Random histories meet most of them by chance only.
 *
 * @param name what a medium may confuse
 * @param steps the calls, for a start of the namespaces that no other run uses
 */
record DirectedHistory(String name, Function<String, List<Step>> steps) {

  /**
   * A call.
   *
   * @param isChange whether the call may change something
   */
  record Step(boolean isChange, Call call) {

    static Step change(Call call) {
      return new Step(true, call);
    }

    static Step read(Call call) {
      return new Step(false, call);
    }
  }

  /**
   * A history for each pair of texts, each group of values and each group of times; in the order of
   * a seed, in which those of texts, of values and of times take turns.
   *
   * @param withLongTexts whether the backend stores documents of some megabytes
   */
  static List<DirectedHistory> all(Random random, boolean attributeQuery, boolean withLongTexts) {
    List<Deque<DirectedHistory>> kinds =
        List.of(
            shuffled(ofNames(attributeQuery, random), random),
            shuffled(ofValues(attributeQuery, withLongTexts), random),
            shuffled(ofTimes(attributeQuery, random.nextLong()), random));
    List<DirectedHistory> all = new ArrayList<>();
    while (kinds.stream().anyMatch(kind -> !kind.isEmpty())) {
      kinds.stream().filter(kind -> !kind.isEmpty()).map(Deque::removeFirst).forEach(all::add);
    }
    return all;
  }

  private static Deque<DirectedHistory> shuffled(Stream<DirectedHistory> histories, Random random) {
    List<DirectedHistory> shuffled = new ArrayList<>(histories.toList());
    Collections.shuffle(shuffled, random);
    return new ArrayDeque<>(shuffled);
  }

  private static Stream<DirectedHistory> ofNames(boolean attributeQuery, Random random) {
    return LookalikePair.all(random).stream()
        .map(
            pair ->
                new DirectedHistory(
                    "names: " + pair.reason(),
                    prefix -> new NameSweep(pair, prefix, attributeQuery).steps()));
  }

  private static Stream<DirectedHistory> ofValues(boolean attributeQuery, boolean withLongTexts) {
    return Stream.of(ModelValues.values())
        .filter(values -> withLongTexts || !values.isLong())
        .map(
            values ->
                new DirectedHistory(
                    "values: " + values.name(),
                    prefix -> new ValueSweep(values.group(), prefix, attributeQuery).steps()));
  }

  private static Stream<DirectedHistory> ofTimes(boolean attributeQuery, long seed) {
    return Stream.of(ModelTimes.values())
        .map(
            times ->
                new DirectedHistory(
                    "times: " + times.name(),
                    prefix ->
                        new TimeSweep(times.pool(new Random(seed)), prefix, attributeQuery)
                            .steps()));
  }
}
