package dev.checkpoint4j;

import dev.checkpoint4j.annotation.CanIgnoreReturnValue;
import dev.checkpoint4j.spi.BackendDescriptor;
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
 * #async()} has the same operations without blocking.
 *
 * <p><b>Durability and visibility.</b> When a method that writes returns, its effect is durable to
 * the class that the backend declares and visible to every reader, in this and in other processes.
 *
 * <p><b>Failures.</b> Every failure of the store is a {@link
 * dev.checkpoint4j.error.CheckpointException}, whose {@code mayHaveBeenApplied()} tells whether a
 * write may have taken effect; an empty answer always means that there is nothing. Illegal
 * arguments are refused before any I/O with {@link IllegalArgumentException} or {@link
 * NullPointerException}. After {@link #close()} every operation throws {@link
 * IllegalStateException}.
 */
public interface CheckpointRepository extends AutoCloseable {

  /** The namespace this repository is bound to. */
  String namespace();

  /**
   * The same store, bound to another namespace. Closing either closes both.
   *
   * @throws IllegalArgumentException if the namespace breaks its rule
   */
  CheckpointRepository namespace(String namespace);

  /** What the backend is and promises. */
  BackendDescriptor descriptor();

  /** The same operations, each returning a future. */
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

  /** The checkpoint with this id; empty if there is none. */
  Optional<Checkpoint> get(String id);

  /** The checkpoint with the greatest version of the session; empty if there is none. */
  Optional<Checkpoint> getBySession(String sessionId);

  /** A query of this namespace, to be refined. */
  CheckpointQuery.Builder query();

  /**
   * A page of the checkpoints that match. Works with every backend: conditions on attributes that
   * the backend cannot answer are checked here, page by page.
   *
   * @throws IllegalArgumentException if the query is of another namespace, or its cursor was not
   *     made by this store
   */
  Page<Checkpoint> list(CheckpointQuery query);

  /** As {@link #list}, without the values. */
  Page<CheckpointHeader> listHeaders(CheckpointQuery query);

  /** Everything that matches, fetched page by page as the stream is read; the limit is the page. */
  Stream<Checkpoint> stream(CheckpointQuery query);

  /** As {@link #stream}, without the values. */
  Stream<CheckpointHeader> streamHeaders(CheckpointQuery query);

  /** The session's checkpoints, newest first, fetched page by page as the stream is read. */
  Stream<Checkpoint> history(String sessionId);

  /**
   * The checkpoint, its parent, the parent of that, and so on, one read each. Ends at a checkpoint
   * without a parent, or whose parent has been deleted; empty if there is no such checkpoint.
   *
   * @throws IllegalStateException while reading, if a checkpoint is its own ancestor
   */
  Stream<Checkpoint> lineage(String id);

  /** The ids of all sessions, fetched page by page as the stream is read, each one once. */
  Stream<String> sessions();

  /**
   * Stores values as the session's next checkpoint: with the next version, the latest checkpoint as
   * its parent, a new id and the current time. The last writer wins: if another writer was faster,
   * it follows that one.
   *
   * @return what was stored
   * @throws dev.checkpoint4j.error.UnsupportedValueException if a value cannot be stored
   * @throws dev.checkpoint4j.error.VersionConflictException if other writers were faster each time,
   *     as often as the repository was told to try
   */
  @CanIgnoreReturnValue
  Checkpoint save(String sessionId, Map<String, ? extends @Nullable Object> values);

  /** As {@link #save(String, Map)}, with further metadata. */
  @CanIgnoreReturnValue
  Checkpoint save(CheckpointMetadata metadata, Map<String, ? extends @Nullable Object> values);

  /**
   * Derives the session's next checkpoint from its latest one, such that no other writer's update
   * is lost: if another writer was faster, {@code change} is applied again to what that one stored.
   *
   * @param change makes the next values from the latest ones, which are immutable, and empty for a
   *     new session; may be called several times, never concurrently. What it throws is passed on
   *     and nothing is stored.
   * @return what was stored; metadata is that of the latest checkpoint
   * @throws dev.checkpoint4j.error.UnsupportedValueException if a value cannot be stored
   * @throws dev.checkpoint4j.error.VersionConflictException if other writers were faster each time,
   *     as often as the repository was told to try
   */
  @CanIgnoreReturnValue
  Checkpoint update(String sessionId, UnaryOperator<Map<String, @Nullable Object>> change);

  /** Deletes checkpoints by id; returns how many existed. Idempotent. */
  @CanIgnoreReturnValue
  long delete(Collection<String> ids);

  /** Deletes every checkpoint of the session; returns how many existed. Idempotent. */
  @CanIgnoreReturnValue
  long deleteBySession(String sessionId);

  /** Closes the store, also for every repository that shares it. Idempotent. */
  @Override
  void close();
}
