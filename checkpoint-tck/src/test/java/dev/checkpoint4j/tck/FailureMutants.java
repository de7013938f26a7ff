package dev.checkpoint4j.tck;

import static dev.checkpoint4j.tck.Mutant.handleFault;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.Page;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.error.DuplicateCheckpointException;
import dev.checkpoint4j.error.VersionConflictException;
import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.ForwardingBackendStorage;
import java.nio.channels.ClosedByInterruptException;
import java.util.Collection;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Faults of errors, interrupts and arguments. */
final class FailureMutants {

  private FailureMutants() {}

  /** Any call is made through {@code call}. */
  private abstract static class EveryCall extends ForwardingBackendStorage {
    EveryCall(BackendStorage good) {
      super(good);
    }

    abstract <T> T call(Supplier<T> call);

    @Override
    public void put(Checkpoint checkpoint, Expectation expectation) {
      boolean done =
          call(
              () -> {
                super.put(checkpoint, expectation);
                return true;
              });
      if (!done) {
        throw new AssertionError();
      }
    }

    @Override
    public Optional<Checkpoint> get(String namespace, String id) {
      return call(() -> super.get(namespace, id));
    }

    @Override
    public Optional<Checkpoint> getBySession(SessionKey session) {
      return call(() -> super.getBySession(session));
    }

    @Override
    public Page<Checkpoint> list(CheckpointQuery query) {
      return call(() -> super.list(query));
    }

    @Override
    public Page<CheckpointHeader> listHeaders(CheckpointQuery query) {
      return call(() -> super.listHeaders(query));
    }

    @Override
    public Page<SessionKey> listSessions(String namespace, int limit, Optional<String> cursor) {
      return call(() -> super.listSessions(namespace, limit, cursor));
    }

    @Override
    public Page<String> listNamespaces(int limit, Optional<String> cursor) {
      return call(() -> super.listNamespaces(limit, cursor));
    }

    @Override
    public long delete(String namespace, Collection<String> ids) {
      return call(() -> super.delete(namespace, ids));
    }

    @Override
    public long deleteBySession(SessionKey session) {
      return call(() -> super.deleteBySession(session));
    }
  }

  private static RuntimeException closedByInterrupt() {
    return new IllegalStateException(new ClosedByInterruptException());
  }

  private static Object texts(Checkpoint checkpoint) {
    return checkpoint.values().values() + " " + checkpoint.metadata().attributes();
  }

  private static boolean isLegal(String id) {
    try {
      return new SessionKey("default", id).sessionId().length() <= 255;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  static List<Mutant> all() {
    return List.of(
        handleFault(
            "interrupt swallowed",
            good ->
                new EveryCall(good) {
                  @Override
                  <T> T call(Supplier<T> call) {
                    boolean ignored = Thread.interrupted();
                    return call.get();
                  }
                },
            "FAIL-04",
            "FAIL-05"),
        handleFault(
            "put on an interrupted thread returns without having stored",
            good ->
                Faulty.put(
                    good,
                    (storage, checkpoint) -> {
                      if (!Thread.currentThread().isInterrupted()) {
                        storage.put(checkpoint, Expectation.any());
                      }
                    }),
            "FAIL-04"),
        handleFault(
            "vendor exception leaked on an interrupt",
            good ->
                Faulty.latest(
                    good,
                    (storage, session) -> {
                      if (Thread.currentThread().isInterrupted()) {
                        throw closedByInterrupt();
                      }
                      return storage.getBySession(session);
                    }),
            "FAIL-05"),
        handleFault(
            "vendor exception leaked from a unique key",
            good ->
                Faulty.put(
                    good,
                    (storage, checkpoint) -> {
                      try {
                        storage.put(checkpoint, Expectation.any());
                      } catch (DuplicateCheckpointException e) {
                        throw new IllegalStateException("SQLState 23505", e);
                      }
                    }),
            "PUT-09"),
        handleFault(
            "values in the message",
            good ->
                Faulty.put(
                    good,
                    (storage, checkpoint) -> {
                      try {
                        storage.put(checkpoint, Expectation.any());
                      } catch (VersionConflictException e) {
                        VersionConflictException withCause =
                            new VersionConflictException(
                                e.backendId(), checkpoint, Expectation.any(), e.latestVersion());
                        withCause.initCause(
                            new IllegalStateException("INSERT ... " + texts(checkpoint)));
                        throw withCause;
                      }
                    }),
            "FAIL-07"),
        handleFault(
            "absent is an error",
            good ->
                Faulty.get(
                    good,
                    (storage, namespace, id) -> {
                      Optional<Checkpoint> found = storage.get(namespace, id);
                      if (found.isEmpty()) {
                        throw new NoSuchElementException(id);
                      }
                      return found;
                    }),
            "LIFE-03",
            "GET-01"),
        handleFault(
            "null is absent",
            good ->
                new ForwardingBackendStorage(good) {
                  @Override
                  public Optional<Checkpoint> get(String namespace, String id) {
                    return isNull(id) ? Optional.empty() : super.get(namespace, id);
                  }
                },
            "ARG-01"),
        handleFault(
            "null is refused without the parameter's name",
            good ->
                new ForwardingBackendStorage(good) {
                  @Override
                  public Optional<Checkpoint> getBySession(SessionKey session) {
                    if (isNull(session)) {
                      throw new NullPointerException();
                    }
                    return super.getBySession(session);
                  }
                },
            "ARG-01"),
        handleFault(
            "illegal id is absent",
            good ->
                Faulty.get(
                    good,
                    (storage, namespace, id) ->
                        isLegal(id) ? storage.get(namespace, id) : Optional.empty()),
            "ARG-02"),
        handleFault(
            "legal ids are deleted before an illegal one is refused",
            good ->
                Faulty.delete(
                    good,
                    (storage, namespace, ids) -> {
                      long deleted = 0;
                      for (String id : List.copyOf(ids)) {
                        deleted += storage.delete(namespace, List.of(id));
                      }
                      storage.delete(namespace, ids);
                      return deleted;
                    }),
            "ARG-02"),
        handleFault(
            "illegal namespace is empty",
            good ->
                Faulty.sessions(
                    good,
                    (storage, namespace, limit, cursor) ->
                        isLegal(namespace)
                            ? storage.listSessions(namespace, limit, cursor)
                            : Page.of(List.of(), null)),
            "ARG-03"),
        handleFault(
            "limit of sessions is clamped",
            good ->
                Faulty.sessions(
                    good,
                    (storage, namespace, limit, cursor) ->
                        storage.listSessions(
                            namespace, Math.min(Math.max(limit, 1), 1000), cursor)),
            "ARG-04"));
  }

  private static boolean isNull(@Nullable Object argument) {
    return argument == null;
  }
}
