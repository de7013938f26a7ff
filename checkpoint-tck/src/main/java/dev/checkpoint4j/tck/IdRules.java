package dev.checkpoint4j.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointMetadata;
import dev.checkpoint4j.CheckpointQuery;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.ToLongFunction;

/** ID: every legal id is safe and different from every other. */
abstract class IdRules extends LifecycleRules {

  private static final int MAX_ID_BYTES = 255;
  private static final int MAX_SESSION_ID_BYTES = 512;

  @Rule(id = "ID-01", level = Level.MUST)
  protected final void everySessionIdIsItsOwn() {
    List<Checkpoint> stored = new ArrayList<>();
    for (String sessionId : HostileIds.all()) {
      stored.add(put(sessionId, 1));
    }
    for (Checkpoint checkpoint : stored) {
      assertLatest("after a put to each of many sessions", storage(), checkpoint);
      assertThat(
              idsOf(listAll(storage(), CheckpointQuery.builder(checkpoint.sessionKey()).build())))
          .as("ids listed for the session %s", checkpoint.sessionKey())
          .containsExactly(checkpoint.id());
    }
    assertThat(listSessions(storage(), namespace(), 100))
        .as("sessions after a put to each")
        .containsExactlyInAnyOrderElementsOf(stored.stream().map(Checkpoint::sessionKey).toList());
  }

  @Rule(id = "ID-02", level = Level.MUST)
  protected final void everyCheckpointIdIsItsOwn() {
    List<Checkpoint> stored = new ArrayList<>();
    for (String id : HostileIds.all()) {
      stored.add(put(draft("s", stored.size() + 1).id(id).build()));
    }
    for (Checkpoint checkpoint : stored) {
      assertStored("after puts with many ids", storage(), checkpoint);
    }
  }

  @Rule(id = "ID-03", level = Level.MUST)
  protected final void everyNamespaceIsItsOwn() {
    List<Checkpoint> stored = new ArrayList<>();
    for (String end : HostileIds.all()) {
      stored.add(put(draft("s", 1).id("same").namespace(namespace() + end).build()));
    }
    for (Checkpoint checkpoint : stored) {
      assertStored("after puts to many namespaces", storage(), checkpoint);
      assertLatest("after puts to many namespaces", storage(), checkpoint);
    }
  }

  @Rule(id = "ID-04", level = Level.MUST)
  protected final void everyTaskAndParentIdIsItsOwn() {
    List<Checkpoint> stored = new ArrayList<>();
    for (String id : HostileIds.all()) {
      CheckpointMetadata metadata = CheckpointMetadata.of("s", id);
      stored.add(put(draft(metadata, stored.size() + 1).parentId(id).build()));
    }
    for (Checkpoint checkpoint : stored) {
      String id = checkpoint.parentId().orElseThrow();
      assertThat(idsOf(listAll(storage(), query().taskId(id).build())))
          .as("ids listed for the task %s", Differences.quote(id))
          .containsExactly(checkpoint.id());
      assertThat(idsOf(listAll(storage(), query().parentId(id).build())))
          .as("ids listed for the parent %s", Differences.quote(id))
          .containsExactly(checkpoint.id());
    }
  }

