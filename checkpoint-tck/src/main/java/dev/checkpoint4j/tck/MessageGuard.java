package dev.checkpoint4j.tck;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.Page;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.ForwardingBackendStorage;
import java.util.Collection;
import java.util.Optional;
import java.util.function.Supplier;

/** Passes all calls on, and fails those whose exception quotes a stored value. Thread-safe. */
final class MessageGuard extends ForwardingBackendStorage {

  private static final int MAX_CAUSES = 20;

  private final String secret;

  /**
   * A guard of a handle.
   *
   * @param secret what checkpoints contain, and no message may
   */
  MessageGuard(BackendStorage handle, String secret) {
    super(handle);
    this.secret = secret;
  }

  /** Fails if the message of an exception, or of one of its causes, contains the secret. */
  static void check(Throwable failure, String secret) {
    Throwable cause = failure;
    for (int depth = 0; cause != null && depth < MAX_CAUSES; depth++) {
      if (String.valueOf(cause.getMessage()).contains(secret)) {
        throw new AssertionError(
            "the message of a %s quotes a value or an attribute of a checkpoint: %s"
                .formatted(cause.getClass().getName(), cause.getMessage()),
            failure);
      }
      for (Throwable suppressed : cause.getSuppressed()) {
        check(suppressed, secret);
      }
      cause = cause.getCause();
    }
  }

  private <T> T guarded(Supplier<T> call) {
    try {
      return call.get();
    } catch (RuntimeException | Error e) {
      check(e, secret);
      throw e;
    }
  }

  @Override
  public void put(Checkpoint checkpoint, Expectation expectation) {
    try {
      super.put(checkpoint, expectation);
    } catch (RuntimeException | Error e) {
      check(e, secret);
      throw e;
    }
  }

  @Override
  public Optional<Checkpoint> get(String namespace, String id) {
    return guarded(() -> super.get(namespace, id));
  }

  @Override
  public Optional<Checkpoint> getBySession(SessionKey session) {
    return guarded(() -> super.getBySession(session));
  }

  @Override
  public Page<Checkpoint> list(CheckpointQuery query) {
    return guarded(() -> super.list(query));
  }

  @Override
  public Page<CheckpointHeader> listHeaders(CheckpointQuery query) {
    return guarded(() -> super.listHeaders(query));
  }

  @Override
  public Page<SessionKey> listSessions(String namespace, int limit, Optional<String> cursor) {
    return guarded(() -> super.listSessions(namespace, limit, cursor));
  }

  @Override
  public Page<String> listNamespaces(int limit, Optional<String> cursor) {
    return guarded(() -> super.listNamespaces(limit, cursor));
  }

  @Override
  public long delete(String namespace, Collection<String> ids) {
    return guarded(() -> super.delete(namespace, ids));
  }

  @Override
  public long deleteBySession(SessionKey session) {
    return guarded(() -> super.deleteBySession(session));
  }
}
