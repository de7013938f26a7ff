package dev.checkpoint4j.store.memory;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.Page;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.annotation.CanIgnoreReturnValue;
import dev.checkpoint4j.spi.Arguments;
import dev.checkpoint4j.spi.BackendDescriptor;
import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.Capability;
import dev.checkpoint4j.spi.Durability;
import dev.checkpoint4j.spi.ListCursor;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;

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
public final class MemoryBackendStorage implements BackendStorage {

  static final String ID = "memory";

  private static final BackendDescriptor DESCRIPTOR =
      BackendDescriptor.builder(ID, Durability.VOLATILE)
          .capabilities(EnumSet.of(Capability.ATTRIBUTE_QUERY))
          .build();

  private static final ConcurrentMap<String, Store> NAMED = new ConcurrentHashMap<>();

  /** What the handles of one name share. */
  private static final class Store {
    final ConcurrentMap<String, MemoryNamespace> namespaces = new ConcurrentHashMap<>();
    final ConcurrentMap<SessionKey, MemorySession> sessions = new ConcurrentHashMap<>();

    /** Guarded by the entry of {@link #NAMED}. */
    int handles;
  }

  private final Store store;
  private final Runnable release;
  private final AtomicBoolean closed = new AtomicBoolean();

  private MemoryBackendStorage(Store store, Runnable release) {
    this.store = store;
    this.release = release;
  }

  /** A new, empty store with one handle. */
  public static MemoryBackendStorage create() {
    return new MemoryBackendStorage(new Store(), () -> {});
  }

  /**
   * A handle on the store of this name in the JVM, which is made when its first handle is opened
   * and dropped when the last one is closed.
   *
   * @throws IllegalArgumentException if the name is empty
   */
  public static MemoryBackendStorage named(String name) {
    if (Objects.requireNonNull(name, "name").isEmpty()) {
      throw new IllegalArgumentException("name is empty");
    }
    Store store =
        NAMED.compute(
            name,
            (key, present) -> {
              Store shared = present == null ? new Store() : present;
              shared.handles++;
              return shared;
            });
    return new MemoryBackendStorage(
        store,
        () -> NAMED.computeIfPresent(name, (key, shared) -> --shared.handles == 0 ? null : shared));
  }

  @Override
  public BackendDescriptor descriptor() {
    return DESCRIPTOR;
  }

  @Override
  public void put(Checkpoint checkpoint) {
    Objects.requireNonNull(checkpoint, "checkpoint");
    checkOpen();
    MemoryNamespace namespace = store.namespaces.get(checkpoint.namespace());
    if (namespace == null) {
      namespace =
          store.namespaces.computeIfAbsent(
              checkpoint.namespace(), name -> new MemoryNamespace(name, store.sessions));
    }
    namespace.put(checkpoint);
  }

  @Override
  public Optional<Checkpoint> get(String namespace, String id) {
    Arguments.checkNamespace(namespace);
    Arguments.checkId(id);
    return namespace(namespace).flatMap(stored -> stored.get(id));
  }

  @Override
  public Optional<Checkpoint> getBySession(SessionKey session) {
    Objects.requireNonNull(session, "session");
    checkOpen();
    MemorySession stored = store.sessions.get(session);
    return stored == null ? Optional.empty() : stored.latest();
  }

  @Override
  public Page<Checkpoint> list(CheckpointQuery query) {
    Objects.requireNonNull(query, "query");
    Optional<ListCursor> after = query.cursor().map(ListCursor::decode);
    List<Checkpoint> found =
        namespace(query.namespace())
            .map(stored -> stored.list(query, after, query.limit() + 1))
            .orElse(List.of());
    return page(
        found, query.limit(), last -> new ListCursor(last.metadata().sessionId(), last.version()));
  }

  @Override
  public Page<CheckpointHeader> listHeaders(CheckpointQuery query) {
    return list(query).map(Checkpoint::header);
  }

  @Override
  public Page<SessionKey> listSessions(String namespace, int limit, Optional<String> cursor) {
    Arguments.checkNamespace(namespace);
    Arguments.checkLimit(limit);
    Optional<ListCursor> after =
        Objects.requireNonNull(cursor, "cursor").map(ListCursor::decodeSessions);
    List<String> found =
        namespace(namespace)
            .map(stored -> stored.sessions(after.map(ListCursor::session), limit + 1))
            .orElse(List.of());
    return page(found, limit, last -> new ListCursor(last, 0))
        .map(sessionId -> new SessionKey(namespace, sessionId));
  }

  /** A page of all but the last of {@code found}, which only tells whether there is more. */
  private static <T> Page<T> page(List<T> found, int limit, Function<T, ListCursor> position) {
    return found.size() <= limit
        ? Page.of(found, null)
        : Page.of(found.subList(0, limit), position.apply(found.get(limit - 1)).encode());
  }

  @Override
  @CanIgnoreReturnValue
  public long delete(String namespace, Collection<String> ids) {
    Arguments.checkNamespace(namespace);
    Set<String> distinct = Arguments.checkIds(ids);
    return namespace(namespace)
        .map(stored -> distinct.stream().filter(stored::delete).count())
        .orElse(0L);
  }

  @Override
  @CanIgnoreReturnValue
  public long deleteBySession(SessionKey session) {
    Objects.requireNonNull(session, "session");
    return namespace(session.namespace()).map(stored -> stored.deleteSession(session)).orElse(0L);
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      release.run();
    }
  }

  /** What is stored in a legal namespace. */
  private Optional<MemoryNamespace> namespace(String namespace) {
    checkOpen();
    return Optional.ofNullable(store.namespaces.get(namespace));
  }

  private void checkOpen() {
    if (closed.get()) {
      throw new IllegalStateException("this handle of the memory store is closed");
    }
  }
}
