package dev.checkpoint4j.tck;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.Page;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.spi.BackendStorage;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Cursors that are kept while the store changes, and continued any number of times, on any handle
 * and with any limit. The pages before a cursor and those after it hold everything that was stored
 * throughout exactly once; they hold nothing that is not stored when they are read.
 */
final class ModelCursors {

  private static final int MOST_CURSORS = 8;

  /** More pages than a history can fill. */
  private static final int MOST_PAGES = 10_000;

  /** A call that reads one page. */
  private interface Fetch {
    Page<Entry> page(BackendStorage storage, int limit, Optional<String> cursor);
  }

  /**
   * What is listed: a header, a session or a namespace.
   *
   * @param name equal only for the same one
   * @param lazyText how it reads in a message
   */
  private record Entry(Object name, Supplier<String> lazyText) {

    String text() {
      return lazyText.get();
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Entry that && name.equals(that.name);
    }

    @Override
    public int hashCode() {
      return name.hashCode();
    }
  }

  /**
   * A way to list something.
   *
   * @param text how the call reads in a message
   * @param stored what the reference lists now
   */
  private record Source(String text, Supplier<List<Entry>> stored, Fetch fetch) {}

  /**
   * A cursor.
   *
   * @param throughout what has been stored since the first page was read
   * @param seen what the pages up to the cursor hold
   */
  private record Position(Source source, Set<Entry> throughout, List<Entry> seen, String cursor) {}

  private final ReferenceBackend reference;
  private final String prefix;
  private final List<Position> positions = new ArrayList<>();

  /** Of namespaces, only those with the prefix are of the history. */
  ModelCursors(ReferenceBackend reference, String prefix) {
    this.reference = reference;
    this.prefix = prefix;
  }

  /** To be called after each change. */
  void changed() {
    positions.forEach(
        position -> position.throughout().retainAll(position.source().stored().get()));
  }

  // ---- what is listed

  private static Entry entry(CheckpointHeader header) {
    return new Entry(header, () -> CallText.header(header));
  }

  private static Entry entry(SessionKey session) {
    return new Entry(session, () -> CallText.session(session));
  }

  private static Entry entry(String namespace) {
    return new Entry(namespace, () -> Differences.quote(namespace));
  }

  private Source checkpoints(CheckpointQuery query, boolean headers) {
    return new Source(
        "%s(%s)".formatted(headers ? "listHeaders" : "list", CallText.query(query)),
        () ->
            Reads.listAllHeaders(
                    reference,
                    query.toBuilder().cursor(null).limit(CheckpointQuery.MAX_LIMIT).build())
                .stream()
                .map(ModelCursors::entry)
                .toList(),
        (storage, limit, cursor) -> {
          CheckpointQuery page = query.toBuilder().limit(limit).cursor(cursor.orElse(null)).build();
          return headers
              ? storage.listHeaders(page).map(ModelCursors::entry)
              : storage.list(page).map(this::checkedEntry);
        });
  }

  private Entry checkedEntry(Checkpoint listed) {
    reference
        .get(listed.namespace(), listed.id())
        .flatMap(stored -> Differences.firstInOrder(stored, listed))
        .ifPresent(
            difference -> {
              throw new AssertionError(
                  "%s; it lists %s".formatted(difference, CallText.checkpoint(listed)));
            });
    return entry(listed.header());
  }

  private Source sessions(String namespace) {
    return new Source(
        "listSessions(%s)".formatted(Differences.quote(namespace)),
        () ->
            Reads.listSessions(reference, namespace, CheckpointQuery.MAX_LIMIT).stream()
                .map(ModelCursors::entry)
                .toList(),
        (storage, limit, cursor) ->
            storage.listSessions(namespace, limit, cursor).map(ModelCursors::entry));
  }

