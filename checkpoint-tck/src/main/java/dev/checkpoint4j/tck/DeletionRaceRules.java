package dev.checkpoint4j.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.error.VersionConflictException;
import dev.checkpoint4j.spi.BackendStorage;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;

/** RACE: deletions at the same time as puts and other deletions. */
abstract class DeletionRaceRules extends ReaderRaceRules {

  private static final int DELETIONS = 4;

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
    for (int i = 0; i < 8 || (i < MAX_WRITES && deletions.getCount() > 0); i++) {
      long latest = handle.getBySession(session(sessionId)).map(Checkpoint::version).orElse(0L);
      Checkpoint checkpoint = checkpoint(sessionId, latest + 1);
      attempted.put(checkpoint.id(), checkpoint);
      try {
        handle.put(checkpoint, Expectation.any());
      } catch (VersionConflictException e) {
        refused++;
      }
    }
    return refused;
  }

  /** What is left of a session agrees in every way of reading it, and can be deleted. */
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
    Checkpoint restarted = attempted.values().iterator().next();
    put(restarted);
    assertLatest(when + ", when the session is started again", storage(), restarted);
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
}
