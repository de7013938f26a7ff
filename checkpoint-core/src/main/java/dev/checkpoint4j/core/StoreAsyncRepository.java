package dev.checkpoint4j.core;

import dev.checkpoint4j.AsyncCheckpointRepository;
import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.CheckpointMetadata;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.Page;
import dev.checkpoint4j.Values;
import dev.checkpoint4j.annotation.CanIgnoreReturnValue;
import dev.checkpoint4j.spi.Arguments;
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

/** Runs the operations of a {@link StoreRepository} on the threads of its {@link Store}. */
final class StoreAsyncRepository implements AsyncCheckpointRepository {

  private final Store store;
  private final StoreRepository blocking;

  StoreAsyncRepository(Store store, String namespace) {
    this.store = store;
    this.blocking = StoreRepository.ofAccepted(store, namespace);
  }

  @Override
  public String namespace() {
    return blocking.namespace();
  }

  @Override
  public AsyncCheckpointRepository namespace(String namespace) {
    store.runner().checkOpen();
    return new StoreAsyncRepository(store, Arguments.checkNamespace(namespace));
  }

  @Override
  @CanIgnoreReturnValue
  public CompletableFuture<Void> put(Checkpoint checkpoint) {
    return submit(
        "put",
        () -> {
          blocking.put(checkpoint);
          return null;
        });
  }

  @Override
  public CompletableFuture<Optional<Checkpoint>> get(String id) {
    return submit("get", () -> blocking.get(id));
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
  public CompletableFuture<Void> lineage(String id, Consumer<? super Checkpoint> action) {
    return forEach("lineage", () -> blocking.lineage(id), action);
  }

  @Override
  public CompletableFuture<Void> sessions(Consumer<? super String> action) {
    return forEach("sessions", blocking::sessions, action);
  }

  private <T> CompletableFuture<Void> forEach(
      String operation, Supplier<Stream<T>> open, Consumer<? super T> action) {
    return submit(
        operation,
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
  public CompletableFuture<Checkpoint> update(
      String sessionId, UnaryOperator<Map<String, @Nullable Object>> change) {
    return submit("update", () -> blocking.update(sessionId, change));
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
    return store.runner().submit(operation, work);
  }

  /** Copies what the caller could change, on the caller's thread, before the work is handed on. */
  private <A, T> CompletableFuture<T> submitCopied(
      String operation, Supplier<A> copy, Function<A, T> work) {
    A argument;
    try {
      argument = copy.get();
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
    return submit(operation, () -> work.apply(argument));
  }

  @Override
  public String toString() {
    return "Async" + blocking;
  }
}
