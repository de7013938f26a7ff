package dev.checkpoint4j.core;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.Page;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.annotation.CanIgnoreReturnValue;
import dev.checkpoint4j.error.ErrorContext;
import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.ForwardingBackendStorage;
import dev.checkpoint4j.spi.StorageEvent;
import dev.checkpoint4j.spi.StorageListener;
import java.time.Duration;
import java.util.Collection;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Notifies a {@link StorageListener} of every operation that ended, {@code close} included. A
 * listener that throws does not disturb the operation; what it throws is logged, each class of
 * exception once.
 */
public final class ObservedStorage extends ForwardingBackendStorage {

  private final StorageListener listener;

  private ObservedStorage(BackendStorage delegate, StorageListener listener) {
    super(delegate);
    this.listener = new SafeListener(listener);
  }

  /** A storage that notifies {@code listener} of the operations of {@code storage}. */
  public static BackendStorage wrap(BackendStorage storage, StorageListener listener) {
    return new ObservedStorage(
        Objects.requireNonNull(storage, "storage"), Objects.requireNonNull(listener, "listener"));
  }

  @Override
  public void put(Checkpoint checkpoint, Expectation expectation) {
    Objects.requireNonNull(checkpoint, "checkpoint");
    observe(context("put").checkpoint(checkpoint), () -> delegate().put(checkpoint, expectation));
  }

  @Override
  public Optional<Checkpoint> get(String namespace, String id) {
    return observe(context("get").checkpoint(namespace, id), () -> delegate().get(namespace, id));
  }

  @Override
  public Optional<Checkpoint> getBySession(SessionKey session) {
    Objects.requireNonNull(session, "session");
    return observe(
        context("getBySession").session(session), () -> delegate().getBySession(session));
  }

  @Override
  public Page<Checkpoint> list(CheckpointQuery query) {
    return observe(context("list", query), () -> delegate().list(query));
  }

  @Override
  public Page<CheckpointHeader> listHeaders(CheckpointQuery query) {
    return observe(context("listHeaders", query), () -> delegate().listHeaders(query));
  }

  @Override
  public Page<SessionKey> listSessions(String namespace, int limit, Optional<String> cursor) {
    return observe(
        context("listSessions").namespace(namespace),
        () -> delegate().listSessions(namespace, limit, cursor));
  }

  @Override
  public Page<String> listNamespaces(int limit, Optional<String> cursor) {
    return observe(context("listNamespaces"), () -> delegate().listNamespaces(limit, cursor));
  }

  @Override
  @CanIgnoreReturnValue
  public long delete(String namespace, Collection<String> ids) {
    return observe(context("delete").namespace(namespace), () -> delegate().delete(namespace, ids));
  }

  @Override
  @CanIgnoreReturnValue
  public long deleteBySession(SessionKey session) {
    Objects.requireNonNull(session, "session");
    return observe(
        context("deleteBySession").session(session), () -> delegate().deleteBySession(session));
  }

  @Override
  public void close() {
    observe(context("close"), delegate()::close);
  }

  private ErrorContext context(String operation) {
    return ErrorContext.of(delegate().descriptor().id(), operation);
  }

  private ErrorContext context(String operation, CheckpointQuery query) {
    Objects.requireNonNull(query, "query");
    return context(operation).query(query);
  }

  private void observe(ErrorContext context, Runnable operation) {
    this.<@Nullable Void>observe(
        context,
        () -> {
          operation.run();
          return null;
        });
  }

  private <T extends @Nullable Object> T observe(ErrorContext context, Supplier<T> operation) {
    long start = System.nanoTime();
    Optional<Throwable> failure = Optional.empty();
    try {
      return operation.get();
    } catch (RuntimeException | Error e) {
      failure = Optional.of(e);
      throw e;
    } finally {
      listener.onEvent(
          new StorageEvent(context, Duration.ofNanos(System.nanoTime() - start), failure));
    }
  }
}
