package dev.checkpoint4j.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.Page;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.spi.BackendStorage;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** NS: listing the namespaces of a store, which may hold others than those of a test. */
abstract class NamespaceRules extends SessionRules {

  private Checkpoint putIn(String namespace, String sessionId, long version) {
    return put(draft(sessionId, version).namespace(namespace).build());
  }

  /** Namespaces of this test, each with one checkpoint. */
  private List<String> putNamespaces(int count) {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      names.add(putIn(namespace() + "-" + i, "s", 1).namespace());
    }
    return names;
  }

  @Rule(id = "NS-01", level = Level.MUST)
  protected final void everyNamespaceIsListedOnce() {
    putAll("s1", 1, 2, 3);
    put("s2", 1);
    List<String> names = new ArrayList<>(List.of(namespace()));
    for (String end : HostileIds.all()) {
      names.add(putIn(namespace() + end, "s", 1).namespace());
    }
    assertThat(listNamespaces(storage(), 1000))
        .as("namespaces of this test")
        .containsExactlyInAnyOrderElementsOf(names);
  }

  @Rule(id = "NS-02", level = Level.MUST)
  protected final void everyLimitGivesTheSameNamespaces() {
    List<String> names = putNamespaces(6);
    BackendStorage other = openHandle();
    List<String> all = listNamespaces(storage(), 1000);
    assertThat(all).as("namespaces").containsExactlyInAnyOrderElementsOf(names);
    for (int limit = 1; limit <= names.size() + 1; limit++) {
      assertThat(listNamespaces(limit % 2 == 0 ? storage() : other, limit))
          .as("namespaces in pages of %d, in the order of one page", limit)
          .isEqualTo(all);
    }
  }

  @Rule(id = "NS-03", level = Level.MUST)
  protected final void emptiedNamespaceIsNotListed() {
    List<String> names = putNamespaces(4);
    Checkpoint second = putIn(names.get(0), "s", 2);
    BackendStorage other = openHandle();
    storage().deleteBySession(second.sessionKey());
    Checkpoint only = storage().list(CheckpointQuery.builder(names.get(1)).build()).items().get(0);
    storage().delete(names.get(1), List.of(only.id()));
    Checkpoint kept = putIn(names.get(2), "s", 2);
    storage().delete(names.get(2), List.of(kept.id()));
    for (BackendStorage handle : List.of(storage(), other)) {
      assertThat(listNamespaces(handle, 1000))
          .as("namespaces after all of the first two and one of two of the third were deleted")
          .containsExactlyInAnyOrder(names.get(2), names.get(3));
    }
    put(only);
    assertThat(listNamespaces(other, 1000))
        .as("namespaces after a checkpoint was put again")
        .containsExactlyInAnyOrder(names.get(1), names.get(2), names.get(3));
  }

  @Rule(id = "NS-04", level = Level.MUST)
  protected final void cursorOfNamespacesOutlivesItsNamespace() {
    List<String> names = putNamespaces(8);
    List<String> all = listNamespaces(storage(), 1000);
    Optional<String> cursor = Optional.empty();
    List<String> seen = new ArrayList<>();
    BackendStorage other = openHandle();
    do {
      BackendStorage closed = openHandle();
      Page<String> page = (cursor.isEmpty() ? closed : other).listNamespaces(2, cursor);
      closed.close();
      checkPage("listNamespaces", 2, page);
      cursor = page.nextCursor();
      for (String name : ours(page.items())) {
        seen.add(name);
        storage().deleteBySession(new SessionKey(name, "s"));
      }
    } while (cursor.isPresent());
    assertThat(seen)
        .as("namespaces of all pages, each deleted when its page was read")
        .isEqualTo(all)
        .hasSameSizeAs(names);
    assertThat(listNamespaces(other, 2)).as("namespaces after all were deleted").isEmpty();
  }

  @Rule(id = "NS-05", level = Level.MUST)
  protected final void cursorsOfOtherListingsAreRefused() {
    putNamespaces(3);
    putAll("s1", 1, 2);
    put("s2", 1);
    String ofNamespaces = nextCursor(storage().listNamespaces(1, Optional.empty()));
    String ofSessions = nextCursor(storage().listSessions(namespace(), 1, Optional.empty()));
    String ofCheckpoints = nextCursor(storage().list(query().limit(1).build()));
    for (String cursor : List.of(ofSessions, ofCheckpoints, "not a cursor")) {
      assertFails(
          "listNamespaces with the cursor '" + cursor + "' of another listing",
          IllegalArgumentException.class,
          () -> storage().listNamespaces(1, Optional.of(cursor)));
    }
    assertFails(
        "listSessions with a cursor of listNamespaces",
        IllegalArgumentException.class,
        () -> storage().listSessions(namespace(), 1, Optional.of(ofNamespaces)));
    assertFails(
        "list with a cursor of listNamespaces",
        IllegalArgumentException.class,
        () -> storage().list(query().cursor(ofNamespaces).build()));
    assertFails(
        "list with a cursor of listSessions",
        IllegalArgumentException.class,
        () -> storage().list(query().cursor(ofSessions).build()));
    assertFails(
        "listHeaders with a cursor of listSessions",
        IllegalArgumentException.class,
        () -> storage().listHeaders(query().cursor(ofSessions).build()));
  }

  private static String nextCursor(Page<?> page) {
    return page.nextCursor().orElseThrow(() -> new AssertionError("the page has no cursor"));
  }
}
