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

/** SESS: listing the sessions of a namespace. */
abstract class SessionRules extends AttributeRules {

  private List<SessionKey> putSessions(int count) {
    List<SessionKey> sessions = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      sessions.add(put("s" + i, 1).sessionKey());
    }
    return sessions;
  }

  @Rule(id = "SESS-01", level = Level.MUST)
  protected final void everySessionIsListedOnce() {
    putAll("s1", 1, 2, 3);
    putAll("s2", 7);
    putAll("s10", 1, 2);
    put(draft("elsewhere", 1).namespace(namespace() + "-2").build());
    put(draft("s1", 1).namespace(namespace() + "-2").build());
    assertThat(listSessions(storage(), namespace(), 100))
        .as("sessions of the namespace")
        .containsExactlyInAnyOrder(session("s1"), session("s2"), session("s10"));
  }

  @Rule(id = "SESS-02", level = Level.MUST)
  protected final void everyLimitGivesTheSameSessions() {
    List<SessionKey> sessions = putSessions(12);
    List<SessionKey> all = listSessions(storage(), namespace(), 1000);
    assertThat(all).as("sessions").containsExactlyInAnyOrderElementsOf(sessions);
    for (int limit = 1; limit <= sessions.size() + 1; limit++) {
      assertThat(listSessions(storage(), namespace(), limit))
          .as("sessions in pages of %d", limit)
          .isEqualTo(all);
    }
  }

  @Rule(id = "SESS-03", level = Level.MUST)
  protected final void sessionsComeInTheOrderOfList() {
    for (String sessionId : HostileIds.all()) {
      put(sessionId, 1);
    }
    putSessions(12);
    List<SessionKey> ofList =
        listAll(storage(), query().limit(CheckpointQuery.MAX_LIMIT).build()).stream()
            .map(Checkpoint::sessionKey)
            .distinct()
            .toList();
    assertThat(listAll(storage(), query().limit(3).build()).stream().map(Checkpoint::sessionKey))
        .as("sessions in the order of list, three at a time, compared with all at once")
        .containsExactlyElementsOf(ofList);
    assertThat(listSessions(storage(), namespace(), 5))
        .as("order of sessions, compared with that of list")
        .isEqualTo(ofList);
  }

  @Rule(id = "SESS-04", level = Level.MUST)
  protected final void emptiedSessionIsNotListed() {
    Checkpoint only = put("s1", 1);
    List<Checkpoint> two = putAll("s2", 1, 2);
    putAll("s3", 1, 2);
    put("s4", 1);
    storage().delete(namespace(), List.of(only.id(), two.get(0).id()));
    storage().deleteBySession(session("s3"));
    assertThat(listSessions(storage(), namespace(), 10))
        .as("sessions after all of s1, one of two of s2, and the session s3 were deleted")
        .containsExactlyInAnyOrder(session("s2"), session("s4"));
    storage().delete(namespace(), List.of(two.get(1).id()));
    assertThat(listSessions(storage(), namespace(), 10))
        .as("sessions after the rest of s2 was deleted")
        .containsExactly(session("s4"));
  }

  @Rule(id = "SESS-05", level = Level.MUST)
  protected final void pagesHoldSessionsThatExistedThroughout() {
    List<SessionKey> sessions = putSessions(12);
    List<SessionKey> seen = new ArrayList<>();
    List<SessionKey> deleted = new ArrayList<>();
    Optional<String> cursor = Optional.empty();
    do {
      Page<SessionKey> page = storage().listSessions(namespace(), 3, cursor);
      checkPage("listSessions", 3, page);
      seen.addAll(page.items());
      cursor = page.nextCursor();
      if (!page.items().isEmpty() && deleted.size() < 3) {
        SessionKey last = page.items().get(page.items().size() - 1);
        storage().deleteBySession(last);
        deleted.add(last);
      } else {
        put("s%d-new".formatted(seen.size()), 1);
      }
    } while (cursor.isPresent());
    sessions.removeAll(deleted);
    assertThat(seen).as("sessions of all pages").doesNotHaveDuplicates();
    assertThat(seen)
        .as("sessions of all pages, among them all that existed throughout")
        .containsAll(sessions);
  }

  @Rule(id = "SESS-06", level = Level.MUST)
  protected final void cursorOfSessionsWorksOnAnotherHandle() {
    putSessions(6);
    List<SessionKey> all = listSessions(storage(), namespace(), 10);
    Page<SessionKey> first = storage().listSessions(namespace(), 4, Optional.empty());
    assertThat(openHandle().listSessions(namespace(), 4, first.nextCursor()).items())
        .as("sessions another handle lists after the cursor of a page of 4")
        .isEqualTo(all.subList(4, 6));
    BackendStorage closed = openHandle();
    Page<SessionKey> last = closed.listSessions(namespace(), 4, Optional.empty());
    closed.close();
    assertThat(storage().listSessions(namespace(), 4, last.nextCursor()).items())
        .as("sessions listed after the cursor of a handle that was closed")
        .isEqualTo(all.subList(4, 6));
  }

  @Rule(id = "SESS-07", level = Level.MUST)
  protected final void cursorOfListIsRefusedForSessions() {
    putAll("s1", 1, 2, 3);
    put("s2", 1);
    Optional<String> cursor = storage().list(query().limit(2).build()).nextCursor();
    assertThat(cursor).as("cursor of a page of 2 of 4 checkpoints").isPresent();
    assertFails(
        "listSessions with a cursor of list",
        IllegalArgumentException.class,
        () -> storage().listSessions(namespace(), 2, cursor));
  }
}
