package dev.checkpoint4j;

import dev.checkpoint4j.annotation.CanIgnoreReturnValue;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The operations of a {@link CheckpointRepository} without blocking the caller. Obtained from
 * {@link CheckpointRepository#async()} and closed with it. Safe for use by any number of threads.
 *
 * <p>Each operation runs on a thread of the repository (a virtual one on Java 21 and later, one of
 * a bounded pool before) and promises what its blocking twin promises. Operations may overtake one
 * another: chain them where the order matters. Maps passed in are frozen before the method returns.
 *
 * <p>Whatever the twin would throw, also for an illegal argument or after the repository was
 * closed, completes the future exceptionally with that very exception. When too many operations are
 * under way, the future fails with a {@code StorageUnavailableException} and the operation is not
 * applied. The deadline of an operation starts when the method is called: one that still waits for
 * a thread when its time is over fails likewise, without having been started. Cancelling a future
 * does not stop the operation.
 */
public interface AsyncCheckpointRepository {

  /** The namespace this repository is bound to. */
  String namespace();

  /** See {@link CheckpointRepository#namespace(String)}. */
  AsyncCheckpointRepository namespace(String namespace);

  /** See {@link CheckpointRepository#put(Checkpoint)}. */
  @CanIgnoreReturnValue
  CompletableFuture<Void> put(Checkpoint checkpoint);

  /** See {@link CheckpointRepository#put(Checkpoint, Expectation)}. */
  @CanIgnoreReturnValue
  CompletableFuture<Void> put(Checkpoint checkpoint, Expectation expectation);

  /** See {@link CheckpointRepository#get(String)}. */
  CompletableFuture<Optional<Checkpoint>> get(String id);

  /** See {@link CheckpointRepository#get(String, long)}. */
  CompletableFuture<Optional<Checkpoint>> get(String sessionId, long version);

  /** See {@link CheckpointRepository#getBySession}. */
  CompletableFuture<Optional<Checkpoint>> getBySession(String sessionId);

  /** See {@link CheckpointRepository#list}. */
  CompletableFuture<Page<Checkpoint>> list(CheckpointQuery query);

  /** See {@link CheckpointRepository#listHeaders}. */
  CompletableFuture<Page<CheckpointHeader>> listHeaders(CheckpointQuery query);

  /**
   * Hands everything that {@link CheckpointRepository#stream} would give to {@code action}, one
   * after the other and in its order, on a thread of the repository; pages are fetched as {@code
   * action} gets on. The future completes after the last one. What {@code action} throws ends the
   * stream and completes the future.
   */
  CompletableFuture<Void> stream(CheckpointQuery query, Consumer<? super Checkpoint> action);

  /** As {@link #stream}, for {@link CheckpointRepository#streamHeaders}. */
  CompletableFuture<Void> streamHeaders(
      CheckpointQuery query, Consumer<? super CheckpointHeader> action);

  /** As {@link #stream}, for {@link CheckpointRepository#history(String)}. */
  CompletableFuture<Void> history(String sessionId, Consumer<? super Checkpoint> action);

  /**
   * As {@link #stream}, for {@link CheckpointRepository#history(String, CheckpointQuery.Order)}.
   */
  CompletableFuture<Void> history(
      String sessionId, CheckpointQuery.Order order, Consumer<? super Checkpoint> action);

  /** As {@link #stream}, for {@link CheckpointRepository#lineage}. */
  CompletableFuture<Void> lineage(String id, Consumer<? super Checkpoint> action);

  /** As {@link #stream}, for {@link CheckpointRepository#sessions}. */
  CompletableFuture<Void> sessions(Consumer<? super String> action);

  /** See {@link CheckpointRepository#listSessions}. */
  CompletableFuture<Page<String>> listSessions(int limit, Optional<String> cursor);

  /** As {@link #stream}, for {@link CheckpointRepository#namespaces}. */
  CompletableFuture<Void> namespaces(Consumer<? super String> action);

  /** See {@link CheckpointRepository#listNamespaces}. */
  CompletableFuture<Page<String>> listNamespaces(int limit, Optional<String> cursor);

  /** See {@link CheckpointRepository#save(String, Map)}. */
  @CanIgnoreReturnValue
  CompletableFuture<Checkpoint> save(
      String sessionId, Map<String, ? extends @Nullable Object> values);

  /** See {@link CheckpointRepository#save(CheckpointMetadata, Map)}. */
  @CanIgnoreReturnValue
  CompletableFuture<Checkpoint> save(
      CheckpointMetadata metadata, Map<String, ? extends @Nullable Object> values);

  /** See {@link CheckpointRepository#save(String, CheckpointMetadata, Map)}. */
  @CanIgnoreReturnValue
  CompletableFuture<Checkpoint> save(
      String id, CheckpointMetadata metadata, Map<String, ? extends @Nullable Object> values);

  /**
   * See {@link CheckpointRepository#update(String, UnaryOperator)}. {@code change} runs on a thread
   * of the repository.
   */
  @CanIgnoreReturnValue
  CompletableFuture<Checkpoint> update(
      String sessionId, UnaryOperator<Map<String, @Nullable Object>> change);

  /**
   * See {@link CheckpointRepository#update(CheckpointMetadata, UnaryOperator)}. {@code change} runs
   * on a thread of the repository.
   */
  @CanIgnoreReturnValue
  CompletableFuture<Checkpoint> update(
      CheckpointMetadata metadata, UnaryOperator<Map<String, @Nullable Object>> change);

  /** See {@link CheckpointRepository#restore}. */
  @CanIgnoreReturnValue
  CompletableFuture<Checkpoint> restore(String id);

  /** See {@link CheckpointRepository#fork}. */
  @CanIgnoreReturnValue
  CompletableFuture<Checkpoint> fork(String id, String newSessionId);

  /** See {@link CheckpointRepository#delete(String)}. */
  @CanIgnoreReturnValue
  CompletableFuture<Boolean> delete(String id);

  /** See {@link CheckpointRepository#delete(Collection)}. */
  @CanIgnoreReturnValue
  CompletableFuture<Long> delete(Collection<String> ids);

  /** See {@link CheckpointRepository#deleteBySession}. */
  @CanIgnoreReturnValue
  CompletableFuture<Long> deleteBySession(String sessionId);
}
