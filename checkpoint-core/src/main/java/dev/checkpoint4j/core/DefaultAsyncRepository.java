package dev.checkpoint4j.core;

import dev.checkpoint4j.AsyncCheckpointRepository;
import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.CheckpointMetadata;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.Page;
import dev.checkpoint4j.Values;
import dev.checkpoint4j.annotation.CanIgnoreReturnValue;
import dev.checkpoint4j.spi.Arguments;
import dev.checkpoint4j.spi.CallDeadline;
import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Runs the operations of a {@link DefaultCheckpointRepository} on the threads of its {@link
 * RepositoryContext}.
 */
final class DefaultAsyncRepository implements AsyncCheckpointRepository {

  private final RepositoryContext context;
  private final DefaultCheckpointRepository blocking;

  DefaultAsyncRepository(RepositoryContext context, String namespace) {
    this.context = context;
    this.blocking = DefaultCheckpointRepository.ofAccepted(context, namespace);
  }

  @Override
  public String namespace() {
    return blocking.namespace();
  }

  @Override
  public AsyncCheckpointRepository namespace(String namespace) {
    context.runner().checkOpen();
    return new DefaultAsyncRepository(context, Arguments.checkNamespace(namespace));
  }

  @Override
  @CanIgnoreReturnValue
  public CompletableFuture<Void> put(Checkpoint checkpoint) {
    return put(checkpoint, Expectation.any());
  }

  @Override
  @CanIgnoreReturnValue
  public CompletableFuture<Void> put(Checkpoint checkpoint, Expectation expectation) {
    return submit(
        "put",
        () -> {
          blocking.put(checkpoint, expectation);
          return null;
        });
  }

  @Override
  public CompletableFuture<Optional<Checkpoint>> get(String id) {
    return submit("get", () -> blocking.get(id));
  }

  @Override
  public CompletableFuture<Optional<Checkpoint>> get(String sessionId, long version) {
    return submit("get", () -> blocking.get(sessionId, version));
  }

  @Override
  public CompletableFuture<Optional<Checkpoint>> getBySession(String sessionId) {
    return submit("getBySession", () -> blocking.getBySession(sessionId));
  }

  @Override
  public CompletableFuture<Page<Checkpoint>> list(CheckpointQuery query) {
    return submit("list", () -> blocking.list(query));
  }

  @Override
  public CompletableFuture<Page<CheckpointHeader>> listHeaders(CheckpointQuery query) {
    return submit("listHeaders", () -> blocking.listHeaders(query));
  }

  @Override
  public CompletableFuture<Void> stream(
      CheckpointQuery query, Consumer<? super Checkpoint> action) {
    return forEach("stream", () -> blocking.stream(query), action);
  }

  @Override
  public CompletableFuture<Void> streamHeaders(
      CheckpointQuery query, Consumer<? super CheckpointHeader> action) {
    return forEach("streamHeaders", () -> blocking.streamHeaders(query), action);
  }

  @Override
  public CompletableFuture<Void> history(String sessionId, Consumer<? super Checkpoint> action) {
    return forEach("history", () -> blocking.history(sessionId), action);
  }

  @Override
  public CompletableFuture<Void> history(
      String sessionId, CheckpointQuery.Order order, Consumer<? super Checkpoint> action) {
    return forEach("history", () -> blocking.history(sessionId, order), action);
  }

  @Override
  public CompletableFuture<Void> lineage(String id, Consumer<? super Checkpoint> action) {
    return forEach("lineage", () -> blocking.lineage(id), action);
  }

  @Override
  public CompletableFuture<Void> sessions(Consumer<? super String> action) {
    return forEach("sessions", blocking::sessions, action);
  }

  @Override
  public CompletableFuture<Page<String>> listSessions(int limit, Optional<String> cursor) {
    return submit("listSessions", () -> blocking.listSessions(limit, cursor));
  }

  @Override
  public CompletableFuture<Void> namespaces(Consumer<? super String> action) {
    return forEach("namespaces", blocking::namespaces, action);
  }

  @Override
  public CompletableFuture<Page<String>> listNamespaces(int limit, Optional<String> cursor) {
    return submit("listNamespaces", () -> blocking.listNamespaces(limit, cursor));
  }

