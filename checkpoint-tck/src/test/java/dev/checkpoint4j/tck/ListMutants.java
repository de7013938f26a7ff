package dev.checkpoint4j.tck;

import static dev.checkpoint4j.tck.Mutant.handleFault;
import static dev.checkpoint4j.tck.Mutant.storeFault;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.CheckpointQuery.Order;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.Page;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.ListCursor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiPredicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Faults of the three listings, their cursors and conditions. */
final class ListMutants {

  private ListMutants() {}

  private static boolean isUnconditional(CheckpointQuery query) {
    return query.sessionId().isEmpty()
        && query.taskId().isEmpty()
        && query.parentId().isEmpty()
        && query.attributes().isEmpty()
        && query.minVersion() == 1
        && query.maxVersion() == Long.MAX_VALUE
        && query.tsFrom().isEmpty()
        && query.tsBefore().isEmpty();
  }

  /** A query without its conditions and with another limit. */
  private static CheckpointQuery unconditional(CheckpointQuery query, int limit) {
    return CheckpointQuery.builder(query.namespace())
        .order(query.order())
        .limit(limit)
        .cursor(query.cursor().orElse(null))
        .build();
  }

  private static Page<Checkpoint> filtered(Page<Checkpoint> page, CheckpointQuery query) {
    return new Page<>(
        page.items().stream().filter(found -> query.matches(found.header())).toList(),
        page.nextCursor());
  }

  /** A condition that is compared in another way; the other conditions are kept. */
  private static Mutant attributes(
      String name, BiPredicate<Map.Entry<String, ?>, Map<String, ?>> matches, String killer) {
    return handleFault(
        name,
        good ->
            Faulty.conditions(
                good,
                query -> !query.attributes().isEmpty(),
                (query, header) ->
                    withoutAttributes(query).matches(header)
                        && query.attributes().entrySet().stream()
                            .allMatch(
                                wanted -> matches.test(wanted, header.metadata().attributes()))),
        killer);
  }

  /** The query without its conditions on attributes. */
  static CheckpointQuery withoutAttributes(CheckpointQuery query) {
    CheckpointQuery.Builder builder =
        CheckpointQuery.builder(query.namespace()).versions(query.minVersion(), query.maxVersion());
    query.sessionId().ifPresent(builder::sessionId);
    query.taskId().ifPresent(builder::taskId);
    query.parentId().ifPresent(builder::parentId);
    query.tsFrom().ifPresent(builder::tsFrom);
    query.tsBefore().ifPresent(builder::tsBefore);
    return builder.build();
  }

  private static boolean isEqual(Map.Entry<String, ?> wanted, Map<String, ?> actual) {
    return actual.containsKey(wanted.getKey())
        && Objects.equals(wanted.getValue(), actual.get(wanted.getKey()));
  }

  private static boolean isTruthy(@Nullable Object value) {
    return Boolean.TRUE.equals(value) || Integer.valueOf(1).equals(value);
  }

  /** Cursors that count entries instead of naming a place. */
  private static Page<Checkpoint> byOffset(BackendStorage storage, CheckpointQuery query) {
    int start = query.cursor().map(ListMutants::offset).orElse(0);
    List<Checkpoint> all =
        Reads.listAll(
            storage, query.toBuilder().cursor(null).limit(CheckpointQuery.MAX_LIMIT).build());
    int end = Math.min(all.size(), start + query.limit());
    return Page.of(
        start >= end ? List.of() : all.subList(start, end),
        end < all.size() ? Integer.toString(end) : null);
  }

  private static int offset(String cursor) {
    try {
      return Integer.parseInt(cursor);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("not a cursor", e);
    }
  }

  private static Page<SessionKey> sessionsByOffset(
      BackendStorage storage, String namespace, int limit, Optional<String> cursor) {
    int start = cursor.map(ListMutants::offset).orElse(0);
    List<SessionKey> all = Reads.listSessions(storage, namespace, 1000);
    int end = Math.min(all.size(), start + limit);
    return Page.of(
        start >= end ? List.of() : all.subList(start, end),
        end < all.size() ? Integer.toString(end) : null);
  }

  private static String foreign(String cursor) {
    return "h-" + cursor;
  }

