package dev.checkpoint4j.core;

import dev.checkpoint4j.AsyncCheckpointRepository;
import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.CheckpointMetadata;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.CheckpointRepository;
import dev.checkpoint4j.Page;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.Values;
import dev.checkpoint4j.annotation.CanIgnoreReturnValue;
import dev.checkpoint4j.error.VersionConflictException;
import dev.checkpoint4j.spi.Arguments;
import dev.checkpoint4j.spi.BackendDescriptor;
import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.Capability;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The repository of one namespace of a {@link Store}. */
final class StoreRepository implements CheckpointRepository {

  /** Checkpoints can be large: the history is read in smaller pages than headers are. */
  private static final int HISTORY_PAGE = 20;

  private final Store store;
  private final String namespace;
  private final Supplier<BackendStorage> storage;

  private StoreRepository(Store store, String namespace, Supplier<BackendStorage> storage) {
    this.store = store;
    this.namespace = namespace;
    this.storage = storage;
  }

  /** The repository of a legal namespace. */
  static StoreRepository of(Store store, String namespace) {
    return new StoreRepository(store, namespace, store::openStorage);
  }

  /**
   * A repository for operations that were accepted while the store was open: they go on while it is
   * being closed.
   */
  static StoreRepository ofAccepted(Store store, String namespace) {
    return new StoreRepository(store, namespace, store::storage);
  }

  @Override
  public String namespace() {
    return namespace;
  }

  @Override
  public CheckpointRepository namespace(String namespace) {
    store.runner().checkOpen();
    return of(store, Arguments.checkNamespace(namespace));
  }

  @Override
  public BackendDescriptor descriptor() {
    return store.storage().descriptor();
  }

  @Override
  public AsyncCheckpointRepository async() {
    return new StoreAsyncRepository(store, namespace);
  }

  @Override
  public void put(Checkpoint checkpoint) {
    Objects.requireNonNull(checkpoint, "checkpoint");
    checkBound("the checkpoint", checkpoint.namespace());
    storage.get().put(checkpoint);
  }

  @Override
  public Optional<Checkpoint> get(String id) {
    return storage.get().get(namespace, Arguments.checkId(id));
  }

  @Override
  public Optional<Checkpoint> getBySession(String sessionId) {
    return storage.get().getBySession(session(sessionId));
  }

  @Override
  public CheckpointQuery.Builder query() {
    return CheckpointQuery.builder(namespace);
  }

  @Override
  public Page<Checkpoint> list(CheckpointQuery query) {
    return page(query, BackendStorage::list, StoreRepository::load);
  }

  @Override
  public Page<CheckpointHeader> listHeaders(CheckpointQuery query) {
    return page(query, BackendStorage::listHeaders, (backend, header) -> Optional.of(header));
  }

  private <T> Page<T> page(
      CheckpointQuery query,
      BiFunction<BackendStorage, CheckpointQuery, Page<T>> list,
      BiFunction<BackendStorage, CheckpointHeader, Optional<T>> load) {
    checkQuery(query);
    BackendStorage backend = storage.get();
    return isAnsweredBy(backend, query)
        ? list.apply(backend, query)
        : Pages.filtered(backend, query, header -> load.apply(backend, header));
  }

  private static boolean isAnsweredBy(BackendStorage backend, CheckpointQuery query) {
    return query.attributes().isEmpty()
        || backend.descriptor().capabilities().contains(Capability.ATTRIBUTE_QUERY);
  }

  /** The checkpoint that was listed, unless it was deleted since, also if its id is used again. */
  private static Optional<Checkpoint> load(BackendStorage backend, CheckpointHeader header) {
    return backend
        .get(header.namespace(), header.id())
        .filter(checkpoint -> checkpoint.header().equals(header));
  }

  @Override
  public Stream<Checkpoint> stream(CheckpointQuery query) {
    return stream(query, this::list);
  }

  @Override
  public Stream<CheckpointHeader> streamHeaders(CheckpointQuery query) {
    return stream(query, this::listHeaders);
  }

  private <T> Stream<T> stream(CheckpointQuery query, Function<CheckpointQuery, Page<T>> list) {
    checkQuery(query);
    store.runner().checkOpen();
    return Pages.streamOf(
        query.cursor(),
        cursor -> list.apply(query.toBuilder().cursor(cursor.orElse(null)).build()));
  }

  @Override
  public Stream<Checkpoint> history(String sessionId) {
    return stream(CheckpointQuery.builder(session(sessionId)).limit(HISTORY_PAGE).build());
  }

  @Override
  public Stream<Checkpoint> lineage(String id) {
    Arguments.checkId(id);
    store.runner().checkOpen();
    return Pages.streamOf(
        new Supplier<Optional<Checkpoint>>() {
          private final Set<String> visited = new HashSet<>();
          private Optional<String> next = Optional.of(id);

          @Override
          public Optional<Checkpoint> get() {
            Optional<Checkpoint> found = next.flatMap(this::read);
            next = found.flatMap(Checkpoint::parentId);
            return found;
          }

          private Optional<Checkpoint> read(String id) {
            if (!visited.add(id)) {
              throw new IllegalStateException(
                  "checkpoint '"
                      + id
                      + "' of namespace '"
                      + namespace
                      + "' is its own ancestor; one of the parents was stored wrongly");
            }
            return StoreRepository.this.get(id);
          }
        });
  }

