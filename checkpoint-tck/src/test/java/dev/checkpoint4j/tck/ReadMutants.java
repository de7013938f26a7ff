package dev.checkpoint4j.tck;

import static dev.checkpoint4j.tck.Mutant.handleFault;
import static dev.checkpoint4j.tck.Mutant.storeFault;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.CheckpointQuery.Order;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.internal.LiveValues;
import dev.checkpoint4j.spi.BackendStorage;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Faults of get and getBySession, of ids, and of what is read. */
final class ReadMutants {

  private ReadMutants() {}

  private static Optional<Checkpoint> greatest(
      BackendStorage storage, SessionKey session, Comparator<Checkpoint> order) {
    // Long histories are left alone: what is wrong shows in short ones.
    Optional<Checkpoint> latest = storage.getBySession(session);
    return latest.isPresent() && latest.get().version() > 900 && latest.get().version() < 20_000
        ? latest
        : Faulty.versions(storage, session).stream().max(order);
  }

  private static Mutant latestBy(String what, Comparator<Checkpoint> order, String killer) {
    return handleFault(
        "latest by " + what,
        good -> Faulty.latest(good, (storage, session) -> greatest(storage, session, order)),
        killer);
  }

  /** Session ids that are the same after {@code fold} are the same session to getBySession. */
  private static Mutant sessionsFolded(String how, UnaryOperator<String> fold, String... killers) {
    return handleFault(
        "session ids " + how,
        good ->
            Faulty.latest(
                good,
                (storage, session) ->
                    storage.getBySession(
                        new SessionKey(session.namespace(), fold.apply(session.sessionId())))),
        killers);
  }

  private static String cut(String id, int bytes) {
    byte[] utf8 = id.getBytes(StandardCharsets.UTF_8);
    return utf8.length <= bytes
        ? id
        : new String(utf8, 0, bytes, StandardCharsets.UTF_8).replace("\ufffd", "");
  }

  private static String trimmed(String id) {
    return id.isBlank() ? id : id.strip();
  }

