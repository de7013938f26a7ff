package dev.checkpoint4j.tck;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.Page;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.ListCursor;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.text.Collator;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Faults that show in another process only. */
final class ProcessMutants {

  /** What this process remembers, whatever handles it has. */
  private static final Set<String> ABSENT = ConcurrentHashMap.newKeySet();

  private static final Map<SessionKey, Checkpoint> LATEST = new ConcurrentHashMap<>();
  private static final Map<String, String> CURSORS = new ConcurrentHashMap<>();
  private static final long SALT = System.nanoTime() ^ ProcessHandle.current().pid();

  private ProcessMutants() {}

  private static BackendStorage reading(BackendStorage good, UnaryOperator<Checkpoint> change) {
    return Faulty.list(
        Faulty.latest(
            Faulty.get(good, (storage, namespace, id) -> storage.get(namespace, id).map(change)),
            (storage, session) -> storage.getBySession(session).map(change)),
        (storage, query) -> storage.list(query).map(change));
  }

  private static @Nullable Object inCharsetOfTheJvm(@Nullable Object value) {
    return value instanceof String text && StandardCharsets.UTF_8.newEncoder().canEncode(text)
        ? new String(text.getBytes(StandardCharsets.UTF_8), Charset.defaultCharset())
        : value;
  }

  private static Checkpoint inCharsetOfTheJvm(Checkpoint stored) {
    return stored.toBuilder()
        .values(Faulty.changedEntries(stored.values(), ProcessMutants::inCharsetOfTheJvm))
        .build();
  }

  /** As if it had been stored as a local time of UTC. */
  private static Checkpoint inZoneOfTheJvm(Checkpoint stored) {
    Instant local =
        LocalDateTime.ofInstant(stored.ts(), ZoneOffset.UTC)
            .atZone(
                ZoneId.systemDefault().getId().startsWith("Pacific")
                    ? ZoneId.systemDefault()
                    : ZoneOffset.UTC)
            .toInstant();
    return stored.toBuilder().ts(local).build();
  }

  /** Lists the sessions in an order of its own. */
  private static BackendStorage ordered(BackendStorage good, Comparator<String> order) {
    return Faulty.sessions(
        Faulty.list(
            good,
            (storage, query) -> {
              Optional<ListCursor> start = query.cursor().map(ListCursor::decode);
              List<Checkpoint> left =
                  Faulty.everything(storage, query.namespace(), query.order()).stream()
                      .filter(found -> query.matches(found.header()))
                      .filter(
                          found ->
                              start.isEmpty() || isAfter(found, start.get(), query.order(), order))
                      // A stable sort: the versions of a session stay in their order.
                      .sorted(Comparator.comparing(it -> it.metadata().sessionId(), order))
                      .toList();
              return Faulty.pageOf(left, query.limit());
            }),
        (storage, namespace, limit, cursor) -> {
          Optional<String> start = cursor.map(ListCursor::decode).map(ListCursor::key);
          List<SessionKey> left =
              Reads.listSessions(storage, namespace, CheckpointQuery.MAX_LIMIT).stream()
                  .filter(it -> start.isEmpty() || order.compare(it.sessionId(), start.get()) > 0)
                  .sorted(Comparator.comparing(SessionKey::sessionId, order))
                  .toList();
          return left.size() <= limit
              ? Page.of(left, null)
              : Page.of(
                  left.subList(0, limit),
                  ListCursor.ofSession(left.get(limit - 1).sessionId()).encode());
        });
  }

  private static boolean isAfter(
      Checkpoint found,
      ListCursor start,
      CheckpointQuery.Order order,
      Comparator<String> sessions) {
    int bySession = sessions.compare(found.metadata().sessionId(), start.key());
    long forwards = order == CheckpointQuery.Order.OLDEST_FIRST ? 1 : -1;
    return bySession != 0
        ? bySession > 0
        : Long.compare(found.version(), start.position()) * forwards > 0;
  }

  private static Comparator<String> byHash() {
    return Comparator.<String>comparingLong(text -> (text.hashCode() ^ SALT) * 0x9E3779B97F4A7C15L)
        .thenComparing(Comparator.naturalOrder());
  }