  private static String own(String cursor) {
    if (!cursor.startsWith("h-")) {
      throw new IllegalArgumentException("not a cursor of listHeaders");
    }
    return cursor.substring(2);
  }

  /** A listing with a cursor that is refused starts from the beginning. */
  static BackendStorage startingOver(BackendStorage good) {
    return Faulty.list(
        good,
        (storage, query) -> {
          try {
            return storage.list(query);
          } catch (IllegalArgumentException e) {
            return storage.list(query.toBuilder().cursor(null).build());
          }
        });
  }

  static List<Mutant> all() {
    return Stream.of(orders(), conditions(), cursors(), attributeConditions(), sessions())
        .flatMap(List::stream)
        .toList();
  }

  private static List<Mutant> orders() {
    return List.of(
        handleFault(
            "list order reversed",
            good ->
                Faulty.list(
                    good,
                    (storage, query) ->
                        storage.list(
                            query.toBuilder()
                                .order(
                                    query.order() == Order.NEWEST_FIRST
                                        ? Order.OLDEST_FIRST
                                        : Order.NEWEST_FIRST)
                                .build())),
            "LIST-02"),
        handleFault(
            "versions listed before sessions",
            good ->
                Faulty.list(
                    good,
                    (storage, query) -> {
                      if (!isUnconditional(query) || query.cursor().isPresent()) {
                        return storage.list(query);
                      }
                      List<Checkpoint> all = new ArrayList<>(storage.list(query).items());
                      all.sort(Comparator.comparing(Checkpoint::version));
                      return new Page<>(all, storage.list(query).nextCursor());
                    }),
            "LIST-01"),
        handleFault(
            "order of sessions turned round with that of versions",
            good ->
                Faulty.list(
                    good,
                    (storage, query) -> {
                      Page<Checkpoint> page = storage.list(query);
                      if (query.order() == Order.NEWEST_FIRST
                          || page.nextCursor().isPresent()
                          || query.cursor().isPresent()) {
                        return page;
                      }
                      Map<SessionKey, List<Checkpoint>> sessions =
                          page.items().stream()
                              .collect(Collectors.groupingBy(Checkpoint::sessionKey));
                      List<SessionKey> order =
                          new ArrayList<>(
                              page.items().stream()
                                  .map(Checkpoint::sessionKey)
                                  .distinct()
                                  .toList());
                      Collections.reverse(order);
                      return Page.of(
                          order.stream()
                              .flatMap(
                                  session -> sessions.getOrDefault(session, List.of()).stream())
                              .toList(),
                          null);
                    }),
            "LIST-02"),
        handleFault(
            "limit ignored",
            good ->
                Faulty.list(
                    good,
                    (storage, query) ->
                        storage.list(query.toBuilder().limit(CheckpointQuery.MAX_LIMIT).build())),
            "LIST-09"),
        handleFault(
            "limit off by one",
            good ->
                Faulty.list(
                    good,
                    (storage, query) ->
                        query.limit() == CheckpointQuery.MAX_LIMIT
                            ? storage.list(query)
                            : storage.list(query.toBuilder().limit(query.limit() + 1).build())),
            "LIST-09"),
        handleFault(
            "limit before filter",
            good ->
                Faulty.list(
                    good,
                    (storage, query) ->
                        filtered(storage.list(unconditional(query, query.limit())), query)),
            "LIST-10"),
        handleFault(
            "a full page has a cursor, also the last one",
            good ->
                Faulty.list(
                    good,
                    (storage, query) -> {
                      Page<Checkpoint> page = storage.list(query);
                      return page.items().isEmpty() && query.cursor().isEmpty()
                          ? Page.of(page.items(), new ListCursor("~", 1).encode())
                          : page;
                    }),
            "LIST-12"),
        handleFault(
            "header differs from checkpoint",
            good ->
                Faulty.headers(
                    good,
                    (storage, query) ->
                        storage
                            .listHeaders(query)
                            .map(
                                header ->
                                    header.toBuilder()
                                        .metadata(Faulty.attributes(header.metadata(), Map.of()))
                                        .build())),
            "LIST-11"),
        handleFault(
            "headers in another order",
            good ->
                Faulty.headers(
                    good,
                    (storage, query) -> {
                      List<CheckpointHeader> items =
                          new ArrayList<>(storage.listHeaders(query).items());
                      items.sort(Comparator.comparing(CheckpointHeader::id));
                      return new Page<>(items, storage.listHeaders(query).nextCursor());
                    }),
            "LIST-11"));
  }

