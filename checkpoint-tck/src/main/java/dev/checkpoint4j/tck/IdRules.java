package dev.checkpoint4j.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointMetadata;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.SessionKey;
import java.util.ArrayList;
import java.util.List;

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
    assertThat(listSessions(storage(), namespace(), 2))
        .as("sessions with the longest legal ids, two at a time")
        .containsExactlyInAnyOrderElementsOf(stored.stream().map(Checkpoint::sessionKey).toList());
  }

  @Rule(id = "ID-06", level = Level.MUST)
  protected final void longestNamespacesAreLegal() {
    List<Checkpoint> stored = new ArrayList<>();
    for (String end : HostileIds.longest(MAX_ID_BYTES - namespace().length())) {
      stored.add(put(draft("s", 1).id("same").namespace(namespace() + end).build()));
    }
    for (Checkpoint checkpoint : stored) {
      assertStored("with the longest legal namespace", storage(), checkpoint);
      assertThat(idsOf(listAll(storage(), CheckpointQuery.builder(checkpoint.namespace()).build())))
          .as("ids listed in the longest legal namespace")
          .containsExactly("same");
    }
  }

  @Rule(id = "ID-07", level = Level.MUST)
  protected final void deletingTakesIdsLiterally() {
    List<Checkpoint> stored = new ArrayList<>();
    for (String id : HostileIds.CONFUSABLE) {
      stored.add(put(draft(id, 1).id(id).build()));
    }
    for (String id : List.of("a", "child:1", "%", "child", "\u00e9")) {
      boolean existed = stored.removeIf(checkpoint -> checkpoint.id().equals(id));
      assertThat(storage().delete(namespace(), List.of(id)))
          .as("checkpoints deleted by the id %s", Differences.quote(id))
          .isEqualTo(existed ? 1 : 0);
    }
    for (String id : List.of("A", "child:10", "_", "child:", "ss")) {
      SessionKey session = session(id);
      boolean existed = stored.removeIf(checkpoint -> checkpoint.sessionKey().equals(session));
      assertThat(storage().deleteBySession(session))
          .as("checkpoints deleted with the session %s", Differences.quote(id))
          .isEqualTo(existed ? 1 : 0);
    }
    assertHolds("after deleting some ids among similar ones", storage(), stored);
  }
}
