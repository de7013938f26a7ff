package dev.checkpoint4j.tck;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointMetadata;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.spi.BackendStorage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** EXP: what a put expects of the session. */
abstract class ExpectationRules extends PutRules {

  /** An id that no checkpoint of these rules has. */
  private static final String ABSENT = "never stored";

  @Rule(id = "EXP-01", level = Level.MUST)
  protected final void expectedLatestIsFollowed() {
    Checkpoint latest = put("s", 1);
    for (long version : new long[] {2, 3, 100}) {
      latest = put(checkpoint("s", version), Expectation.latestIs(latest.id()));
      assertStored("after a put that expected the latest", storage(), latest);
      assertLatest("after a put that expected the latest", storage(), latest);
    }
    storage().delete(namespace(), List.of(latest.id()));
    Checkpoint left = storage().getBySession(session("s")).orElseThrow();
    latest = put(checkpoint("s", 4), Expectation.latestIs(left.id()));
    assertLatest("after a put that expected the latest that was left", storage(), latest);
  }

  @Rule(id = "EXP-02", level = Level.MUST)
  protected final void anotherLatestIsRefused() {
    List<Checkpoint> stored = new ArrayList<>(putAll("s", 1, 2));
    stored.add(put("other", 9));
    for (String id : List.of(stored.get(0).id(), stored.get(2).id(), ABSENT)) {
      Checkpoint refused = checkpoint("s", 3);
      assertConflict(
          "put of version 3 that expects '%s' to be the latest, where %s is"
              .formatted(id, stored.get(1)),
          refused,
          Expectation.latestIs(id),
          2);
      assertNotStored("after its put was refused", storage(), refused);
    }
    assertHolds("after puts that expected another latest", storage(), stored);
    assertLatest("after puts that expected another latest", storage(), stored.get(1));
    assertLatestOfTheTaskIsRefused();
  }

  private void assertLatestOfTheTaskIsRefused() {
    CheckpointMetadata task = CheckpointMetadata.builder("tasks").taskId("t").build();
    CheckpointMetadata other = CheckpointMetadata.builder("tasks").taskId("u").build();
    Checkpoint ofTask = put(draft(task, 1).parentId("p").build());
    Checkpoint latest = put(draft(other, 2).parentId("q").build());
    assertConflict(
        "put of version 3 that expects the latest checkpoint of its task and its parent",
        draft(task, 3).parentId("p").build(),
        Expectation.latestIs(ofTask.id()),
        2);
    assertLatest("after a put that expected the latest of its task", storage(), latest);
  }

  @Rule(id = "EXP-03", level = Level.MUST)
  protected final void expectedLatestOfAnEmptySessionIsRefused() {
    Checkpoint elsewhere = put(draft("s", 1).namespace(namespace() + "-2").id("elsewhere").build());
    Checkpoint deleted = put("s", 1);
    storage().delete(namespace(), List.of(deleted.id()));
    Checkpoint dropped = put("t", 1);
    storage().deleteBySession(session("t"));
    Checkpoint ofOther = put("other", 1);
    for (String sessionId : List.of("s", "t", "new")) {
      for (Checkpoint expected : List.of(elsewhere, deleted, dropped, ofOther)) {
        Checkpoint refused = checkpoint(sessionId, 2);
        assertConflict(
            "put to the empty session %s that expects %s to be the latest"
                .formatted(sessionId, expected),
            refused,
            Expectation.latestIs(expected.id()),
            0);
        assertNotStored("after its put was refused", storage(), refused);
      }
      assertNoLatest("after refused puts", storage(), session(sessionId));
    }
    assertHolds("after puts to empty sessions were refused", storage(), List.of(ofOther));
    Checkpoint first = put("new", 1);
    assertLatest("when a put without expectation follows refused ones", storage(), first);
  }

  @Rule(id = "EXP-04", level = Level.MUST)
  protected final void emptySessionIsStarted() {
    put("other", 1);
    Checkpoint first = put(checkpoint("s", 7), Expectation.noSession());
    assertLatest("after a put that expected no session", storage(), first);
    storage().deleteBySession(session("s"));
    Checkpoint second = put(checkpoint("s", 1), Expectation.noSession());
    assertLatest("after the session was deleted and started again", storage(), second);
    storage().delete(namespace(), List.of(second.id()));
    Checkpoint third = put(checkpoint("s", 1), Expectation.noSession());
    assertLatest("after its only checkpoint was deleted by id", storage(), third);
  }