  private static List<Mutant> conditions() {
    return List.of(
        handleFault(
            "session matched by prefix",
            good ->
                Faulty.conditions(
                    good,
                    query -> query.sessionId().filter("s1"::equals).isPresent(),
                    (query, header) ->
                        header.metadata().sessionId().startsWith(query.sessionId().orElseThrow())),
            "LIST-03"),
        handleFault(
            "task matched by prefix",
            good ->
                Faulty.conditions(
                    good,
                    query -> query.taskId().isPresent(),
                    (query, header) ->
                        header
                            .metadata()
                            .taskId()
                            .filter(task -> task.startsWith(query.taskId().orElseThrow()))
                            .isPresent()),
            "LIST-04"),
        handleFault(
            "absent parent matches every parent",
            good ->
                Faulty.conditions(
                    good,
                    query -> query.parentId().isPresent(),
                    (query, header) ->
                        header.parentId().equals(query.parentId()) || header.parentId().isEmpty()),
            "LIST-05"),
        handleFault(
            "upper end of the range of versions excluded",
            good ->
                Faulty.conditions(
                    good,
                    query -> query.maxVersion() < Long.MAX_VALUE,
                    (query, header) ->
                        query.matches(header) && header.version() < query.maxVersion()),
            "LIST-06"),
        handleFault(
            "end of the range of times included",
            good ->
                Faulty.conditions(
                    good,
                    query -> query.tsBefore().isPresent(),
                    (query, header) ->
                        query.matches(header)
                            || header.ts().equals(query.tsBefore().orElseThrow())),
            "LIST-07"),
        handleFault(
            "times compared in milliseconds",
            good ->
                Faulty.conditions(
                    good,
                    query -> query.tsFrom().isPresent(),
                    (query, header) ->
                        header.ts().toEpochMilli() >= query.tsFrom().orElseThrow().toEpochMilli()),
            "LIST-07"),
        handleFault(
            "parent forgotten where a task is asked for",
            good ->
                Faulty.conditions(
                    good,
                    query -> query.taskId().isPresent() && query.parentId().isPresent(),
                    (query, header) ->
                        header.metadata().taskId().equals(query.taskId())
                            && header.version() >= query.minVersion()
                            && header.version() <= query.maxVersion()),
            "LIST-08"));
  }

  private static List<Mutant> cursors() {
    return List.of(
        handleFault(
            "cursor inclusive",
            good ->
                Faulty.list(
                    good,
                    (storage, query) -> {
                      Page<Checkpoint> page = storage.list(query);
                      return page.nextCursor().isEmpty() || query.limit() == 1
                          ? page
                          : new Page<>(
                              page.items(),
                              storage
                                  .list(query.toBuilder().limit(query.limit() - 1).build())
                                  .nextCursor());
                    }),
            "CURS-01"),
        handleFault(
            "cursor skips after delete",
            good -> Faulty.list(good, ListMutants::byOffset),
            "CURS-02"),
        handleFault(
            "cursor needs its session",
            good ->
                Faulty.list(
                    good,
                    (storage, query) -> {
                      Optional<SessionKey> session =
                          query
                              .cursor()
                              .map(
                                  cursor ->
                                      new SessionKey(
                                          query.namespace(), ListCursor.decode(cursor).key()));
                      return session.isPresent() && storage.getBySession(session.get()).isEmpty()
                          ? Page.of(List.of(), null)
                          : storage.list(query);
                    }),
            "CURS-03"),
        handleFault(
            "cursor of one handle",
            good -> {
              Set<String> made = ConcurrentHashMap.newKeySet();
              return Faulty.list(
                  good,
                  (storage, query) -> {
                    query
                        .cursor()
                        .filter(cursor -> !made.contains(cursor))
                        .ifPresent(
                            cursor -> {
                              throw new IllegalArgumentException("not a cursor of this handle");
                            });
                    Page<Checkpoint> page = storage.list(query);
                    page.nextCursor().ifPresent(made::add);
                    return page;
                  });
            },
            "CURS-04"),
        handleFault(
            "cursors of headers unlike those of list",
            good ->
                Faulty.headers(
                    good,
                    (storage, query) -> {
                      Page<CheckpointHeader> page =
                          storage.listHeaders(
                              query.toBuilder()
                                  .cursor(query.cursor().map(ListMutants::own).orElse(null))
                                  .build());
                      return new Page<>(page.items(), page.nextCursor().map(ListMutants::foreign));
                    }),
            "CURS-05"),
        handleFault("foreign cursor starts over", ListMutants::startingOver, "CURS-06"),
        handleFault(
            "page ends with the session of the cursor if it was appended to",
            good ->
                Faulty.list(
                    good,
                    (storage, query) -> {
                      if (query.cursor().isPresent()
                          && query.order() == Order.NEWEST_FIRST
                          && query.sessionId().isEmpty()) {
                        ListCursor at = ListCursor.decode(query.cursor().get());
                        SessionKey session = new SessionKey(query.namespace(), at.key());
                        if (storage
                            .getBySession(session)
                            .filter(latest -> latest.version() == 60)
                            .isPresent()) {
                          return storage.list(
                              query.toBuilder()
                                  .cursor(new ListCursor(at.key(), 1).encode())
                                  .build());
                        }
                      }
                      return storage.list(query);
                    }),
            "CURS-07"));
  }

