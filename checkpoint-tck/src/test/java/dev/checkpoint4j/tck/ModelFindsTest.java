package dev.checkpoint4j.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.CheckpointQuery.Order;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.Page;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.error.DuplicateCheckpointException;
import dev.checkpoint4j.error.VersionConflictException;
import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.ForwardingBackendStorage;
import dev.checkpoint4j.spi.ListCursor;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.text.Normalizer;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoField;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The random histories find what is wrong in one way to read, one field or one kind of value. */
class ModelFindsTest {

  /** As many as a memory store runs in half of the time that the rule has by default. */
  private static final int HISTORIES = 400;

  private static final int LONG = 65_536;

  static class RandomHistories extends BrokenBackend {
    @Override
    List<DirectedHistory> directedHistories() {
      return List.of();
    }
  }

  static Stream<Mutant> wrongBackends() {
    return Stream.of(
            fieldsOfOneMethod(), conditions(), orders(), cursors(), puts(), deletions(), caches())
        .flatMap(List::stream);
  }

  @ParameterizedTest
  @MethodSource("wrongBackends")
  void isFoundByRandomHistories(Mutant mutant, @TempDir Path reports) {
    BrokenBackend.mutate(mutant);
    TckRunner.Outcome outcome =
        TckRunner.run(
            reports,
            20_261_130,
            Duration.ofMinutes(10),
            HISTORIES,
            selectMethod(RandomHistories.class, "anySequenceOfCallsAnswersAsTheReference"));
    assertThat(outcome.failed())
        .as("rules that fail for '%s'", mutant)
        .containsOnlyKeys("MODEL-01");
    assertThat(outcome.failed().get("MODEL-01"))
        .as("message for '%s'", mutant)
        .contains("Seen: history ", "1. handle ");
  }

  private static Mutant mutant(String name, UnaryOperator<BackendStorage> fault) {
    return Mutant.handleFault(name, fault, "MODEL-01");
  }

  private static Mutant mutant(String name, Supplier<UnaryOperator<BackendStorage>> fault) {
    return Mutant.storeFault(name, fault, "MODEL-01");
  }

  // ---- one method reads a field otherwise

  private static BackendStorage headers(
      BackendStorage good, UnaryOperator<CheckpointHeader> change) {
    return Faulty.headers(good, (storage, query) -> storage.listHeaders(query).map(change));
  }

  private static List<Mutant> fieldsOfOneMethod() {
    return List.of(
        mutant(
            "listHeaders reads versions as doubles",
            good ->
                headers(
                    good,
                    header ->
                        header.toBuilder().version((long) (double) header.version()).build())),
        mutant(
            "listHeaders reads times as nanoseconds since 1970",
            good ->
                headers(
                    good,
                    header -> {
                      long nanos =
                          header.ts().toEpochMilli() * 1_000_000
                              + header.ts().get(ChronoField.NANO_OF_SECOND) % 1_000_000;
                      return header.toBuilder().ts(Instant.EPOCH.plusNanos(nanos)).build();
                    })),
        mutant(
            "getBySession reads times before 1970 rounded towards zero",
            good ->
                Faulty.latest(
                    good,
                    (storage, session) ->
                        storage
                            .getBySession(session)
                            .map(
                                found ->
                                    found.ts().isBefore(Instant.EPOCH)
                                        ? found.toBuilder().ts(roundedUp(found.ts())).build()
                                        : found))),
        mutant(
            "listHeaders leaves out the attribute with the empty name",
            good ->
                headers(
                    good,
                    header -> {
                      Map<String, @Nullable Object> attributes =
                          new LinkedHashMap<>(header.metadata().attributes());
                      attributes.remove("");
                      return header.toBuilder()
                          .metadata(header.metadata().toBuilder().attributes(attributes).build())
                          .build();
                    })),
        mutant(
            "getBySession sorts the keys of values",
            good ->
                Faulty.latest(
                    good,
                    (storage, session) ->
                        storage
                            .getBySession(session)
                            .map(
                                found ->
                                    found.toBuilder()
                                        .values(new TreeMap<>(found.values()))
                                        .build()))),
        mutant(
            "list reads -0.0 as 0.0",
            good ->
                new ForwardingBackendStorage(good) {
                  @Override
                  public Page<Checkpoint> list(CheckpointQuery query) {
                    return super.list(query)
                        .map(
                            found ->
                                found.toBuilder()
                                    .values(
                                        Faulty.changedEntries(
                                            found.values(),
                                            value ->
                                                value instanceof Double number && number == 0
                                                    ? (Object) 0.0
                                                    : value))
                                    .build());
                  }
                }),
        mutant(
            "listHeaders trims the task",
            good ->
                headers(
                    good,
                    header ->
                        header.toBuilder()
                            .metadata(
                                header.metadata().toBuilder()
                                    .taskId(
                                        header.metadata().taskId().map(String::strip).orElse(null))
                                    .build())
                            .build())));
  }

