package dev.checkpoint4j.spi;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.Page;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.annotation.CanIgnoreReturnValue;
import java.util.Collection;
import java.util.Optional;

/**
 * A handle on a store of checkpoints: the eleven primitives that a backend implements and the TCK
 * proves. {@code docs/spec.md} numbers the rules that the words below stand for.
 *
 * <p><b>Threading.</b> All methods are blocking and safe for use by any number of threads. Several
 * handles, in one process or in several, may be open on the same store; a backend whose medium
 * belongs to one process refuses others with a {@code CheckpointException} when they open it.
 *
 * <p><b>Durability and visibility.</b> When {@link #put} or a delete returns, its effect is durable
 * to the class that the {@link #descriptor()} declares and visible to every later call on every
 * handle. What was not acknowledged is either there as a whole or not at all. {@link #put}, {@link
 * #get}, {@link #getBySession} and the {@link #delete} of one checkpoint are linearizable: each
 * takes effect at one moment between its start and its end, for all handles.
 *
 * <p><b>Cost.</b> The cost of {@link #put}, {@link #get} and {@link #getBySession} does not depend
 * on how many checkpoints the session or the namespace holds. Nor does that of listing the newest
 * checkpoints or headers of one session, without other conditions; it grows with the page.
 *
 * <p><b>Arguments.</b> {@code null}, also as an element of a collection, is refused with a {@link
 * NullPointerException} that names the parameter, an illegal argument with an {@link
 * IllegalArgumentException}, both before any I/O.
 *
 * <p><b>Failures.</b> A failure is a {@link dev.checkpoint4j.error.CheckpointException}, never an
 * empty answer and never an exception of the medium's driver: {@code CorruptCheckpointException}
 * for a record that is there but cannot be read, {@code StorageUnavailableException} if nothing was
 * changed and a retry is useful, {@code OutcomeUnknownException} if a write may have been applied,
 * {@code StorageAccessDeniedException}, {@code StorageLimitExceededException}. A handle stays
 * usable after a failure. A record that cannot be read is neither replaced by a put nor in the way
 * of a delete.
 *
 * <p><b>Interruption.</b> A call on an interrupted thread either completes or fails with one of
 * these exceptions; the thread's interrupt flag stays set.
 *
 * <p><b>Time.</b> A call ends, with its answer or with a failure, by {@link CallDeadline#current()}
 * and by the time-out of the backend, whichever is earlier: all its waits together, not each of
 * them.
 *
 * <p>After {@link #close()} every method but {@code close} and {@link #descriptor()} throws {@link
 * IllegalStateException}.
 */
public interface BackendStorage extends AutoCloseable {

  /** What this backend is and promises: constant, without I/O, also after {@link #close()}. */
  BackendDescriptor descriptor();

  /**
   * Stores a checkpoint, atomically.
   *
   * <p>The id is checked first: if a checkpoint with the same namespace and id is stored, the put
   * succeeds without effect when the two are equal, whatever the expectation and even if later
   * versions are stored by now, and is refused when they differ. Then the session has to meet the
   * expectation, and the version has to be greater than the greatest stored version of the session,
   * by any amount. Exactly one of several writers that race for a version succeeds.
   *
   * @param checkpoint what to store
   * @param expectation what the session has to meet at the moment at which the checkpoint is stored
   * @throws dev.checkpoint4j.error.DuplicateCheckpointException if another checkpoint with the same
   *     id is stored; nothing was changed
   * @throws dev.checkpoint4j.error.VersionConflictException if the session does not meet the
   *     expectation, or the version is not greater than the session's latest, which the exception
   *     holds; nothing was changed
   * @throws dev.checkpoint4j.error.StorageLimitExceededException if the checkpoint is too large or
   *     the medium is full; nothing was changed
   * @throws dev.checkpoint4j.error.OutcomeUnknownException if the checkpoint may be stored or not;
   *     the same put may be repeated safely
   * @throws dev.checkpoint4j.error.CheckpointException for any other failure; nothing was changed
   */
  void put(Checkpoint checkpoint, Expectation expectation);

  /**
   * The checkpoint with this id; empty if there is none.
   *
   * @throws IllegalArgumentException if an argument is not a legal namespace or id
   * @throws dev.checkpoint4j.error.CheckpointException if it cannot be determined or read
   */
  Optional<Checkpoint> get(String namespace, String id);