  @Rule(id = "ID-05", level = Level.MUST)
  protected final void longestIdsAreLegal() {
    List<String> ids = HostileIds.longest(MAX_ID_BYTES);
    List<String> sessions = HostileIds.longest(MAX_SESSION_ID_BYTES);
    List<Checkpoint> stored = new ArrayList<>();
    for (int i = 0; i < ids.size(); i++) {
      CheckpointMetadata metadata = CheckpointMetadata.of(sessions.get(i), sessions.get(i));
      stored.add(put(draft(metadata, 1).id(ids.get(i)).parentId(ids.get(i)).build()));
    }
    for (Checkpoint checkpoint : stored) {
      assertStored("with the longest legal ids", storage(), checkpoint);
      assertLatest("with the longest legal ids", storage(), checkpoint);
    }
    assertHolds("with the longest legal ids", storage(), stored);
    assertThat(idsOf(listAll(storage(), query().limit(1).build())))
        .as("ids listed one at a time, with the longest legal ids")
        .containsExactlyInAnyOrderElementsOf(idsOf(stored));
    for (Checkpoint checkpoint : stored) {
      CheckpointQuery.Builder alike = query().sessionId(checkpoint.metadata().sessionId());
      for (CheckpointQuery.Builder query :
          List.of(
              alike,
              query().taskId(checkpoint.metadata().taskId().orElseThrow()),
              query().parentId(checkpoint.parentId().orElseThrow()))) {
        assertThat(idsOf(listAll(storage(), query.build())))
            .as("ids listed by one of the longest legal ids")
            .containsExactly(checkpoint.id());
      }
    }
    assertThat(listSessions(storage(), namespace(), 2))
        .as("sessions with the longest legal ids, two at a time")
        .containsExactlyInAnyOrderElementsOf(stored.stream().map(Checkpoint::sessionKey).toList());
    for (int i = 0; i < ids.size(); i++) {
      long deleted =
          i % 2 == 0
              ? storage().delete(namespace(), List.of(ids.get(i)))
              : storage().deleteBySession(session(sessions.get(i)));
      assertThat(deleted).as("checkpoints deleted by one of the longest legal ids").isEqualTo(1);
      assertHolds(
          "after a deletion by one of the longest legal ids",
          storage(),
          stored.subList(i + 1, stored.size()));
    }
  }

  @Rule(id = "ID-06", level = Level.MUST)
  protected final void longestNamespacesAreLegal() {
    List<Checkpoint> stored = new ArrayList<>();
    List<String> ends = HostileIds.longest(MAX_ID_BYTES - namespace().length());
    for (int i = 0; i < ends.size(); i++) {
      // All ids at once: the medium may have a limit for what they are together.
      String id = HostileIds.longest(MAX_ID_BYTES).get(i);
      String sessionId = HostileIds.longest(MAX_SESSION_ID_BYTES).get(i);
      Checkpoint.Builder draft = draft(CheckpointMetadata.of(sessionId, sessionId), 1).parentId(id);
      stored.add(put(draft.id(id).namespace(namespace() + ends.get(i)).build()));
    }
    for (Checkpoint checkpoint : stored) {
      assertStored("with the longest legal namespace", storage(), checkpoint);
      assertLatest("with the longest legal namespace", storage(), checkpoint);
      assertThat(idsOf(listAll(storage(), CheckpointQuery.builder(checkpoint.namespace()).build())))
          .as("ids listed in the longest legal namespace")
          .containsExactly(checkpoint.id());
    }
  }

  @Rule(id = "ID-07", level = Level.MUST)
  protected final void deletingTakesIdsLiterally() {
    List<String> ids = new ArrayList<>(HostileIds.all());
    // In both orders: of two that are alike, each goes first once.
    for (int order = 0; order < 2; order++) {
      assertEachDeletesOne(ids, id -> storage().delete(namespace(), List.of(id)));
      assertEachDeletesOne(ids, id -> storage().deleteBySession(session(id)));
      Collections.reverse(ids);
    }
  }

  private void assertEachDeletesOne(List<String> ids, ToLongFunction<String> delete) {
    List<Checkpoint> stored = ids.stream().map(id -> put(draft(id, 1).id(id).build())).toList();
    for (String absent : List.of("%%", "child:1%", "CHILD")) {
      assertThat(delete.applyAsLong(absent))
          .as("checkpoints deleted by %s, which is absent", absent)
          .isZero();
    }
    assertHolds("after deleting what is absent among similar ids", storage(), stored);
    for (String id : ids) {
      assertThat(delete.applyAsLong(id))
          .as("checkpoints deleted by %s among similar ids", Differences.quote(id))
          .isEqualTo(1);
    }
    assertHolds("after deleting each of many similar ids", storage(), List.of());
  }
}
