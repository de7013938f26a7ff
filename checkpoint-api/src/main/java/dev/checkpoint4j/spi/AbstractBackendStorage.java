package dev.checkpoint4j.spi;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.Page;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.annotation.CanIgnoreReturnValue;
import dev.checkpoint4j.error.CorruptCheckpointException;
import dev.checkpoint4j.error.DuplicateCheckpointException;
import dev.checkpoint4j.error.ErrorContext;
import dev.checkpoint4j.error.VersionConflictException;
import java.util.Collection;
import java.util.List;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * The base of backends: checks arguments, decodes cursors, refuses calls after {@link #close()},
 * and never returns a checkpoint in place of another. Each public method then calls a method of the
 * backend with a name that starts with {@code do}, which promises what the public method promises.
 *
 * <pre>{@code
 * final class MyBackend extends AbstractBackendStorage {
 *   MyBackend() {
 *     super(BackendDescriptor.builder("mine", Durability.VOLATILE).build());
 *   }
 *
 *   @Override
 *   protected Optional<Checkpoint> doGet(String namespace, String id) {
 *     return ...;
 *   }
 *   ...
 * }
 * }</pre>
 *
 * <p>A handle whose resources must not be released while a call uses them also needs a {@link
 * CallGuard}. Safe for use by several threads.
 */
public abstract class AbstractBackendStorage implements BackendStorage {

  private final BackendDescriptor descriptor;
  private final AtomicBoolean isClosed = new AtomicBoolean();

  /** Creates an open handle. */
  protected AbstractBackendStorage(BackendDescriptor descriptor) {
    this.descriptor = Objects.requireNonNull(descriptor, "descriptor");
  }

  @Override
  public final BackendDescriptor descriptor() {
    return descriptor;
  }

  @Override
  public final void put(Checkpoint checkpoint, Expectation expectation) {
    Objects.requireNonNull(checkpoint, "checkpoint");
    Objects.requireNonNull(expectation, "expectation");
    requireOpen();
    doPut(checkpoint, expectation);
  }

  @Override
  public final Optional<Checkpoint> get(String namespace, String id) {
    Arguments.checkNamespace(namespace);
    Arguments.checkId(id);
    requireOpen();
    return requireMatch(
        doGet(namespace, id),
        found -> found.id().equals(id) && found.namespace().equals(namespace),
        context("get").checkpoint(namespace, id));
  }

  @Override
  public final Optional<Checkpoint> getBySession(SessionKey session) {
    Objects.requireNonNull(session, "session");
    requireOpen();
    return requireMatch(
        doGetBySession(session),
        found -> found.sessionKey().equals(session),
        context("getBySession").session(session));
  }

  @Override
  public final Page<Checkpoint> list(CheckpointQuery query) {
    Optional<ListCursor> start = requireAnswerable(query);
    return doList(query, start);
  }

  @Override
  public final Page<CheckpointHeader> listHeaders(CheckpointQuery query) {
    Optional<ListCursor> start = requireAnswerable(query);
    return doListHeaders(query, start);
  }

  private Optional<ListCursor> requireAnswerable(CheckpointQuery query) {
    Objects.requireNonNull(query, "query");
    requireOpen();
    if (!query.attributes().isEmpty()
        && !descriptor.capabilities().contains(Capability.ATTRIBUTE_QUERY)) {
      throw new UnsupportedOperationException(
          "the backend '"
              + descriptor.id()
              + "' answers no conditions on attributes; a CheckpointRepository does");
    }
    return query.cursor().map(ListCursor::decode);
  }

  @Override
  public final Page<SessionKey> listSessions(String namespace, int limit, Optional<String> cursor) {
    Arguments.checkNamespace(namespace);
    Arguments.checkLimit(limit);
    Objects.requireNonNull(cursor, "cursor");
    requireOpen();
    return doListSessions(namespace, limit, cursor.map(ListCursor::decodeSessions));
  }

  @Override
  public final Page<String> listNamespaces(int limit, Optional<String> cursor) {
    Arguments.checkLimit(limit);
    Objects.requireNonNull(cursor, "cursor");
    requireOpen();
    return doListNamespaces(limit, cursor.map(ListCursor::decodeNamespaces));
  }

  @Override
  @CanIgnoreReturnValue
  public final long delete(String namespace, Collection<String> ids) {
    Arguments.checkNamespace(namespace);
    Set<String> distinct = Arguments.checkIds(ids);
    requireOpen();
    return doDelete(namespace, distinct);
  }

  @Override
  @CanIgnoreReturnValue
  public final long deleteBySession(SessionKey session) {
    Objects.requireNonNull(session, "session");
    requireOpen();
    return doDeleteBySession(session);
  }

  @Override
  public final void close() {
    if (isClosed.compareAndSet(false, true)) {
      doClose();
    }
  }

  /** Whatever an index or a cache of the backend says, no checkpoint is returned for another. */
  private static Optional<Checkpoint> requireMatch(
      Optional<Checkpoint> found, Predicate<Checkpoint> isExpected, ErrorContext context) {
    if (found.isPresent() && !isExpected.test(found.get())) {
      throw new CorruptCheckpointException(
          "the store holds another checkpoint in place of the one that was asked for. Verify the"
              + " store, and restore it from a backup",
          context,
          null);
    }
    return found;
  }

  private void requireOpen() {
    if (isClosed.get()) {
      throw new IllegalStateException("this handle of the " + descriptor.id() + " store is closed");
    }
  }

  // ---- for backends

  /** As {@link #put}. */
  protected abstract void doPut(Checkpoint checkpoint, Expectation expectation);

  /** As {@link #get}. */
  protected abstract Optional<Checkpoint> doGet(String namespace, String id);

  /** As {@link #getBySession}. */
  protected abstract Optional<Checkpoint> doGetBySession(SessionKey session);

  /**
   * As {@link #list}.
   *
   * @param start the position after which the page starts, which replaces the cursor of the query
   */
  protected abstract Page<Checkpoint> doList(CheckpointQuery query, Optional<ListCursor> start);

  /**
   * As {@link #listHeaders}. Reads the values as well; to be overridden where the medium can leave
   * them out.
   *
   * @param start the position after which the page starts, which replaces the cursor of the query
   */
  protected Page<CheckpointHeader> doListHeaders(
      CheckpointQuery query, Optional<ListCursor> start) {
    return doList(query, start).map(Checkpoint::header);
  }

  /** As {@link #listSessions}; the page starts after {@code start}. */
  protected abstract Page<SessionKey> doListSessions(
      String namespace, int limit, Optional<ListCursor> start);

  /** As {@link #listNamespaces}; the page starts after {@code start}. */
  protected abstract Page<String> doListNamespaces(int limit, Optional<ListCursor> start);

  /** As {@link #delete}. */
  protected abstract long doDelete(String namespace, Set<String> ids);

  /** As {@link #deleteBySession}. */
  protected abstract long doDeleteBySession(SessionKey session);

  /** As {@link #close}, once for each handle. Does nothing unless overridden. */
  protected void doClose() {}

  /** The context of an error in an operation of this backend. */
  protected final ErrorContext context(String operation) {
    return ErrorContext.of(descriptor.id(), operation);
  }

  /**
   * Decides a put in the order of the specification: first the id, then the version and the
   * expectation. To be called where nothing changes what was read until the checkpoint is stored.
   *
   * @param sameId the stored checkpoint with the id of this one
   * @param latest the latest checkpoint of its session
   * @return whether the checkpoint is to be stored; {@code false} if an equal one is stored
   * @throws DuplicateCheckpointException if the stored checkpoint with the same id is not equal
   * @throws VersionConflictException if the version is not greater than that of the latest, or the
   *     expectation does not hold
   */
  protected final boolean isToBeStored(
      Checkpoint checkpoint,
      Expectation expectation,
      Optional<Checkpoint> sameId,
      Optional<CheckpointHeader> latest) {
    if (sameId.isPresent()) {
      if (!sameId.get().equals(checkpoint)) {
        throw new DuplicateCheckpointException(descriptor.id(), checkpoint);
      }
      return false;
    }
    long latestVersion = latest.map(CheckpointHeader::version).orElse(0L);
    if (checkpoint.version() <= latestVersion
        || !expectation.isMetBy(latest.map(CheckpointHeader::id))) {
      throw new VersionConflictException(descriptor.id(), checkpoint, expectation, latestVersion);
    }
    return true;
  }

  /**
   * A page of the keys after a position.
   *
   * @param position {@link ListCursor#ofSession} or {@link ListCursor#ofNamespace}
   */
  protected static Page<String> page(
      NavigableSet<String> keys,
      int limit,
      Optional<ListCursor> start,
      Function<String, ListCursor> position) {
    NavigableSet<String> rest = start.map(last -> keys.tailSet(last.key(), false)).orElse(keys);
    return page(rest.stream().limit(limit + 1L).toList(), limit, position);
  }

  /**
   * A page of the first entries, with a cursor if there are more.
   *
   * @param found the entries after the start of the page; one more than the limit is enough
   * @param position the position of an entry
   */
  protected static <T> Page<T> page(
      List<T> found, int limit, Function<? super T, ListCursor> position) {
    return found.size() <= limit
        ? Page.of(found, null)
        : Page.of(found.subList(0, limit), position.apply(found.get(limit - 1)).encode());
  }
}
