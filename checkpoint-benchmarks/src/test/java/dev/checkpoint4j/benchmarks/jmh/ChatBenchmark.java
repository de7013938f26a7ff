package dev.checkpoint4j.benchmarks.jmh;

import dev.checkpoint4j.benchmarks.media.Conversations;
import dev.checkpoint4j.benchmarks.media.Medium.Chat;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.NullUnmarked;
import org.jspecify.annotations.Nullable;
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

/** A chat whose whole state is stored after each message, at the length that is the history. */
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ChatBenchmark {

  /** With other libraries, of which some rewrite all steps with each. */
  private static final Duration MAX_WAIT = Duration.ofSeconds(60);

  /** The chat before the steps that are measured. */
  @NullUnmarked
  @State(Scope.Benchmark)
  public static class Growing {
    private Opened opened;
    private Chat[] chats;
    private Iterator<Map<String, @Nullable Object>>[] messages;
    private int begun;
    private int next;

    /** So many chats that each grows by a fifth of its length while it is measured. */
    @Setup(Level.Trial)
    public void play(Opened opened, BenchmarkParams benchmark) {
      this.opened = opened;
      int iterations = benchmark.getWarmup().getCount() + benchmark.getMeasurement().getCount();
      boolean isRead = !benchmark.getBenchmark().endsWith("chatPut");
      int steps = isRead ? 1 : iterations * opened.batch;
      int window = Math.max(1, opened.history / 5);
      int count = (steps + window - 1) / window;
      int before = isRead ? opened.history : opened.history - steps / count / 2 - 1;
      warmUp();
      begin(count);
      long start = System.nanoTime();
      for (int i = 0; i < before * count; i++) {
        step();
        if (opened.isPeer() && System.nanoTime() - start > MAX_WAIT.toNanos()) {
          throw new IllegalStateException(
              "%s had reached step %d of %d after %d s"
                  .formatted(
                      count == 1 ? "the chat" : count + " chats",
                      i / count,
                      opened.history,
                      MAX_WAIT.toSeconds()));
        }
      }
    }

    private void warmUp() {
      long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(opened.warmMillis);
      while (System.nanoTime() < end) {
        begin(1);
        for (int i = 0; i < opened.history && System.nanoTime() < end; i++) {
          step();
        }
        if (opened.isInMemory()) {
          // Or they would fill the heap.
          opened.medium().deleteSession(session(begun - 1));
        }
      }
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private void begin(int count) {
      List<Map<String, @Nullable Object>> all = Conversations.messages(2 * opened.history + 100);
      chats = new Chat[count];
      messages = new Iterator[count];
      for (int i = 0; i < count; i++) {
        chats[i] = opened.medium().chat(session(begun++));
        messages[i] = all.iterator();
      }
      next = 0;
    }

    Object step() {
      int i = next++ % chats.length;
      return chats[i].step(messages[i].next());
    }

    Object latest() {
      return opened.medium().latest(session(begun - 1));
    }

    /** Also where forks share a place. */
    private static String session(int number) {
      return "chat-" + ProcessHandle.current().pid() + "-" + number;
    }
  }

  @Benchmark
  @BenchmarkMode(Mode.SingleShotTime)
  public void chatPut(Opened opened, Growing growing, Blackhole blackhole) {
    for (int i = 0; i < opened.batch; i++) {
      blackhole.consume(growing.step());
    }
  }

  /** What is open is closed, which is not measured, before each time. */
  @State(Scope.Benchmark)
  public static class Stopped {

    @Setup(Level.Invocation)
    public void stop(Opened opened) {
      opened.closePlace();
    }
  }

  @Benchmark
  @BenchmarkMode(Mode.SingleShotTime)
  public Object chatResume(Stopped stopped, Opened opened, Growing growing) {
    opened.openPlace();
    return growing.latest();
  }

  @Benchmark
  @BenchmarkMode(Mode.AverageTime)
  public Object chatLatest(Opened opened, Growing growing) {
    return growing.latest();
  }
}