  private static List<Mutant> attributeConditions() {
    return List.of(
        attributes(
            "filter: true matches 1",
            (wanted, actual) ->
                isEqual(wanted, actual)
                    || (isTruthy(wanted.getValue()) && isTruthy(actual.get(wanted.getKey()))),
            "ATTR-01"),
        attributes(
            "filter: numbers compared as doubles",
            (wanted, actual) ->
                (wanted.getValue() instanceof Number a
                        && actual.get(wanted.getKey()) instanceof Number b)
                    ? a.doubleValue() == b.doubleValue()
                    : isEqual(wanted, actual),
            "ATTR-01"),
        attributes(
            "filter: null matches absent",
            (wanted, actual) -> Objects.equals(wanted.getValue(), actual.get(wanted.getKey())),
            "ATTR-02"),
        attributes(
            "filter: nested ignored",
            (wanted, actual) ->
                isEqual(wanted, actual)
                    || (wanted.getValue() instanceof Map && actual.containsKey(wanted.getKey())),
            "ATTR-03"),
        attributes(
            "filter: lists matched by containment",
            (wanted, actual) ->
                (wanted.getValue() instanceof List<?> list
                        && actual.get(wanted.getKey()) instanceof List<?> found)
                    ? found.containsAll(list)
                    : isEqual(wanted, actual),
            "ATTR-03"),
        attributes(
            "filter: key with dot as path",
            (wanted, actual) -> {
              String[] path = wanted.getKey().split("\\.", 2);
              return (path.length == 2 && !path[0].isEmpty())
                  ? (actual.get(path[0]) instanceof Map<?, ?> map
                      && Objects.equals(wanted.getValue(), map.get(path[1])))
                  : isEqual(wanted, actual);
            },
            "ATTR-04"),
        handleFault(
            "filter: any of several attributes",
            good ->
                Faulty.conditions(
                    good,
                    query -> query.attributes().size() > 1,
                    (query, header) ->
                        query.attributes().entrySet().stream()
                            .anyMatch(wanted -> isEqual(wanted, header.metadata().attributes()))),
            "ATTR-05"),
        handleFault(
            "filter: limit before attributes",
            good ->
                Faulty.list(
                    good,
                    (storage, query) ->
                        query.attributes().isEmpty()
                            ? storage.list(query)
                            : filtered(storage.list(unconditional(query, query.limit())), query)),
            "ATTR-06"),
        attributes(
            "filter: strings without their case",
            (wanted, actual) ->
                (wanted.getValue() instanceof String a
                        && actual.get(wanted.getKey()) instanceof String b)
                    ? a.toLowerCase(Locale.ROOT).equals(b.toLowerCase(Locale.ROOT))
                    : isEqual(wanted, actual),
            "ATTR-07"));
  }

