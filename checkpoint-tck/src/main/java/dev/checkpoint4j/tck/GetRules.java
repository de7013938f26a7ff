package dev.checkpoint4j.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointMetadata;
import java.util.List;
import java.util.Map;

/** GET: reading by id. */
abstract class GetRules extends ExpectationRules {

  @Rule(id = "GET-01", level = Level.MUST)
  protected final void absentIdIsEmpty() {
    Checkpoint stored = put(draft("s", 1).id("present").build());
    for (String id : List.of("absent", "presen", "present2", "s", "1")) {
      assertThat(storage().get(namespace(), id)).as("get(%s), which was not put", id).isEmpty();
    }
    assertThat(storage().get(namespace() + "-2", stored.id()))
        .as("get of a stored id in another namespace")
        .isEmpty();
  }

  @Rule(id = "GET-02", level = Level.MUST)
  protected final void everyVersionStaysReadable() {
    List<Checkpoint> stored = putAll("s", 1, 2, 3, 5, 8, 13, 21, 34);
    for (Checkpoint checkpoint : stored) {
      assertStored("among %d versions".formatted(stored.size()), storage(), checkpoint);
    }
  }

  @Rule(id = "GET-03", level = Level.MUST)
  protected final void everyFieldIsReadBack() {
    CheckpointMetadata metadata =
        CheckpointMetadata.builder("s")
            .taskId("task")
            .attribute("kind", "test")
            .attribute("size", 3)
            .build();
    Checkpoint full = put(draft(metadata, 4).parentId("parent").values(Map.of("a", 1)).build());
    Checkpoint bare = put(draft("bare", 1).values(Map.of()).build());
    for (Checkpoint checkpoint : List.of(full, bare)) {
      assertStored("with every field set, and with none", storage(), checkpoint);
      assertLatest("with every field set, and with none", storage(), checkpoint);
    }
    assertHolds("with every field set, and with none", storage(), List.of(full, bare));
  }
}
