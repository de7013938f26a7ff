package dev.checkpoint4j.tck;

import dev.checkpoint4j.Binary;
import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.CheckpointQuery.Order;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.Page;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.ForwardingBackendStorage;
import dev.checkpoint4j.spi.ListCursor;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/** Pages that end too early, cursors that are less than a position, and orders that differ. */
final class PageFaults {

  private static final List<ReadPath> BOTH = List.of(ReadPath.LIST, ReadPath.HEADERS);

  private PageFaults() {}

  static List<GeneratedMutant> all() {
    List<GeneratedMutant> all = new ArrayList<>();
    for (ReadPath path : BOTH) {
      for (int megabytes : List.of(1, 4, 16)) {
        all.add(
            GeneratedMutant.of(
                "size of a page",
                path.label(),
                "what exceeds " + megabytes + " MB is left out",
                good ->
                    path.answering(
                        good, (storage, query) -> upToSize(storage.list(query), megabytes << 20))));
      }
      for (int candidates : List.of(100, 1_000, 5_000)) {
        all.add(
            GeneratedMutant.of(
                "end of a scan",
                path.label(),
                "after " + candidates + " candidates of a condition",
                good ->
                    path.answering(good, (storage, query) -> scan(storage, query, candidates))));
      }
      for (int most : List.of(128, 500, 999)) {
        all.add(
            GeneratedMutant.of(
                "limit of a page",
                path.label(),
                "at most " + most,
                good ->
                    path.asking(
                        good,
                        query -> query.toBuilder().limit(Math.min(query.limit(), most)).build())));
      }
      order(all, path);
      boundary(all, path);
    }
    for (String listing : List.of("list", "listHeaders", "listSessions", "listNamespaces")) {
      cursors(all, listing);
    }
    names(all);
    return all;
  }

  // ---- pages of checkpoints

  private static Page<Checkpoint> upToSize(Page<Checkpoint> page, long bytes) {
    List<Checkpoint> items = new ArrayList<>();
    long size = 0;
    for (Checkpoint each : page.items()) {
      size += size(each.values()) + size(each.metadata().attributes());
      if (size <= bytes || items.isEmpty()) {
        items.add(each);
      }
    }
    return Page.of(items, page.nextCursor().orElse(null));
  }

  private static long size(Object value) {
    if (value instanceof Map<?, ?> map) {
      return map.entrySet().stream()
          .mapToLong(
              entry ->
                  size(entry.getKey()) + (entry.getValue() == null ? 4 : size(entry.getValue())))
          .sum();
    }
    if (value instanceof List<?> list) {
      return list.stream().mapToLong(each -> each == null ? 4 : size(each)).sum();
    }
    if (value instanceof Binary bytes) {
      return bytes.size();
    }
    return value instanceof String text ? text.length() : 8;
  }

  /** A page with conditions reads a number of candidates at most. */
  private static Page<Checkpoint> scan(
      BackendStorage storage, CheckpointQuery query, int candidates) {
    if (query.attributes().isEmpty() && query.taskId().isEmpty() && query.parentId().isEmpty()) {
      return storage.list(query);
    }
    CheckpointQuery.Builder all =
        CheckpointQuery.builder(query.namespace())
            .order(query.order())
            .limit(CheckpointQuery.MAX_LIMIT);
    query.sessionId().ifPresent(all::sessionId);
    List<Checkpoint> read = new ArrayList<>();
    Optional<String> cursor = query.cursor();
    do {
      Page<Checkpoint> page = storage.list(all.cursor(cursor.orElse(null)).build());
      read.addAll(page.items());
      cursor = page.nextCursor();
    } while (cursor.isPresent() && read.size() < candidates);
    return Faulty.pageOf(
        read.stream().limit(candidates).filter(each -> query.matches(each.header())).toList(),
        query.limit());
  }

