package dev.checkpoint4j.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointMetadata;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** ALIAS: what is stored changes by put and delete only. */
abstract class AliasingRules extends IsolationRules {

  @Rule(id = "ALIAS-02", level = Level.MUST)
  protected final void whatIsReadIsImmutable() {
    CheckpointMetadata metadata =
        CheckpointMetadata.builder("s").attribute("a", List.of(1)).build();
    Checkpoint stored =
        put(
            draft(metadata, 1)
                .values(Map.of("map", Map.of("x", 1), "list", List.of(1, List.of(2))))
                .build());
    for (Checkpoint read :
        List.of(
            storage().get(namespace(), stored.id()).orElseThrow(),
            storage().getBySession(stored.sessionKey()).orElseThrow(),
            storage().list(query().build()).items().get(0))) {
      assertImmutable(read.values());
      assertImmutable(read.metadata().attributes());
    }
    assertThatThrownBy(() -> storage().list(query().build()).items().clear())
        .as("changing the entries of a page")
        .isInstanceOf(UnsupportedOperationException.class);
    assertStored("after attempts to change what was read", storage(), stored);
  }

  private static void assertImmutable(@Nullable Object value) {
    if (value instanceof Map<?, ?> map) {
      assertThatThrownBy(map::clear)
          .as("changing a map that was read")
          .isInstanceOf(UnsupportedOperationException.class);
      map.values().forEach(AliasingRules::assertImmutable);
    } else if (value instanceof List<?> list) {
      assertThatThrownBy(list::clear)
          .as("changing a list that was read")
          .isInstanceOf(UnsupportedOperationException.class);
      list.forEach(AliasingRules::assertImmutable);
    }
  }

  @Rule(id = "ALIAS-03", level = Level.MUST)
  protected final void collectionOfIdsIsLeftAlone() {
    List<Checkpoint> stored = putAll("s", 1, 2, 3);
    List<String> ids = new ArrayList<>(List.of(stored.get(0).id(), "absent"));
    List<String> before = List.copyOf(ids);
    storage().delete(namespace(), ids);
    assertThat(ids).as("the caller's collection of ids after delete").isEqualTo(before);
    ids.add(stored.get(1).id());
    assertHolds("after the caller's collection grew", storage(), stored.subList(1, 3));
  }

  @Rule(id = "ALIAS-04", level = Level.MUST)
  protected final void whatWasReadDoesNotChange() {
    List<Checkpoint> stored = putAll("s", 1, 2);
    Checkpoint read = storage().getBySession(session("s")).orElseThrow();
    List<Checkpoint> page = storage().list(query().build()).items();
    put("s", 3);
    storage().deleteBySession(session("s"));
    assertSame("a checkpoint read before a put and a delete", stored.get(1), read);
    assertThat(idsOf(page))
        .as("a page read before a put and a delete")
        .containsExactly(stored.get(1).id(), stored.get(0).id());
  }
}
