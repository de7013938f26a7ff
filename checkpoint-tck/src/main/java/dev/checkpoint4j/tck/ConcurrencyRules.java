package dev.checkpoint4j.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointMetadata;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.CheckpointQuery.Order;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.error.DuplicateCheckpointException;
import dev.checkpoint4j.error.VersionConflictException;
import dev.checkpoint4j.spi.BackendStorage;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** RACE: several threads at once, judged by what each of them was told. */
abstract class ConcurrencyRules extends HandleRules {

  private static final int THREADS = 8;
  private static final int ROUNDS = 20;
  private static final int DELETIONS = 4;

  /** A writer goes on for the others to meet it, but not for ever. */
  private static final int MOST_WRITES = 3_000;

  /** Readers, or others, and one writer who goes on until they have met often enough. */
  private static final class Readers {
    /** So often each reader has to begin after another number of writes. */
    private static final int MEETINGS = 50;

    /** So many writes are made without regard to the readers. */
    private static final int BURST = 10;

    private final CountDownLatch meetings;
    private final Semaphore turns = new Semaphore(0);
    private final AtomicLong written = new AtomicLong();
    private final AtomicBoolean done = new AtomicBoolean();

    Readers(int count) {
      meetings = new CountDownLatch(count * MEETINGS);
    }

    /** Writes versions from 1 on, at least so many; the last one. */
    long write(int atLeast, LongConsumer put) throws InterruptedException {
      try {
        long version = 0;
        while (version < atLeast || (version < MOST_WRITES && meetings.getCount() > 0)) {
          put.accept(++version);
          written.set(version);
          if (version % BURST == 0 && meetings.getCount() > 0) {
            awaitTurn();
          }
        }
        return version;
      } finally {
        done.set(true);
      }
    }

    /** A fast writer would be done before the readers begin, or keep them from a lock. */
    private void awaitTurn() throws InterruptedException {
      turns.drainPermits();
      boolean unused = turns.tryAcquire(100, TimeUnit.MILLISECONDS);
    }

    /** Reads until the writer has ended, and once more. */
    void read(Runnable read) {
      boolean ended = false;
      try {
        long met = -1;
        while (!ended) {
          ended = done.get();
          long now = written.get();
          read.run();
          if (now != met) {
            met = now;
            meetings.countDown();
          }
          turns.release();
        }
      } finally {
        while (!ended && meetings.getCount() > 0) {
          // Nobody has to wait for a reader that has failed.
          meetings.countDown();
        }
      }
    }
  }

  /** Alternately this test's handle and a second one. */
  private List<BackendStorage> twoHandles() {
    return List.of(storage(), openHandle());
  }

  /** Puts all checkpoints at the same moment, on the handles in turn. */
  private static List<Race.Attempt<Checkpoint>> race(
      String what, List<BackendStorage> handles, List<Checkpoint> checkpoints) {
    List<Callable<Checkpoint>> tasks = new ArrayList<>();
    for (Checkpoint checkpoint : checkpoints) {
      BackendStorage handle = handles.get(tasks.size() % handles.size());
      tasks.add(
          () -> {
            handle.put(checkpoint);
            return checkpoint;
          });
    }
    return Race.run(what, tasks);
  }

  /** Exactly one attempt succeeded and the others were refused in the way that is expected. */
  private static Checkpoint assertOneWinner(
      String what, List<Race.Attempt<Checkpoint>> attempts, Class<? extends Throwable> refusal) {
    List<Checkpoint> winners = new ArrayList<>();
    for (Race.Attempt<Checkpoint> attempt : attempts) {
      if (attempt.succeeded()) {
        winners.add(attempt.orThrow(what));
      } else {
        assertThat(attempt.failure()).as("%s: how a loser was refused", what).isInstanceOf(refusal);
      }
    }
    assertThat(winners).as("%s: writers told that they had succeeded", what).hasSize(1);
    return winners.get(0);
  }

