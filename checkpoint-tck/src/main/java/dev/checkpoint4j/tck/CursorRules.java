package dev.checkpoint4j.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.CheckpointQuery.Order;
import dev.checkpoint4j.Page;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.spi.BackendStorage;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.ObjIntConsumer;

/** CURS: going on where a page ended. */
abstract class CursorRules extends ListRules {

  /** Texts that no backend creates as a cursor. */
  static final List<String> INVALID_CURSORS =
      List.of("", " ", "not a cursor of this backend", "\u2603", "x".repeat(3000));

  /** More than a backend may want to remember. */
  private static final int CURSORS = 520;

  private static final int CURSOR_THREADS = 8;

  private static <T> String cursorOf(Page<T> page) {
    return page.nextCursor()
        .orElseThrow(() -> new AssertionError("a full page before the last has no cursor"));
  }

  private Page<Checkpoint> firstPage(Order order, int limit) {
    return storage().list(query().order(order).limit(limit).build());
  }

  private static CheckpointQuery after(CheckpointQuery.Builder query, Page<?> page) {
    return query.cursor(cursorOf(page)).build();
  }

  @Rule(id = "CURS-01", level = Level.MUST)
  protected final void cursorIsExclusive() {
    putAll("s", 1, 2, 3, 4);
    Page<Checkpoint> first = firstPage(Order.OLDEST_FIRST, 2);
    Page<Checkpoint> second =
        storage().list(after(query().order(Order.OLDEST_FIRST).limit(2), first));
    assertThat(versionsOf(first.items())).as("versions of the first page").containsExactly(1L, 2L);
    assertThat(versionsOf(second.items()))
        .as("versions of the second page, after the first ended at 2")
        .containsExactly(3L, 4L);
  }

  @Rule(id = "CURS-02", level = Level.MUST)
  protected final void cursorSurvivesDeletionOfItsEntry() {
    for (Order order : Order.values()) {
      String sessionId = "s-" + order;
      CheckpointQuery.Builder query = query().sessionId(sessionId).order(order).limit(2);
      putAll(sessionId, 1, 2, 3, 4, 5, 6);
      List<Checkpoint> ordered =
          listAll(storage(), query().sessionId(sessionId).order(order).build());
      Page<Checkpoint> page = storage().list(query.build());
      storage().delete(namespace(), List.of(ordered.get(1).id()));
      assertThat(idsOf(storage().list(after(query, page)).items()))
          .as("second page, %s, after the last entry of the first page was deleted", order)
          .containsExactly(ordered.get(2).id(), ordered.get(3).id());
      storage().delete(namespace(), List.of(ordered.get(0).id(), ordered.get(2).id()));
      assertThat(idsOf(storage().list(after(query, page)).items()))
          .as("second page, %s, after the entries around its start were deleted", order)
          .containsExactly(ordered.get(3).id(), ordered.get(4).id());
    }
  }

  @Rule(id = "CURS-03", level = Level.MUST)
  protected final void cursorSurvivesDeletionOfItsSession() {
    for (String sessionId : List.of("s1", "s2", "s3")) {
      putAll(sessionId, 1, 2, 3);
    }
    List<Checkpoint> all = listAll(storage(), query().build());
    Page<Checkpoint> page = firstPage(Order.NEWEST_FIRST, 4);
    storage().deleteBySession(all.get(3).sessionKey());
    assertThat(idsOf(storage().list(after(query().limit(4), page)).items()))
        .as("entries after the cursor, whose session was deleted")
        .containsExactlyElementsOf(idsOf(all.subList(6, 9)));
    SessionKey asked = all.get(6).sessionKey();
    CheckpointQuery.Builder ofSession = CheckpointQuery.builder(asked).limit(1);
    Page<Checkpoint> first = storage().list(ofSession.build());
    storage().deleteBySession(asked);
    assertThat(storage().list(after(ofSession, first)).items())
        .as("entries after the cursor of a query for a session that was deleted")
        .isEmpty();
  }

  @Rule(id = "CURS-04", level = Level.MUST)
  protected final void cursorWorksOnAnotherHandle() {
    putVariety();
    BackendStorage other = openHandle();
    List<Checkpoint> all = listAll(other);
    Page<Checkpoint> page = storage().list(query().limit(5).build());
    assertThat(idsOf(other.list(after(query().limit(5), page)).items()))
        .as("ids another handle lists after the cursor of a page of 5")
        .containsExactlyElementsOf(idsOf(all.subList(5, 10)));
    BackendStorage closed = openHandle();
    Page<Checkpoint> last = closed.list(query().limit(5).build());
    closed.close();
    assertThat(idsOf(storage().list(after(query().limit(5), last)).items()))
        .as("ids listed after the cursor of a handle that was closed")
        .containsExactlyElementsOf(idsOf(all.subList(5, 10)));
    assertManyCursorsWorkInAnyOrder(List.of(storage(), other), all);
  }

  /** Where a listing goes on, and how. */
  private record Open(String text, Function<BackendStorage, List<?>> next, List<?> expected) {}

