package dev.checkpoint4j.benchmarks.jmh;

import dev.checkpoint4j.benchmarks.media.Medium;
import dev.checkpoint4j.benchmarks.media.Payloads;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.NullUnmarked;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.ThreadParams;

/** A thread that reads sessions of its own by turns. */
@NullUnmarked
@State(Scope.Thread)
public class Reader {

  private Medium medium;
  private String[] sessions;
  private String[] ids;
  private String cursor;
  private int nextSession;
  private int nextId;

  @Setup(Level.Trial)
  public void fill(Opened opened, BenchmarkParams benchmark, ThreadParams thread) {
    medium = opened.medium();
    Map<String, Object> values = Payloads.create(opened.payload);
    if (opened.filled.isEmpty()) {
      sessions = new String[opened.sessions];
      for (int i = 0; i < sessions.length; i++) {
        sessions[i] = "read-" + thread.getThreadIndex() + "-" + i;
        for (int version = 1; version <= opened.history; version++) {
          values.put("step", version);
          medium.put(sessions[i], version, values);
        }
      }
    } else {
      sessions = new String[] {Filled.SESSION};
    }
    // What takes long where the history is long is done for those who need it.
    if (benchmark.getBenchmark().endsWith(".get")) {
      List<String> shuffled = new ArrayList<>(medium.ids(sessions[0]));
      Collections.shuffle(shuffled, new Random(1));
      ids = shuffled.toArray(String[]::new);
    }
    if (benchmark.getBenchmark().endsWith(".listDeep")) {
      int pages = opened.history / 2 / Medium.PAGE;
      cursor = medium.cursorBehind(sessions[0], pages * Medium.PAGE);
    }
  }

  Object latest() {
    return medium.latest(nextSession());
  }

  private String nextSession() {
    int next = nextSession++;
    if (nextSession == sessions.length) {
      nextSession = 0;
    }
    return sessions[next];
  }

  Object get() {
    int next = nextId++;
    if (nextId == ids.length) {
      nextId = 0;
    }
    return medium.get(sessions[0], ids[next]);
  }

  Object firstPage() {
    return medium.list(nextSession(), null);
  }

  Object headers() {
    return medium.listHeaders(nextSession());
  }

  Object deepPage() {
    return medium.list(sessions[0], cursor);
  }
}