  private Source namespaces() {
    return new Source(
        "listNamespaces()",
        () ->
            reference.listNamespaces(CheckpointQuery.MAX_LIMIT, Optional.empty()).items().stream()
                .map(ModelCursors::entry)
                .toList(),
        (storage, limit, cursor) -> storage.listNamespaces(limit, cursor).map(ModelCursors::entry));
  }

  // ---- reading pages

  /** Reads a first page of something; what is wrong with it. */
  String start(
      CheckpointQuery query,
      BackendStorage storage,
      Consumer<Supplier<String>> log,
      Random random) {
    Source source =
        switch (random.nextInt(6)) {
          case 0 -> namespaces();
          case 1, 2 -> sessions(query.namespace());
          case 3 -> checkpoints(query, true);
          default -> checkpoints(query, false);
        };
    int limit = 1 + random.nextInt(3);
    log.accept(() -> "first page of %s with limit %d".formatted(source.text(), limit));
    Page<Entry> page = source.fetch().page(storage, limit, Optional.empty());
    Reads.checkPage(source.text(), limit, page);
    Set<Entry> throughout = new HashSet<>(source.stored().get());
    keep(source, throughout, page.items(), page.nextCursor(), random);
    return page.nextCursor().isPresent() ? "" : wrong(source, throughout, page.items());
  }

  private void keep(
      Source source,
      Set<Entry> throughout,
      List<Entry> seen,
      Optional<String> cursor,
      Random random) {
    if (cursor.isPresent()) {
      if (positions.size() == MOST_CURSORS) {
        positions.remove(random.nextInt(MOST_CURSORS));
      }
      positions.add(
          new Position(source, new HashSet<>(throughout), List.copyOf(seen), cursor.get()));
    }
  }

  /** Reads all pages from some cursor on; what is wrong with them. */
  String resume(BackendStorage storage, Consumer<Supplier<String>> log, int limit, Random random) {
    if (positions.isEmpty()) {
      return "";
    }
    Position position = positions.get(random.nextInt(positions.size()));
    Source source = position.source();
    log.accept(
        () ->
            "%s goes on with limit %d after %s"
                .formatted(source.text(), limit, texts(position.seen())));
    Set<Entry> stored = Set.copyOf(source.stored().get());
    List<Entry> seen = new ArrayList<>(position.seen());
    Optional<String> cursor = Optional.of(position.cursor());
    for (int pages = 0; cursor.isPresent() && pages < MOST_PAGES; pages++) {
      Page<Entry> page = source.fetch().page(storage, limit, cursor);
      Reads.checkPage(source.text(), limit, page);
      Optional<Entry> gone =
          page.items().stream()
              .filter(entry -> isOfHistory(entry) && !stored.contains(entry))
              .findFirst();
      if (gone.isPresent()) {
        return "it lists %s, which is not to be listed".formatted(gone.get().text());
      }
      seen.addAll(page.items());
      cursor = page.nextCursor();
      keep(source, position.throughout(), seen, cursor, random);
    }
    return wrong(source, position.throughout(), seen);
  }

  private boolean isOfHistory(Entry entry) {
    return !(entry.name() instanceof String namespace) || namespace.startsWith(prefix);
  }

  private static String wrong(Source source, Set<Entry> throughout, List<Entry> seen) {
    List<Entry> missing = new ArrayList<>(throughout);
    Set<Entry> once = new HashSet<>();
    for (Entry entry : seen) {
      if (throughout.contains(entry) && !once.add(entry)) {
        return "all pages of %s list %s twice".formatted(source.text(), entry.text());
      }
    }
    missing.removeAll(once);
    return missing.isEmpty()
        ? ""
        : "all pages of %s, which list %s, do not list %s, which was stored throughout"
            .formatted(source.text(), texts(seen), missing.get(0).text());
  }

  private static String texts(List<Entry> entries) {
    return entries.isEmpty()
        ? "nothing"
        : entries.size() == 1
            ? entries.get(0).text()
            : "%d entries, the last of them %s"
                .formatted(entries.size(), entries.get(entries.size() - 1).text());
  }
}