  /** Hundreds of listings, each of which goes on when all have begun, with another limit. */
  private void assertManyCursorsWorkInAnyOrder(List<BackendStorage> handles, List<Checkpoint> all) {
    List<Open> open = Collections.synchronizedList(new ArrayList<>());
    inParallel(
        "begins listings", handles, (handle, number) -> open.add(begin(handle, number, all)));
    Collections.shuffle(open, random());
    inParallel(
        "continues listings",
        handles,
        (handle, number) -> {
          Open cursor = open.get(number);
          for (int times = 0; times <= number % 2; times++) {
            assertThat(cursor.next().apply(handle))
                .as("%s, where %d listings have begun", cursor.text(), open.size())
                .isEqualTo(cursor.expected());
          }
        });
  }

  private Open begin(BackendStorage handle, int number, List<Checkpoint> all) {
    int first = 1 + number % 3;
    int limit = 1 + number % 2;
    List<Checkpoint> expected = all.subList(first, first + limit);
    CheckpointQuery query = query().limit(first).build();
    String text = "page of %d after a page of %d".formatted(limit, first);
    if (number % 4 < 2) {
      String cursor = cursorOf(handle.list(query));
      CheckpointQuery next = query().limit(limit).cursor(cursor).build();
      return new Open("list: " + text, other -> other.list(next).items(), expected);
    }
    String cursor = cursorOf(handle.listHeaders(query));
    CheckpointQuery next = query().limit(limit).cursor(cursor).build();
    return new Open(
        "listHeaders: " + text,
        other -> other.listHeaders(next).items(),
        expected.stream().map(Checkpoint::header).toList());
  }

  /** So many steps, on the handles in turn. */
  private static void inParallel(
      String what, List<BackendStorage> handles, ObjIntConsumer<BackendStorage> step) {
    AtomicInteger next = new AtomicInteger();
    List<Callable<Boolean>> tasks = new ArrayList<>();
    for (int i = 0; i < CURSOR_THREADS; i++) {
      BackendStorage handle = handles.get(i % handles.size());
      tasks.add(
          () -> {
            for (int at = next.getAndIncrement(); at < CURSORS; at = next.getAndIncrement()) {
              step.accept(handle, at);
            }
            return true;
          });
    }
    assertThat(Race.results("a thread that " + what, tasks)).containsOnly(true);
  }

  @Rule(id = "CURS-05", level = Level.MUST)
  protected final void cursorsOfListAndListHeadersAreTheSame() {
    putVariety();
    List<CheckpointHeader> second =
        listAll(storage()).stream().map(Checkpoint::header).toList().subList(4, 8);
    Page<Checkpoint> page = storage().list(query().limit(4).build());
    Page<CheckpointHeader> headers = storage().listHeaders(query().limit(4).build());
    assertThat(storage().listHeaders(after(query().limit(4), page)).items())
        .as("headers after a cursor of list")
        .isEqualTo(second);
    assertThat(storage().list(after(query().limit(4), headers)).map(Checkpoint::header).items())
        .as("checkpoints after a cursor of listHeaders")
        .isEqualTo(second);
  }

  @Rule(id = "CURS-06", level = Level.MUST)
  protected final void foreignCursorIsRefused() {
    put("s", 1);
    for (String cursor : INVALID_CURSORS) {
      String what = " with the cursor " + Differences.quote(cursor);
      CheckpointQuery query = query().cursor(cursor).build();
      assertFails("list" + what, IllegalArgumentException.class, () -> storage().list(query));
      assertFails(
          "listHeaders" + what, IllegalArgumentException.class, () -> storage().listHeaders(query));
      assertFails(
          "listSessions" + what,
          IllegalArgumentException.class,
          () -> storage().listSessions(namespace(), 10, Optional.of(cursor)));
    }
  }

  @Rule(id = "CURS-07", level = Level.MUST)
  protected final void pagesHoldWhatExistedThroughout() {
    for (Order order : Order.values()) {
      List<Checkpoint> kept = new ArrayList<>();
      List<String> doomed = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        String sessionId = order + "-" + i;
        kept.addAll(putAll(sessionId, 10, 20, 30));
        doomed.add(put(sessionId, 40).id());
        kept.add(put(sessionId, 50));
      }
      List<Checkpoint> seen = new ArrayList<>();
      Optional<String> cursor = Optional.empty();
      int pages = 0;
      do {
        CheckpointQuery query = query().order(order).limit(3).cursor(cursor.orElse(null)).build();
        Page<Checkpoint> page = storage().list(query);
        checkPage("list", 3, page);
        seen.addAll(page.items());
        cursor = page.nextCursor();
        disturb(order, pages++, doomed);
      } while (cursor.isPresent());
      Set<String> seenIds = new HashSet<>(idsOf(seen));
      assertThat(idsOf(seen)).as("ids of all pages, %s", order).doesNotHaveDuplicates();
      assertThat(seenIds)
          .as("ids of all pages, %s, among them all that existed throughout", order)
          .containsAll(idsOf(kept));
    }
  }

  /** Between two pages: appends to a session, starts one, deletes a checkpoint. */
  private void disturb(Order order, int page, List<String> doomed) {
    if (page < 6) {
      put(order + "-" + page, 60);
      put("%s-%d-new".formatted(order, 5 - page), 1);
      storage().delete(namespace(), List.of(doomed.get(random().nextInt(doomed.size()))));
    }
  }
}