  private void raceForOneVersion(List<BackendStorage> handles) {
    List<Checkpoint> won = new ArrayList<>();
    for (int round = 1; round <= ROUNDS; round++) {
      String what = "%d writers putting version %d".formatted(THREADS, round);
      long version = round;
      List<Checkpoint> rivals =
          IntStream.range(0, THREADS)
              .mapToObj(i -> draft("s", version).values(Map.of("writer", i)).build())
              .toList();
      List<Race.Attempt<Checkpoint>> attempts = race(what, handles, rivals);
      Checkpoint winner = assertOneWinner(what, attempts, VersionConflictException.class);
      for (Race.Attempt<Checkpoint> attempt : attempts) {
        if (attempt.failure() instanceof VersionConflictException conflict) {
          assertThat(conflict.latestVersion())
              .as("%s: latestVersion of a loser's exception", what)
              .isEqualTo(version);
        }
      }
      for (BackendStorage handle : handles) {
        assertLatest("after " + what, handle, winner);
      }
      won.add(winner);
    }
    assertHolds("after all races", storage(), won);
  }

  @Rule(id = "RACE-01", level = Level.MUST)
  protected final void oneWriterWinsAVersion() {
    raceForOneVersion(List.of(storage()));
  }

  @Rule(id = "RACE-02", level = Level.MUST)
  protected final void oneWriterWinsAVersionAcrossHandles() {
    raceForOneVersion(twoHandles());
  }

  @Rule(id = "RACE-03", level = Level.MUST)
  protected final void noAcknowledgedPutIsLost() {
    int writers = 6;
    int putsPerWriter = 8;
    List<BackendStorage> handles = twoHandles();
    List<Callable<List<Checkpoint>>> tasks = new ArrayList<>();
    for (int i = 0; i < writers; i++) {
      BackendStorage handle = handles.get(i % handles.size());
      tasks.add(() -> append(handle, putsPerWriter));
    }
    List<Checkpoint> acknowledged = new ArrayList<>();
    String what = "%d writers appending on two handles".formatted(writers);
    Race.results(what, tasks).forEach(acknowledged::addAll);
    assertThat(versionsOf(acknowledged))
        .as("versions acknowledged, each once and without a gap")
        .containsExactlyInAnyOrderElementsOf(
            IntStream.rangeClosed(1, writers * putsPerWriter).mapToObj(Long::valueOf).toList());
    for (BackendStorage handle : handles) {
      assertHolds("after " + what, handle, acknowledged);
    }
  }

  /** Reads the latest and puts the next version, until so many puts were acknowledged. */
  private List<Checkpoint> append(BackendStorage handle, int puts) {
    int mostAttempts = 2_000;
    List<Checkpoint> acknowledged = new ArrayList<>();
    for (int attempts = 0; acknowledged.size() < puts; attempts++) {
      assertThat(attempts)
          .as("attempts of one writer to put %d times", puts)
          .isLessThan(mostAttempts);
      long next = handle.getBySession(session("s")).map(Checkpoint::version).orElse(0L) + 1;
      Checkpoint checkpoint = checkpoint("s", next);
      try {
        handle.put(checkpoint);
        acknowledged.add(checkpoint);
      } catch (VersionConflictException e) {
        assertThat(e.latestVersion())
            .as("latestVersion when version %d was refused", next)
            .isGreaterThanOrEqualTo(next);
      }
    }
    return acknowledged;
  }

  @Rule(id = "RACE-04", level = Level.MUST)
  protected final void latestNeverGoesBack() {
    List<BackendStorage> handles = twoHandles();
    Readers readers = new Readers(3);
    List<Callable<Long>> tasks = new ArrayList<>();
    tasks.add(() -> readers.write(80, version -> put("s", version)));
    for (int i = 0; i < 3; i++) {
      BackendStorage handle = handles.get(i % handles.size());
      long[] seen = new long[1];
      tasks.add(
          () -> {
            readers.read(() -> seen[0] = assertNotBefore(seen[0], handle));
            return seen[0];
          });
    }
    String what = "three readers of the latest version, while one writer appends";
    List<Long> last = Race.results(what, tasks);
    assertThat(last)
        .as("%s: the last version that was written, and that each has seen", what)
        .containsOnly(last.get(0));
  }

