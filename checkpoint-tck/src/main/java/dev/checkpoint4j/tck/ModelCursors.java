package dev.checkpoint4j.tck;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.Page;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.spi.BackendStorage;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
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
   * @param group the session or the namespace that it is, or is of
   * @param position the version of a header
   * @param lazyText how it reads in a message
   */
  private record Entry(Object name, String group, long position, Supplier<String> lazyText) {

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

  /** A method that lists something. */
  private record Method(String name, Fetch fetch) {}

  /**
   * What is listed, and by which methods, whose cursors are the same.
   *
   * @param arguments how the arguments of the methods read in a message
   * @param namespace whose sessions are listed; empty if namespaces are
   * @param ascending whether versions ascend
   * @param stored what the reference lists now
   */
  private record Source(
      String arguments,
      String namespace,
      boolean ascending,
      Supplier<List<Entry>> stored,
      List<Method> methods) {

    Method method(Random random) {
      return methods.get(random.nextInt(methods.size()));
    }

    String text(Method method) {
      return "%s(%s)".formatted(method.name(), arguments);
    }
  }

  /**
   * A cursor.
   *
   * @param throughout what has been stored since the first page was read
   * @param seen what the pages up to the cursor hold
   */
  private record Position(Source source, Set<Entry> throughout, List<Entry> seen, String cursor) {}

  private final ReferenceBackend reference;
  private final String prefix;
  private final Function<String, ListingOrder> orders;
  private final List<Position> positions = new ArrayList<>();

  /**
   * Without a cursor.
   *
   * @param prefix of the namespaces of the history
   * @param orders the order of the sessions of a namespace, or with the empty string that of
   *     namespaces
   */
  ModelCursors(ReferenceBackend reference, String prefix, Function<String, ListingOrder> orders) {
    this.reference = reference;
    this.prefix = prefix;
    this.orders = orders;
  }

  /** To be called after each change. */
  void changed() {
    positions.forEach(
        position -> position.throughout().retainAll(position.source().stored().get()));
  }

  // ---- what is listed

  private static Entry entry(CheckpointHeader header) {
    return new Entry(
        header, header.metadata().sessionId(), header.version(), () -> CallText.header(header));
  }

  private static Entry entry(SessionKey session) {
    return new Entry(session, session.sessionId(), 0, () -> CallText.session(session));
  }

  private static Entry entry(String namespace) {
    return new Entry(namespace, namespace, 0, () -> Differences.quote(namespace));
  }

  private Source checkpoints(CheckpointQuery query) {
    return new Source(
        CallText.query(query),
        query.namespace(),
        query.order() == CheckpointQuery.Order.OLDEST_FIRST,
        () ->
            Reads.listAllHeaders(
                    reference,
                    query.toBuilder().cursor(null).limit(CheckpointQuery.MAX_LIMIT).build())
                .stream()
                .map(ModelCursors::entry)
                .toList(),
        List.of(
            new Method(
                "list",
                (storage, limit, cursor) ->
                    storage.list(page(query, limit, cursor)).map(this::checkedEntry)),
            new Method(
                "listHeaders",
                (storage, limit, cursor) ->
                    storage.listHeaders(page(query, limit, cursor)).map(ModelCursors::entry))));
  }

  private static CheckpointQuery page(CheckpointQuery query, int limit, Optional<String> cursor) {
    return query.toBuilder().limit(limit).cursor(cursor.orElse(null)).build();
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
        Differences.quote(namespace),
        namespace,
        true,
        () ->
            Reads.listSessions(reference, namespace, CheckpointQuery.MAX_LIMIT).stream()
                .map(ModelCursors::entry)
                .toList(),
        List.of(
            new Method(
                "listSessions",
                (storage, limit, cursor) ->
                    storage.listSessions(namespace, limit, cursor).map(ModelCursors::entry))));
  }

  private Source namespaces() {
    return new Source(
        "",
        "",
        true,
        () ->
            reference.listNamespaces(CheckpointQuery.MAX_LIMIT, Optional.empty()).items().stream()
                .map(ModelCursors::entry)
                .toList(),
        List.of(
            new Method(
                "listNamespaces",
                (storage, limit, cursor) ->
                    storage.listNamespaces(limit, cursor).map(ModelCursors::entry))));
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
          default -> checkpoints(query);
        };
    Method method = source.method(random);
    int limit = 1 + random.nextInt(3);
    log.accept(() -> "first page of %s with limit %d".formatted(source.text(method), limit));
    Page<Entry> page = method.fetch().page(storage, limit, Optional.empty());
    Reads.checkPage(source.text(method), limit, page);
    Set<Entry> throughout = new HashSet<>(source.stored().get());
    keep(source, throughout, page.items(), page.nextCursor(), random);
    return page.nextCursor().isPresent()
        ? wrongOrder(source, page.items())
        : wrong(throughout, page.items());
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
    Method method = source.method(random);
    log.accept(
        () ->
            "%s goes on with limit %d after %s"
                .formatted(source.text(method), limit, texts(position.seen())));
    Set<Entry> stored = Set.copyOf(source.stored().get());
    List<Entry> rest = new ArrayList<>();
    Optional<String> cursor = Optional.of(position.cursor());
    for (int pages = 0; cursor.isPresent() && pages < MOST_PAGES; pages++) {
      Page<Entry> page = method.fetch().page(storage, limit, cursor);
      Reads.checkPage(source.text(method), limit, page);
      Optional<Entry> gone =
          page.items().stream()
              .filter(entry -> isOfHistory(entry) && !stored.contains(entry))
              .findFirst();
      if (gone.isPresent()) {
        return "it lists %s, which is not to be listed".formatted(gone.get().text());
      }
      rest.addAll(page.items());
      cursor = page.nextCursor();
      keep(source, position.throughout(), joined(position.seen(), rest), cursor, random);
    }
    String wrongOrder = wrongOrder(source, rest);
    return wrongOrder.isEmpty()
        ? wrong(position.throughout(), joined(position.seen(), rest))
        : wrongOrder;
  }

  private static List<Entry> joined(List<Entry> seen, List<Entry> rest) {
    List<Entry> joined = new ArrayList<>(seen);
    joined.addAll(rest);
    return joined;
  }

  private boolean isOfHistory(Entry entry) {
    return !(entry.name() instanceof String namespace) || namespace.startsWith(prefix);
  }

  private String wrongOrder(Source source, List<Entry> entries) {
    Set<String> groups = new LinkedHashSet<>();
    Entry last = null;
    for (Entry entry : entries) {
      boolean isSameGroup = last != null && last.group().equals(entry.group());
      if (!isSameGroup && isOfHistory(entry) && !groups.add(entry.group())) {
        return "it lists %s twice, or in several pieces".formatted(entry.text());
      }
      if (isSameGroup
          && last != null
          && (last.position() == entry.position()
              || last.position() < entry.position() != source.ascending())) {
        return "it lists %s after %s".formatted(entry.text(), last.text());
      }
      last = entry;
    }
    return orders.apply(source.namespace()).contradiction(List.copyOf(groups)).orElse("");
  }

  private static String wrong(Set<Entry> throughout, List<Entry> seen) {
    List<Entry> missing = new ArrayList<>(throughout);
    Set<Entry> once = new HashSet<>();
    for (Entry entry : seen) {
      if (throughout.contains(entry) && !once.add(entry)) {
        return "all pages list %s twice".formatted(entry.text());
      }
    }
    missing.removeAll(once);
    return missing.isEmpty()
        ? ""
        : "all pages, which hold %s, do not list %s, which was stored throughout"
            .formatted(texts(seen), missing.get(0).text());
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