  static List<Mutant> all() {
    return List.of(
        handleFault(
            "get by prefix",
            good ->
                Faulty.get(
                    good,
                    (storage, namespace, id) -> {
                      Optional<Checkpoint> exact = storage.get(namespace, id);
                      return exact.isPresent()
                          ? exact
                          : storage
                              .list(CheckpointQuery.builder(namespace).limit(5).build())
                              .items()
                              .stream()
                              .filter(found -> found.id().startsWith(id))
                              .findFirst();
                    }),
            "GET-01"),
        storeFault(
            "namespace ignored on get",
            () -> {
              Map<String, String> namespaces = new ConcurrentHashMap<>();
              return good ->
                  Faulty.get(
                      Faulty.put(
                          good,
                          (storage, checkpoint) -> {
                            storage.put(checkpoint, Expectation.any());
                            namespaces.put(checkpoint.id(), checkpoint.namespace());
                          }),
                      (storage, namespace, id) ->
                          good.get(namespaces.getOrDefault(id, namespace), id));
            },
            "GET-01",
            "PUT-11"),
        latestBy("clock", Comparator.comparing(Checkpoint::ts), "LAST-01"),
        latestBy(
            "string order of versions",
            Comparator.comparing(checkpoint -> Long.toString(checkpoint.version())),
            "LAST-02"),
        latestBy("id", Comparator.comparing(Checkpoint::id), "LAST-03"),
        latestBy(
            "a version of 32 bits",
            Comparator.comparing(checkpoint -> (int) checkpoint.version()),
            "LAST-02"),
        storeFault(
            "latest by insertion",
            () -> {
              Map<SessionKey, Checkpoint> last = new ConcurrentHashMap<>();
              return good ->
                  Faulty.latest(
                      Faulty.put(
                          good,
                          (storage, checkpoint) -> {
                            storage.put(checkpoint, Expectation.any());
                            last.put(checkpoint.sessionKey(), checkpoint);
                          }),
                      (storage, session) ->
                          Optional.ofNullable(last.get(session))
                              .filter(found -> good.get(found.namespace(), found.id()).isPresent())
                              .or(() -> good.getBySession(session)));
            },
            "PUT-07"),
        handleFault(
            "latest kept for four reads",
            good -> {
              Map<SessionKey, Optional<Checkpoint>> cache = new ConcurrentHashMap<>();
              int[] reads = new int[1];
              return Faulty.latest(
                  good,
                  (storage, session) -> {
                    synchronized (cache) {
                      if (reads[0]++ % 4 == 0) {
                        cache.clear();
                      }
                      return cache.computeIfAbsent(session, storage::getBySession);
                    }
                  });
            },
            "LAST-04"),
        handleFault(
            "latest of a session by prefix",
            good ->
                Faulty.latest(
                    good,
                    (storage, session) -> {
                      Optional<Checkpoint> exact = storage.getBySession(session);
                      return exact.isPresent()
                          ? exact
                          : storage
                              .list(CheckpointQuery.builder(session.namespace()).limit(20).build())
                              .items()
                              .stream()
                              .filter(
                                  found ->
                                      session.sessionId().startsWith(found.metadata().sessionId()))
                              .findFirst();
                    }),
            "LAST-05"),
        sessionsFolded("case-folded", id -> id.toLowerCase(Locale.ROOT), "ID-01"),
        sessionsFolded("trimmed", ReadMutants::trimmed, "ID-01"),
        sessionsFolded(
            "NFC-normalised", id -> Normalizer.normalize(id, Normalizer.Form.NFC), "ID-01"),
        sessionsFolded("cut at 255 bytes", id -> cut(id, 255), "ID-05"),
        handleFault(
            "ids trimmed",
            good ->
                Faulty.get(good, (storage, namespace, id) -> storage.get(namespace, trimmed(id))),
            "ID-02"),
        handleFault(
            "namespaces case-folded",
            good ->
                Faulty.get(
                    good,
                    (storage, namespace, id) ->
                        storage.get(namespace.toLowerCase(Locale.ROOT), id)),
            "ID-03"),
        handleFault(
            "namespaces cut at 128 bytes",
            good ->
                Faulty.get(good, (storage, namespace, id) -> storage.get(cut(namespace, 128), id)),
            "ID-06"),
        handleFault(
            "tasks and parents case-folded",
            good ->
                Faulty.conditions(
                    good,
                    query -> query.taskId().isPresent() || query.parentId().isPresent(),
                    (query, header) ->
                        query
                                .taskId()
                                .map(
                                    task ->
                                        task.equalsIgnoreCase(
                                            header.metadata().taskId().orElse(null)))
                                .orElse(true)
                            && query
                                .parentId()
                                .map(
                                    parent ->
                                        parent.equalsIgnoreCase(header.parentId().orElse(null)))
                                .orElse(true)),
            "ID-04"),
        handleFault(
            "namespace ignored by getBySession",
            good ->
                Faulty.latest(
                    good,
                    (storage, session) ->
                        List.of("", "-2").stream()
                            .map(
                                end ->
                                    new SessionKey(
                                        session.namespace().replaceFirst("-2$", "") + end,
                                        session.sessionId()))
                            .flatMap(other -> storage.getBySession(other).stream())
                            .max(Comparator.comparing(Checkpoint::version))),
            "ISOL-01"),
        storeFault(
            "separator collision",
            () -> {
              Map<String, SessionKey> keys = new ConcurrentHashMap<>();
              return good ->
                  Faulty.latest(
                      good,
                      (storage, session) ->
                          storage.getBySession(
                              keys.computeIfAbsent(
                                  session.namespace() + ":" + session.sessionId(),
                                  joined -> session)));
            },
            "ISOL-03"),
        handleFault(
            "aliasing on get: readers can change what they read",
            good ->
                Faulty.get(
                    good,
                    (storage, namespace, id) ->
                        storage
                            .get(namespace, id)
                            .map(
                                found -> {
                                  Map<String, @Nullable Object> values = new LinkedHashMap<>();
                                  found
                                      .values()
                                      .forEach(
                                          (key, value) ->
                                              values.put(
                                                  key,
                                                  value instanceof Map<?, ?> map
                                                          && found.values().size() < 5
                                                      ? LiveValues.mutable(
                                                          Faulty.changedEntries(
                                                              map, UnaryOperator.identity()))
                                                      : value));
                                  return found.toBuilder().values(values).build();
                                })),
            "ALIAS-02"),
        storeFault(
            "aliasing on get: what was read changes with the store",
            () -> {
              List<LinkedHashMap<String, @Nullable Object>> views = new ArrayList<>();
              return good ->
                  Faulty.deleteBySession(
                      Faulty.latest(
                          good,
                          (storage, session) ->
                              storage
                                  .getBySession(session)
                                  .map(
                                      found -> {
                                        LinkedHashMap<String, @Nullable Object> entries =
                                            new LinkedHashMap<>(found.values());
                                        views.add(entries);
                                        return found.toBuilder()
                                            .values(LiveValues.viewOf(entries))
                                            .build();
                                      })),
                      (storage, session) -> {
                        views.forEach(Map::clear);
                        return storage.deleteBySession(session);
                      });
            },
            "ALIAS-04"),
        handleFault(
            "aliasing on delete: the caller's ids are taken",
            good ->
                Faulty.delete(
                    good,
                    (storage, namespace, ids) -> {
                      long deleted = storage.delete(namespace, ids);
                      if (ids instanceof ArrayList<String> list) {
                        list.clear();
                      }
                      return deleted;
                    }),
            "ALIAS-03"),
        handleFault(
            "namespaces that continue one another are listed together",
            good ->
                Faulty.list(
                    good,
                    (storage, query) -> {
                      String longer = query.namespace() + "1";
                      if (query.cursor().isPresent()
                          || storage
                              .list(CheckpointQuery.builder(longer).limit(1).build())
                              .items()
                              .isEmpty()) {
                        return storage.list(query);
                      }
                      List<Checkpoint> both =
                          new ArrayList<>(
                              Faulty.everything(storage, query.namespace(), query.order()));
                      both.addAll(Faulty.everything(storage, longer, Order.NEWEST_FIRST));
                      return Faulty.pageOf(both, query.limit());
                    }),
            "ISOL-04"));
  }
}
