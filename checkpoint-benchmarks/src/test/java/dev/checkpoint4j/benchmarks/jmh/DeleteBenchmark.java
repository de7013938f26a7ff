package dev.checkpoint4j.benchmarks.jmh;

import dev.checkpoint4j.benchmarks.media.Medium;
import dev.checkpoint4j.benchmarks.media.Payloads;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.NullUnmarked;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.Blackhole;

/** Deletes sessions that were filled before the first of them is deleted. */
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class DeleteBenchmark {

  /** Sessions that end once. */
  @NullUnmarked
  @State(Scope.Benchmark)
  public static class Doomed {
    private Medium medium;
    private int next;

    @Setup(Level.Trial)
    public void fill(Opened opened, BenchmarkParams benchmark) {
      medium = opened.medium();
      Map<String, Object> values = Payloads.create(opened.payload);
      Warmup.run(opened, "delete", values);
      int iterations = benchmark.getWarmup().getCount() + benchmark.getMeasurement().getCount();
      for (int session = 0; session < iterations * opened.batch; session++) {
        for (int version = 1; version <= opened.history; version++) {
          medium.put("doomed-" + session, version, values);
        }
      }
    }

    Object delete() {
      return medium.deleteSession("doomed-" + next++);
    }
  }

  @Benchmark
  public void deleteBySession(Opened opened, Doomed doomed, Blackhole blackhole) {
    for (int i = 0; i < opened.batch; i++) {
      blackhole.consume(doomed.delete());
    }
  }
}
