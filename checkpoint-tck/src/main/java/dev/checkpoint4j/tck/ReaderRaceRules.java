package dev.checkpoint4j.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointMetadata;
import dev.checkpoint4j.CheckpointQuery.Order;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.spi.BackendStorage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** RACE: what readers see while others write and delete. */
abstract class ReaderRaceRules extends VersionRaceRules {

  /** Deleting a session takes many requests on some media. */
  private static final int ROUNDS_OF_DELETIONS = 5;

  private static final int READERS_OF_LATEST = 4;

  private static final Rounds ROUNDS_OF_LATEST = new Rounds(1, 4, Duration.ofSeconds(1));

  @Rule(id = "RACE-04", level = Level.MUST)
  protected final void latestNeverGoesBack() {
    List<BackendStorage> handles = twoHandles();
    ROUNDS_OF_LATEST.run(
        System::nanoTime, round -> assertLatestNeverGoesBack(handles, session("s" + round)));
  }

  private void assertLatestNeverGoesBack(List<BackendStorage> handles, SessionKey session) {
    Readers readers = Readers.inStep(READERS_OF_LATEST);
    AtomicLong seenByAny = new AtomicLong();
    List<Callable<Long>> tasks = new ArrayList<>();
    tasks.add(
        () ->
            readers.write(
                80,
                version -> {
                  put(session.sessionId(), version);
                  seenByAny.accumulateAndGet(version, Math::max);
                }));
    for (int i = 0; i < READERS_OF_LATEST; i++) {
      BackendStorage handle = handles.get(i % handles.size());
      long[] seen = new long[1];
      tasks.add(
          () -> {
            readers.read(() -> seen[0] = assertNotBefore(seenByAny, handle, session));
            return seen[0];
          });
    }
    String what = "readers of the latest version, while one writer appends";
    List<Long> last = Race.results(what, tasks);
    assertThat(last)
        .as("%s: the last version that was written, and that each has seen", what)
        .containsOnly(last.get(0));
  }

  /** What was put, or any reader has seen, was stored before this read begins. */
  private static long assertNotBefore(
      AtomicLong seenByAny, BackendStorage handle, SessionKey session) {
    long seen = seenByAny.get();
    long version = handle.getBySession(session).map(Checkpoint::version).orElse(0L);
    assertThat(version)
        .as("latest version, after %d was put or seen as the latest", seen)
        .isGreaterThanOrEqualTo(seen);
    seenByAny.accumulateAndGet(version, Math::max);
    return version;
  }

  @Rule(id = "RACE-07", level = Level.MUST)
  protected final void nothingTornIsRead() {
    List<BackendStorage> handles = twoHandles();
    Readers readers = new Readers(3);
    List<Callable<Long>> tasks = new ArrayList<>();
    tasks.add(() -> readers.write(40, version -> put(replicated(version))));
    for (int i = 0; i < 3; i++) {
      BackendStorage handle = handles.get(i % handles.size());
      boolean latestOnly = i < 2;
      tasks.add(
          () -> {
            readers.read(() -> assertWhole(handle, latestOnly));
            return 0L;
          });
    }
    String what = "readers of checkpoints that hold one number 2,000 times, during puts";
    assertThat(Race.results(what, tasks)).as("%s: tasks that ended", what).hasSize(tasks.size());
  }

  /** A checkpoint that holds its version again and again: torn, it would hold two. */
  private Checkpoint replicated(long version) {
    CheckpointMetadata metadata =
        CheckpointMetadata.builder("s").attribute("version", version).build();
    List<Long> copies = IntStream.range(0, 2000).mapToObj(i -> version).toList();
    return draft(metadata, version).values(Map.of("copies", copies)).build();
  }

