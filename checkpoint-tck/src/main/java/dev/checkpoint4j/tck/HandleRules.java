package dev.checkpoint4j.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.error.DuplicateCheckpointException;
import dev.checkpoint4j.error.VersionConflictException;
import dev.checkpoint4j.spi.BackendStorage;
import java.time.Duration;
import java.util.List;

/** HNDL: several handles on one store. */
abstract class HandleRules extends ReopenRules {

  /** While it lasts, everything is read several times before each change, and on other handles. */
  static final Duration TIME_OF_REPETITIONS = Duration.ofSeconds(2);

  @Rule(id = "HNDL-01", level = Level.MUST)
  protected final void putIsVisibleOnEveryHandle() {
    BackendStorage other = openHandle();
    assertNoLatest("on another handle, before the first put", other, session("s"));
    assertThat(listSessions(other, namespace(), 10)).as("sessions before the first put").isEmpty();
    for (long version = 1; version <= 5; version++) {
      Checkpoint checkpoint = checkpoint("s", version);
      assertNotStored("on another handle, before its put", other, checkpoint);
      put(checkpoint);
      assertLatest("on another handle, after its put", other, checkpoint);
      assertStored("on another handle, after its put", other, checkpoint);
      assertThat(versionsOf(listAll(other)))
          .as("versions another handle lists after the put of %d", version)
          .contains(version);
    }
    assertThat(listSessions(other, namespace(), 10))
        .as("sessions another handle lists")
        .containsExactly(session("s"));
    HistoryBudget.Clock clock = run().histories().start(TIME_OF_REPETITIONS);
    ReadSample sample = sample("put");
    assertSeenAtOnce(sample, storage(), List.of(), sample.puts(), clock);
    if (clock.isTimeLeft()) {
      sample = sample("put-elsewhere");
      assertSeenAtOnce(sample, openHandle(), List.of(storage()), sample.puts(), clock);
    }
  }

  private ReadSample sample(String name) {
    return new ReadSample(namespace() + "-" + name, storage(), this::draft);
  }

  /**
   * Every way to read shows each change at once: on another thread and the same handle, and on the
   * given handles, or on handles of which each reads in one way only.
   */
  private void assertSeenAtOnce(
      ReadSample sample,
      BackendStorage writer,
      List<BackendStorage> others,
      List<ReadSample.Change> changes,
      HistoryBudget.Clock clock) {
    try (VisibilityCheck check = new VisibilityCheck(sample, writer)) {
      if (others.isEmpty()) {
        check.addReader("another thread with the same handle", writer);
        check.addReaderOfEachOperation("another handle", this::openHandle);
      }
      others.forEach(other -> check.addReader("the first handle", other));
      check.check(changes, clock::isTimeLeft);
    }
  }

  @Rule(id = "HNDL-02", level = Level.MUST)
  protected final void deletionIsVisibleOnEveryHandle() {
    List<Checkpoint> stored = putAll("s", 1, 2, 3);
    Checkpoint gone = put("gone", 1);
    BackendStorage other = openHandle();
    assertLatest("on another handle", other, stored.get(2));
    assertLatest("on another handle", other, gone);
    for (Checkpoint checkpoint : stored) {
      assertStored("on another handle", other, checkpoint);
    }
    assertThat(listSessions(other, namespace(), 10)).as("sessions on another handle").hasSize(2);
    storage().delete(namespace(), List.of(stored.get(2).id()));
    storage().deleteBySession(session("gone"));
    assertLatest("on another handle, after a deletion", other, stored.get(1));
    assertNotStored("on another handle, after its deletion", other, stored.get(2));
    assertNoLatest("on another handle, after its deletion", other, session("gone"));
    assertHolds("on another handle, after deletions", other, stored.subList(0, 2));
    assertThat(listSessions(other, namespace(), 10))
        .as("sessions on another handle, after one was deleted")
        .containsExactly(session("s"));
    HistoryBudget.Clock clock = run().histories().start(TIME_OF_REPETITIONS);
    ReadSample sample = sample("deleted");
    sample.puts().forEach(change -> sample.make(storage(), change));
    assertSeenAtOnce(sample, storage(), List.of(), sample.deletions(), clock);
    if (clock.isTimeLeft()) {
      ReadSample elsewhere = sample("deleted-elsewhere");
      elsewhere.puts().forEach(change -> elsewhere.make(storage(), change));
      assertSeenAtOnce(elsewhere, openHandle(), List.of(storage()), elsewhere.deletions(), clock);
    }
  }

  @Rule(id = "HNDL-03", level = Level.MUST)
  protected final void versionsAreComparedAcrossHandles() {
    BackendStorage other = openHandle();
    put("s", 1);
    other.put(checkpoint("s", 2), Expectation.any());
    VersionConflictException conflict =
        assertFails(
            "put of version 2 that another handle has put",
            VersionConflictException.class,
            () -> put("s", 2));
    assertThat(conflict.latestVersion()).as("latestVersion of the exception").isEqualTo(2);
    Checkpoint last = put("s", 7);
    assertFails(
        "put of version 5 where another handle has put 7",
        VersionConflictException.class,
        () -> other.put(checkpoint("s", 5), Expectation.any()));
    assertLatest("on the handle whose put was refused", other, last);
    Checkpoint next = checkpoint("s", 8);
    other.put(next, Expectation.any());
    assertLatest("after the other handle's put", storage(), next);
  }

  @Rule(id = "HNDL-04", level = Level.MUST)
  protected final void idsAreComparedAcrossHandles() {
    BackendStorage other = openHandle();
    Checkpoint stored = put("s", 1);
    other.put(stored, Expectation.any());
    Checkpoint changed = stored.toBuilder().version(2).build();
    assertFails(
        "put of an id that another handle has put with other content",
        DuplicateCheckpointException.class,
        () -> other.put(changed, Expectation.any()));
    assertHolds("after puts of one id on two handles", other, List.of(stored));
    Checkpoint second = put("s", 2);
    assertFails(
        "put of an id that another handle has put, by one that has never met it",
        DuplicateCheckpointException.class,
        () -> other.put(second.toBuilder().version(3).build(), Expectation.any()));
    assertHolds("after a refused duplicate", storage(), List.of(stored, second));
  }

  @Rule(id = "HNDL-05", level = Level.MUST)
  protected final void deletedSessionStartsAnewOnEveryHandle() {
    BackendStorage other = openHandle();
    List<Checkpoint> stored = putAll("s", 1, 2, 3);
    other.put(checkpoint("s", 4), Expectation.any());
    storage().deleteBySession(session("s"));
    Checkpoint restarted = stored.get(0);
    other.put(restarted, Expectation.any());
    assertHolds("after another handle started the session again", storage(), List.of(restarted));
    other.delete(namespace(), List.of(restarted.id()));
    put(restarted);
    assertHolds("after the session was started once more", other, List.of(restarted));
  }

  @Rule(id = "HNDL-06", level = Level.MUST)
  protected final void closingOneHandleLeavesTheOthers() {
    Checkpoint first = put("s", 1);
    BackendStorage other = openHandle();
    openHandle().close();
    assertLatest("after another handle was closed", storage(), first);
    storage().close();
    Checkpoint second = checkpoint("s", 2);
    other.put(second, Expectation.any());
    assertHolds("after all other handles were closed", other, List.of(first, second));
  }

  @Rule(id = "HNDL-07", level = Level.MUST)
  protected final void everyInterleavingOfTwoHandlesIsAsOnOne() {
    Interleavings.check(namespace(), storage(), openHandle());
  }
}