  private <T> CompletableFuture<Void> forEach(
      String operation, Supplier<Stream<T>> open, Consumer<? super T> action) {
    // Each page is a call of its own: only a deadline of the application's bounds all of them.
    return submit(
        operation,
        CallDeadline.current(),
        () -> {
          Objects.requireNonNull(action, "action");
          try (Stream<T> entries = open.get()) {
            entries.forEachOrdered(action);
          }
          return null;
        });
  }

  @Override
  @CanIgnoreReturnValue
  public CompletableFuture<Checkpoint> save(
      String sessionId, Map<String, ? extends @Nullable Object> values) {
    return submitCopied("save", () -> freeze(values), frozen -> blocking.save(sessionId, frozen));
  }

  @Override
  @CanIgnoreReturnValue
  public CompletableFuture<Checkpoint> save(
      CheckpointMetadata metadata, Map<String, ? extends @Nullable Object> values) {
    return submitCopied("save", () -> freeze(values), frozen -> blocking.save(metadata, frozen));
  }

  private static Map<String, @Nullable Object> freeze(
      Map<String, ? extends @Nullable Object> values) {
    return Values.freeze(Objects.requireNonNull(values, "values"));
  }

  @Override
  @CanIgnoreReturnValue
  public CompletableFuture<Checkpoint> save(
      String id, CheckpointMetadata metadata, Map<String, ? extends @Nullable Object> values) {
    return submitCopied(
        "save", () -> freeze(values), frozen -> blocking.save(id, metadata, frozen));
  }

  @Override
  @CanIgnoreReturnValue
  public CompletableFuture<Checkpoint> update(
      String sessionId, UnaryOperator<Map<String, @Nullable Object>> change) {
    return submitUpdate(deadline -> blocking.update(sessionId, change, deadline));
  }

  @Override
  @CanIgnoreReturnValue
  public CompletableFuture<Checkpoint> update(
      CheckpointMetadata metadata, UnaryOperator<Map<String, @Nullable Object>> change) {
    return submitUpdate(deadline -> blocking.update(metadata, change, deadline));
  }

  private CompletableFuture<Checkpoint> submitUpdate(Function<CallDeadline, Checkpoint> update) {
    CallDeadline outer = CallDeadline.current();
    CallDeadline deadline = CallDeadline.after(context.callTimeout());
    return context
        .runner()
        .submit(
            "update",
            outer.within(deadline.remaining()),
            () -> outer.call(() -> update.apply(deadline)));
  }

  @Override
  @CanIgnoreReturnValue
  public CompletableFuture<Checkpoint> restore(String id) {
    return submit("restore", () -> blocking.restore(id));
  }

  @Override
  @CanIgnoreReturnValue
  public CompletableFuture<Checkpoint> fork(String id, String newSessionId) {
    return submit("fork", () -> blocking.fork(id, newSessionId));
  }

  @Override
  @CanIgnoreReturnValue
  public CompletableFuture<Boolean> delete(String id) {
    return submit("delete", () -> blocking.delete(id));
  }

  @Override
  @CanIgnoreReturnValue
  public CompletableFuture<Long> delete(Collection<String> ids) {
    return submitCopied("delete", () -> Arguments.checkIds(ids), blocking::delete);
  }

  @Override
  @CanIgnoreReturnValue
  public CompletableFuture<Long> deleteBySession(String sessionId) {
    return submit("deleteBySession", () -> blocking.deleteBySession(sessionId));
  }

  private <T extends @Nullable Object> CompletableFuture<T> submit(
      String operation, Supplier<T> work) {
    return submit(operation, CallDeadline.current().within(context.callTimeout()), work);
  }

  /** The time that the work waits for a thread counts. */
  private <T extends @Nullable Object> CompletableFuture<T> submit(
      String operation, CallDeadline deadline, Supplier<T> work) {
    return context.runner().submit(operation, deadline, () -> deadline.call(work));
  }

  /** Copies what the caller could change, on the caller's thread, before the work is handed on. */
  private <A, T> CompletableFuture<T> submitCopied(
      String operation, Supplier<A> copy, Function<A, T> work) {
    A argument;
    try {
      argument = copy.get();
    } catch (RuntimeException | Error e) {
      return CompletableFuture.failedFuture(e);
    }
    return submit(operation, () -> work.apply(argument));
  }

  @Override
  public String toString() {
    return "Async" + blocking;
  }
}