  private long assertNotBefore(long seen, BackendStorage handle) {
    long version = handle.getBySession(session("s")).map(Checkpoint::version).orElse(0L);
    assertThat(version)
        .as("latest version, after %d was seen as the latest", seen)
        .isGreaterThanOrEqualTo(seen);
    return version;
  }

  @Rule(id = "RACE-05", level = Level.MUST)
  protected final void oneSessionWinsAnId() {
    List<BackendStorage> handles = twoHandles();
    List<Checkpoint> won = new ArrayList<>();
    for (int round = 0; round < ROUNDS / 2; round++) {
      String id = "id-" + round;
      String what = "%d writers putting the id %s to sessions of their own".formatted(THREADS, id);
      int prefix = round;
      List<Checkpoint> rivals =
          IntStream.range(0, THREADS)
              .mapToObj(i -> draft("s-%d-%d".formatted(prefix, i), 1).id(id).build())
              .toList();
      won.add(
          assertOneWinner(what, race(what, handles, rivals), DuplicateCheckpointException.class));
    }
    assertHolds("after all races", storage(), won);
    assertThat(listSessions(storage(), namespace(), 100))
        .as("sessions after all races: those of the winners")
        .containsExactlyInAnyOrderElementsOf(won.stream().map(Checkpoint::sessionKey).toList());
  }

  @Rule(id = "RACE-06", level = Level.MUST)
  protected final void equalPutsAllSucceed() {
    List<BackendStorage> handles = twoHandles();
    List<Checkpoint> stored = new ArrayList<>();
    for (long version = 1; version <= ROUNDS / 2; version++) {
      String what = "%d writers putting the same checkpoint".formatted(THREADS);
      Checkpoint checkpoint = checkpoint("s", version);
      List<Checkpoint> copies =
          IntStream.range(0, THREADS).mapToObj(i -> checkpoint.toBuilder().build()).toList();
      for (Race.Attempt<Checkpoint> attempt : race(what, handles, copies)) {
        assertThat(attempt.failure()).as("%s: failure of one of them", what).isNull();
      }
      stored.add(checkpoint);
    }
    assertHolds("after all races", storage(), stored);
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

  @Rule(id = "RACE-08", level = Level.MUST)
  protected final void writersAndDeleteBySessionEndConsistently() {
    List<BackendStorage> handles = twoHandles();
    for (int round = 0; round < 8; round++) {
      String sessionId = "s" + round;
      Map<String, Checkpoint> attempted = new ConcurrentHashMap<>();
      CountDownLatch deletions = new CountDownLatch(handles.size() * DELETIONS);
      List<Callable<Long>> tasks = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        BackendStorage handle = handles.get(i % handles.size());
        tasks.add(() -> appendWhatever(handle, sessionId, attempted, deletions));
      }
      for (BackendStorage handle : handles) {
        tasks.add(
            () -> {
              long deleted = 0;
              for (int i = 0; i < DELETIONS; i++) {
                try {
                  deleted += handle.deleteBySession(session(sessionId));
                } finally {
                  deletions.countDown();
                }
              }
              return deleted;
            });
      }
      String what = "four writers against two that delete the session";
      assertThat(Race.results(what, tasks))
          .as("%s: puts refused and checkpoints deleted", what)
          .allMatch(count -> count >= 0);
      assertConsistent("after " + what, session(sessionId), attempted);
    }
  }

