package dev.checkpoint4j.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.Page;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.spi.BackendStorage;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Reads what is stored, and compares it with what is expected. */
abstract class Reads extends Samples {

  final CheckpointQuery.Builder query() {
    return CheckpointQuery.builder(namespace());
  }

  /** Everything in this test's namespace, read page by page. */
  final List<Checkpoint> listAll(BackendStorage handle) {
    return listAll(handle, query().limit(CheckpointQuery.DEFAULT_LIMIT).build());
  }

  /** Everything the query matches, read in pages of its limit. */
  static List<Checkpoint> listAll(BackendStorage handle, CheckpointQuery query) {
    return allPages(
        query::toString,
        query.limit(),
        cursor -> handle.list(query.toBuilder().cursor(cursor.orElse(null)).build()));
  }

  /** As {@link #listAll(BackendStorage, CheckpointQuery)}. */
  static List<CheckpointHeader> listAllHeaders(BackendStorage handle, CheckpointQuery query) {
    return allPages(
        () -> "listHeaders by " + query,
        query.limit(),
        cursor -> handle.listHeaders(query.toBuilder().cursor(cursor.orElse(null)).build()));
  }

  static List<SessionKey> listSessions(BackendStorage handle, String namespace, int limit) {
    return allPages("listSessions", limit, cursor -> handle.listSessions(namespace, limit, cursor));
  }

  /** The namespaces of this test; the store may hold others. */
  final List<String> listNamespaces(BackendStorage handle, int limit) {
    return ours(allPages("listNamespaces", limit, cursor -> handle.listNamespaces(limit, cursor)));
  }

  final List<String> ours(List<String> namespaces) {
    return namespaces.stream().filter(name -> name.startsWith(namespace())).toList();
  }

  /** Reads all pages and checks what every page promises by itself. */
  static <T> List<T> allPages(String what, int limit, Function<Optional<String>, Page<T>> fetch) {
    return allPages(() -> what, limit, fetch);
  }

  private static <T> List<T> allPages(
      Supplier<String> what, int limit, Function<Optional<String>, Page<T>> fetch) {
    int mostPages = 10_000;
    List<T> items = new ArrayList<>();
    Optional<String> cursor = Optional.empty();
    for (int pages = 0; pages < mostPages; pages++) {
      Page<T> page = fetch.apply(cursor);
      checkPage(what, limit, page);
      items.addAll(page.items());
      if (page.nextCursor().isEmpty()) {
        return items;
      }
      cursor = page.nextCursor();
    }
    throw new AssertionError(what.get() + " did not end after " + mostPages + " pages");
  }

  /** A page keeps the limit, and is short only if it is the last. */
  static void checkPage(String what, int limit, Page<?> page) {
    checkPage(() -> what, limit, page);
  }

  private static void checkPage(Supplier<String> what, int limit, Page<?> page) {
    int size = page.items().size();
    if (size > limit) {
      throw new AssertionError(
          "a page of %s with limit %d has %d entries".formatted(what.get(), limit, size));
    }
    if (size < limit && page.nextCursor().isPresent()) {
      throw new AssertionError(
          "a page of %s with %d entries, fewer than the limit %d, is the last one and has no cursor, but it has one"
              .formatted(what.get(), size, limit));
    }
  }

  static List<String> idsOf(List<Checkpoint> checkpoints) {
    return checkpoints.stream().map(Checkpoint::id).toList();
  }

  static List<Long> versionsOf(List<Checkpoint> checkpoints) {
    return checkpoints.stream().map(Checkpoint::version).toList();
  }

  /** The checkpoint is found by its id, equal and of the same Java types. */
  static void assertStored(String when, BackendStorage handle, Checkpoint expected) {
    assertSame(
        "get(%s) %s".formatted(Differences.quote(expected.id()), when),
        expected,
        handle.get(expected.namespace(), expected.id()));
  }

  static void assertNotStored(String when, BackendStorage handle, Checkpoint refused) {
    assertThat(handle.get(refused.namespace(), refused.id()))
        .as("get(%s) %s", Differences.quote(refused.id()), when)
        .isEmpty();
  }

  /** The checkpoint is the latest of its session. */
  static void assertLatest(String when, BackendStorage handle, Checkpoint expected) {
    assertSame(
        "getBySession(%s) %s".formatted(Differences.quote(expected.sessionKey().sessionId()), when),
        expected,
        handle.getBySession(expected.sessionKey()));
  }

  static void assertNoLatest(String when, BackendStorage handle, SessionKey session) {
    assertThat(handle.getBySession(session))
        .as("getBySession(%s) %s", Differences.quote(session.sessionId()), when)
        .isEmpty();
  }

  private static void assertSame(String what, Checkpoint expected, Optional<Checkpoint> actual) {
    assertThat(actual).as("%s, where %s is stored", what, expected).isPresent();
    assertSame(what, expected, actual.orElseThrow());
  }

  static void assertSame(String what, Checkpoint expected, Checkpoint actual) {
    Differences.first(expected, actual)
        .ifPresent(
            difference -> {
              throw new AssertionError(what + ": " + difference + "; expected " + expected);
            });
  }

  /**
   * The store holds these checkpoints of this test's namespace, in whatever order, and no other.
   */
  final void assertHolds(String when, BackendStorage handle, List<Checkpoint> expected) {
    List<Checkpoint> actual = listAll(handle);
    assertThat(idsOf(actual))
        .as("ids of all checkpoints of the namespace %s", when)
        .containsExactlyInAnyOrderElementsOf(idsOf(expected));
    for (Checkpoint checkpoint : expected) {
      Checkpoint listed =
          actual.stream().filter(found -> found.id().equals(checkpoint.id())).findFirst().get();
      assertSame("list " + when, checkpoint, listed);
    }
  }

  /** The call fails with this kind of exception. */
  static <E extends Throwable> E assertFails(
      String what, Class<E> expected, ThrowingCallable call) {
    Throwable failure = catchThrowable(call);
    if (!expected.isInstance(failure)) {
      String seen = failure == null ? "it succeeded" : "it threw " + failure;
      throw new AssertionError(
          "%s: expected a %s, but %s".formatted(what, expected.getSimpleName(), seen), failure);
    }
    return expected.cast(failure);
  }
}
