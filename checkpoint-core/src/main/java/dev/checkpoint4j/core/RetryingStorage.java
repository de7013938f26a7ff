package dev.checkpoint4j.core;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.Page;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.annotation.CanIgnoreReturnValue;
import dev.checkpoint4j.error.CheckpointException;
import dev.checkpoint4j.error.OutcomeUnknownException;
import dev.checkpoint4j.error.StorageUnavailableException;
import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.ForwardingBackendStorage;
import java.util.Collection;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Repeats what failed for a passing reason: every operation but {@code close} after a {@link
 * StorageUnavailableException}, and {@code put}, {@code delete} and {@code deleteBySession}, which
 * are idempotent, after an {@link OutcomeUnknownException} too. Every other failure is passed on at
 * once.
 *
 * <p>It gives up when the policy's attempts are used up or the {@link
 * dev.checkpoint4j.spi.CallDeadline} of the thread has passed: no attempt starts after it, and no
 * pause that would reach it is begun. The last failure is thrown then, with those before it as
 * suppressed. If an attempt may have been applied and no later one shows that it was not, an {@link
 * OutcomeUnknownException} is thrown. An interrupted thread does not retry; its flag stays set.
 *
 * <p>A delete that is repeated returns only what its last attempt found. The result is too small by
 * what an earlier attempt deleted without acknowledging it, and 0 if that was everything.
 */
public final class RetryingStorage extends ForwardingBackendStorage {

  private final Retrier retrier;

  private RetryingStorage(BackendStorage delegate, Retrier retrier) {
    super(delegate);
    this.retrier = retrier;
  }

  /** A storage that repeats the operations of {@code storage}, and closes it when it is closed. */
  public static BackendStorage wrap(BackendStorage storage, RetryPolicy policy) {
    return wrap(storage, Retrier.of(Objects.requireNonNull(policy, "policy")));
  }

  static BackendStorage wrap(BackendStorage storage, Retrier retrier) {
    return new RetryingStorage(Objects.requireNonNull(storage, "storage"), retrier);
  }

  @Override
  public void put(Checkpoint checkpoint, Expectation expectation) {
    this.<@Nullable Void>write(
        () -> {
          delegate().put(checkpoint, expectation);
          return null;
        });
  }

  @Override
  public Optional<Checkpoint> get(String namespace, String id) {
    try {
      return delegate().get(namespace, id);
    } catch (RuntimeException e) {
      return readAgain(() -> delegate().get(namespace, id), e);
    }
  }

  @Override
  public Optional<Checkpoint> getBySession(SessionKey session) {
    try {
      return delegate().getBySession(session);
    } catch (RuntimeException e) {
      return readAgain(() -> delegate().getBySession(session), e);
    }
  }

  /** For reads that take nanoseconds in memory: nothing is allocated unless the first fails. */
  private <T> T readAgain(Supplier<T> operation, RuntimeException first) {
    return retrier.callAgain(StorageUnavailableException.class::isInstance, operation, first);
  }

  @Override
  public Page<Checkpoint> list(CheckpointQuery query) {
    return read(() -> delegate().list(query));
  }

  @Override
  public Page<CheckpointHeader> listHeaders(CheckpointQuery query) {
    return read(() -> delegate().listHeaders(query));
  }

  @Override
  public Page<SessionKey> listSessions(String namespace, int limit, Optional<String> cursor) {
    return read(() -> delegate().listSessions(namespace, limit, cursor));
  }

  @Override
  public Page<String> listNamespaces(int limit, Optional<String> cursor) {
    return read(() -> delegate().listNamespaces(limit, cursor));
  }

  @Override
  @CanIgnoreReturnValue
  public long delete(String namespace, Collection<String> ids) {
    return write(() -> delegate().delete(namespace, ids));
  }

  @Override
  @CanIgnoreReturnValue
  public long deleteBySession(SessionKey session) {
    return write(() -> delegate().deleteBySession(session));
  }

  private <T> T read(Supplier<T> operation) {
    return retrier.call(StorageUnavailableException.class::isInstance, operation);
  }

  private <T extends @Nullable Object> T write(Supplier<T> operation) {
    return retrier.call(RetryingStorage::isSafeToRepeat, operation);
  }

  private static boolean isSafeToRepeat(CheckpointException failure) {
    return failure instanceof StorageUnavailableException
        || failure instanceof OutcomeUnknownException;
  }
}
