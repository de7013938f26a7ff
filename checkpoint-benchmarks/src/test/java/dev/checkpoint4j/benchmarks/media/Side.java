package dev.checkpoint4j.benchmarks.media;

import java.util.Locale;
import java.util.stream.Stream;

/** Who is measured. */
public enum Side {
  /** The repository of this library. */
  OURS,
  /** The medium below it, with plain Jackson where it stores bytes. */
  BARE;

  public static Side of(String name) {
    return valueOf(name.toUpperCase(Locale.ROOT));
  }

  public static Stream<String> names() {
    return Stream.of(values()).map(Side::toString);
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
