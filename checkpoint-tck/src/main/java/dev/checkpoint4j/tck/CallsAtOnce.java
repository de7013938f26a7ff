package dev.checkpoint4j.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.spi.BackendStorage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Many threads, of which each has a session of its own, make calls of one method until all of them
 * are calling at the same moment.
 */
final class CallsAtOnce {

  /** More than a pool of a server, or of a client, holds. */
  static final int THREADS = 64;

  /** So often the last of the threads has to begin a call while all others call. */
  private static final int MEETINGS = 100;

  /** Calls that take microseconds may never meet. */
  private static final Duration TIME = Duration.ofMillis(80);

  /** So many calls each thread makes after all have begun. */
  private static final int MAX_CALLS = 150;

  /** A call of a thread; the number of its calls so far is given. */
  private interface Operation {
    void call(BackendStorage handle, Checkpoint own, int calls);
  }

  private final List<BackendStorage> handles;
  private final List<Checkpoint> owned;

  /**
   * Threads and their sessions.
   *
   * @param owned the first checkpoint of the session of each thread, not stored yet
   */
  CallsAtOnce(List<BackendStorage> handles, List<Checkpoint> owned) {
    this.handles = handles;
    this.owned = owned;
  }

  /** Every method is called; all calls return the right answer. */
  void check() {
    Map<Checkpoint, Checkpoint> latest = new ConcurrentHashMap<>();
    run(
        "put",
        (handle, own, calls) -> {
          Checkpoint next = version(own, calls + 1);
          handle.put(next, Expectation.any());
          latest.put(own, next);
        });
    run(
        "get",
        (handle, own, calls) ->
            assertThat(handle.get(own.namespace(), own.id()))
                .as("get among other calls")
                .contains(own));
    run(
        "getBySession",
        (handle, own, calls) ->
            assertThat(handle.getBySession(own.sessionKey()))
                .as("getBySession among other calls")
                .isEqualTo(Optional.ofNullable(latest.get(own))));
    run(
        "list",
        (handle, own, calls) ->
            assertThat(handle.list(first(own)).items())
                .as("checkpoints listed among other calls")
                .containsExactly(own));
    run(
        "listHeaders",
        (handle, own, calls) ->
            assertThat(handle.listHeaders(first(own)).items())
                .as("headers listed among other calls")
                .containsExactly(own.header()));
    run(
        "listSessions",
        (handle, own, calls) ->
            assertThat(Reads.listSessions(handle, own.namespace(), CheckpointQuery.MAX_LIMIT))
                .as("sessions listed among other calls")
                .contains(own.sessionKey()));
    run(
        "listNamespaces",
        (handle, own, calls) ->
            assertThat(
                    Reads.allPages(
                        "listNamespaces",
                        CheckpointQuery.MAX_LIMIT,
                        cursor -> handle.listNamespaces(CheckpointQuery.MAX_LIMIT, cursor)))
                .as("namespaces listed among other calls")
                .contains(own.namespace()));
    run(
        "delete",
        (handle, own, calls) ->
            assertThat(handle.delete(own.namespace(), List.of(own.id())))
                .as("what delete returned among other calls")
                .isEqualTo(calls == 0 ? 1 : 0));
    run(
        "deleteBySession",
        (handle, own, calls) -> {
          // The first version was deleted by its id.
          long left = calls == 0 ? Objects.requireNonNull(latest.get(own)).version() - 1 : 0;
          assertThat(handle.deleteBySession(own.sessionKey()))
              .as("what deleteBySession returned among other calls")
              .isEqualTo(left);
        });
  }

  private static Checkpoint version(Checkpoint own, long version) {
    return version == 1
        ? own
        : own.toBuilder().id(own.id() + "-" + version).version(version).build();
  }

  private static CheckpointQuery first(Checkpoint own) {
    return CheckpointQuery.builder(own.sessionKey()).versions(1, 1).limit(1).build();
  }

  private void run(String method, Operation operation) {
    AtomicInteger begun = new AtomicInteger();
    AtomicInteger calling = new AtomicInteger();
    AtomicInteger meetings = new AtomicInteger();
    List<Callable<Boolean>> tasks = new ArrayList<>();
    for (int i = 0; i < owned.size(); i++) {
      BackendStorage handle = handles.get(i % handles.size());
      Checkpoint own = owned.get(i);
      tasks.add(
          () -> {
            long start = System.nanoTime();
            begun.incrementAndGet();
            int calls = 0;
            int callsWithAll = 0;
            do {
              callsWithAll += begun.get() == owned.size() ? 1 : 0;
              if (calling.incrementAndGet() == owned.size()) {
                meetings.incrementAndGet();
              }
              try {
                operation.call(handle, own, calls++);
              } finally {
                calling.decrementAndGet();
              }
            } while (meetings.get() < MEETINGS
                && callsWithAll < MAX_CALLS
                && System.nanoTime() - start < TIME.toNanos());
            return true;
          });
    }
    String what = "%d threads that call %s".formatted(owned.size(), method);
    assertThat(Race.results(what, tasks)).as("%s: whether they succeeded", what).containsOnly(true);
  }
}
