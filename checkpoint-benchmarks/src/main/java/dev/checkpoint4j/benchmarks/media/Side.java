package dev.checkpoint4j.benchmarks.media;

import java.util.Locale;

/** Who is measured. */
public enum Side {
  /** The repository of this library. */
  OURS,
  /** The medium below it, with plain Jackson where it stores bytes. */
  BARE;

  public static Side of(String name) {
    return valueOf(name.toUpperCase(Locale.ROOT));
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