  private static Instant roundedUp(Instant time) {
    Instant floor = time.truncatedTo(ChronoUnit.MILLIS);
    return floor.equals(time) ? time : floor.plusMillis(1);
  }

  // ---- conditions

  private static BackendStorage where(
      BackendStorage good,
      Predicate<CheckpointQuery> kind,
      BiPredicate<CheckpointQuery, CheckpointHeader> wrong,
      UnaryOperator<CheckpointQuery.Builder> without) {
    return Faulty.conditions(
        good,
        kind,
        (query, header) ->
            without.apply(query.toBuilder()).build().matches(header) && wrong.test(query, header));
  }

  private static Mutant attribute(
      String name, BiPredicate<Map.Entry<String, ?>, Map<String, ?>> is) {
    return mutant(
        name,
        good ->
            Faulty.conditions(
                good,
                query -> !query.attributes().isEmpty(),
                (query, header) ->
                    ListMutants.withoutAttributes(query).matches(header)
                        && query.attributes().entrySet().stream()
                            .allMatch(wanted -> is.test(wanted, header.metadata().attributes()))));
  }

  private static boolean has(Map.Entry<String, ?> wanted, Map<String, ?> attributes) {
    return attributes.containsKey(wanted.getKey())
        && Objects.equals(attributes.get(wanted.getKey()), wanted.getValue());
  }

  private static List<Mutant> conditions() {
    return List.of(
        attribute(
            "a condition that is false is none",
            (wanted, actual) -> Boolean.FALSE.equals(wanted.getValue()) || has(wanted, actual)),
        attribute(
            "conditions compare decimals as doubles",
            (wanted, actual) ->
                has(wanted, actual)
                    || (wanted.getValue() instanceof BigDecimal decimal
                        && actual.get(wanted.getKey()) instanceof BigDecimal other
                        && decimal.doubleValue() == other.doubleValue())),
        attribute(
            "conditions compare names up to a NUL",
            (wanted, actual) ->
                actual.entrySet().stream()
                    .anyMatch(
                        entry ->
                            untilNul(entry.getKey()).equals(untilNul(wanted.getKey()))
                                && Objects.equals(entry.getValue(), wanted.getValue()))),
        attribute(
            "conditions on lists ignore the order",
            (wanted, actual) ->
                has(wanted, actual)
                    || (wanted.getValue() instanceof List<?> list
                        && actual.get(wanted.getKey()) instanceof List<?> other
                        && new HashSet<>(list).equals(new HashSet<>(other)))),
        mutant(
            "conditions on more than 60 attributes match nothing",
            good ->
                Faulty.conditions(
                    good, query -> query.attributes().size() > 60, (query, header) -> false)),
        mutant(
            "ranges up to a version over 2^53 compare doubles",
            good ->
                where(
                    good,
                    query -> query.maxVersion() < Long.MAX_VALUE,
                    (query, header) -> (double) header.version() <= (double) query.maxVersion(),
                    query -> query.versions(query.build().minVersion(), Long.MAX_VALUE))),
        mutant(
            "the condition on the end of times compares seconds",
            good ->
                where(
                    good,
                    query -> query.tsBefore().isPresent(),
                    (query, header) ->
                        header.ts().getEpochSecond()
                            < query.tsBefore().orElseThrow().getEpochSecond(),
                    query -> query.tsBefore(Instant.MAX))),
        mutant(
            "listHeaders compares tasks without case",
            good ->
                new ForwardingBackendStorage(good) {
                  @Override
                  public Page<CheckpointHeader> listHeaders(CheckpointQuery query) {
                    if (query.taskId().isEmpty()) {
                      return super.listHeaders(query);
                    }
                    CheckpointQuery.Builder others =
                        CheckpointQuery.builder(query.namespace())
                            .versions(query.minVersion(), query.maxVersion());
                    query.sessionId().ifPresent(others::sessionId);
                    query.parentId().ifPresent(others::parentId);
                    query.tsFrom().ifPresent(others::tsFrom);
                    query.tsBefore().ifPresent(others::tsBefore);
                    query.attributes().forEach(others::attribute);
                    return Faulty.page(
                            Faulty.everything(delegate(), query.namespace(), query.order()).stream()
                                .filter(found -> others.build().matches(found.header()))
                                .filter(
                                    found ->
                                        query
                                            .taskId()
                                            .orElseThrow()
                                            .equalsIgnoreCase(found.metadata().taskId().orElse("")))
                                .toList(),
                            query)
                        .map(Checkpoint::header);
                  }
                }));
  }