  private static void order(List<GeneratedMutant> all, ReadPath path) {
    Map<String, Comparator<String>> orders = new LinkedHashMap<>();
    orders.put("of UTF-8 bytes", Comparator.comparing(PageFaults::utf8));
    orders.put(
        "without case", Comparator.comparing((String text) -> text.toLowerCase(Locale.ROOT)));
    orders.put("of hashes", Comparator.comparing(String::hashCode));
    orders.put("of lengths", Comparator.comparing(String::length));
    orders.put("turned round", Comparator.reverseOrder());
    orders.forEach(
        (name, order) -> {
          Comparator<String> total = order.thenComparing(Comparator.naturalOrder());
          all.add(
              GeneratedMutant.of(
                  "order of sessions " + name,
                  path.label(),
                  "sessionId",
                  good ->
                      path.answering(good, (storage, query) -> ordered(storage, query, total))));
        });
    all.add(
        GeneratedMutant.of(
            "order of sessions without case",
            path.label(),
            "of what has conditions",
            good ->
                path.answering(
                    good,
                    (storage, query) ->
                        query.taskId().isEmpty() && query.parentId().isEmpty()
                            ? storage.list(query)
                            : ordered(
                                storage,
                                query,
                                Comparator.comparing((String text) -> text.toLowerCase(Locale.ROOT))
                                    .thenComparing(Comparator.naturalOrder())))));
    all.add(
        GeneratedMutant.of(
            "order of versions",
            path.label(),
            "by time, if times are asked for",
            good ->
                path.answering(
                    good,
                    (storage, query) ->
                        query.tsFrom().isPresent() || query.tsBefore().isPresent()
                            ? byTime(storage.list(query), query.order())
                            : storage.list(query))));
    all.add(
        GeneratedMutant.of(
            "order of versions",
            path.label(),
            "newest first, if a range of versions is asked for",
            good ->
                path.asking(
                    good,
                    query ->
                        query.minVersion() > 1
                            ? query.toBuilder().order(Order.NEWEST_FIRST).build()
                            : query)));
  }

  private static String utf8(String text) {
    // Chars of Latin-1 are bytes, and are compared without a sign.
    return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
  }

  private static Page<Checkpoint> ordered(
      BackendStorage storage, CheckpointQuery query, Comparator<String> sessions) {
    TextFaults.requireLegal(storage.list(query));
    if (query.sessionId().isPresent()) {
      return storage.list(query);
    }
    List<Checkpoint> found = new ArrayList<>();
    Faulty.everything(storage, query.namespace(), query.order()).stream()
        .filter(each -> query.matches(each.header()))
        .forEach(found::add);
    Comparator<Checkpoint> byVersion = Comparator.comparingLong(Checkpoint::version);
    Comparator<Checkpoint> order =
        Comparator.comparing((Checkpoint each) -> each.metadata().sessionId(), sessions)
            .thenComparing(query.order() == Order.OLDEST_FIRST ? byVersion : byVersion.reversed());
    found.sort(order);
    Optional<ListCursor> start = query.cursor().map(ListCursor::decode);
    return Faulty.pageOf(
        found.stream()
            .filter(
                each -> {
                  if (start.isEmpty()) {
                    return true;
                  }
                  int bySession = sessions.compare(each.metadata().sessionId(), start.get().key());
                  int compared =
                      bySession != 0
                          ? bySession
                          : Long.compare(each.version(), start.get().position())
                              * (query.order() == Order.OLDEST_FIRST ? 1 : -1);
                  return compared > 0;
                })
            .toList(),
        query.limit());
  }

  private static Page<Checkpoint> byTime(Page<Checkpoint> page, Order order) {
    List<Checkpoint> items = new ArrayList<>(page.items());
    Comparator<Checkpoint> byTime = Comparator.comparing(Checkpoint::ts);
    items.sort(
        Comparator.comparing((Checkpoint each) -> each.metadata().sessionId())
            .thenComparing(order == Order.OLDEST_FIRST ? byTime : byTime.reversed()));
    return Page.of(items, page.nextCursor().orElse(null));
  }

