package dev.checkpoint4j.tck;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.Page;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.ForwardingBackendStorage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/** Answers that are remembered for longer than they are true. */
final class CacheFaults {

  private CacheFaults() {}

  /** What makes a cache forget everything. */
  private enum Forget {
    PUT,
    DELETE,
    DELETE_SESSION
  }

  /** Which calls are answered from memory. */
  private enum Cached {
    GET("get"),
    ABSENT_ID("get, of what is absent"),
    LATEST("getBySession"),
    NO_SESSION("getBySession, of what is absent"),
    FIRST_PAGE("list, first pages"),
    LATER_PAGE("list, pages after the first"),
    FIRST_HEADERS("listHeaders, first pages"),
    LATER_HEADERS("listHeaders, pages after the first"),
    SESSIONS("listSessions"),
    LATER_SESSIONS("listSessions, pages after the first"),
    NAMESPACES("listNamespaces"),
    LATER_NAMESPACES("listNamespaces, pages after the first");

    private final String label;

    Cached(String label) {
      this.label = label;
    }
  }

  static List<GeneratedMutant> all() {
    List<GeneratedMutant> all = new ArrayList<>();
    for (Cached cached : Cached.values()) {
      // Of the handle: what other handles do is not noticed.
      handle(all, cached, "changes on other handles", Set.of(Forget.values()), 1);
      handle(
          all, cached, "changes on other handles, after three reads", Set.of(Forget.values()), 3);
      // Of the store: one kind of change is not noticed.
      store(all, cached, "puts", Set.of(Forget.DELETE, Forget.DELETE_SESSION));
      if (cached != Cached.ABSENT_ID && cached != Cached.NO_SESSION) {
        // Deletions do not change what is absent.
        store(all, cached, "delete", Set.of(Forget.PUT, Forget.DELETE_SESSION));
        store(all, cached, "deleteBySession", Set.of(Forget.PUT, Forget.DELETE));
      }
      all.add(
          GeneratedMutant.shared(
              "cache of a thread",
              cached.label,
              "changes on other threads not noticed",
              () -> {
                ThreadLocal<Cache> caches =
                    ThreadLocal.withInitial(() -> new Cache(cached, Set.of(Forget.values()), 1));
                return good -> caching(good, caches::get);
              }));
    }
    keys(all);
    return all;
  }

  /** What a process remembers although others change it; by the calls that are answered so. */
  static Map<String, Supplier<UnaryOperator<BackendStorage>>> ofProcess() {
    Map<String, Supplier<UnaryOperator<BackendStorage>>> faults = new LinkedHashMap<>();
    for (Cached cached : Cached.values()) {
      faults.put(
          cached.label,
          () -> {
            Cache cache = new Cache(cached, Set.of(Forget.values()), 1);
            return good -> caching(good, () -> cache);
          });
    }
    return faults;
  }

  private static void handle(
      List<GeneratedMutant> all, Cached cached, String what, Set<Forget> noticed, int reads) {
    all.add(
        GeneratedMutant.of(
            "cache of a handle",
            cached.label,
            what + " not noticed",
            good -> {
              Cache cache = new Cache(cached, noticed, reads);
              return caching(good, () -> cache);
            }));
  }

  private static void store(
      List<GeneratedMutant> all, Cached cached, String what, Set<Forget> noticed) {
    all.add(
        GeneratedMutant.shared(
            "cache of a store",
            cached.label,
            what + " not noticed",
            () -> {
              Cache cache = new Cache(cached, noticed, 1);
              return good -> caching(good, () -> cache);
            }));
  }

  /** Answers of one kind of call, by the arguments of the call. */
  private static final class Cache {
    private final Cached cached;
    private final Set<Forget> noticed;
    private final int reads;
    private final Map<Object, Object> answers = new HashMap<>();
    private final Map<Object, Integer> counts = new HashMap<>();

    Cache(Cached cached, Set<Forget> noticed, int reads) {
      this.cached = cached;
      this.noticed = noticed;
      this.reads = reads;
    }

    @SuppressWarnings("unchecked")
    synchronized <T> T answer(boolean isCached, Object key, Supplier<T> read) {
      // The call itself is refused where it has to be.
      T answer = read.get();
      if (!isCached) {
        return answer;
      }
      T known = (T) answers.get(key);
      if (known != null) {
        return known;
      }
      if (counts.merge(key, 1, Integer::sum) >= reads) {
        answers.put(key, answer);
      }
      return answer;
    }

    <T> Optional<T> answerIfAbsent(boolean isCached, Object key, Supplier<Optional<T>> read) {
      Optional<T> answer = answer(isCached, key, read);
      if (answer.isPresent()) {
        remove(key);
      }
      return answer;
    }

    private synchronized void remove(Object key) {
      answers.remove(key);
      counts.remove(key);
    }

    synchronized void changed(Forget change) {
      if (noticed.contains(change)) {
        answers.clear();
        counts.clear();
      }
    }
  }