  /**
   * The checkpoint with the greatest version of the session, whenever and in whichever order the
   * checkpoints were created and stored; empty if there is none.
   *
   * @throws dev.checkpoint4j.error.CheckpointException if it cannot be determined or read
   */
  Optional<Checkpoint> getBySession(SessionKey session);

  /**
   * A page of the checkpoints that match. Sessions come in an order that the backend chooses once
   * for all, versions within a session in the order asked. The pages of a query, each started with
   * the cursor of the one before, hold every checkpoint that was stored throughout exactly once.
   * One that was stored during the listing may be missing; one that was deleted is missing in the
   * pages that are requested afterwards. A cursor stays valid when the entry it was created at is
   * deleted, and on every other handle of the same store.
   *
   * @throws IllegalArgumentException if the cursor was not created by this backend
   * @throws UnsupportedOperationException if the query has conditions on attributes and {@link
   *     Capability#ATTRIBUTE_QUERY} is not declared
   * @throws dev.checkpoint4j.error.CheckpointException if they cannot be determined or read
   */
  Page<Checkpoint> list(CheckpointQuery query);

  /**
   * As {@link #list}, without the values and, where the medium allows, without reading them. The
   * cursors of the two methods are the same.
   *
   * @throws IllegalArgumentException if the cursor was not created by this backend
   * @throws UnsupportedOperationException if the query has conditions on attributes and {@link
   *     Capability#ATTRIBUTE_QUERY} is not declared
   * @throws dev.checkpoint4j.error.CheckpointException if they cannot be determined or read
   */
  Page<CheckpointHeader> listHeaders(CheckpointQuery query);

  /**
   * A page of the sessions that hold a checkpoint, in the same order of sessions as {@link #list}.
   *
   * @param namespace whose sessions
   * @param limit most sessions of the page, 1 to {@value CheckpointQuery#MAX_LIMIT}
   * @param cursor where to go on, as {@link Page#nextCursor()} gave it; empty to start
   * @throws IllegalArgumentException if the namespace or the limit is illegal, or the cursor was
   *     not created by this method
   * @throws dev.checkpoint4j.error.CheckpointException if they cannot be determined
   */
  Page<SessionKey> listSessions(String namespace, int limit, Optional<String> cursor);

  /**
   * A page of the namespaces that hold a checkpoint, in an order that the backend chooses once for
   * all. The pages hold every namespace that held a checkpoint throughout exactly once. The cost
   * grows with the page, not with the number of checkpoints.
   *
   * @param limit the maximum number of namespaces, 1 to {@value CheckpointQuery#MAX_LIMIT}
   * @param cursor where the page starts: {@link Page#nextCursor()} of the page before; empty for
   *     the first page
   * @throws IllegalArgumentException if the limit is out of range, or the cursor was not created by
   *     this method
   * @throws dev.checkpoint4j.error.CheckpointException if they cannot be determined
   */
  Page<String> listNamespaces(int limit, Optional<String> cursor);

  /**
   * Deletes checkpoints by id, each atomically; ids without a checkpoint are passed over. The
   * latest version of a session afterwards is the greatest one left.
   *
   * @return how many of the checkpoints existed
   * @throws IllegalArgumentException if the namespace or an id is illegal; nothing was changed
   * @throws dev.checkpoint4j.error.OutcomeUnknownException if some may have been deleted and others
   *     not; repeating the call is safe
   * @throws dev.checkpoint4j.error.CheckpointException for any other failure; nothing was changed
   */
  @CanIgnoreReturnValue
  long delete(String namespace, Collection<String> ids);

  /**
   * Deletes every checkpoint of a session and nothing else. Not atomic: a failure may leave a part,
   * which a repeated call deletes. A checkpoint that is put at the same time may stay.
   *
   * @return how many checkpoints existed
   * @throws dev.checkpoint4j.error.OutcomeUnknownException if some may have been deleted and others
   *     not; repeating the call is safe
   * @throws dev.checkpoint4j.error.CheckpointException for any other failure; nothing was changed
   */
  @CanIgnoreReturnValue
  long deleteBySession(SessionKey session);

  /**
   * Gives back every thread, file and connection this handle took. Calls that are under way finish
   * or fail with a typed exception. Idempotent.
   *
   * @throws dev.checkpoint4j.error.CheckpointException if something could not be given back; what
   *     was acknowledged is stored all the same
   */
  @Override
  void close();
}
