package dev.checkpoint4j.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.SessionKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** DEL: deleting by id and by session. */
abstract class DeleteRules extends NamespaceRules {

  private void assertDeleted(String what, long expected, List<String> ids) {
    assertThat(storage().delete(namespace(), ids))
        .as("what delete of %s returned, as many as existed", what)
        .isEqualTo(expected);
  }

  private void assertSessionDeleted(String what, long expected, SessionKey session) {
    assertThat(storage().deleteBySession(session))
        .as("what deleteBySession of %s returned, as many as existed", what)
        .isEqualTo(expected);
  }

  @Rule(id = "DEL-01", level = Level.MUST)
  protected final void exactlyTheIdsAreDeleted() {
    List<Checkpoint> stored = new ArrayList<>(putAll("s1", 1, 2, 3, 4));
    stored.addAll(putAll("s2", 1, 2));
    stored.addAll(putAll("s3", 1, 2));
    List<Checkpoint> deleted = List.of(stored.get(1), stored.get(4), stored.get(7));
    List<String> ids = new ArrayList<>(idsOf(deleted));
    ids.add(1, "absent");
    assertDeleted("three ids of three sessions and one that is absent", 3, ids);
    for (Checkpoint checkpoint : deleted) {
      assertNotStored("after it was deleted", storage(), checkpoint);
    }
    stored.removeAll(deleted);
    assertHolds("after three ids were deleted", storage(), stored);
  }

  @Rule(id = "DEL-02", level = Level.MUST)
  protected final void deletingAgainIsFine() {
    Checkpoint stored = put("s", 1);
    Checkpoint left = put("s", 2);
    List<String> ids = List.of(stored.id());
    assertDeleted("a stored id", 1, ids);
    assertDeleted("the same id again", 0, ids);
    assertDeleted("no ids", 0, List.of());
    assertHolds("after the same id was deleted twice", storage(), List.of(left));
  }

  @Rule(id = "DEL-03", level = Level.MUST)
  protected final void repeatedIdCountsOnce() {
    Checkpoint first = put("s", 1);
    Checkpoint second = put("s", 2);
    assertDeleted(
        "one id three times and another once",
        2,
        List.of(first.id(), second.id(), first.id(), first.id()));
  }

  @Rule(id = "DEL-04", level = Level.MUST)
  protected final void manyIdsAreDeletedInOneCall() {
    List<String> ids = new ArrayList<>();
    for (long version = 1; version <= 30; version++) {
      ids.add(put("s", version).id());
    }
    Checkpoint left = put("s", 31);
    for (int i = 0; i < 270; i++) {
      ids.add(i, "absent-" + i);
    }
    // Once more, in another part of the call.
    ids.addAll(0, List.copyOf(ids.subList(270, 285)));
    assertDeleted("30 stored ids, of which 15 are given twice, among 270 absent ones", 30, ids);
    assertHolds("after most of its versions were deleted", storage(), List.of(left));
  }

  @Rule(id = "DEL-05", level = Level.MUST)
  protected final void greatestVersionLeftIsTheLatest() {
    List<Checkpoint> stored = new ArrayList<>();
    for (long version : new long[] {1, 2, 9, 10}) {
      // A part that stays the same: a backend that stores it once must not delete it with its first
      // owner.
      Map<String, Object> values = Map.of("same", "text", "version", version);
      stored.add(put(draft("s", version).values(values).build()));
    }
    storage().delete(namespace(), List.of(stored.get(1).id()));
    assertStored("after the version before it was deleted", storage(), stored.get(2));
    assertLatest("after a middle version was deleted", storage(), stored.get(3));
    storage().delete(namespace(), List.of(stored.get(3).id()));
    assertLatest("after the latest version was deleted", storage(), stored.get(2));
    storage().delete(namespace(), List.of(stored.get(2).id(), stored.get(0).id()));
    assertNoLatest("after all versions were deleted", storage(), session("s"));
    Checkpoint restarted = put("s", 1);
    assertLatest("after the emptied session was started again", storage(), restarted);
    assertLatestIsFoundFarBelow();
  }