  private static String untilNul(String text) {
    return text.indexOf(0) < 0 ? text : text.substring(0, text.indexOf(0));
  }

  // ---- orders

  private static List<Mutant> orders() {
    return List.of(
        mutant(
            "listHeaders orders sessions by their length",
            good ->
                Faulty.headers(
                    good,
                    (storage, query) ->
                        inOrder(
                            storage.list(
                                query.toBuilder().limit(CheckpointQuery.MAX_LIMIT).build()),
                            query))),
        mutant(
            "listSessions compares namespaces without case",
            good ->
                Faulty.sessions(
                    good,
                    (storage, namespace, limit, cursor) ->
                        storage.listSessions(
                            similar(storage, namespace, name -> name.toLowerCase(Locale.ROOT)),
                            limit,
                            cursor))),
        mutant(
            "listNamespaces lists namespaces in lower case",
            good ->
                Faulty.namespaces(
                    good,
                    (storage, limit, cursor) ->
                        storage
                            .listNamespaces(limit, cursor)
                            .map(name -> name.toLowerCase(Locale.ROOT)))));
  }

  /** Whatever follows in one page. */
  private static Page<CheckpointHeader> inOrder(Page<Checkpoint> page, CheckpointQuery query) {
    if (page.items().size() > query.limit() || query.cursor().isPresent()) {
      return Faulty.pageOf(page.items(), query.limit()).map(Checkpoint::header);
    }
    return Page.of(
        page.items().stream()
            .map(Checkpoint::header)
            .sorted(Comparator.comparing(header -> -header.metadata().sessionId().length()))
            .toList(),
        null);
  }

  /** The first namespace that is the same when folded. */
  private static String similar(
      BackendStorage storage, String namespace, UnaryOperator<String> fold) {
    return Reads.allPages("namespaces", 1000, cursor -> storage.listNamespaces(1000, cursor))
        .stream()
        .filter(name -> fold.apply(name).equals(fold.apply(namespace)))
        .findFirst()
        .orElse(namespace);
  }

  // ---- cursors