  private static Comparator<String> byLocale() {
    Collator collator = Collator.getInstance(Locale.getDefault());
    return Comparator.<String, java.text.CollationKey>comparing(collator::getCollationKey)
        .thenComparing(Comparator.naturalOrder());
  }

  /** Cursors are names of what this process remembers. */
  private static BackendStorage rememberingCursors(BackendStorage good) {
    return Faulty.sessions(
        Faulty.list(
            good,
            (storage, query) ->
                named(storage.list(query.toBuilder().cursor(real(query.cursor())).build()))),
        (storage, namespace, limit, cursor) ->
            named(storage.listSessions(namespace, limit, Optional.ofNullable(real(cursor)))));
  }

  private static @Nullable String real(Optional<String> name) {
    if (name.isPresent() && !CURSORS.containsKey(name.get())) {
      throw new IllegalArgumentException("no cursor of this backend");
    }
    return name.map(CURSORS::get).orElse(null);
  }

  private static <T> Page<T> named(Page<T> page) {
    return new Page<>(
        page.items(),
        page.nextCursor()
            .map(
                cursor -> {
                  String name = "cursor-" + SALT + "-" + CURSORS.size();
                  CURSORS.put(name, cursor);
                  return name;
                }));
  }

  private static BackendStorage rememberingAbsence(BackendStorage good) {
    return Faulty.get(
        Faulty.put(
            good,
            (storage, checkpoint) -> {
              storage.put(checkpoint, Expectation.any());
              ABSENT.remove(checkpoint.namespace() + " " + checkpoint.id());
            }),
        (storage, namespace, id) -> {
          String name = namespace + " " + id;
          Optional<Checkpoint> found =
              ABSENT.contains(name) ? Optional.empty() : storage.get(namespace, id);
          if (found.isEmpty()) {
            ABSENT.add(name);
          }
          return found;
        });
  }

  /** Until a call of this process changes the session. */
  private static BackendStorage rememberingLatest(BackendStorage good) {
    return Faulty.latest(
        Faulty.delete(
            Faulty.deleteBySession(
                Faulty.put(
                    good,
                    (storage, checkpoint) ->
                        forgetting(
                            () -> {
                              storage.put(checkpoint, Expectation.any());
                              return true;
                            })),
                (storage, session) -> forgetting(() -> storage.deleteBySession(session))),
            (storage, namespace, ids) -> forgetting(() -> storage.delete(namespace, ids))),
        (storage, session) -> {
          Optional<Checkpoint> latest =
              Optional.ofNullable(LATEST.get(session)).or(() -> storage.getBySession(session));
          latest.ifPresent(found -> LATEST.put(session, found));
          return latest;
        });
  }

  private static <T> T forgetting(Supplier<T> change) {
    try {
      return change.get();
    } finally {
      LATEST.clear();
    }
  }

  static List<Mutant> all() {
    return List.of(
        SharedLogStore.mutant(
            "texts read in the charset of the JVM",
            good -> reading(good, ProcessMutants::inCharsetOfTheJvm),
            "PROC-01"),
        SharedLogStore.mutant(
            "times read in the zone of the JVM",
            good -> reading(good, ProcessMutants::inZoneOfTheJvm),
            "PROC-01"),
        SharedLogStore.mutant(
            "sessions in the order of the JVM's locale",
            good -> ordered(good, byLocale()),
            "PROC-01"),
        SharedLogStore.mutant(
            "sessions in another order in every process",
            good -> ordered(good, byHash()),
            "PROC-01",
            "PROC-02"),
        SharedLogStore.mutant(
            "cursors known to the process that made them",
            ProcessMutants::rememberingCursors,
            "PROC-01",
            "PROC-02"),
        SharedLogStore.mutant(
            "absence remembered by a process", ProcessMutants::rememberingAbsence, "PROC-02"),
        SharedLogStore.mutant(
            "latest remembered by a process", ProcessMutants::rememberingLatest, "PROC-02"));
  }
}