  /** What is lost where pages meet. */
  private static void boundary(List<GeneratedMutant> all, ReadPath path) {
    all.add(
        GeneratedMutant.of(
            "boundary of pages",
            path.label(),
            "the session after one that ended with a page is skipped",
            good ->
                path.answering(
                    good,
                    (storage, query) -> {
                      Page<Checkpoint> page = storage.list(query);
                      if (query.cursor().isEmpty() || page.items().isEmpty()) {
                        return page;
                      }
                      String last = ListCursor.decode(query.cursor().get()).key();
                      String first = page.items().get(0).metadata().sessionId();
                      return first.equals(last) || query.limit() < 3
                          ? page
                          : Page.of(
                              page.items().stream()
                                  .filter(each -> !each.metadata().sessionId().equals(first))
                                  .toList(),
                              page.nextCursor().orElse(null));
                    })));
    all.add(
        GeneratedMutant.of(
            "boundary of pages",
            path.label(),
            "no cursor if exactly one entry is left",
            good ->
                path.answering(
                    good,
                    (storage, query) -> {
                      Page<Checkpoint> page = storage.list(query);
                      return page.nextCursor().isPresent()
                              && storage
                                      .list(
                                          query.toBuilder().cursor(page.nextCursor().get()).build())
                                      .items()
                                      .size()
                                  == 1
                              && query.limit() > 100
                          ? Page.of(page.items(), null)
                          : page;
                    })));
    all.add(
        GeneratedMutant.of(
            "boundary of pages",
            path.label(),
            "a cursor at version 1 restarts its session",
            good ->
                path.answering(
                    good,
                    (storage, query) ->
                        query
                            .cursor()
                            .map(ListCursor::decode)
                            .filter(
                                start ->
                                    start.position() == 1 && query.order() == Order.NEWEST_FIRST)
                            .map(
                                start ->
                                    storage.list(
                                        query.toBuilder()
                                            .cursor(
                                                new ListCursor(start.key(), Long.MAX_VALUE)
                                                    .encode())
                                            .build()))
                            .orElseGet(() -> storage.list(query)))));
    all.add(
        GeneratedMutant.of(
            "boundary of pages",
            path.label(),
            "a page that starts with the greatest version leaves it out",
            good ->
                path.answering(
                    good,
                    (storage, query) -> {
                      Page<Checkpoint> page = storage.list(query);
                      return query.cursor().isEmpty()
                          ? page
                          : Page.of(
                              page.items().stream()
                                  .filter(each -> each.version() < Long.MAX_VALUE)
                                  .toList(),
                              page.nextCursor().orElse(null));
                    })));
  }

  // ---- cursors

  /** What a listing does with the cursors that it takes and gives. */
  private interface Cursors {
    /** The cursor to go on with, for one that was given out. */
    default Optional<String> taken(Optional<String> cursor) {
      return cursor;
    }

    default Optional<String> given(Optional<String> cursor) {
      return cursor;
    }

    default int limit(Optional<String> cursor, int limit) {
      return limit;
    }
  }

  private static void cursors(List<GeneratedMutant> all, String listing) {
    cursors(all, listing, "can be used once", OnceCursors::new);
    cursors(all, listing, "can be used three times", () -> new UsedCursors(3));
    cursors(all, listing, "ten at a time", () -> new RecentCursors(10));
    cursors(all, listing, "500 at a time", () -> new RecentCursors(500));
    cursors(all, listing, "keeps the limit of its page", LimitCursors::new);
    // Of each handle its own.
    all.add(
        GeneratedMutant.of(
            "cursor",
            listing,
            "of a handle only",
            good -> withCursors(good, listing, new RecentCursors(Integer.MAX_VALUE))));
    all.add(
        GeneratedMutant.shared(
            "cursor",
            listing,
            "ends with the next change of the store",
            () -> {
              RecentCursors cursors = new RecentCursors(Integer.MAX_VALUE);
              return good -> onChange(withCursors(good, listing, cursors), cursors::forget);
            }));
    all.add(
        GeneratedMutant.shared(
            "cursor",
            listing,
            "ends with the handle that gave it",
            () -> {
              RecentCursors cursors = new RecentCursors(Integer.MAX_VALUE);
              return good ->
                  Faulty.close(
                      withCursors(good, listing, cursors),
                      storage -> {
                        cursors.forget();
                        storage.close();
                      });
            }));
    all.add(
        GeneratedMutant.shared(
            "cursor",
            listing,
            "refused if it is longer than 255 characters",
            () ->
                good ->
                    withCursors(
                        good,
                        listing,
                        new Cursors() {
                          @Override
                          public Optional<String> taken(Optional<String> cursor) {
                            return refuse(
                                cursor, cursor.filter(text -> text.length() > 255).isPresent());
                          }
                        })));
    if (!listing.equals("listNamespaces")) {
      // The longest cursor of namespaces is shorter.
      all.add(
          GeneratedMutant.shared(
              "cursor",
              listing,
              "cut at 512 characters",
              () ->
                  good ->
                      withCursors(
                          good,
                          listing,
                          new Cursors() {
                            @Override
                            public Optional<String> taken(Optional<String> cursor) {
                              return cursor.map(
                                  text ->
                                      text.length() > 512 && text.length() < 1_000
                                          ? text.substring(0, 512)
                                          : text);
                            }
                          })));
    }
  }