  private static BackendStorage caching(BackendStorage good, Supplier<Cache> caches) {
    return new ForwardingBackendStorage(good) {
      @Override
      public Optional<Checkpoint> get(String namespace, String id) {
        Cache cache = caches.get();
        Supplier<Optional<Checkpoint>> read = () -> super.get(namespace, id);
        List<Object> key = Arrays.asList(namespace, id);
        return cache.cached == Cached.ABSENT_ID
            ? cache.answerIfAbsent(true, key, read)
            : cache.answer(cache.cached == Cached.GET, key, read);
      }

      @Override
      public Optional<Checkpoint> getBySession(SessionKey session) {
        Cache cache = caches.get();
        Supplier<Optional<Checkpoint>> read = () -> super.getBySession(session);
        return cache.cached == Cached.NO_SESSION
            ? cache.answerIfAbsent(true, String.valueOf(session), read)
            : cache.answer(cache.cached == Cached.LATEST, String.valueOf(session), read);
      }

      @Override
      public Page<Checkpoint> list(CheckpointQuery query) {
        Cache cache = caches.get();
        return query == null
            ? super.list(query)
            : cache.answer(
                cache.cached == (query.cursor().isEmpty() ? Cached.FIRST_PAGE : Cached.LATER_PAGE),
                query + "" + query.attributes(),
                () -> super.list(query));
      }

      @Override
      public Page<CheckpointHeader> listHeaders(CheckpointQuery query) {
        Cache cache = caches.get();
        return query == null
            ? super.listHeaders(query)
            : cache.answer(
                cache.cached
                    == (query.cursor().isEmpty() ? Cached.FIRST_HEADERS : Cached.LATER_HEADERS),
                query + "" + query.attributes(),
                () -> super.listHeaders(query));
      }

      @Override
      public Page<SessionKey> listSessions(String namespace, int limit, Optional<String> cursor) {
        Cache cache = caches.get();
        return cursor == null
            ? super.listSessions(namespace, limit, cursor)
            : cache.answer(
                cache.cached == (cursor.isEmpty() ? Cached.SESSIONS : Cached.LATER_SESSIONS),
                namespace + "\0" + limit + cursor,
                () -> super.listSessions(namespace, limit, cursor));
      }

      @Override
      public Page<String> listNamespaces(int limit, Optional<String> cursor) {
        Cache cache = caches.get();
        return cursor == null
            ? super.listNamespaces(limit, cursor)
            : cache.answer(
                cache.cached == (cursor.isEmpty() ? Cached.NAMESPACES : Cached.LATER_NAMESPACES),
                limit + "" + cursor,
                () -> super.listNamespaces(limit, cursor));
      }

      @Override
      public void put(Checkpoint checkpoint, Expectation expectation) {
        super.put(checkpoint, expectation);
        caches.get().changed(Forget.PUT);
      }

      @Override
      public long delete(String namespace, Collection<String> ids) {
        long deleted = super.delete(namespace, ids);
        caches.get().changed(Forget.DELETE);
        return deleted;
      }

      @Override
      public long deleteBySession(SessionKey session) {
        long deleted = super.deleteBySession(session);
        caches.get().changed(Forget.DELETE_SESSION);
        return deleted;
      }
    };
  }

  // ---- caches that forget in time, with keys that lack something

  private static void keys(List<GeneratedMutant> all) {
    keyed(all, "get", "the namespace", asked -> asked.get(1));
    keyed(all, "get", "case", asked -> String.valueOf(asked).toLowerCase(Locale.ROOT));
    keyed(all, "get", "all but the hash", List::hashCode);
    for (ReadPath path : List.of(ReadPath.LIST, ReadPath.HEADERS)) {
      queries(all, path, "values of attributes", query -> query.toString());
      queries(all, path, "the limit", query -> query.toBuilder().limit(1).build() + text(query));
      queries(
          all,
          path,
          "the order",
          query ->
              query.toBuilder().order(CheckpointQuery.Order.NEWEST_FIRST).build() + text(query));
      queries(
          all, path, "the cursor", query -> query.toBuilder().cursor(null).build() + text(query));
      queries(
          all, path, "versions", query -> query.toBuilder().versions(1, 2).build() + text(query));
      queries(all, path, "types of attributes", query -> query + "" + query.attributes());
      queries(
          all,
          path,
          "the namespace",
          query -> ReadPath.copy(query, "n", field -> true).build() + text(query));
    }
  }

  private static String text(CheckpointQuery query) {
    return query.attributes() + "";
  }

  private static void keyed(
      List<GeneratedMutant> all, String path, String lacking, Function<List<String>, Object> key) {
    all.add(
        GeneratedMutant.shared(
            "key of a cache",
            path,
            lacking + " missing",
            () -> {
              Map<Object, Optional<Checkpoint>> answers = new HashMap<>();
              return good ->
                  PageFaults.onChange(
                      Faulty.get(
                          good,
                          (storage, namespace, id) -> {
                            Optional<Checkpoint> read = storage.get(namespace, id);
                            synchronized (answers) {
                              return read.isEmpty()
                                  ? read
                                  : answers.computeIfAbsent(
                                      key.apply(List.of(namespace, id)), it -> read);
                            }
                          }),
                      () -> {
                        synchronized (answers) {
                          answers.clear();
                        }
                      });
            }));
  }

  private static void queries(
      List<GeneratedMutant> all,
      ReadPath path,
      String lacking,
      Function<CheckpointQuery, String> key) {
    all.add(
        GeneratedMutant.shared(
            "key of a cache",
            path.label(),
            lacking + " missing",
            () -> {
              Map<String, Page<Checkpoint>> answers = new HashMap<>();
              UnaryOperator<BackendStorage> fault =
                  good ->
                      path.answering(
                          good,
                          (storage, query) -> {
                            Page<Checkpoint> read = storage.list(query);
                            synchronized (answers) {
                              return answers.computeIfAbsent(key.apply(query), it -> read);
                            }
                          });
              return good ->
                  PageFaults.onChange(
                      fault.apply(good),
                      () -> {
                        synchronized (answers) {
                          answers.clear();
                        }
                      });
            }));
  }
}
