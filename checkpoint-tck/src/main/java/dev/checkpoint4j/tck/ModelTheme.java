package dev.checkpoint4j.tck;

import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What the fields of a history are drawn from: of each kind of field one that a medium may get
 * wrong, so that a history that fails can be read.
 *
 * @param seed of the pools
 * @param extras what makes checkpoints bigger
 */
record ModelTheme(
    long seed,
    Confusion names,
    ModelVersions versions,
    ModelTimes times,
    ModelValues values,
    Set<Extra> extras) {

  /** How many versions, times and values a history has. */
  static final int POOL = 8;

  enum Extra {
    /** Texts that are equal but for their ends. */
    LONG_TEXTS,
    /** Many attributes. */
    MANY_ATTRIBUTES
  }

  ModelTheme {
    extras = Set.copyOf(extras);
  }

  /** The theme, each time with another of its parts replaced by the tamest. */
  List<ModelTheme> tamer() {
    return Stream.of(
            new ModelTheme(seed, names, versions, times, values, Set.of()),
            new ModelTheme(seed, names, versions, times, ModelValues.PLAIN, extras),
            new ModelTheme(seed, names, versions, ModelTimes.PLAIN, values, extras),
            new ModelTheme(seed, names, ModelVersions.SMALL, times, values, extras),
            new ModelTheme(seed, Confusion.NONE, versions, times, values, extras))
        .filter(tamer -> !tamer.equals(this))
        .toList();
  }
}
