package dev.checkpoint4j.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointMetadata;
import dev.checkpoint4j.Page;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** REOP: what a durable store knows after all handles were closed. */
abstract class ReopenRules extends LargeValueRules {

  @Rule(id = "REOP-01", level = Level.MUST)
  protected final void checkpointsSurvive() {
    requireDurability();
    List<Checkpoint> stored = putVariety();
    closeHandles();
    assertHolds("after the store was reopened", storage(), stored);
    for (Checkpoint checkpoint : stored) {
      assertStored("after the store was reopened", storage(), checkpoint);
    }
    assertLatest("after the store was reopened", storage(), stored.get(4));
    assertThat(listSessions(storage(), namespace(), 10))
        .as("sessions after the store was reopened")
        .containsExactlyInAnyOrder(session("s1"), session("s10"), session("s2"));
  }

  @Rule(id = "REOP-02", level = Level.MUST)
  protected final void versionsAreStillEnforced() {
    requireDurability();
    putAll("s", 1, 5);
    closeHandles();
    assertConflict("put of version 5 after the store was reopened", checkpoint("s", 5), 5);
    Checkpoint next = put("s", 6);
    closeHandles();
    assertLatest("after the store was reopened again", storage(), next);
  }

  @Rule(id = "REOP-03", level = Level.MUST)
  protected final void idsAreStillKnown() {
    requireDurability();
    List<Checkpoint> stored = putAll("s", 1, 2, 3);
    closeHandles();
    put(stored.get(0));
    put(stored.get(2));
    assertDuplicate(
        "put of a stored id with other content after the store was reopened",
        stored.get(1).toBuilder().version(9).build());
    assertHolds("after repeated puts to the reopened store", storage(), stored);
  }

  @Rule(id = "REOP-04", level = Level.MUST)
  protected final void deletionsSurvive() {
    requireDurability();
    List<Checkpoint> stored = putAll("s", 1, 2, 3);
    putAll("gone", 1, 2);
    storage().delete(namespace(), List.of(stored.get(2).id()));
    storage().deleteBySession(session("gone"));
    closeHandles();
    assertHolds("after deletions and a reopening", storage(), stored.subList(0, 2));
    assertLatest("after deletions and a reopening", storage(), stored.get(1));
    assertNoLatest("after its deletion and a reopening", storage(), session("gone"));
    put("gone", 1);
    put(stored.get(2));
  }

  @Rule(id = "REOP-05", level = Level.MUST)
  protected final void cursorsSurvive() {
    requireDurability();
    putVariety();
    List<Checkpoint> all = listAll(storage());
    Page<Checkpoint> page = storage().list(query().limit(5).build());
    Optional<String> sessionCursor =
        storage().listSessions(namespace(), 2, Optional.empty()).nextCursor();
    closeHandles();
    assertThat(
            idsOf(
                storage()
                    .list(query().limit(5).cursor(page.nextCursor().orElseThrow()).build())
                    .items()))
        .as("ids listed after a cursor from before the store was reopened")
        .containsExactlyElementsOf(idsOf(all.subList(5, 10)));
    assertThat(storage().listSessions(namespace(), 2, sessionCursor).items())
        .as("sessions listed after a cursor of two of three from before the reopening")
        .hasSize(1);
  }

  @Rule(id = "REOP-06", level = Level.MUST)
  protected final void contentSurvives() {
    requireDurability();
    RandomValues random = new RandomValues(random());
    List<Checkpoint> stored = new ArrayList<>();
    for (String id : HostileIds.all()) {
      CheckpointMetadata metadata =
          CheckpointMetadata.builder(id).taskId(id).attributes(random.map(2)).build();
      stored.add(put(draft(metadata, 1).id(id).parentId(id).values(random.map(4)).build()));
    }
    Map<String, @Nullable Object> values = ValueRules.everyType();
    values.put("minus", -0.0);
    values.put("malformed", "\ud83d\u0000");
    Map<String, @Nullable Object> attributes = new LinkedHashMap<>(values);
    CheckpointMetadata metadata = CheckpointMetadata.builder("last").attributes(attributes).build();
    long room = storage().descriptor().maxDocumentBytes() / 8;
    values.put("large", "\u65e5".repeat((int) Math.min(room, 1 << 20)));
    stored.add(put(draft(metadata, 1).values(values).build()));
    Checkpoint next = put("last", Long.MAX_VALUE);
    closeHandles();
    for (Checkpoint checkpoint : stored) {
      String when = "after the store was reopened";
      assertStored(when, storage(), checkpoint);
      Checkpoint read = storage().get(namespace(), checkpoint.id()).orElseThrow();
      ValueRules.assertKeysInOrder("get " + when, checkpoint, read);
      if (!checkpoint.sessionKey().equals(next.sessionKey())) {
        assertLatest(when, storage(), checkpoint);
      }
    }
    assertLatest("after the store was reopened", storage(), next);
    stored.add(next);
    assertHolds("after the store was reopened", storage(), stored);
  }
}
