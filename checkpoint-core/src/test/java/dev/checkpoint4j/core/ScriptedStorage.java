package dev.checkpoint4j.core;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.Page;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.annotation.CanIgnoreReturnValue;
import dev.checkpoint4j.error.ErrorContext;
import dev.checkpoint4j.error.OutcomeUnknownException;
import dev.checkpoint4j.error.StorageAccessDeniedException;
import dev.checkpoint4j.error.StorageUnavailableException;
import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.ForwardingBackendStorage;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A storage whose next calls fail as told, before or after they took effect. */
final class ScriptedStorage extends ForwardingBackendStorage {

  private record Fault(String operation, boolean isAfter, RuntimeException exception) {}

  private final Queue<Fault> faults = new ArrayDeque<>();

  /** The operations called, in order. */
  final List<String> calls = new CopyOnWriteArrayList<>();

  /** Called with each operation before it starts. */
  volatile Consumer<String> before = operation -> {};

  ScriptedStorage(BackendStorage delegate) {
    super(delegate);
  }

  static StorageUnavailableException unavailable(String message) {
    return new StorageUnavailableException(message, ErrorContext.of("scripted", "any"), null);
  }

  static OutcomeUnknownException unknown(String message) {
    return new OutcomeUnknownException(message, ErrorContext.of("scripted", "any"), null);
  }

  static StorageAccessDeniedException denied(String message) {
    return new StorageAccessDeniedException(message, ErrorContext.of("scripted", "any"), null);
  }

  /** The next call that is free of faults, of this operation, fails without effect. */
  @CanIgnoreReturnValue
  synchronized ScriptedStorage failBefore(String operation, RuntimeException exception) {
    faults.add(new Fault(operation, false, exception));
    return this;
  }

  /** The next call that is free of faults, of this operation, takes effect and fails then. */
  @CanIgnoreReturnValue
  synchronized ScriptedStorage failAfter(String operation, RuntimeException exception) {
    faults.add(new Fault(operation, true, exception));
    return this;
  }

  /** How often an operation was called. */
  long countOf(String operation) {
    return calls.stream().filter(operation::equals).count();
  }

  private synchronized @Nullable Fault nextFault(String operation) {
    Fault next = faults.peek();
    return next != null && next.operation().equals(operation) ? faults.poll() : null;
  }

  private <T extends @Nullable Object> T run(String operation, Supplier<T> work) {
    calls.add(operation);
    before.accept(operation);
    Fault fault = nextFault(operation);
    if (fault != null && !fault.isAfter()) {
      throw fault.exception();
    }
    T result = work.get();
    if (fault != null) {
      throw fault.exception();
    }
    return result;
  }

  @Override
  public void put(Checkpoint checkpoint, Expectation expectation) {
    this.<@Nullable Void>run(
        "put",
        () -> {
          delegate().put(checkpoint, expectation);
          return null;
        });
  }

  @Override
  public Optional<Checkpoint> get(String namespace, String id) {
    return run("get", () -> delegate().get(namespace, id));
  }

  @Override
  public Optional<Checkpoint> getBySession(SessionKey session) {
    return run("getBySession", () -> delegate().getBySession(session));
  }

  @Override
  public Page<Checkpoint> list(CheckpointQuery query) {
    return run("list", () -> delegate().list(query));
  }

  @Override
  public Page<CheckpointHeader> listHeaders(CheckpointQuery query) {
    return run("listHeaders", () -> delegate().listHeaders(query));
  }

  @Override
  public Page<SessionKey> listSessions(String namespace, int limit, Optional<String> cursor) {
    return run("listSessions", () -> delegate().listSessions(namespace, limit, cursor));
  }

  @Override
  public Page<String> listNamespaces(int limit, Optional<String> cursor) {
    return run("listNamespaces", () -> delegate().listNamespaces(limit, cursor));
  }

  @Override
  @CanIgnoreReturnValue
  public long delete(String namespace, Collection<String> ids) {
    return run("delete", () -> delegate().delete(namespace, ids));
  }

  @Override
  @CanIgnoreReturnValue
  public long deleteBySession(SessionKey session) {
    return run("deleteBySession", () -> delegate().deleteBySession(session));
  }

  @Override
  public void close() {
    this.<@Nullable Void>run(
        "close",
        () -> {
          delegate().close();
          return null;
        });
  }
}
