package dev.checkpoint4j.core;

import dev.checkpoint4j.AsyncCheckpointRepository;
import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.CheckpointMetadata;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.CheckpointRepository;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.Page;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.Values;
import dev.checkpoint4j.annotation.CanIgnoreReturnValue;
import dev.checkpoint4j.error.CheckpointException;
import dev.checkpoint4j.error.DuplicateCheckpointException;
import dev.checkpoint4j.error.VersionConflictException;
import dev.checkpoint4j.spi.Arguments;
import dev.checkpoint4j.spi.BackendDescriptor;
import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.CallDeadline;
import dev.checkpoint4j.spi.Capability;
import dev.checkpoint4j.spi.CheckpointCodec;
import dev.checkpoint4j.spi.Printable;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The repository of one namespace of a {@link RepositoryContext}. */
final class DefaultCheckpointRepository implements CheckpointRepository {

  /** Checkpoints can be large: the history is read in smaller pages than headers are. */
  private static final int HISTORY_PAGE = 20;

  private final RepositoryContext context;
  private final String namespace;
  private final Supplier<BackendStorage> storage;
  private final Runnable closer;

  private DefaultCheckpointRepository(
      RepositoryContext context,
      String namespace,
      Supplier<BackendStorage> storage,
      Runnable closer) {
    this.context = context;
    this.namespace = namespace;
    this.storage = storage;
    this.closer = closer;
  }

  /** The repository that owns the store, and closes it. */
  static DefaultCheckpointRepository owning(RepositoryContext context, String namespace) {
    return new DefaultCheckpointRepository(
        context, namespace, context::openStorage, context::close);
  }

  /** A view of the store, which closes nothing. */
  static DefaultCheckpointRepository view(RepositoryContext context, String namespace) {
    return new DefaultCheckpointRepository(context, namespace, context::openStorage, () -> {});
  }

  /**
   * A repository for operations that were accepted while the store was open: they go on while it is
   * being closed.
   */
  static DefaultCheckpointRepository ofAccepted(RepositoryContext context, String namespace) {
    return new DefaultCheckpointRepository(context, namespace, context::storage, () -> {});
  }

  @Override
  public String namespace() {
    return namespace;
  }

  @Override
  public CheckpointRepository namespace(String namespace) {
    context.runner().checkOpen();
    return view(context, Arguments.checkNamespace(namespace));
  }

  @Override
  public BackendDescriptor descriptor() {
    return context.storage().descriptor();
  }

  @Override
  public CheckpointCodec codec() {
    return context.codec().get();
  }

  @Override
  public AsyncCheckpointRepository async() {
    return new DefaultAsyncRepository(context, namespace);
  }

  @Override
  public void put(Checkpoint checkpoint) {
    put(checkpoint, Expectation.any());
  }

  @Override
  public void put(Checkpoint checkpoint, Expectation expectation) {
    Objects.requireNonNull(checkpoint, "checkpoint");
    Objects.requireNonNull(expectation, "expectation");
    checkBound("the checkpoint", checkpoint.namespace());
    BackendStorage backend = storage.get();
    this.<@Nullable Void>call(
        () -> {
          backend.put(checkpoint, expectation);
          return null;
        });
  }

  @Override
  public Optional<Checkpoint> get(String id) {
    BackendStorage backend = storage.get();
    String checked = Arguments.checkId(id);
    return call(() -> backend.get(namespace, checked));
  }

  @Override
  public Optional<Checkpoint> get(String sessionId, long version) {
    return list(
            CheckpointQuery.builder(session(sessionId)).versions(version, version).limit(1).build())
        .items()
        .stream()
        .findFirst();
  }

  @Override
  public Optional<Checkpoint> getBySession(String sessionId) {
    BackendStorage backend = storage.get();
    SessionKey session = session(sessionId);
    // A read that takes nanoseconds in memory: no lambda is created for it.
    return CallDeadline.after(context.callTimeout())
        .call(BackendStorage::getBySession, backend, session);
  }

  /** Runs what is one call to the caller: all its waits together end by one deadline. */
  private <T extends @Nullable Object> T call(Supplier<T> work) {
    return CallDeadline.after(context.callTimeout()).call(work);
  }

  @Override
  public CheckpointQuery.Builder query() {
    return CheckpointQuery.builder(namespace);
  }