  private static List<Mutant> cursors() {
    return List.of(
        mutant(
            "a cursor keeps the limit of the first page",
            () -> {
              Map<String, Integer> limits = new HashMap<>();
              return good ->
                  Faulty.list(
                      good,
                      (storage, query) -> {
                        int limit =
                            query
                                .cursor()
                                .map(cursor -> limits.getOrDefault(cursor, query.limit()))
                                .orElse(query.limit());
                        Page<Checkpoint> page =
                            storage.list(query.toBuilder().limit(limit).build());
                        page.nextCursor().ifPresent(cursor -> limits.put(cursor, limit));
                        return page;
                      });
            }),
        mutant(
            "a cursor can be used once",
            () -> {
              Set<String> used = new HashSet<>();
              return good ->
                  Faulty.list(
                      good,
                      (storage, query) ->
                          query.cursor().isPresent() && !used.add(query.toString())
                              ? Page.of(List.of(), null)
                              : storage.list(query));
            }),
        mutant(
            "second pages are kept",
            () -> {
              Map<String, Page<Checkpoint>> pages = new HashMap<>();
              return good ->
                  Faulty.list(
                      good,
                      (storage, query) ->
                          query.cursor().isPresent()
                              ? pages.computeIfAbsent(query.toString(), key -> storage.list(query))
                              : storage.list(query));
            }),
        mutant(
            "a cursor of listSessions skips a session when its own was deleted",
            good ->
                Faulty.sessions(
                    good,
                    (storage, namespace, limit, cursor) -> {
                      Page<SessionKey> page = storage.listSessions(namespace, limit, cursor);
                      boolean isOwnDeleted =
                          cursor.isPresent()
                              && storage
                                  .getBySession(
                                      new SessionKey(
                                          namespace, ListCursor.decodeSessions(cursor.get()).key()))
                                  .isEmpty();
                      return isOwnDeleted && !page.items().isEmpty() && page.nextCursor().isEmpty()
                          ? Page.of(page.items().subList(1, page.items().size()), null)
                          : page;
                    })));
  }

  // ---- puts

  private static List<Mutant> puts() {
    return List.of(
        mutant(
            "a retry whose keys come in another order is a duplicate",
            good ->
                Faulty.put(
                    good,
                    (storage, checkpoint) -> {
                      Optional<Checkpoint> stored =
                          storage.get(checkpoint.namespace(), checkpoint.id());
                      if (stored.isPresent()
                          && !Differences.keysInOrder(stored.get().values())
                              .equals(Differences.keysInOrder(checkpoint.values()))) {
                        throw new DuplicateCheckpointException(
                            storage.descriptor().id(), checkpoint);
                      }
                      storage.put(checkpoint, Expectation.any());
                    })),
        mutant(
            "a retry is compared in its first 64 KB",
            good ->
                Faulty.put(
                    good,
                    (storage, checkpoint) -> {
                      Optional<Checkpoint> stored =
                          storage.get(checkpoint.namespace(), checkpoint.id());
                      if (stored.isEmpty() || !cut(stored.get()).equals(cut(checkpoint))) {
                        storage.put(checkpoint, Expectation.any());
                      }
                    })),
        mutant(
            "a retry with another time is equal",
            good ->
                Faulty.put(
                    good,
                    (storage, checkpoint) -> {
                      Optional<Checkpoint> stored =
                          storage.get(checkpoint.namespace(), checkpoint.id());
                      if (stored.isEmpty()
                          || !stored.get().toBuilder()
                              .ts(checkpoint.ts())
                              .build()
                              .equals(checkpoint)) {
                        storage.put(checkpoint, Expectation.any());
                      }
                    })),
        mutant(
            "conflicts give the latest version as a double",
            good ->
                Faulty.put(
                    good,
                    (storage, checkpoint, expectation) -> {
                      try {
                        storage.put(checkpoint, expectation);
                      } catch (VersionConflictException e) {
                        throw new VersionConflictException(
                            e.backendId(),
                            checkpoint,
                            expectation,
                            (long) (double) e.latestVersion());
                      }
                    })),
        mutant(
            "ids are unique in namespaces that are equal without case",
            good ->
                Faulty.put(
                    good,
                    (storage, checkpoint) -> {
                      String other =
                          similar(
                              storage,
                              checkpoint.namespace(),
                              name -> name.toLowerCase(Locale.ROOT));
                      if (!other.equals(checkpoint.namespace())
                          && storage.get(other, checkpoint.id()).isPresent()) {
                        throw new DuplicateCheckpointException(
                            storage.descriptor().id(), checkpoint);
                      }
                      storage.put(checkpoint, Expectation.any());
                    })),
        mutant(
            "expectations compare ids that are normalised",
            good ->
                Faulty.put(
                    good,
                    (storage, checkpoint, expectation) -> {
                      Optional<Checkpoint> latest = storage.getBySession(checkpoint.sessionKey());
                      boolean isMet =
                          latest.isPresent()
                              && expectation
                                  .latestId()
                                  .filter(id -> nfc(id).equals(nfc(latest.get().id())))
                                  .isPresent();
                      storage.put(
                          checkpoint,
                          isMet ? Expectation.latestIs(latest.get().id()) : expectation);
                    })));
  }

