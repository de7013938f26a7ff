package dev.checkpoint4j.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.error.CheckpointException;
import dev.checkpoint4j.spi.BackendStorage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** CLOSE: the end of a handle. */
abstract class CloseRules extends ArgumentRules {

  /** How long a thread may take to end after its handle was closed. */
  private static final int THREAD_END_SECONDS = 10;

  @Rule(id = "CLOSE-01", level = Level.MUST)
  protected final void closingTwiceIsFine() {
    Checkpoint stored = put("s", 1);
    BackendStorage handle = openHandle();
    handle.close();
    handle.close();
    assertLatest("after another handle was closed twice", storage(), stored);
    assertLatest("on a handle opened after another was closed twice", openHandle(), stored);
    storage().close();
    storage().close();
  }

  @Rule(id = "CLOSE-02", level = Level.MUST)
  protected final void closedHandleRefusesCalls() {
    Checkpoint stored = put("s", 1);
    BackendStorage handle = openHandle();
    handle.close();
    Map<String, ThrowingCallable> calls = new LinkedHashMap<>();
    calls.put("put of a new checkpoint", () -> handle.put(checkpoint("s", 2), Expectation.any()));
    calls.put("put of a stored checkpoint", () -> handle.put(stored, Expectation.any()));
    calls.put("get", () -> handle.get(namespace(), stored.id()));
    calls.put("getBySession", () -> handle.getBySession(session("s")));
    calls.put("list", () -> handle.list(query().build()));
    calls.put("listHeaders", () -> handle.listHeaders(query().build()));
    calls.put("listSessions", () -> handle.listSessions(namespace(), 10, Optional.empty()));
    calls.put("listNamespaces", () -> handle.listNamespaces(10, Optional.empty()));
    calls.put("delete", () -> handle.delete(namespace(), List.of(stored.id())));
    calls.put("delete of nothing", () -> handle.delete(namespace(), List.of()));
    calls.put("deleteBySession", () -> handle.deleteBySession(session("s")));
    calls.forEach(
        (what, call) -> assertFails(what + " after close", IllegalStateException.class, call));
    assertHolds("after calls of a closed handle", storage(), List.of(stored));
  }

  @Rule(id = "CLOSE-03", level = Level.MUST)
  protected final void closedHandleStillDescribesItself() {
    String before = describe(storage());
    storage().close();
    assertThat(describe(storage())).as("descriptor() after close").isEqualTo(before);
  }

  @Rule(id = "CLOSE-04", level = Level.MUST)
  protected final void closingGivesThreadsBack() throws InterruptedException {
    // What the first handle of a process starts for all of them is not this handle's to give back.
    useAndClose(1);
    Set<Thread> before = Thread.getAllStackTraces().keySet();
    useAndClose(2);
    List<Thread> started =
        Thread.getAllStackTraces().keySet().stream()
            .filter(thread -> !thread.isDaemon() && !before.contains(thread))
            .toList();
    for (Thread thread : started) {
      thread.join(TimeUnit.SECONDS.toMillis(THREAD_END_SECONDS));
      assertThat(thread.isAlive())
          .as(
              "whether the thread %s, started by a handle, still lives after the handle was closed;"
                  + " it is at %s",
              thread.getName(), Arrays.stream(thread.getStackTrace()).limit(8).toList())
          .isFalse();
    }
  }

  private void useAndClose(long version) {
    BackendStorage handle = openHandle();
    handle.put(checkpoint("s-" + version, version), Expectation.any());
    assertThat(handle.list(query().build()).items()).as("checkpoints listed").isNotEmpty();
    handle.close();
  }

  @Rule(id = "CLOSE-05", level = Level.MUST)
  protected final void callsUnderWayEndProperly() {
    // Open throughout: a volatile store may be gone with its last handle.
    BackendStorage other = storage();
    for (int round = 0; round < 5; round++) {
      String sessionId = "s" + round;
      BackendStorage handle = openHandle();
      AtomicBoolean closed = new AtomicBoolean();
      List<Checkpoint> acknowledged = new ArrayList<>();
      List<Callable<String>> tasks = new ArrayList<>();
      tasks.add(
          () ->
              untilRefused(
                  closed,
                  () -> {
                    Checkpoint next = checkpoint(sessionId, acknowledged.size() + 1L);
                    handle.put(next, Expectation.any());
                    acknowledged.add(next);
                  }));
      List<ThrowingCallable> others =
          List.of(
              () -> handle.getBySession(session(sessionId)),
              () -> handle.get(namespace(), "absent"),
              () -> handle.list(query().limit(10).build()),
              () -> handle.listHeaders(query().limit(10).build()),
              () -> handle.listSessions(namespace(), 10, Optional.empty()),
              () -> handle.listNamespaces(10, Optional.empty()),
              () -> handle.delete(namespace(), List.of("absent")),
              () -> handle.deleteBySession(session("absent")));
      others.forEach(call -> tasks.add(() -> untilRefused(closed, call)));
      tasks.add(
          () -> {
            handle.close();
            closed.set(true);
            return "closed";
          });
      String what = "a writer and callers of every other method, while their handle is closed";
      List<String> ends = Race.results(what, tasks);
      assertThat(ends.subList(0, ends.size() - 1))
          .as("%s: how they ended", what)
          .containsOnly("refused");
      for (Checkpoint checkpoint : acknowledged) {
        assertStored("on another handle, after its own was closed", other, checkpoint);
      }
    }
  }

  /** Repeats a call until the closed handle refuses it; a call that close cuts off may fail. */
  private static String untilRefused(AtomicBoolean closed, ThrowingCallable call) {
    while (true) {
      boolean wasClosed = closed.get();
      Throwable failure = catchThrowable(call);
      if (failure instanceof IllegalStateException) {
        return "refused";
      }
      assertThat(wasClosed)
          .as("whether a call after close was answered or failed otherwise (%s)", failure)
          .isFalse();
      if (failure != null) {
        assertThat(failure)
            .as("failure of a call that was under way when the handle was closed")
            .isInstanceOf(CheckpointException.class);
      }
    }
  }
}