  @Override
  public Stream<String> sessions() {
    store.runner().checkOpen();
    return Pages.streamOf(
            Optional.empty(),
            cursor -> storage.get().listSessions(namespace, CheckpointQuery.MAX_LIMIT, cursor))
        .map(SessionKey::sessionId);
  }

  @Override
  @CanIgnoreReturnValue
  public Checkpoint save(String sessionId, Map<String, ? extends @Nullable Object> values) {
    return save(CheckpointMetadata.of(sessionId), values);
  }

  @Override
  @CanIgnoreReturnValue
  public Checkpoint save(
      CheckpointMetadata metadata, Map<String, ? extends @Nullable Object> values) {
    Objects.requireNonNull(metadata, "metadata");
    Map<String, @Nullable Object> frozen = Values.freeze(Objects.requireNonNull(values, "values"));
    SessionKey session = session(metadata.sessionId());
    return compareAndSet(
        () -> latestHeader(session),
        latest -> latest,
        latest -> Checkpoint.builder(metadata).values(frozen));
  }

  @Override
  @CanIgnoreReturnValue
  public Checkpoint update(String sessionId, UnaryOperator<Map<String, @Nullable Object>> change) {
    Objects.requireNonNull(change, "change");
    SessionKey session = session(sessionId);
    return compareAndSet(
        () -> storage.get().getBySession(session),
        latest -> latest.map(Checkpoint::header),
        latest ->
            Checkpoint.builder(
                    latest.map(Checkpoint::metadata).orElse(CheckpointMetadata.of(sessionId)))
                .values(
                    Objects.requireNonNull(
                        change.apply(
                            latest.map(Checkpoint::values).orElse(Values.freeze(Map.of()))),
                        "change returned null; return the values to store")));
  }

  private Optional<CheckpointHeader> latestHeader(SessionKey session) {
    return storage
        .get()
        .listHeaders(CheckpointQuery.builder(session).limit(1).build())
        .items()
        .stream()
        .findFirst();
  }

  /**
   * Reads the latest, derives the next and stores it, again if another writer was faster. All
   * attempts use one id: should an attempt that was given up for lost arrive late, it cannot be
   * stored beside another one. A conflict of another id comes from the caller's own code.
   */
  private <L> Checkpoint compareAndSet(
      Supplier<Optional<L>> readLatest,
      Function<Optional<L>, Optional<CheckpointHeader>> headerOf,
      Function<Optional<L>, Checkpoint.Builder> derive) {
    String id = newId();
    return store
        .conflicts()
        .call(
            failure ->
                failure instanceof VersionConflictException
                    && failure.checkpointId().equals(Optional.of(id)),
            () -> {
              Optional<L> latest = readLatest.get();
              Optional<CheckpointHeader> header = headerOf.apply(latest);
              Checkpoint next =
                  derive
                      .apply(latest)
                      .namespace(namespace)
                      .id(id)
                      .ts(store.clock().instant())
                      .version(nextVersion(header))
                      .parentId(header.map(CheckpointHeader::id).orElse(null))
                      .build();
              storage.get().put(next);
              return next;
            });
  }

  private String newId() {
    @Nullable String id = store.ids().next();
    try {
      return Arguments.checkId(id);
    } catch (IllegalArgumentException | NullPointerException e) {
      throw new IllegalStateException("the id generator gave an illegal id: " + e.getMessage(), e);
    }
  }

  private long nextVersion(Optional<CheckpointHeader> latest) {
    long version = store.versions().next(latest);
    long least = latest.map(CheckpointHeader::version).orElse(0L);
    if (version <= least) {
      throw new IllegalStateException(
          "the version policy gave version "
              + version
              + (latest.isPresent()
                  ? ", which is not greater than the latest version " + least
                  : " for the first checkpoint; it must be at least 1"));
    }
    return version;
  }

  @Override
  @CanIgnoreReturnValue
  public long delete(Collection<String> ids) {
    return storage.get().delete(namespace, Arguments.checkIds(ids));
  }

  @Override
  @CanIgnoreReturnValue
  public long deleteBySession(String sessionId) {
    return storage.get().deleteBySession(session(sessionId));
  }

  @Override
  public void close() {
    store.close();
  }

  private SessionKey session(String sessionId) {
    return new SessionKey(namespace, sessionId);
  }

  private void checkQuery(CheckpointQuery query) {
    Objects.requireNonNull(query, "query");
    checkBound("the query", query.namespace());
  }

  private void checkBound(String what, String actual) {
    if (!actual.equals(namespace)) {
      throw new IllegalArgumentException(
          what
              + " is of namespace '"
              + actual
              + "' but this repository is bound to '"
              + namespace
              + "'; use repository.namespace(\""
              + actual
              + "\")");
    }
  }

  @Override
  public String toString() {
    return "CheckpointRepository[backend=" + descriptor().id() + ", namespace=" + namespace + "]";
  }
}