  private void assertLatestIsFoundFarBelow() {
    Checkpoint first = put("gap", 1);
    for (long version : new long[] {5_000, 1L << 40, Long.MAX_VALUE}) {
      Checkpoint last = put("gap", version);
      storage().delete(namespace(), List.of(last.id()));
      assertLatest("after version %d was deleted".formatted(version), storage(), first);
      assertThat(idsOf(listAll(storage(), query().sessionId("gap").build())))
          .as("ids listed after version %d was deleted", version)
          .containsExactly(first.id());
      assertConflict(
          "put of version 1, which is the latest since version %d was deleted".formatted(version),
          checkpoint("gap", 1),
          1);
      Checkpoint next = put(checkpoint("gap", 2), Expectation.latestIs(first.id()));
      assertLatest("after a put that expected the remaining version", storage(), next);
      storage().delete(namespace(), List.of(next.id()));
    }
    Checkpoint next = put("gap", 2);
    assertLatest("after greater versions were deleted", storage(), next);
  }

  @Rule(id = "DEL-06", level = Level.MUST)
  protected final void wholeSessionIsDeleted() {
    List<Checkpoint> stored = putAll("s", 1, 2, 5, 8);
    assertSessionDeleted("a session with 4 checkpoints", 4, session("s"));
    assertNoLatest("after the session was deleted", storage(), session("s"));
    for (Checkpoint checkpoint : stored) {
      assertNotStored("after its session was deleted", storage(), checkpoint);
    }
    assertHolds("after its only session was deleted", storage(), List.of());
    assertSessionDeleted("the same session again", 0, session("s"));
    assertSessionDeleted("an absent session", 0, session("absent"));
  }

  @Rule(id = "DEL-07", level = Level.MUST)
  protected final void otherSessionsAreNotTouched() {
    List<Checkpoint> others = new ArrayList<>();
    for (String sessionId :
        List.of("child", "child:10", "child:1:2", "Child:1", "child:1 ", "child:", "xchild:1")) {
      others.add(put(sessionId, others.size() + 1));
    }
    putAll("child:1", 1, 2);
    assertSessionDeleted("child:1 among sessions like child:10", 2, session("child:1"));
    assertHolds("after the session child:1 was deleted", storage(), others);
    for (Checkpoint other : others) {
      assertLatest("after the session child:1 was deleted", storage(), other);
    }
  }

  @Rule(id = "DEL-08", level = Level.MUST)
  protected final void otherNamespacesAreNotTouched() {
    Checkpoint first = put(draft("s", 1).id("same").build());
    Checkpoint elsewhere = put(first.toBuilder().namespace(namespace() + "-2").build());
    assertDeleted("an id that another namespace has as well", 1, List.of("same"));
    assertStored("after its id was deleted in another namespace", storage(), elsewhere);
    put(first);
    assertSessionDeleted("a session that another namespace has as well", 1, session("s"));
    assertStored("after its session was deleted in another namespace", storage(), elsewhere);
    assertLatest("after its session was deleted in another namespace", storage(), elsewhere);
  }

  @Rule(id = "DEL-09", level = Level.MUST)
  protected final void deletedSessionStartsAnew() {
    List<Checkpoint> stored = putAll("s", 4, 5);
    storage().deleteBySession(session("s"));
    Checkpoint restarted =
        put(draft("s", 1).id(stored.get(1).id()).values(stored.get(0).values()).build());
    Checkpoint elsewhere = put(draft("t", 1).id(stored.get(0).id()).build());
    assertHolds(
        "after a deleted session's ids were used again", storage(), List.of(restarted, elsewhere));
    assertLatest("after the deleted session was started again", storage(), restarted);
  }

  @Rule(id = "DEL-10", level = Level.MUST)
  protected final void childrenStay() {
    Checkpoint parent = put("s", 1);
    Checkpoint child = put(draft("s", 2).parentId(parent.id()).build());
    Checkpoint fork = put(draft("fork", 1).parentId(parent.id()).build());
    storage().delete(namespace(), List.of(parent.id()));
    assertHolds("after the parent was deleted", storage(), List.of(child, fork));
    storage().deleteBySession(session("s"));
    assertHolds("after the parent's session was deleted", storage(), List.of(fork));
  }
}