  private static List<Mutant> sessions() {
    return List.of(
        handleFault(
            "sessions listed once for each version",
            good ->
                Faulty.sessions(
                    good,
                    (storage, namespace, limit, cursor) -> {
                      Page<SessionKey> page = storage.listSessions(namespace, limit, cursor);
                      return page.nextCursor().isPresent() || page.items().size() > 12
                          ? page
                          : Page.of(
                              page.items().stream()
                                  .flatMap(
                                      session ->
                                          Faulty.versions(storage, session).stream()
                                              .map(Checkpoint::sessionKey))
                                  .limit(limit)
                                  .toList(),
                              null);
                    }),
            "SESS-01"),
        handleFault(
            "cursor of sessions inclusive",
            good ->
                Faulty.sessions(
                    good,
                    (storage, namespace, limit, cursor) -> {
                      Page<SessionKey> page = storage.listSessions(namespace, limit, cursor);
                      return page.nextCursor().isEmpty() || limit == 1
                          ? page
                          : new Page<>(
                              page.items(),
                              storage.listSessions(namespace, limit - 1, cursor).nextCursor());
                    }),
            "SESS-02"),
        handleFault(
            "sessions in another order than in list",
            good ->
                Faulty.sessions(
                    good,
                    (storage, namespace, limit, cursor) -> {
                      List<SessionKey> turned =
                          new ArrayList<>(Reads.listSessions(storage, namespace, 1000));
                      Collections.reverse(turned);
                      int start =
                          cursor
                              .map(ListCursor::decodeSessions)
                              .map(at -> behind(turned, at.key()))
                              .orElse(0);
                      int end = Math.min(turned.size(), start + limit);
                      return Page.of(
                          turned.subList(start, end),
                          end < turned.size()
                              ? ListCursor.ofSession(turned.get(end - 1).sessionId()).encode()
                              : null);
                    }),
            "SESS-03"),
        storeFault(
            "emptied session is listed",
            () -> {
              Set<SessionKey> ever = Collections.synchronizedSet(new LinkedHashSet<>());
              return good ->
                  Faulty.sessions(
                      Faulty.put(
                          good,
                          (storage, checkpoint) -> {
                            storage.put(checkpoint, Expectation.any());
                            ever.add(checkpoint.sessionKey());
                          }),
                      (storage, namespace, limit, cursor) -> {
                        Page<SessionKey> page = storage.listSessions(namespace, limit, cursor);
                        if (cursor.isPresent() || page.nextCursor().isPresent()) {
                          return page;
                        }
                        Set<SessionKey> all = new LinkedHashSet<>(page.items());
                        synchronized (ever) {
                          ever.stream()
                              .filter(session -> session.namespace().equals(namespace))
                              .limit(limit)
                              .forEach(all::add);
                        }
                        return Page.of(all.stream().limit(limit).toList(), null);
                      });
            },
            "SESS-04"),
        handleFault(
            "cursor of sessions skips after delete",
            good -> Faulty.sessions(good, ListMutants::sessionsByOffset),
            "SESS-05"),
        handleFault(
            "cursor of sessions of one handle",
            good -> {
              Set<String> made = ConcurrentHashMap.newKeySet();
              return Faulty.sessions(
                  good,
                  (storage, namespace, limit, cursor) -> {
                    if (cursor.isPresent() && !made.contains(cursor.get())) {
                      throw new IllegalArgumentException("not a cursor of this handle");
                    }
                    Page<SessionKey> page = storage.listSessions(namespace, limit, cursor);
                    page.nextCursor().ifPresent(made::add);
                    return page;
                  });
            },
            "SESS-06"),
        handleFault(
            "cursor of list accepted for sessions",
            good ->
                Faulty.sessions(
                    good,
                    (storage, namespace, limit, cursor) ->
                        storage.listSessions(
                            namespace, limit, cursor.map(ListMutants::asCursorOfSessions))),
            "SESS-07"));
  }

  private static int behind(List<SessionKey> sessions, String sessionId) {
    int index = 0;
    while (index < sessions.size() && sessions.get(index).sessionId().compareTo(sessionId) >= 0) {
      index++;
    }
    return index;
  }

  private static String asCursorOfSessions(String cursor) {
    try {
      return ListCursor.ofSession(ListCursor.decode(cursor).key()).encode();
    } catch (IllegalArgumentException e) {
      return cursor;
    }
  }
}
