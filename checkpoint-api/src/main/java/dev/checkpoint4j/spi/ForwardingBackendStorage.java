package dev.checkpoint4j.spi;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.Page;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.annotation.CanIgnoreReturnValue;
import java.util.Collection;
import java.util.Objects;
import java.util.Optional;

/**
 * The base of decorators: forwards every method, {@code close} included, to another storage, and
 * promises what that one promises.
 */
public abstract class ForwardingBackendStorage implements BackendStorage {

  private final BackendStorage delegate;

  /** Forwards to {@code delegate}. */
  protected ForwardingBackendStorage(BackendStorage delegate) {
    this.delegate = Objects.requireNonNull(delegate, "delegate");
  }

  /** The storage that is decorated. */
  protected final BackendStorage delegate() {
    return delegate;
  }

  @Override
  public BackendDescriptor descriptor() {
    return delegate.descriptor();
  }

  @Override
  public void put(Checkpoint checkpoint, Expectation expectation) {
    delegate.put(checkpoint, expectation);
  }

  @Override
  public Optional<Checkpoint> get(String namespace, String id) {
    return delegate.get(namespace, id);
  }

  @Override
  public Optional<Checkpoint> getBySession(SessionKey session) {
    return delegate.getBySession(session);
  }

  @Override
  public Page<Checkpoint> list(CheckpointQuery query) {
    return delegate.list(query);
  }

  @Override
  public Page<CheckpointHeader> listHeaders(CheckpointQuery query) {
    return delegate.listHeaders(query);
  }

  @Override
  public Page<SessionKey> listSessions(String namespace, int limit, Optional<String> cursor) {
    return delegate.listSessions(namespace, limit, cursor);
  }

  @Override
  public Page<String> listNamespaces(int limit, Optional<String> cursor) {
    return delegate.listNamespaces(limit, cursor);
  }

  @Override
  @CanIgnoreReturnValue
  public long delete(String namespace, Collection<String> ids) {
    return delegate.delete(namespace, ids);
  }

  @Override
  @CanIgnoreReturnValue
  public long deleteBySession(SessionKey session) {
    return delegate.deleteBySession(session);
  }

  @Override
  public void close() {
    delegate.close();
  }
}
