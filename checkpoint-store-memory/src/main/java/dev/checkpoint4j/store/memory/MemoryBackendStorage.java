package dev.checkpoint4j.store.memory;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.Page;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.spi.AbstractBackendStorage;
import dev.checkpoint4j.spi.BackendDescriptor;
import dev.checkpoint4j.spi.Capability;
import dev.checkpoint4j.spi.Durability;
import dev.checkpoint4j.spi.ListCursor;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ConcurrentSkipListSet;

/**
 * Keeps checkpoints in the memory of the process: the immutable objects themselves, without
 * encoding. Nothing outlives the process, or the last handle of a store.
 *
 * <p>A put, a get, the look-up of the latest and the deletion of a checkpoint take effect at a
 * single moment each: they are linearizable. A delete of several checkpoints, and a listing of
 * several sessions, handle one after the other. What changes a session waits for whatever else is
 * going on in it, {@code get} and the look-up of the latest excepted; these wait for nothing but,
 * the latter, a change. Operations on different sessions do not wait for each other.
 */
public final class MemoryBackendStorage extends AbstractBackendStorage {

  static final String ID = "memory";

  private static final BackendDescriptor DESCRIPTOR =
      BackendDescriptor.builder(ID, Durability.VOLATILE)
          .capabilities(EnumSet.of(Capability.ATTRIBUTE_QUERY))
          .build();

  /** Guarded by itself. */
  private static final Map<String, Store> NAMED = new HashMap<>();

  /** What the handles of one name share. */
  static final class Store {
    final ConcurrentMap<String, MemoryNamespace> namespaces = new ConcurrentHashMap<>();

    /** The names of all namespaces, also of one that is empty or about to be created. */
    final NavigableSet<String> names = new ConcurrentSkipListSet<>();

    final ConcurrentMap<SessionKey, MemorySession> sessions = new ConcurrentHashMap<>();

    /** Guarded by {@link #NAMED}. */
    int handles;
  }

  private final Store store;
  private final Runnable release;

  MemoryBackendStorage(Store store, Runnable release) {
    super(DESCRIPTOR);
    this.store = store;
    this.release = release;
  }

  /** A new, empty store with one handle. */
  public static MemoryBackendStorage create() {
    return new MemoryBackendStorage(new Store(), () -> {});
  }

  /**
   * A handle on the store of this name in the JVM, which is created when its first handle is opened
   * and dropped when the last one is closed.
   *
   * @throws IllegalArgumentException if the name is empty
   */
  public static MemoryBackendStorage named(String name) {
    if (Objects.requireNonNull(name, "name").isEmpty()) {
      throw new IllegalArgumentException("name is empty");
    }
    synchronized (NAMED) {
      Store store = NAMED.computeIfAbsent(name, absent -> new Store());
      store.handles++;
      return new MemoryBackendStorage(store, () -> release(name, store));
    }
  }

  private static void release(String name, Store store) {
    synchronized (NAMED) {
      store.handles--;
      if (store.handles == 0) {
        NAMED.remove(name);
      }
    }
  }

  @Override
  protected void doPut(Checkpoint checkpoint, Expectation expectation) {
    MemoryNamespace namespace = store.namespaces.get(checkpoint.namespace());
    if (namespace == null) {
      // Not computeIfAbsent: an Error within it can make a part of the map useless for good.
      store.names.add(checkpoint.namespace());
      MemoryNamespace created = new MemoryNamespace(checkpoint.namespace(), store.sessions);
      namespace = store.namespaces.putIfAbsent(checkpoint.namespace(), created);
      if (namespace == null) {
        namespace = created;
      }
    }
    namespace.put(checkpoint, expectation);
  }

  @Override
  protected Optional<Checkpoint> doGet(String namespace, String id) {
    return namespace(namespace).flatMap(stored -> stored.get(id));
  }

  @Override
  protected Optional<Checkpoint> doGetBySession(SessionKey session) {
    MemorySession stored = store.sessions.get(session);
    if (stored == null) {
      return Optional.empty();
    }
    long stamp = stored.lock.tryOptimisticRead();
    Checkpoint latest = stored.latest;
    return !stored.pending && stored.lock.validate(stamp)
        ? Optional.ofNullable(latest)
        : namespace(session.namespace()).flatMap(found -> found.latest(session, stored));
  }

  @Override
  protected Page<Checkpoint> doList(CheckpointQuery query, Optional<ListCursor> start) {
    List<Checkpoint> found =
        namespace(query.namespace())
            .map(stored -> stored.list(query, start, query.limit() + 1))
            .orElse(List.of());
    return page(found, query.limit(), last -> ListCursor.ofCheckpoint(last.header()));
  }

  @Override
  protected Page<SessionKey> doListSessions(
      String namespace, int limit, Optional<ListCursor> start) {
    return namespace(namespace)
        .map(stored -> page(stored.sessionIds(), limit, start, ListCursor::ofSession))
        .orElse(Page.of(List.of(), null))
        .map(sessionId -> new SessionKey(namespace, sessionId));
  }

  @Override
  protected Page<String> doListNamespaces(int limit, Optional<ListCursor> start) {
    List<String> found =
        start.map(last -> store.names.tailSet(last.key(), false)).orElse(store.names).stream()
            .filter(name -> namespace(name).filter(stored -> !stored.isEmpty()).isPresent())
            .limit(limit + 1)
            .toList();
    return page(found, limit, ListCursor::ofNamespace);
  }

  @Override
  protected long doDelete(String namespace, Set<String> ids) {
    return namespace(namespace).map(stored -> stored.delete(ids)).orElse(0L);
  }

  @Override
  protected long doDeleteBySession(SessionKey session) {
    return namespace(session.namespace()).map(stored -> stored.deleteSession(session)).orElse(0L);
  }

  @Override
  protected void doClose() {
    release.run();
  }

  private Optional<MemoryNamespace> namespace(String namespace) {
    return Optional.ofNullable(store.namespaces.get(namespace));
  }
}
