package dev.checkpoint4j.benchmarks.jmh;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;

/** Operations that change nothing, as many as there is time for. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ReadBenchmark {

  @Benchmark
  public Object latest(Opened opened, Reader reader) {
    return reader.latest();
  }

  @Benchmark
  public Object get(Opened opened, Reader reader) {
    return reader.get();
  }

  @Benchmark
  public Object listFirst(Opened opened, Reader reader) {
    return reader.firstPage();
  }

  @Benchmark
  public Object listDeep(Opened opened, Reader reader) {
    return reader.deepPage();
  }

  @Benchmark
  public Object listHeaders(Opened opened, Reader reader) {
    return reader.headers();
  }
}
