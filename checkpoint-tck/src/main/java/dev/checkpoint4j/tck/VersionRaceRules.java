package dev.checkpoint4j.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointMetadata;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.error.DuplicateCheckpointException;
import dev.checkpoint4j.error.VersionConflictException;
import dev.checkpoint4j.spi.BackendStorage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;

/** RACE: several writers at once, judged by what each of them was answered. */
abstract class VersionRaceRules extends RaceSupport {

  /** An index grows by doubling: it does so ten times and more on a fast medium. */
  private static final int MAX_SESSIONS = 20_000;

  private static final int MIN_SESSIONS = 10;

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
    String what = "%d writers appending on two handles".formatted(writers);
    repeat(
        1,
        round -> {
          SessionKey session = session("s" + round);
          List<Callable<List<Checkpoint>>> tasks = new ArrayList<>();
          for (int i = 0; i < writers; i++) {
            BackendStorage handle = handles.get(i % handles.size());
            tasks.add(() -> append(handle, session, putsPerWriter));
          }
          List<Checkpoint> acknowledged = new ArrayList<>();
          Race.results(what, tasks).forEach(acknowledged::addAll);
          assertThat(versionsOf(acknowledged))
              .as("versions acknowledged, each once and without a gap")
              .containsExactlyInAnyOrderElementsOf(
                  IntStream.rangeClosed(1, writers * putsPerWriter)
                      .mapToObj(Long::valueOf)
                      .toList());
          for (BackendStorage handle : handles) {
            assertThat(listAll(handle, CheckpointQuery.builder(session).build()))
                .as("checkpoints listed after %s, compared with those acknowledged", what)
                .containsExactlyInAnyOrderElementsOf(acknowledged);
          }
        });
    for (String method : List.of("list", "listHeaders")) {
      assertFoundWhileOthersPut(
          method,
          handles,
          (handle, stored) -> {
            CheckpointQuery query = CheckpointQuery.builder(stored.sessionKey()).limit(1).build();
            assertThat(
                    method.equals("list")
                        ? handle.list(query).map(Checkpoint::header).items()
                        : handle.listHeaders(query).items())
                .as("what %s lists while another thread puts", method)
                .containsExactly(stored.header());
          });
    }
    assertFoundWhileOthersPut(
        "getBySession",
        handles,
        (handle, stored) -> assertLatest("while another thread puts", handle, stored));
    assertFoundWhileOthersPut(
        "get",
        handles,
        (handle, stored) -> assertStored("while another thread puts", handle, stored));
  }

  /**
   * One thread starts sessions, and two read what was acknowledged until then: one by id, and one
   * by the method.
   */
  private void assertFoundWhileOthersPut(
      String method, List<BackendStorage> handles, BiConsumer<BackendStorage, Checkpoint> read) {
    Checkpoint first = checkpoint(method, 1);
    AtomicReferenceArray<Checkpoint> stored = new AtomicReferenceArray<>(MAX_SESSIONS);
    AtomicInteger count = new AtomicInteger();
    AtomicBoolean hasEnded = new AtomicBoolean();
    List<Callable<Integer>> tasks = new ArrayList<>();
    tasks.add(
        () -> {
          try {
            repeat(
                MIN_SESSIONS,
                MAX_SESSIONS,
                round -> {
                  Checkpoint next =
                      first.toBuilder()
                          .metadata(CheckpointMetadata.of(method + "-" + round))
                          .id(first.id() + "-" + round)
                          .build();
                  stored.set(round, put(next));
                  count.set(round + 1);
                });
            return count.get();
          } finally {
            hasEnded.set(true);
          }
        });
    List<BiConsumer<BackendStorage, Checkpoint>> reads =
        List.of((handle, each) -> assertStored("while another thread puts", handle, each), read);
    for (int i = 0; i < reads.size(); i++) {
      BackendStorage handle = handles.get(i);
      BiConsumer<BackendStorage, Checkpoint> next = reads.get(i);
      Random random = new Random(random().nextLong());
      tasks.add(
          () -> {
            int calls = 0;
            for (; !hasEnded.get() || calls == 0; calls++) {
              int known = count.get();
              if (known > 0) {
                next.accept(handle, stored.get(random.nextInt(known)));
              }
            }
            return calls;
          });
    }
    String what = "two readers that call %s while a writer starts sessions".formatted(method);
    assertThat(Race.results(what, tasks)).as("%s: tasks that ended", what).hasSize(tasks.size());
  }

  /** Reads the latest and puts the next version, until so many puts were acknowledged. */
  private List<Checkpoint> append(BackendStorage handle, SessionKey session, int puts) {
    int mostAttempts = 2_000;
    List<Checkpoint> acknowledged = new ArrayList<>();
    for (int attempts = 0; acknowledged.size() < puts; attempts++) {
      assertThat(attempts)
          .as("attempts of one writer to put %d times", puts)
          .isLessThan(mostAttempts);
      long next = handle.getBySession(session).map(Checkpoint::version).orElse(0L) + 1;
      Checkpoint checkpoint = checkpoint(session.sessionId(), next);
      try {
        handle.put(checkpoint, Expectation.any());
        acknowledged.add(checkpoint);
      } catch (VersionConflictException e) {
        assertThat(e.latestVersion())
            .as("latestVersion when version %d was refused", next)
            .isGreaterThanOrEqualTo(next);
      }
    }
    return acknowledged;
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
      List<Callable<Boolean>> tasks = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        BackendStorage handle = handles.get(i % handles.size());
        BackendStorage reader = handles.get(i / handles.size() % handles.size());
        Checkpoint copy = checkpoint.toBuilder().build();
        tasks.add(
            () -> {
              handle.put(copy, Expectation.any());
              assertStored("when an equal put returned", reader, copy);
              assertLatest("when an equal put returned", reader, copy);
              return true;
            });
      }
      assertThat(Race.results(what, tasks))
          .as("%s: whether they succeeded", what)
          .containsOnly(true);
      stored.add(checkpoint);
    }
    assertHolds("after all races", storage(), stored);
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
            () -> handle.put(six, Expectation.any()));
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
              handle.put(checkpoint, Expectation.any());
              stored.add(checkpoint);
            }
            return stored;
          });
    }
    List<Checkpoint> stored = new ArrayList<>();
    String what = "%d writers, each in a session of its own".formatted(THREADS);
    Race.results(what, tasks).forEach(stored::addAll);
    assertHolds("after " + what, storage(), stored);
    List<Checkpoint> owned =
        IntStream.range(0, CallsAtOnce.THREADS).mapToObj(i -> checkpoint("many-" + i, 1)).toList();
    new CallsAtOnce(handles, owned).check();
  }

  @Rule(id = "RACE-15", level = Level.MUST)
  protected final void putThatIsOvertakenWhileItEncodesIsJudgedByWhatIsStored() {
    BackendStorage other = openHandle();
    put("s", 1);
    requireCodec();
    Checkpoint slow = checkpoint("s", 2);
    Checkpoint fast = checkpoint("s", 2);
    String what = "version 2, put while another put of version 2 is encoding";
    List<Race.Attempt<Checkpoint>> attempts =
        overtake(what, slow, () -> other.put(fast, Expectation.any()), fast);
    Checkpoint winner = assertOneWinner(what, attempts, VersionConflictException.class);
    assertLatest("after " + what, storage(), winner);

    Checkpoint five = checkpoint("s", 5);
    Checkpoint seven = checkpoint("s", 7);
    what = "version 7, put while version 5 is encoding";
    attempts = overtake(what, five, () -> other.put(seven, Expectation.any()), seven);
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
    attempts = overtake(what, here, () -> other.put(there, Expectation.any()), there);
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
                storage().put(slow, Expectation.any());
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
