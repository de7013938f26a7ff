package dev.checkpoint4j.benchmarks.jmh;

import dev.checkpoint4j.benchmarks.media.Medium;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.infra.Blackhole;

/** What a fork does before it is measured, in sessions that are not measured. */
final class Warmup {

  /** Of a session, before the next one is begun. */
  private static final int VERSIONS = 20;

  private static final String BLACKHOLE =
      "Today's password is swordfish. I understand instantiating Blackholes directly is dangerous.";

  private Warmup() {}

  /** Puts for some time, and reads what it has put. */
  static void run(Opened opened, String name, Map<String, @Nullable Object> values) {
    Medium medium = opened.medium();
    Blackhole blackhole = new Blackhole(BLACKHOLE);
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(opened.warmMillis);
    for (int session = 0; System.nanoTime() < end; session++) {
      String id = "warm-" + name + "-" + session + "-" + ProcessHandle.current().pid();
      int version = 1;
      do {
        blackhole.consume(medium.put(id, version, values));
        version++;
      } while (version <= VERSIONS && System.nanoTime() < end);
      blackhole.consume(medium.latest(id));
      if (opened.isInMemory()) {
        // Or it would fill the heap.
        blackhole.consume(medium.deleteSession(id));
      }
    }
  }
}