  /** Only the process that gave a cursor can use it. */
  static Supplier<UnaryOperator<BackendStorage>> cursorsOfProcess(String listing) {
    return () -> {
      RecentCursors cursors = new RecentCursors(Integer.MAX_VALUE);
      return good -> withCursors(good, listing, cursors);
    };
  }

  private static void cursors(
      List<GeneratedMutant> all, String listing, String what, Supplier<Cursors> cursors) {
    all.add(
        GeneratedMutant.shared(
            "cursor",
            listing,
            what,
            () -> {
              Cursors ofStore = cursors.get();
              return good -> withCursors(good, listing, ofStore);
            }));
  }

  private static Optional<String> refuse(Optional<String> cursor, boolean isRefused) {
    if (isRefused) {
      throw new IllegalArgumentException("the cursor has expired; start the listing again");
    }
    return cursor;
  }

  private static final class OnceCursors implements Cursors {
    private final Set<String> used = ConcurrentHashMap.newKeySet();

    @Override
    public Optional<String> taken(Optional<String> cursor) {
      return refuse(cursor, cursor.isPresent() && !used.add(cursor.get()));
    }

    @Override
    public Optional<String> given(Optional<String> cursor) {
      cursor.ifPresent(used::remove);
      return cursor;
    }
  }

  private static final class UsedCursors implements Cursors {
    private final int most;
    private final Map<String, Integer> uses = new ConcurrentHashMap<>();

    UsedCursors(int most) {
      this.most = most;
    }

    @Override
    public Optional<String> taken(Optional<String> cursor) {
      return refuse(cursor, cursor.isPresent() && uses.merge(cursor.get(), 1, Integer::sum) > most);
    }

    @Override
    public Optional<String> given(Optional<String> cursor) {
      cursor.ifPresent(uses::remove);
      return cursor;
    }
  }

  private static final class RecentCursors implements Cursors {
    private final int most;
    private final Set<String> recent = new LinkedHashSet<>();

    RecentCursors(int most) {
      this.most = most;
    }

    synchronized void forget() {
      recent.clear();
    }

    @Override
    public synchronized Optional<String> taken(Optional<String> cursor) {
      return refuse(cursor, cursor.isPresent() && !recent.contains(cursor.get()));
    }

    @Override
    public synchronized Optional<String> given(Optional<String> cursor) {
      cursor.ifPresent(
          text -> {
            recent.remove(text);
            recent.add(text);
            if (recent.size() > most) {
              recent.remove(recent.iterator().next());
            }
          });
      return cursor;
    }
  }

  private static final class LimitCursors implements Cursors {
    private final Map<String, Integer> limits = new ConcurrentHashMap<>();
    private final ThreadLocal<Integer> limit = ThreadLocal.withInitial(() -> 1);

    @Override
    public int limit(Optional<String> cursor, int asked) {
      int kept = cursor.map(text -> limits.getOrDefault(text, asked)).orElse(asked);
      limit.set(kept);
      return kept;
    }

    @Override
    public Optional<String> given(Optional<String> cursor) {
      cursor.ifPresent(text -> limits.put(text, limit.get()));
      return cursor;
    }
  }