  @Override
  public Page<Checkpoint> list(CheckpointQuery query) {
    return page(query, BackendStorage::list, DefaultCheckpointRepository::load);
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
    return call(
        () ->
            isAnsweredBy(backend, query)
                ? list.apply(backend, query)
                : Pages.filtered(backend, query, header -> load.apply(backend, header)));
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
    checkOpen();
    return Pages.streamOf(
        query.cursor(),
        cursor -> list.apply(query.toBuilder().cursor(cursor.orElse(null)).build()));
  }

  @Override
  public Stream<Checkpoint> history(String sessionId) {
    return history(sessionId, CheckpointQuery.Order.NEWEST_FIRST);
  }

  @Override
  public Stream<Checkpoint> history(String sessionId, CheckpointQuery.Order order) {
    return stream(
        CheckpointQuery.builder(session(sessionId)).order(order).limit(HISTORY_PAGE).build());
  }

  @Override
  public Stream<Checkpoint> lineage(String id) {
    Arguments.checkId(id);
    checkOpen();
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
                  Printable.line(
                      "checkpoint '"
                          + id
                          + "' of namespace '"
                          + namespace
                          + "' is its own ancestor; one of the parents was stored wrongly, or an id was"
                          + " used again after its checkpoint was deleted"));
            }
            return DefaultCheckpointRepository.this.get(id);
          }
        });
  }

  @Override
  public Stream<String> sessions() {
    checkOpen();
    return Pages.streamOf(
        Optional.empty(), cursor -> listSessions(CheckpointQuery.MAX_LIMIT, cursor));
  }

  @Override
  public Page<String> listSessions(int limit, Optional<String> cursor) {
    BackendStorage backend = storage.get();
    Arguments.checkLimit(limit);
    Objects.requireNonNull(cursor, "cursor");
    return call(() -> backend.listSessions(namespace, limit, cursor)).map(SessionKey::sessionId);
  }

  @Override
  public Stream<String> namespaces() {
    checkOpen();
    return Pages.streamOf(
        Optional.empty(), cursor -> listNamespaces(CheckpointQuery.MAX_LIMIT, cursor));
  }

  @Override
  public Page<String> listNamespaces(int limit, Optional<String> cursor) {
    BackendStorage backend = storage.get();
    Arguments.checkLimit(limit);
    Objects.requireNonNull(cursor, "cursor");
    return call(() -> backend.listNamespaces(limit, cursor));
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
    return append(newId(), session, (next, latest) -> next.metadata(metadata).values(frozen));
  }

  @Override
  @CanIgnoreReturnValue
  public Checkpoint save(
      String id, CheckpointMetadata metadata, Map<String, ? extends @Nullable Object> values) {
    Arguments.checkId(id);
    Objects.requireNonNull(metadata, "metadata");
    Map<String, @Nullable Object> frozen = Values.freeze(Objects.requireNonNull(values, "values"));
    SessionKey session = session(metadata.sessionId());
    return call(() -> saveAs(id, session, metadata, frozen, true));
  }

  private Checkpoint saveAs(
      String id,
      SessionKey session,
      CheckpointMetadata metadata,
      Map<String, @Nullable Object> values,
      boolean again) {
    try {
      return append(id, session, (next, latest) -> next.metadata(metadata).values(values));
    } catch (RuntimeException e) {
      boolean isTaken = e instanceof DuplicateCheckpointException;
      if (e instanceof CheckpointException && !isTaken) {
        throw e;
      }
      // Also if no version follows, which is known before the store checks the id.
      Optional<Checkpoint> stored = get(id);
      if (isTaken && again && stored.isEmpty()) {
        // It was deleted in between.
        return saveAs(id, session, metadata, values, false);
      }
      return stored
          .filter(found -> found.metadata().equals(metadata) && found.values().equals(values))
          .orElseThrow(() -> e);
    }
  }

  /** Stores a checkpoint after the latest one, whatever that is. */
  private Checkpoint append(
      String id, SessionKey session, Derivation<CheckpointHeader> derivation) {
    return compareAndSet(
        id,
        session,
        new CallBudget(CallDeadline.after(context.callTimeout())),
        () -> latestHeader(session),
        latest -> latest,
        latest -> Expectation.any(),
        derivation);
  }

  @Override
  @CanIgnoreReturnValue
  public Checkpoint restore(String id) {
    return call(
        () -> {
          Checkpoint restored = require(id);
          return append(
              newId(),
              restored.sessionKey(),
              (next, latest) ->
                  next.metadata(restored.metadata()).values(restored.values()).parentId(id));
        });
  }

  @Override
  @CanIgnoreReturnValue
  public Checkpoint fork(String id, String newSessionId) {
    SessionKey session = session(Objects.requireNonNull(newSessionId, "newSessionId"));
    return call(() -> fork(require(id), session));
  }

  private Checkpoint fork(Checkpoint origin, SessionKey session) {
    CheckpointMetadata metadata =
        CheckpointMetadata.builder(session.sessionId())
            .taskId(origin.metadata().taskId().orElse(null))
            .attributes(origin.metadata().attributes())
            .build();
    Checkpoint first =
        stamped(successor(metadata, newId(), Optional.empty()))
            .parentId(origin.id())
            .values(origin.values())
            .build();
    put(first, Expectation.noSession());
    return first;
  }

  private Checkpoint require(String id) {
    return get(id)
        .orElseThrow(
            () ->
                new NoSuchElementException(
                    Printable.line(
                        "there is no checkpoint '" + id + "' in namespace '" + namespace + "'")));
  }

  @Override
  public Checkpoint.Builder next(Checkpoint checkpoint) {
    Objects.requireNonNull(checkpoint, "checkpoint");
    checkBound("the checkpoint", checkpoint.namespace());
    return stamped(successor(checkpoint.metadata(), newId(), Optional.of(checkpoint.header())))
        .values(checkpoint.values());
  }

  @Override
  @CanIgnoreReturnValue
  public Checkpoint update(String sessionId, UnaryOperator<Map<String, @Nullable Object>> change) {
    return update(sessionId, change, CallDeadline.after(context.callTimeout()));
  }

  @Override
  @CanIgnoreReturnValue
  public Checkpoint update(
      CheckpointMetadata metadata, UnaryOperator<Map<String, @Nullable Object>> change) {
    return update(metadata, change, CallDeadline.after(context.callTimeout()));
  }

  /** As the public method, by a deadline that may have been set before; {@code change} moves it. */
  Checkpoint update(
      String sessionId,
      UnaryOperator<Map<String, @Nullable Object>> change,
      CallDeadline deadline) {
    return update(
        session(sessionId),
        latest ->
            latest.map(Checkpoint::metadata).orElseGet(() -> CheckpointMetadata.of(sessionId)),
        change,
        deadline);
  }

  /** As the public method, by a deadline that may have been set before; {@code change} moves it. */
  Checkpoint update(
      CheckpointMetadata metadata,
      UnaryOperator<Map<String, @Nullable Object>> change,
      CallDeadline deadline) {
    Objects.requireNonNull(metadata, "metadata");
    return update(session(metadata.sessionId()), latest -> metadata, change, deadline);
  }

  private Checkpoint update(
      SessionKey session,
      Function<Optional<Checkpoint>, CheckpointMetadata> metadata,
      UnaryOperator<Map<String, @Nullable Object>> change,
      CallDeadline deadline) {
    Objects.requireNonNull(change, "change");
    return compareAndSet(
        newId(),
        session,
        new CallBudget(deadline),
        () -> storage.get().getBySession(session),
        latest -> latest.map(Checkpoint::header),
        DefaultCheckpointRepository::unchanged,
        (next, latest) ->
            next.metadata(metadata.apply(latest))
                .values(
                    Objects.requireNonNull(
                        change.apply(
                            latest.map(Checkpoint::values).orElse(Values.freeze(Map.of()))),
                        "change returned null; return the values to store")));
  }

  /** That no other writer was faster, also by deleting the session and starting it again. */
  private static Expectation unchanged(Optional<Checkpoint> latest) {
    return latest
        .map(checkpoint -> Expectation.latestIs(checkpoint.id()))
        .orElse(Expectation.noSession());
  }

  private Optional<CheckpointHeader> latestHeader(SessionKey session) {
    return storage
        .get()
        .listHeaders(CheckpointQuery.builder(session).limit(1).build())
        .items()
        .stream()
        .findFirst();
  }

  /** Completes the next checkpoint of a session from its latest one. */
  private interface Derivation<L> {
    Checkpoint.Builder derive(Checkpoint.Builder next, Optional<L> latest);
  }

  /**
   * Reads the latest, derives the next and stores it, again if another writer was faster. All
   * attempts use one id: an attempt that was abandoned and arrives late cannot be stored beside
   * another one. A conflict of another id comes from the caller's own code, the time of which does
   * not count.
   */
  private <L> Checkpoint compareAndSet(
      String id,
      SessionKey session,
      CallBudget budget,
      Supplier<Optional<L>> readLatest,
      Function<Optional<L>, Optional<CheckpointHeader>> headerOf,
      Function<Optional<L>, Expectation> expectation,
      Derivation<L> derivation) {
    return context
        .conflicts()
        .call(
            failure ->
                failure instanceof VersionConflictException
                    && failure.checkpointId().equals(Optional.of(id)),
            () -> {
              Optional<L> latest = budget.spend(readLatest);
              Optional<CheckpointHeader> header = headerOf.apply(latest);
              Checkpoint.Builder builder =
                  successor(CheckpointMetadata.of(session.sessionId()), id, header);
              Checkpoint next =
                  stamped(budget.spare(() -> derivation.derive(builder, latest))).build();
              BackendStorage backend = storage.get();
              budget.<@Nullable Void>spend(
                  () -> {
                    backend.put(next, expectation.apply(latest));
                    return null;
                  });
              return next;
            },
            budget::deadline);
  }

  /** A checkpoint after the latest one, without time and values. */
  private Checkpoint.Builder successor(
      CheckpointMetadata metadata, String id, Optional<CheckpointHeader> latest) {
    return Checkpoint.builder(metadata)
        .namespace(namespace)
        .id(id)
        .version(nextVersion(latest))
        .parentId(latest.map(CheckpointHeader::id).orElse(null));
  }

  private String newId() {
    @Nullable String id = context.ids().next();
    if (id == null) {
      throw new IllegalStateException("the id generator gave null");
    }
    try {
      return Arguments.checkId(id);
    } catch (IllegalArgumentException e) {
      throw new IllegalStateException("the id generator gave an illegal id: " + e.getMessage(), e);
    }
  }

  private Checkpoint.Builder stamped(Checkpoint.Builder builder) {
    Instant now = context.clock().instant();
    try {
      return builder.ts(now);
    } catch (IllegalArgumentException e) {
      throw new IllegalStateException(
          "the clock gave a time that no checkpoint can have: " + e.getMessage(), e);
    }
  }

  private long nextVersion(Optional<CheckpointHeader> latest) {
    long version = context.versions().next(latest);
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
  public boolean delete(String id) {
    return delete(List.of(Arguments.checkId(id))) > 0;
  }

  @Override
  @CanIgnoreReturnValue
  public long delete(Collection<String> ids) {
    BackendStorage backend = storage.get();
    Set<String> distinct = Arguments.checkIds(ids);
    return call(() -> backend.delete(namespace, distinct));
  }

  @Override
  @CanIgnoreReturnValue
  public long deleteBySession(String sessionId) {
    BackendStorage backend = storage.get();
    SessionKey session = session(sessionId);
    return call(() -> backend.deleteBySession(session));
  }

  @Override
  public void close() {
    closer.run();
  }

  private SessionKey session(String sessionId) {
    return new SessionKey(namespace, sessionId);
  }

  /** Not by the runner: what was accepted goes on while the store is being closed. */
  private void checkOpen() {
    BackendStorage unused = storage.get();
  }

  private void checkQuery(CheckpointQuery query) {
    Objects.requireNonNull(query, "query");
    checkBound("the query", query.namespace());
  }

  private void checkBound(String what, String actual) {
    if (!actual.equals(namespace)) {
      throw new IllegalArgumentException(
          Printable.line(
              what
                  + " is of namespace '"
                  + actual
                  + "' but this repository is bound to '"
                  + namespace
                  + "'; use repository.namespace(\""
                  + actual
                  + "\")"));
    }
  }

  @Override
  public String toString() {
    return Printable.line(
        "CheckpointRepository[backend=" + descriptor().id() + ", namespace=" + namespace + "]");
  }
}
