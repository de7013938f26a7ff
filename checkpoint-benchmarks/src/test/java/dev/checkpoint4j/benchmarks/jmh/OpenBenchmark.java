package dev.checkpoint4j.benchmarks.jmh;

import dev.checkpoint4j.benchmarks.media.Backend;
import dev.checkpoint4j.benchmarks.media.Medium;
import dev.checkpoint4j.benchmarks.media.Place;
import dev.checkpoint4j.benchmarks.media.Side;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.NullUnmarked;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Opens a place that was filled before, up to the first answer. */
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class OpenBenchmark {

  /** What is open after an invocation. */
  @NullUnmarked
  @State(Scope.Benchmark)
  public static class Closed {

    @Param("MEMORY")
    public String backend;

    @Param("OURS")
    public String side;

    @Param("")
    public String filled;

    @Param("")
    public String session;

    private Medium medium;

    Object open() {
      medium = new Place(Backend.of(backend), filled).open(Side.of(side));
      return medium.latest(session);
    }

    @TearDown(Level.Invocation)
    public void close() {
      medium.close();
    }
  }

  @Benchmark
  public Object open(Closed closed) {
    return closed.open();
  }
}
