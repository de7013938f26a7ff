package dev.checkpoint4j.benchmarks.jmh;

import dev.checkpoint4j.benchmarks.media.Medium;
import dev.checkpoint4j.benchmarks.media.Payloads;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.NullUnmarked;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.ThreadParams;

/**
 * A thread that puts into sessions of its own by turns. There are so many of them that none gets
 * more than its history again while it is measured.
 */
@NullUnmarked
@State(Scope.Thread)
public class Writer {

  private Medium medium;
  private Map<String, Object> values;
  private String[] sessions;
  private long[] versions;
  private int next;

  @Setup(Level.Trial)
  public void fill(Opened opened, BenchmarkParams benchmark, ThreadParams thread) {
    medium = opened.medium();
    values = Payloads.create(opened.payload);
    Warmup.run(opened, "put-" + thread.getThreadIndex(), values);
    int iterations = benchmark.getWarmup().getCount() + benchmark.getMeasurement().getCount();
    int puts = iterations * opened.batch;
    int needed = (puts + opened.history - 1) / opened.history;
    boolean isFilled = !opened.filled.isEmpty();
    sessions = new String[isFilled ? 1 : Math.max(opened.sessions, needed)];
    versions = new long[sessions.length];
    Arrays.setAll(
        sessions, i -> isFilled ? Filled.SESSION : "put-" + thread.getThreadIndex() + "-" + i);
    if (isFilled) {
      versions[0] = medium.latestVersion(Filled.SESSION);
    } else {
      for (int i = 0; i < sessions.length; i++) {
        while (versions[i] < opened.history) {
          versions[i]++;
          medium.put(sessions[i], versions[i], values);
        }
      }
    }
  }

  Object put() {
    int i = next++ % sessions.length;
    long version = ++versions[i];
    values.put("step", (int) version);
    return medium.put(sessions[i], version, values);
  }

  Object save() {
    int i = next++ % sessions.length;
    values.put("step", (int) ++versions[i]);
    return medium.save(sessions[i], values);
  }
}