  private static BackendStorage withCursors(BackendStorage good, String listing, Cursors cursors) {
    return switch (listing) {
      case "list" ->
          ReadPath.LIST.answering(good, (storage, query) -> page(storage, query, cursors));
      case "listHeaders" ->
          ReadPath.HEADERS.answering(good, (storage, query) -> page(storage, query, cursors));
      case "listSessions" ->
          Faulty.sessions(
              good,
              (storage, namespace, limit, cursor) -> {
                if (limit < 1 || limit > CheckpointQuery.MAX_LIMIT) {
                  return storage.listSessions(namespace, limit, cursor);
                }
                Page<SessionKey> page =
                    storage.listSessions(
                        namespace, cursors.limit(cursor, limit), cursors.taken(cursor));
                return Page.of(page.items(), cursors.given(page.nextCursor()).orElse(null));
              });
      default ->
          Faulty.namespaces(
              good,
              (storage, limit, cursor) -> {
                if (limit < 1 || limit > CheckpointQuery.MAX_LIMIT) {
                  return storage.listNamespaces(limit, cursor);
                }
                Page<String> page =
                    storage.listNamespaces(cursors.limit(cursor, limit), cursors.taken(cursor));
                return Page.of(page.items(), cursors.given(page.nextCursor()).orElse(null));
              });
    };
  }

  private static Page<Checkpoint> page(
      BackendStorage storage, CheckpointQuery query, Cursors cursors) {
    Page<Checkpoint> page =
        storage.list(
            query.toBuilder()
                .limit(cursors.limit(query.cursor(), query.limit()))
                .cursor(cursors.taken(query.cursor()).orElse(null))
                .build());
    return Page.of(page.items(), cursors.given(page.nextCursor()).orElse(null));
  }

  /** After every put and deletion something happens. */
  static BackendStorage onChange(BackendStorage good, Runnable change) {
    return new ForwardingBackendStorage(good) {
      @Override
      public void put(Checkpoint checkpoint, Expectation expectation) {
        super.put(checkpoint, expectation);
        change.run();
      }

      @Override
      public long delete(String namespace, Collection<String> ids) {
        long deleted = super.delete(namespace, ids);
        change.run();
        return deleted;
      }

      @Override
      public long deleteBySession(SessionKey session) {
        long deleted = super.deleteBySession(session);
        change.run();
        return deleted;
      }
    };
  }

  // ---- listings of names

  private static void names(List<GeneratedMutant> all) {
    for (int most : List.of(100, 1_000, 5_000)) {
      all.add(
          GeneratedMutant.of(
              "end of a scan",
              "listSessions",
              "after " + most + " sessions",
              good ->
                  Faulty.sessions(
                      good,
                      (storage, namespace, limit, cursor) ->
                          firstSessions(storage, namespace, limit, cursor, most))));
    }
    for (int most : List.of(20, 100, 150)) {
      all.add(
          GeneratedMutant.of(
              "limit of a page",
              "listSessions",
              "at most " + most,
              good ->
                  Faulty.sessions(
                      good,
                      (storage, namespace, limit, cursor) ->
                          storage.listSessions(
                              namespace, limit > most && limit <= 1_000 ? most : limit, cursor))));
    }
    sessionsWithout(all, "that start with a dot", name -> name.startsWith("."));
    sessionsWithout(all, "that start with an underscore", name -> name.startsWith("_"));
    sessionsWithout(all, "that end with .tmp", name -> name.endsWith(".tmp"));
    sessionsWithout(all, "of more than 400 bytes", name -> utf8(name).length() > 400);
    sessionsWithout(all, "with a slash", name -> name.contains("/"));
    namespacesWithout(all, "that end with a dot", name -> name.endsWith("."));
    namespacesWithout(all, "of more than 200 bytes", name -> utf8(name).length() > 200);
    namespacesWithout(all, "with a slash", name -> name.contains("/"));
    namespacesWithout(all, "with a blank", name -> name.contains(" "));
    namespacesWithout(
        all, "with an emoji", name -> name.chars().anyMatch(c -> Character.isSurrogate((char) c)));
    all.add(
        GeneratedMutant.of(
            "order of namespaces",
            "listNamespaces",
            "differs for the oldest handle",
            PageFaults::shuffledNamespaces));
    orderOfSessions(all, "of UTF-8 bytes", Comparator.comparing(PageFaults::utf8));
    orderOfSessions(
        all,
        "without case",
        Comparator.comparing((String text) -> text.toLowerCase(Locale.ROOT))
            .thenComparing(Comparator.naturalOrder()));
    orderOfSessions(
        all,
        "of lengths",
        Comparator.comparing(String::length).thenComparing(Comparator.naturalOrder()));
  }