  private static Checkpoint cut(Checkpoint checkpoint) {
    return checkpoint.toBuilder()
        .values(
            Faulty.changedEntries(
                checkpoint.values(),
                value ->
                    value instanceof String text && text.length() > LONG
                        ? text.substring(0, LONG)
                        : value))
        .build();
  }

  private static String nfc(String text) {
    return Normalizer.normalize(text, Normalizer.Form.NFC);
  }

  // ---- deletions

  private static List<Mutant> deletions() {
    return List.of(
        mutant(
            "deleteBySession normalises namespaces",
            good ->
                Faulty.deleteBySession(
                    good,
                    (storage, session) ->
                        storage.deleteBySession(
                            new SessionKey(
                                similar(storage, session.namespace(), ModelFindsTest::nfc),
                                session.sessionId())))),
        mutant(
            "an id that is given twice, and not in a row, counts twice",
            good ->
                Faulty.delete(
                    good,
                    (storage, namespace, ids) -> {
                      long twice = 0;
                      List<String> list = List.copyOf(ids);
                      for (int i = 2; i < list.size(); i++) {
                        if (list.subList(0, i - 1).contains(list.get(i))
                            && storage.get(namespace, list.get(i)).isPresent()) {
                          twice++;
                        }
                      }
                      return storage.delete(namespace, ids) + twice;
                    })),
        mutant(
            "delete counts the trimmed ids",
            good ->
                Faulty.delete(
                    good,
                    (storage, namespace, ids) -> {
                      Set<String> trimmed = new HashSet<>(ids);
                      ids.forEach(id -> trimmed.add(id.isBlank() ? id : id.strip()));
                      return storage.delete(namespace, trimmed);
                    })),
        mutant(
            "deleteBySession leaves versions over 2^31",
            good ->
                Faulty.deleteBySession(
                    good,
                    (storage, session) -> {
                      Collection<String> ids = new ArrayList<>();
                      Faulty.versions(storage, session).stream()
                          .filter(found -> found.version() <= Integer.MAX_VALUE)
                          .forEach(found -> ids.add(found.id()));
                      return storage.delete(session.namespace(), ids);
                    })));
  }

  // ---- caches

  private static List<Mutant> caches() {
    return List.of(
        mutant(
            "a handle remembers what was absent until it puts itself",
            () ->
                good -> {
                  Set<String> absent = new HashSet<>();
                  return Faulty.put(
                      Faulty.get(
                          good,
                          (storage, namespace, id) -> {
                            Optional<Checkpoint> found =
                                absent.contains(namespace + id)
                                    ? Optional.empty()
                                    : storage.get(namespace, id);
                            if (found.isEmpty()) {
                              absent.add(namespace + id);
                            }
                            return found;
                          }),
                      (storage, checkpoint) -> {
                        absent.clear();
                        storage.put(checkpoint, Expectation.any());
                      });
                }),
        mutant(
            "a handle remembers the sessions of a namespace until it changes something",
            () ->
                good -> {
                  Map<String, Page<SessionKey>> pages = new HashMap<>();
                  return Faulty.put(
                      Faulty.sessions(
                          good,
                          (storage, namespace, limit, cursor) ->
                              pages.computeIfAbsent(
                                  namespace + limit + cursor,
                                  key -> storage.listSessions(namespace, limit, cursor))),
                      (storage, checkpoint) -> {
                        pages.clear();
                        storage.put(checkpoint, Expectation.any());
                      });
                }),
        mutant(
            "the newest header of a session is that of another handle's last look",
            () ->
                good -> {
                  Map<SessionKey, Page<CheckpointHeader>> newest = new HashMap<>();
                  return Faulty.headers(
                      good,
                      (storage, query) ->
                          query.sessionId().isPresent()
                                  && query.limit() == 1
                                  && query.order() == Order.NEWEST_FIRST
                                  && query.cursor().isEmpty()
                              ? newest.computeIfAbsent(
                                  new SessionKey(query.namespace(), query.sessionId().get()),
                                  key -> storage.listHeaders(query))
                              : storage.listHeaders(query));
                }));
  }
}