  private long appendWhatever(
      BackendStorage handle,
      String sessionId,
      Map<String, Checkpoint> attempted,
      CountDownLatch deletions) {
    long refused = 0;
    for (int i = 0; i < 8 || (i < MOST_WRITES && deletions.getCount() > 0); i++) {
      long latest = handle.getBySession(session(sessionId)).map(Checkpoint::version).orElse(0L);
      Checkpoint checkpoint = checkpoint(sessionId, latest + 1);
      attempted.put(checkpoint.id(), checkpoint);
      try {
        handle.put(checkpoint);
      } catch (VersionConflictException e) {
        refused++;
      }
    }
    return refused;
  }

  /** What is left of a session agrees in every way of looking at it, and can be deleted. */
  private void assertConsistent(
      String when, SessionKey session, Map<String, Checkpoint> attempted) {
    CheckpointQuery query = CheckpointQuery.builder(session).build();
    List<Checkpoint> left = listAll(storage(), query);
    assertThat(versionsOf(left)).as("versions left %s", when).doesNotHaveDuplicates();
    for (Checkpoint checkpoint : left) {
      assertThat(attempted).as("ids that were put, %s", when).containsKey(checkpoint.id());
      assertStored(
          when, storage(), Objects.requireNonNull(attempted.get(checkpoint.id()), "attempted"));
    }
    assertThat(storage().getBySession(session))
        .as("latest checkpoint %s, compared with the first listed", when)
        .isEqualTo(left.stream().findFirst());
    for (Checkpoint checkpoint : attempted.values()) {
      assertThat(storage().get(checkpoint.namespace(), checkpoint.id()).isPresent())
          .as("whether get finds %s %s, compared with whether it is listed", checkpoint, when)
          .isEqualTo(left.contains(checkpoint));
    }
    assertThat(storage().deleteBySession(session))
        .as("what deleteBySession returned %s, compared with what was listed", when)
        .isEqualTo(left.size());
    for (Checkpoint checkpoint : attempted.values()) {
      assertNotStored(when + " and a last deleteBySession", storage(), checkpoint);
    }
    Checkpoint anew = attempted.values().iterator().next();
    put(anew);
    assertLatest(when + ", when the session is started anew", storage(), anew);
  }

  @Rule(id = "RACE-09", level = Level.MUST)
  protected final void nothingSmallerIsAcceptedAfterAGreaterVersion() {
    List<BackendStorage> handles = twoHandles();
    for (int round = 0; round < ROUNDS; round++) {
      String sessionId = "s" + round;
      Checkpoint five = checkpoint(sessionId, 5);
      Checkpoint seven = checkpoint(sessionId, 7);
      Checkpoint six = checkpoint(sessionId, 6);
      String what = "versions 5 and 7 put at once";
      List<Race.Attempt<Checkpoint>> attempts = race(what, handles, List.of(five, seven));
      assertThat(attempts.get(1).failure()).as("%s: failure of 7", what).isNull();
      List<Checkpoint> expected = new ArrayList<>(List.of(seven));
      if (attempts.get(0).succeeded()) {
        expected.add(five);
      } else {
        assertThat(attempts.get(0).failure())
            .as("%s: how 5 was refused", what)
            .isInstanceOf(VersionConflictException.class);
      }
      for (BackendStorage handle : handles) {
        assertFails(
            "put of version 6 after 7 was acknowledged",
            VersionConflictException.class,
            () -> handle.put(six));
        assertLatest("after " + what, handle, seven);
      }
      CheckpointQuery query = CheckpointQuery.builder(session(sessionId)).build();
      assertThat(idsOf(listAll(storage(), query)))
          .as("ids listed after %s: those acknowledged", what)
          .containsExactlyElementsOf(idsOf(expected));
    }
  }