  private static Page<SessionKey> firstSessions(
      BackendStorage storage, String namespace, int limit, Optional<String> cursor, int most) {
    Page<SessionKey> page = storage.listSessions(namespace, limit, cursor);
    if (page.nextCursor().isEmpty()) {
      return page;
    }
    SessionKey last = page.items().get(page.items().size() - 1);
    long before =
        TextFaults.allSessions(storage, namespace).stream()
            .takeWhile(each -> !each.equals(last))
            .count();
    return before + 1 >= most ? Page.of(page.items(), null) : page;
  }

  private static void sessionsWithout(
      List<GeneratedMutant> all, String which, Predicate<String> isHidden) {
    all.add(
        GeneratedMutant.of(
            "names left out",
            "listSessions",
            which,
            good ->
                Faulty.sessions(
                    good,
                    (storage, namespace, limit, cursor) -> {
                      TextFaults.requireLegal(storage.listSessions(namespace, limit, cursor));
                      return TextFaults.pageOfSessions(
                          TextFaults.allSessions(storage, namespace).stream()
                              .filter(each -> !isHidden.test(each.sessionId()))
                              .toList(),
                          limit,
                          cursor);
                    })));
  }

  private static List<String> allNamespaces(BackendStorage storage) {
    return Reads.allPages(
        "namespaces",
        CheckpointQuery.MAX_LIMIT,
        next -> storage.listNamespaces(CheckpointQuery.MAX_LIMIT, next));
  }

  private static void namespacesWithout(
      List<GeneratedMutant> all, String which, Predicate<String> isHidden) {
    all.add(
        GeneratedMutant.of(
            "names left out",
            "listNamespaces",
            which,
            good ->
                Faulty.namespaces(
                    good,
                    (storage, limit, cursor) -> {
                      TextFaults.requireLegal(storage.listNamespaces(limit, cursor));
                      return namespaces(
                          allNamespaces(storage).stream()
                              .filter(each -> !isHidden.test(each))
                              .toList(),
                          Comparator.naturalOrder(),
                          limit,
                          cursor);
                    })));
  }

  private static Page<String> namespaces(
      List<String> names, Comparator<String> order, int limit, Optional<String> cursor) {
    Optional<String> start = cursor.map(ListCursor::decodeNamespaces).map(ListCursor::key);
    return TextFaults.page(
        names.stream()
            .sorted(order)
            .filter(each -> start.isEmpty() || order.compare(each, start.get()) > 0)
            .toList(),
        limit,
        ListCursor::ofNamespace);
  }

  /** Handles that are open at the same time use different orders. */
  private static BackendStorage shuffledNamespaces(BackendStorage good) {
    Map<String, Integer> ranks = new HashMap<>();
    int seed = System.identityHashCode(good);
    Comparator<String> order =
        Comparator.comparing(
                (String name) -> ranks.computeIfAbsent(name, key -> key.hashCode() ^ seed))
            .thenComparing(Comparator.naturalOrder());
    return Faulty.namespaces(
        good,
        (storage, limit, cursor) -> {
          TextFaults.requireLegal(storage.listNamespaces(limit, cursor));
          synchronized (ranks) {
            return namespaces(allNamespaces(storage), order, limit, cursor);
          }
        });
  }

  private static void orderOfSessions(
      List<GeneratedMutant> all, String name, Comparator<String> order) {
    all.add(
        GeneratedMutant.of(
            "order of sessions " + name,
            "listSessions",
            "sessionId",
            good ->
                Faulty.sessions(
                    good,
                    (storage, namespace, limit, cursor) -> {
                      TextFaults.requireLegal(storage.listSessions(namespace, limit, cursor));
                      Optional<String> start =
                          cursor.map(ListCursor::decodeSessions).map(ListCursor::key);
                      return TextFaults.page(
                          TextFaults.allSessions(storage, namespace).stream()
                              .filter(
                                  each ->
                                      start.isEmpty()
                                          || order.compare(each.sessionId(), start.get()) > 0)
                              .sorted(Comparator.comparing(SessionKey::sessionId, order))
                              .toList(),
                          limit,
                          last -> ListCursor.ofSession(last.sessionId()));
                    })));
  }
}
