package dev.checkpoint4j;

import dev.checkpoint4j.annotation.CanIgnoreReturnValue;
import dev.checkpoint4j.spi.BackendDescriptor;
import dev.checkpoint4j.spi.CheckpointCodec;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Saves and restores the checkpoints of one namespace: what an application works with. Opened with
 * {@code Checkpoints.open} of checkpoint-core.
 *
 * <p><b>Threading.</b> All methods are blocking and safe for use by any number of threads; {@link
 * #async()} has the same operations, but for the streams, without blocking. Streams are read by one
 * thread each.
 *
 * <p><b>Durability and visibility.</b> When a method that writes returns, its effect is durable to
 * the class that the backend declares and visible to every reader, in this and in other processes.
 *
 * <p><b>Failures.</b> Every failure of the store is a {@link
 * dev.checkpoint4j.error.CheckpointException}, whose {@code mayHaveBeenApplied()} says whether a
 * write may have taken effect; an empty answer always means that there is nothing. Illegal
 * arguments are refused before any I/O with {@link IllegalArgumentException} or {@link
 * NullPointerException}. After {@link #close()} every operation on the store throws {@link
 * IllegalStateException}; {@link #namespace()}, {@link #descriptor()}, {@link #codec()}, {@link
 * #query()} and {@link #next}, which do not ask the store, still answer.
 *
 * <p><b>Time.</b> Each method is one call with one deadline, however often it asks the store; the
 * builder sets how long it may take, 30 seconds by default. In {@link #update} the time that the
 * function takes does not count, and a stream has a deadline for each page. When the time is over,
 * no further attempt is made, and the failure of the last one is thrown.
 *
 * <p><b>Streams</b> fetch page by page as they are read, and hold nothing that would have to be
 * closed. They hold every entry that is stored throughout exactly once; one that is stored or
 * deleted during the reading may be missing. A failure of the store is thrown while the stream is
 * read.
 */
public interface CheckpointRepository extends AutoCloseable {

  /** The namespace this repository is bound to. */
  String namespace();

  /**
   * A view of the same store, bound to another namespace. Only the repository that was opened
   * closes the store; closing a view does nothing.
   *
   * <pre>{@code
   * CheckpointRepository tenant = repository.namespace("tenant-7");
   * tenant.save("chat-1", Map.of("step", 1));
   * }</pre>
   *
   * @throws IllegalArgumentException if the namespace breaks its rule
   */
  CheckpointRepository namespace(String namespace);

  /** What the backend is and promises. */
  BackendDescriptor descriptor();

  /**
   * The codec that turns checkpoints into JSON documents and back, for an export or a message. For
   * a repository that was opened with a URL, the codec of its store. For one that was opened with a
   * {@code BackendStorage}, which does not show its codec, the one that {@link
   * dev.checkpoint4j.spi.CodecLookup} finds.
   *
   * <pre>{@code
   * byte[] document = repository.codec().encode(checkpoint);
   * Checkpoint equal = repository.codec().decode(document);
   * }</pre>
   *
   * @throws IllegalStateException if the repository was opened with a {@code BackendStorage}, and
   *     the class path has no codec, or several
   */
  CheckpointCodec codec();

  /**
   * The same operations, each returning a future. In place of the streams there are the pages of
   * {@code list} and {@code listHeaders}.
   */
  AsyncCheckpointRepository async();

  /**
   * Stores a checkpoint if its version is greater than the session's latest (compare-and-set).
   * Atomic, and idempotent: storing an equal checkpoint again succeeds.
   *
   * @throws IllegalArgumentException if the checkpoint is of another namespace
   * @throws dev.checkpoint4j.error.VersionConflictException if another writer was faster
   * @throws dev.checkpoint4j.error.DuplicateCheckpointException if the id is taken by another
   *     checkpoint
   * @throws dev.checkpoint4j.error.OutcomeUnknownException if it may be stored or not; the same put
   *     may be repeated safely
   */
  void put(Checkpoint checkpoint);

  /**
   * As {@link #put(Checkpoint)}, if the session meets an expectation in the same atomic step. So a
   * caller that keeps a checkpoint is refused if another writer stored the next one, or deleted the
   * session and started it again:
   *
   * <pre>{@code
   * Checkpoint next = repository.next(latest).values(changed).build();
   * repository.put(next, Expectation.latestIs(latest.id()));
   * }</pre>
   *
   * <p>A checkpoint that equals a stored one is accepted again whatever the expectation, so that
   * the call can be repeated after any failure.
   *
   * @throws IllegalArgumentException if the checkpoint is of another namespace
   * @throws dev.checkpoint4j.error.VersionConflictException if the session does not meet the
   *     expectation, or another writer was faster
   * @throws dev.checkpoint4j.error.DuplicateCheckpointException if the id is taken by another
   *     checkpoint
   * @throws dev.checkpoint4j.error.OutcomeUnknownException if it may be stored or not; the same put
   *     may be repeated safely
   */
  void put(Checkpoint checkpoint, Expectation expectation);

  /**
   * The checkpoint with this id; empty if there is none.
   *
   * @throws IllegalArgumentException if the id breaks its rule
   */
  Optional<Checkpoint> get(String id);

  /**
   * The checkpoint with the greatest version of the session, whenever it was created; empty if
   * there is none.
   *
   * @throws IllegalArgumentException if the session id breaks its rule
   */
  Optional<Checkpoint> getBySession(String sessionId);

  /**
   * The checkpoint of the session with this version; empty if there is none.
   *
   * <pre>{@code
   * Optional<Integer> step =
   *     repository.get("chat-1", 2).flatMap(found -> found.value("step", Integer.class));
   * }</pre>
   *
   * @throws IllegalArgumentException if the session id breaks its rule, or the version is less than
   *     1
   */
  Optional<Checkpoint> get(String sessionId, long version);

  /** A query of this namespace, to be refined. */
  CheckpointQuery.Builder query();

  /**
   * A page of the checkpoints that match, session by session in a fixed order, versions within a
   * session in the order asked. Works with every backend: conditions on attributes that the backend
   * cannot answer are checked here, page by page.
   *
   * @throws IllegalArgumentException if the query is of another namespace, or its cursor was not
   *     created by this store
   */
  Page<Checkpoint> list(CheckpointQuery query);

  /** As {@link #list}, without the values. */
  Page<CheckpointHeader> listHeaders(CheckpointQuery query);

  /**
   * Everything that matches, in the order of {@link #list}; the limit of the query is that of each
   * page.
   *
   * @throws IllegalArgumentException if the query is of another namespace, or, while reading, if
   *     its cursor was not created by this store
   */
  Stream<Checkpoint> stream(CheckpointQuery query);

  /** As {@link #stream}, without the values. */
  Stream<CheckpointHeader> streamHeaders(CheckpointQuery query);

  /**
   * The session's checkpoints, the greatest version first.
   *
   * @throws IllegalArgumentException if the session id breaks its rule
   */
  Stream<Checkpoint> history(String sessionId);

  /**
   * The session's checkpoints in the order of their versions.
   *
   * <pre>{@code
   * Optional<Checkpoint> first = repository.history("chat-1", Order.OLDEST_FIRST).findFirst();
   * }</pre>
   *
   * @throws IllegalArgumentException if the session id breaks its rule
   */
  Stream<Checkpoint> history(String sessionId, CheckpointQuery.Order order);

  /**
   * The checkpoint, its parent, the parent of that, and so on, one read each. Ends at a checkpoint
   * without a parent, or whose parent has been deleted; empty if there is no such checkpoint.
   *
   * @throws IllegalArgumentException if the id breaks its rule
   * @throws IllegalStateException while reading, if a checkpoint is its own ancestor
   */
  Stream<Checkpoint> lineage(String id);

  /**
   * The ids of all sessions that hold a checkpoint, each one once, in the order of {@link #list}.
   */
  Stream<String> sessions();

  /**
   * A page of the ids of the sessions that hold a checkpoint, in the order of {@link #sessions()}.
   *
   * <pre>{@code
   * Page<String> first = repository.listSessions(100, Optional.empty());
   * Page<String> second = repository.listSessions(100, first.nextCursor()); // if it is present
   * }</pre>
   *
   * @param limit the maximum number of ids, 1 to {@value CheckpointQuery#MAX_LIMIT}
   * @param cursor where the page starts: {@link Page#nextCursor()} of the page before; empty for
   *     the first page
   * @throws IllegalArgumentException if the limit is out of range, or the cursor was not created by
   *     this method
   */
  Page<String> listSessions(int limit, Optional<String> cursor);

  /**
   * The namespaces of the store that hold a checkpoint, each one once, whichever namespace this
   * repository is bound to.
   *
   * <pre>{@code
   * repository.namespaces().forEach(name -> count(repository.namespace(name)));
   * }</pre>
   */
  Stream<String> namespaces();

  /**
   * A page of the namespaces of the store, in the order of {@link #namespaces()}.
   *
   * @param limit the maximum number of namespaces, 1 to {@value CheckpointQuery#MAX_LIMIT}
   * @param cursor where the page starts: {@link Page#nextCursor()} of the page before; empty for
   *     the first page
   * @throws IllegalArgumentException if the limit is out of range, or the cursor was not created by
   *     this method
   */
  Page<String> listNamespaces(int limit, Optional<String> cursor);

  /**
   * Stores values as the session's next checkpoint: with the next version, the latest checkpoint as
   * its parent, a new id and the current time, in microseconds. The last writer wins: if another
   * writer was faster, it follows that one. Atomic, as {@link #put} is, but not idempotent: called
   * again, it stores another checkpoint.
   *
   * <pre>{@code
   * Checkpoint stored = repository.save("chat-1", Map.of("step", 1));
   * }</pre>
   *
   * @return what was stored
   * @throws IllegalArgumentException if the session id breaks its rule, or there is no version
   *     after the latest
   * @throws dev.checkpoint4j.error.OutcomeUnknownException if it may be stored or not; {@link #get}
   *     with the exception's {@code checkpointId()} shows which
   * @throws dev.checkpoint4j.error.UnsupportedValueException if a value cannot be stored
   * @throws dev.checkpoint4j.error.VersionConflictException if other writers were faster each time,
   *     as often as the repository is configured to try
   */
  @CanIgnoreReturnValue
  Checkpoint save(String sessionId, Map<String, ? extends @Nullable Object> values);

  /** As {@link #save(String, Map)}, with further metadata. */
  @CanIgnoreReturnValue
  Checkpoint save(CheckpointMetadata metadata, Map<String, ? extends @Nullable Object> values);

  /**
   * As {@link #save(CheckpointMetadata, Map)}, with an id that the caller chooses, and idempotent
   * by it: if the checkpoint with this id has the same metadata and values, it is returned and
   * nothing is stored. So a caller that keeps the id may repeat the call after any failure, also
   * after the end of its process.
   *
   * <pre>{@code
   * repository.save(request.id(), CheckpointMetadata.of("order-7"), Map.of("state", "paid"));
   * }</pre>
   *
   * @throws IllegalArgumentException if an id breaks its rule, or there is no version after the
   *     latest
   * @throws dev.checkpoint4j.error.DuplicateCheckpointException if the id is taken by a checkpoint
   *     with other metadata or values
   * @throws dev.checkpoint4j.error.OutcomeUnknownException if it may be stored or not; the same
   *     call may be repeated safely
   * @throws dev.checkpoint4j.error.UnsupportedValueException if a value cannot be stored
   * @throws dev.checkpoint4j.error.VersionConflictException if other writers were faster each time,
   *     as often as the repository is configured to try
   */
  @CanIgnoreReturnValue
  Checkpoint save(
      String id, CheckpointMetadata metadata, Map<String, ? extends @Nullable Object> values);

  /**
   * Derives the session's next checkpoint from its latest one, such that no other writer's update
   * is lost: if another writer was faster, {@code change} is applied again to what that one stored.
   * A session that was deleted after it was read is not brought back: {@code change} is applied
   * again to what the session holds then. Only a checkpoint that another writer stored with the id
   * of a deleted one cannot be distinguished from it; ids that the library generates are never used
   * twice. Atomic, as {@link #put} is, but not idempotent: called again, it applies {@code change}
   * again.
   *
   * @param change derives the next values from the latest ones, which are immutable, and empty for
   *     a new session; may be called several times, never concurrently. What it throws is passed on
   *     and nothing is stored.
   * @return what was stored; metadata is that of the latest checkpoint
   * @throws IllegalArgumentException if the session id breaks its rule, or there is no version
   *     after the latest
   * @throws NullPointerException if {@code change} returns {@code null}
   * @throws dev.checkpoint4j.error.OutcomeUnknownException if it may be stored or not; {@link #get}
   *     with the exception's {@code checkpointId()} shows which
   * @throws dev.checkpoint4j.error.UnsupportedValueException if a value cannot be stored
   * @throws dev.checkpoint4j.error.VersionConflictException if other writers were faster each time,
   *     as often as the repository is configured to try
   */
  @CanIgnoreReturnValue
  Checkpoint update(String sessionId, UnaryOperator<Map<String, @Nullable Object>> change);

  /**
   * As {@link #update(String, UnaryOperator)}, with the metadata of the next checkpoint; what the
   * latest has is replaced.
   *
   * <pre>{@code
   * CheckpointMetadata metadata =
   *     CheckpointMetadata.builder("chat-1").taskId("support").attribute("lang", "fr").build();
   * repository.update(metadata, values -> Values.with(values, "step", 1));
   * }</pre>
   */
  @CanIgnoreReturnValue
  Checkpoint update(
      CheckpointMetadata metadata, UnaryOperator<Map<String, @Nullable Object>> change);

  /**
   * A builder of the checkpoint that follows: the same metadata and values, {@code checkpoint} as
   * its parent, and the next version, a new id and the current time as this repository gives them.
   * For a caller that keeps a checkpoint and stores the next one only if no other writer changed
   * the session in between, with {@link #put(Checkpoint, Expectation)}.
   *
   * @throws IllegalArgumentException if the checkpoint is of another namespace, or there is no
   *     version after its own
   */
  Checkpoint.Builder next(Checkpoint checkpoint);

  /**
   * Stores a copy of an earlier checkpoint as the latest of its session: the same metadata and
   * values, the earlier one as its parent, and a new version, id and time. Nothing is overwritten.
   * As with {@link #save(String, Map)}, the last writer wins.
   *
   * <pre>{@code
   * Checkpoint good = repository.get("chat-1", 2).orElseThrow();
   * Checkpoint latest = repository.restore(good.id());
   * }</pre>
   *
   * @param id of the checkpoint to restore
   * @return what was stored
   * @throws IllegalArgumentException if the id breaks its rule, or there is no version after the
   *     latest
   * @throws java.util.NoSuchElementException if there is no such checkpoint; nothing was changed
   * @throws dev.checkpoint4j.error.OutcomeUnknownException if it may be stored or not; {@link
   *     #get(String)} with the exception's {@code checkpointId()} shows which
   * @throws dev.checkpoint4j.error.VersionConflictException if other writers were faster each time,
   *     as often as the repository is configured to try
   */
  @CanIgnoreReturnValue
  Checkpoint restore(String id);

  /**
   * Starts a new session with a copy of a checkpoint: the same task, attributes and values, the
   * copied one as its parent, and a new id and time.
   *
   * <pre>{@code
   * Checkpoint origin = repository.getBySession("chat-1").orElseThrow();
   * Checkpoint fork = repository.fork(origin.id(), "chat-1-b");
   * }</pre>
   *
   * @param id of the checkpoint to copy
   * @param newSessionId a session that holds no checkpoint
   * @return what was stored
   * @throws IllegalArgumentException if an id breaks its rule
   * @throws java.util.NoSuchElementException if there is no such checkpoint; nothing was changed
   * @throws dev.checkpoint4j.error.OutcomeUnknownException if it may be stored or not; {@link
   *     #get(String)} with the exception's {@code checkpointId()} shows which
   * @throws dev.checkpoint4j.error.VersionConflictException if the new session holds a checkpoint;
   *     nothing was changed
   */
  @CanIgnoreReturnValue
  Checkpoint fork(String id, String newSessionId);

  /**
   * Deletes one checkpoint. Idempotent: after a failure the same call may be repeated.
   *
   * <pre>{@code
   * boolean existed = repository.delete(checkpoint.id());
   * }</pre>
   *
   * @return whether it existed; false also if an attempt that failed had deleted it
   * @throws IllegalArgumentException if the id breaks its rule; nothing was changed
   */
  @CanIgnoreReturnValue
  boolean delete(String id);

  /**
   * Deletes checkpoints by id, each atomically; ids without a checkpoint are passed over.
   * Idempotent: after a failure the same call may be repeated.
   *
   * @return how many existed; fewer if an attempt that failed had deleted some already
   * @throws IllegalArgumentException if an id breaks its rule; nothing was changed
   */
  @CanIgnoreReturnValue
  long delete(Collection<String> ids);

  /**
   * Deletes every checkpoint of the session and nothing else. Not atomic: a failure may leave a
   * part. Idempotent: after a failure the same call may be repeated.
   *
   * @return how many existed; fewer if an attempt that failed had deleted some already
   * @throws IllegalArgumentException if the session id breaks its rule
   */
  @CanIgnoreReturnValue
  long deleteBySession(String sessionId);

  /**
   * Waits up to 30 seconds for the asynchronous operations that were accepted, then closes the
   * store, also for every view of another {@linkplain #namespace(String) namespace}. An interrupt
   * of the thread ends the wait; the flag stays set. On such a view it does nothing. Idempotent.
   *
   * @throws dev.checkpoint4j.error.CheckpointException if something could not be given back; what
   *     was acknowledged is stored all the same
   */
  @Override
  void close();
}