  private void assertWhole(BackendStorage handle, boolean latestOnly) {
    Collection<Checkpoint> read =
        latestOnly
            ? handle.getBySession(session("s")).stream().toList()
            : handle.list(query().limit(3).build()).items();
    for (Checkpoint checkpoint : read) {
      List<?> copies = (List<?>) checkpoint.values().get("copies");
      assertThat(copies).as("copies of the version in %s", checkpoint).hasSize(2000);
      assertThat(new HashSet<>(copies))
          .as("different numbers within %s", checkpoint)
          .isEqualTo(Set.of(checkpoint.version()));
      assertThat(checkpoint.metadata().attributes().get("version"))
          .as("version among the attributes of %s", checkpoint)
          .isEqualTo(checkpoint.version());
    }
  }

  @Rule(id = "RACE-11", level = Level.MUST)
  protected final void pagesHoldWhatExistedThroughoutRaces() {
    List<Checkpoint> kept = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      kept.addAll(putAll("s" + i, 1, 2, 3));
    }
    List<BackendStorage> handles = twoHandles();
    Readers readers = new Readers(Order.values().length);
    List<Callable<Long>> tasks = new ArrayList<>();
    for (Order order : Order.values()) {
      BackendStorage handle = handles.get(tasks.size());
      tasks.add(
          () -> {
            readers.read(() -> assertListsAll(handle, order, kept));
            return 0L;
          });
    }
    tasks.add(() -> readers.write(30, round -> disturbPages(handles.get(1), round)));
    String what = "two readers paging while a writer puts and deletes";
    assertThat(Race.results(what, tasks)).as("%s: tasks that ended", what).hasSize(tasks.size());
  }

  private void assertListsAll(BackendStorage handle, Order order, List<Checkpoint> kept) {
    List<String> seen = idsOf(listAll(handle, query().order(order).limit(7).build()));
    assertThat(seen).as("ids of all pages, %s", order).doesNotHaveDuplicates();
    assertThat(seen.stream().collect(Collectors.toSet()))
        .as("ids of all pages, %s, among them all that existed throughout", order)
        .containsAll(idsOf(kept));
  }

  private void disturbPages(BackendStorage handle, long round) {
    Checkpoint appended = checkpoint("s" + round % 10, 100 + round);
    Checkpoint started = checkpoint("new-" + round, 1);
    handle.put(appended, Expectation.any());
    handle.put(started, Expectation.any());
    handle.delete(namespace(), List.of(appended.id()));
    handle.deleteBySession(started.sessionKey());
  }

  @Rule(id = "RACE-14", level = Level.MUST)
  protected final void sessionIsListedAsLongAsItHoldsACheckpoint() {
    List<BackendStorage> handles = twoHandles();
    AtomicInteger timesNotListed = new AtomicInteger();
    repeat(
        ROUNDS_OF_DELETIONS,
        round -> {
          SessionKey session = session("s" + round);
          Readers deleters = new Readers(handles.size());
          List<Callable<Long>> tasks = new ArrayList<>();
          tasks.add(
              () ->
                  deleters.write(
                      25,
                      version -> {
                        timesNotListed.addAndGet(isMissingInListSessions(session) ? 1 : 0);
                        put(session.sessionId(), version);
                        timesNotListed.addAndGet(isMissingInListSessions(session) ? 1 : 0);
                      }));
          for (BackendStorage handle : handles) {
            tasks.add(
                () -> {
                  deleters.read(() -> handle.deleteBySession(session));
                  return 0L;
                });
          }
          String what = "one writer against two that delete its session";
          assertThat(Race.results(what, tasks))
              .as("%s: tasks that ended", what)
              .hasSize(tasks.size());
        });
    assertThat(timesNotListed)
        .as("times that a session had a latest checkpoint but was not listed")
        .hasValue(0);
  }

  /** There is one writer: what it finds after it listed the sessions was there while it listed. */
  private boolean isMissingInListSessions(SessionKey session) {
    return !listSessions(storage(), namespace(), 10).contains(session)
        && storage().getBySession(session).isPresent();
  }
}
