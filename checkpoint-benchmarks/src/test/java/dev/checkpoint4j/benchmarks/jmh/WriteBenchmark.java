package dev.checkpoint4j.benchmarks.jmh;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.infra.Blackhole;

/** Operations that make a history longer: a fixed number of them at a time. */
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class WriteBenchmark {

  @Benchmark
  public void put(Opened opened, Writer writer, Blackhole blackhole) {
    for (int i = 0; i < opened.batch; i++) {
      blackhole.consume(writer.put());
    }
  }

  @Benchmark
  public void save(Opened opened, Writer writer, Blackhole blackhole) {
    for (int i = 0; i < opened.batch; i++) {
      blackhole.consume(writer.save());
    }
  }
}
