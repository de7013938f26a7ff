package dev.checkpoint4j.benchmarks.jmh;

import dev.checkpoint4j.benchmarks.media.Medium;
import dev.checkpoint4j.benchmarks.media.Payloads;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A place with a long history, which is filled once for all forks. */
public final class Filled {

  /** The session with the history. */
  public static final String SESSION = "long";

  private Filled() {}

  /** Fills sessions that have the payload of 1 KB. */
  public static void fill(Medium medium, String session, int history) {
    Map<String, @Nullable Object> values = Payloads.create("1KB");
    for (int version = 1; version <= history; version++) {
      values.put("step", version);
      medium.put(session, version, values);
    }
  }
}
