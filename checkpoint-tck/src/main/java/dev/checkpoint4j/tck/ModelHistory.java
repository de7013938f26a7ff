package dev.checkpoint4j.tck;

import dev.checkpoint4j.tck.ModelTheme.Extra;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;

/** Steps, and what the fields that they use are drawn from. */
record ModelHistory(ModelTheme theme, List<ModelStep> steps) {

  private static final int LEAST_STEPS = 10;
  private static final int MOST_STEPS = 90;

  ModelHistory {
    steps = List.copyOf(steps);
  }

  /**
   * Makes histories, none of them of a tame theme: each value of each part of a theme comes before
   * any of them comes again.
   */
  static final class Generator {
    private final Random random;
    private final boolean withLongTexts;
    private final Deck<Confusion> names;
    private final Deck<ModelVersions> versions;
    private final Deck<ModelTimes> times;
    private final Deck<ModelValues> values;

    /** Without long texts if the backend might refuse them. */
    Generator(Random random, boolean withLongTexts) {
      this.random = random;
      this.withLongTexts = withLongTexts;
      names = new Deck<>(EnumSet.complementOf(EnumSet.of(Confusion.NONE)), random);
      versions = new Deck<>(EnumSet.allOf(ModelVersions.class), random);
      times = new Deck<>(EnumSet.complementOf(EnumSet.of(ModelTimes.PLAIN)), random);
      values =
          new Deck<>(
              EnumSet.complementOf(EnumSet.of(ModelValues.PLAIN)).stream()
                  .filter(each -> !each.isLong())
                  .toList(),
              random);
    }

    ModelHistory next() {
      Set<Extra> extras = EnumSet.noneOf(Extra.class);
      if (withLongTexts && random.nextInt(4) == 0) {
        extras.add(Extra.LONG_TEXTS);
      }
      if (random.nextInt(5) == 0) {
        extras.add(Extra.MANY_ATTRIBUTES);
      }
      ModelTheme theme =
          new ModelTheme(
              random.nextLong(),
              names.next(),
              versions.next(),
              times.next(),
              values.next(),
              extras);
      int steps = random.nextInt(LEAST_STEPS, MOST_STEPS);
      return new ModelHistory(
          theme, IntStream.range(0, steps).mapToObj(i -> ModelStep.random(random)).toList());
    }
  }

  private static final class Deck<T> {
    private final List<T> all;
    private final Random random;
    private final Deque<T> left = new ArrayDeque<>();

    Deck(Collection<T> all, Random random) {
      this.all = List.copyOf(all);
      this.random = random;
    }

    T next() {
      if (left.isEmpty()) {
        List<T> shuffled = new ArrayList<>(all);
        Collections.shuffle(shuffled, random);
        left.addAll(shuffled);
      }
      return left.removeFirst();
    }
  }
}