  @Rule(id = "RACE-10", level = Level.MUST)
  protected final void sessionsDoNotDisturbEachOther() {
    int versions = 10;
    List<BackendStorage> handles = twoHandles();
    List<Callable<List<Checkpoint>>> tasks = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      BackendStorage handle = handles.get(i % handles.size());
      String sessionId = "s" + i;
      tasks.add(
          () -> {
            List<Checkpoint> stored = new ArrayList<>();
            for (long version = 1; version <= versions; version++) {
              Checkpoint checkpoint = checkpoint(sessionId, version);
              handle.put(checkpoint);
              stored.add(checkpoint);
            }
            return stored;
          });
    }
    List<Checkpoint> stored = new ArrayList<>();
    String what = "%d writers, each in a session of its own".formatted(THREADS);
    Race.results(what, tasks).forEach(stored::addAll);
    assertHolds("after " + what, storage(), stored);
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
    handle.put(appended);
    handle.put(started);
    handle.delete(namespace(), List.of(appended.id()));
    handle.deleteBySession(started.sessionKey());
  }

  @Rule(id = "RACE-12", level = Level.MUST)
  protected final void racingDeletesAreFine() {
    List<BackendStorage> handles = twoHandles();
    for (int round = 0; round < 9; round++) {
      List<String> ids = idsOf(putAll("s", 1, 2, 3, 4, 5));
      List<String> reversed = new ArrayList<>(ids);
      Collections.reverse(reversed);
      Callable<Long> none = () -> 0L;
      List<Callable<Long>> tasks = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        BackendStorage handle = handles.get(i % handles.size());
        // By id, by session, and both.
        List<String> inTurn = i < 2 ? ids : reversed;
        tasks.add(round % 3 == 1 ? none : () -> handle.delete(namespace(), inTurn));
        tasks.add(round % 3 == 0 ? none : () -> handle.deleteBySession(session("s")));
      }
      String what = "%d threads deleting the same five checkpoints".formatted(tasks.size());
      assertThat(Race.results(what, tasks))
          .as("%s: what each returned, at most as many as existed", what)
          .allMatch(count -> count >= 0 && count <= ids.size());
      assertHolds("after " + what, storage(), List.of());
    }
  }

  @Rule(id = "RACE-13", level = Level.MUST)
  protected final void callsOfASessionAreLinearizable() {
    List<BackendStorage> handles = twoHandles();
    for (int round = 0; round < 30; round++) {
      History history = new History();
      SessionKey session = session("s" + round);
      List<String> ids = new CopyOnWriteArrayList<>(List.of("absent-" + round));
      List<Callable<Boolean>> tasks = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        String thread = "thread " + i;
        Random choices = new Random(random().nextLong());
        BackendStorage handle = handles.get(i % handles.size());
        tasks.add(
            () -> {
              for (int step = 0; step < 7; step++) {
                callAnything(history, thread, handle, session, ids, choices);
              }
              return true;
            });
      }
      String what = "four threads that put, get, and delete in one session on two handles";
      assertThat(Race.results(what, tasks)).as("%s: how they ended", what).containsOnly(true);
      assertThat(history.isLinearizable())
          .as(
              "%s: whether there is an order in which one call after the other could have been"
                  + " answered so. [start, end] of the calls:%n%s",
              what, history)
          .isTrue();
    }
  }

  private void callAnything(
      History history,
      String thread,
      BackendStorage handle,
      SessionKey session,
      List<String> ids,
      Random choices) {
    int kind = choices.nextInt(10);
    String known = ids.get(choices.nextInt(ids.size()));
    if (kind < 5) {
      long latest = history.latest(thread, handle, session);
      Checkpoint next = checkpoint(session.sessionId(), latest + 1 + choices.nextInt(2));
      ids.add(next.id());
      history.put(thread, handle, next);
    } else if (kind < 7) {
      history.latest(thread, handle, session);
    } else if (kind < 9) {
      history.get(thread, handle, session.namespace(), known);
    } else {
      history.delete(thread, handle, session.namespace(), known);
    }
  }

  @Rule(id = "RACE-14", level = Level.MUST)
  protected final void sessionIsListedAsLongAsItHoldsACheckpoint() {
    List<BackendStorage> handles = twoHandles();
    AtomicInteger timesNotListed = new AtomicInteger();
    for (int round = 0; round < 10; round++) {
      SessionKey session = session("s" + round);
      Readers deleters = new Readers(handles.size());
      List<Callable<Long>> tasks = new ArrayList<>();
      tasks.add(
          () ->
              deleters.write(
                  50,
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
      assertThat(Race.results(what, tasks)).as("%s: tasks that ended", what).hasSize(tasks.size());
    }
    assertThat(timesNotListed)
        .as("times that a session had a latest checkpoint but was not listed")
        .hasValue(0);
  }

  /** There is one writer: what it finds after it listed the sessions was there while it listed. */
  private boolean isMissingInListSessions(SessionKey session) {
    return !listSessions(storage(), namespace(), 10).contains(session)
        && storage().getBySession(session).isPresent();
  }

  @Rule(id = "RACE-15", level = Level.MUST)
  protected final void putThatIsOvertakenWhileItEncodesIsJudgedByWhatIsStored() {
    BackendStorage other = openHandle();
    put("s", 1);
    requireCodec();
    Checkpoint slow = checkpoint("s", 2);
    Checkpoint fast = checkpoint("s", 2);
    String what = "version 2, put while another put of version 2 is encoding";
    List<Race.Attempt<Checkpoint>> attempts = overtake(what, slow, () -> other.put(fast), fast);
    Checkpoint winner = assertOneWinner(what, attempts, VersionConflictException.class);
    assertLatest("after " + what, storage(), winner);

    Checkpoint five = checkpoint("s", 5);
    Checkpoint seven = checkpoint("s", 7);
    what = "version 7, put while version 5 is encoding";
    attempts = overtake(what, five, () -> other.put(seven), seven);
    assertThat(attempts.get(1).failure()).as("%s: failure of 7", what).isNull();
    if (attempts.get(0).failure() != null) {
      assertThat(attempts.get(0).failure())
          .as("%s: how 5 was refused", what)
          .isInstanceOf(VersionConflictException.class);
      assertNotStored("after " + what, storage(), five);
    }
    assertLatest("after " + what, storage(), seven);

    Checkpoint here = draft("here", 1).id("same").build();
    Checkpoint there = draft("there", 1).id("same").build();
    what = "an id, put while another put of the same id is encoding";
    attempts = overtake(what, here, () -> other.put(there), there);
    winner = assertOneWinner(what, attempts, DuplicateCheckpointException.class);
    assertStored("after " + what, storage(), winner);

    Checkpoint late = checkpoint("s", 8);
    what = "the deletion of a session while a put to it is encoding";
    attempts = overtake(what, late, () -> other.deleteBySession(session("s")), late);
    assertThat(attempts.get(0).failure()).as("%s: failure of the put", what).isNull();
    assertThat(attempts.get(1).failure()).as("%s: failure of the deletion", what).isNull();
    List<Checkpoint> left = listAll(storage(), CheckpointQuery.builder(session("s")).build());
    assertThat(left).as("checkpoints of the session after %s", what).isSubsetOf(late);
    assertThat(storage().getBySession(session("s")))
        .as("latest after %s, compared with what is listed", what)
        .isEqualTo(left.stream().findFirst());
  }

  /**
   * Makes a call when a put on this test's handle has begun to encode, and lets the put go on when
   * the call has ended, or has waited for a while: the backend may hold a lock over both.
   */
  private List<Race.Attempt<Checkpoint>> overtake(
      String what, Checkpoint slow, Runnable call, Checkpoint result) {
    ProbeCodec.Pause pause = scope().probe().pauseEncodingOf(slow);
    return Race.run(
        what,
        List.of(
            () -> {
              try {
                storage().put(slow);
                return slow;
              } finally {
                pause.end();
              }
            },
            () -> {
              try {
                pause.awaitStart();
                call.run();
                return result;
              } finally {
                pause.end();
              }
            }));
  }
}