  @Rule(id = "EXP-05", level = Level.MUST)
  protected final void sessionThatWasNotExpectedIsRefused() {
    Checkpoint stored = put("s", 1);
    Checkpoint refused = checkpoint("s", 2);
    assertConflict(
        "put of version 2 that expects no session, where version 1 is stored",
        refused,
        Expectation.noSession(),
        1);
    assertNotStored("after its put was refused", storage(), refused);
    Checkpoint second = put(refused, Expectation.latestIs(stored.id()));
    storage().delete(namespace(), List.of(second.id()));
    assertConflict(
        "put of version 2 that expects no session, where version 1 is left",
        checkpoint("s", 2),
        Expectation.noSession(),
        1);
    assertHolds("after puts that expected no session", storage(), List.of(stored));
  }

  @Rule(id = "EXP-06", level = Level.MUST)
  protected final void equalPutSucceedsWhateverIsExpected() {
    List<Checkpoint> stored = putAll("s", 1, 2);
    for (Checkpoint again : stored) {
      put(again, Expectation.noSession());
      put(again, Expectation.latestIs(ABSENT));
      put(again, Expectation.latestIs(stored.get(0).id()));
      put(again, Expectation.latestIs(stored.get(1).id()));
    }
    assertHolds("after equal puts with every expectation", storage(), stored);
    assertLatest("after equal puts with every expectation", storage(), stored.get(1));
  }

  @Rule(id = "EXP-07", level = Level.MUST)
  protected final void idIsCheckedBeforeTheExpectation() {
    List<Checkpoint> stored = putAll("s", 1, 2);
    for (Expectation expectation :
        List.of(
            Expectation.noSession(),
            Expectation.latestIs(ABSENT),
            Expectation.latestIs(stored.get(1).id()))) {
      assertDuplicate(
          "put with a stored id and other content that expects " + expectation,
          stored.get(0).toBuilder().version(3).values(Map.of("other", true)).build(),
          expectation);
    }
    assertHolds("after refused duplicates", storage(), stored);
  }

  @Rule(id = "EXP-08", level = Level.MUST)
  protected final void versionIsCheckedBesideTheExpectation() {
    List<Checkpoint> stored = putAll("s", 2, 5);
    for (long version : new long[] {1, 3, 5}) {
      assertConflict(
          "put of version %d that expects the latest, version 5, rightly".formatted(version),
          checkpoint("s", version),
          Expectation.latestIs(stored.get(1).id()),
          5);
    }
    assertHolds("after puts of stale versions", storage(), stored);
  }

  @Rule(id = "EXP-09", level = Level.MUST)
  protected final void sessionThatWasStartedAgainIsNotContinued() {
    BackendStorage other = openHandle();
    Checkpoint read = put("s", 3);
    assertLatest("before the session is deleted", other, read);
    storage().deleteBySession(session("s"));
    Checkpoint again = put("s", 1);
    Checkpoint stale = checkpoint("s", 4);
    assertConflict(
        "put of version 4 to a session that another handle deleted and started again",
        other,
        stale,
        Expectation.latestIs(read.id()),
        1);
    assertNotStored("after its put was refused", other, stale);
    assertLatest("after a stale put was refused", storage(), again);
    Checkpoint third = put(checkpoint("s", 3), Expectation.latestIs(again.id()));
    assertConflict(
        "put where another checkpoint has the version of the one that was read",
        other,
        stale,
        Expectation.latestIs(read.id()),
        3);
    storage().delete(namespace(), List.of(third.id()));
    Checkpoint sameId = put(read.toBuilder().values(Map.of("again", true)).build());
    other.put(stale, Expectation.latestIs(read.id()));
    assertHolds("when the expected id was used again", storage(), List.of(again, sameId, stale));
  }

  @Rule(id = "EXP-10", level = Level.MUST)
  protected final void expectedIdIsComparedExactly() {
    List<String> ids = List.copyOf(HostileIds.all());
    for (int i = 0; i < ids.size(); i++) {
      Checkpoint latest = put(draft("s" + i, 1).id(ids.get(i)).build());
      String alike = ids.get((i + 1) % ids.size());
      Checkpoint next = checkpoint("s" + i, 2);
      assertConflict(
          "put that expects %s, where the latest is %s".formatted(Differences.quote(alike), latest),
          next,
          Expectation.latestIs(alike),
          1);
      put(next, Expectation.latestIs(latest.id()));
      assertLatest("after a put that expected a hostile id", storage(), next);
    }
  }
}
