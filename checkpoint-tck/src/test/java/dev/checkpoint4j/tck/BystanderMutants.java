package dev.checkpoint4j.tck;

import static dev.checkpoint4j.tck.Mutant.handleFault;
import static dev.checkpoint4j.tck.Mutant.storeFault;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.error.ErrorContext;
import dev.checkpoint4j.error.StorageUnavailableException;
import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.CallDeadline;
import dev.checkpoint4j.spi.ForwardingBackendStorage;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Faults by which one thread pays for what happens to another. */
final class BystanderMutants {

  private BystanderMutants() {}

  /** What the first call of another thread meets after a call of one thread was struck. */
  static final class Debt {
    private final AtomicReference<@Nullable Thread> debtor = new AtomicReference<>();

    void incur() {
      if (RaceMutants.isRacing()) {
        debtor.set(Thread.currentThread());
      }
    }

    boolean isToBePaidHere() {
      Thread thread = debtor.get();
      return thread != null
          && thread != Thread.currentThread()
          && RaceMutants.isRacing()
          && debtor.compareAndSet(thread, null);
    }
  }

  /** A put that was struck makes the next reader on another thread see nothing. */
  static UnaryOperator<BackendStorage> emptyForAnother(BooleanSupplier isStruck) {
    Debt debt = new Debt();
    return good ->
        Faulty.latest(
            Faulty.put(
                good,
                (storage, checkpoint) -> {
                  storage.put(checkpoint, Expectation.any());
                  if (isStruck.getAsBoolean()) {
                    debt.incur();
                  }
                }),
            (storage, session) ->
                debt.isToBePaidHere() ? Optional.empty() : storage.getBySession(session));
  }

  private static StorageUnavailableException locked(BackendStorage storage, Checkpoint checkpoint) {
    return new StorageUnavailableException(
        "the session is locked",
        ErrorContext.of(storage.descriptor().id(), "put").checkpoint(checkpoint),
        null);
  }

  static List<Mutant> all() {
    return List.of(
        storeFault(
                "an interrupt empties the index for other threads",
                () -> emptyForAnother(() -> Thread.currentThread().isInterrupted()),
                "BYST-01")
            .racy(),
        storeFault(
                "after an interrupt another thread starts its session over",
                () -> {
                  Debt debt = new Debt();
                  return good ->
                      Faulty.put(
                          good,
                          (storage, checkpoint) -> {
                            if (debt.isToBePaidHere()) {
                              long unused = storage.deleteBySession(checkpoint.sessionKey());
                            }
                            storage.put(checkpoint, Expectation.any());
                            if (Thread.currentThread().isInterrupted()) {
                              debt.incur();
                            }
                          });
                },
                "BYST-01")
            .racy(),
        storeFault(
                "an interrupt in the middle of a put leaves its session locked",
                () -> {
                  Map<SessionKey, Thread> locks = new ConcurrentHashMap<>();
                  return good ->
                      Faulty.put(
                          good,
                          (storage, checkpoint) -> {
                            Thread me = Thread.currentThread();
                            if (locks.getOrDefault(checkpoint.sessionKey(), me) != me) {
                              throw locked(storage, checkpoint);
                            }
                            boolean before = me.isInterrupted();
                            RaceMutants.leaveTimeForOthers();
                            if (!before && me.isInterrupted()) {
                              locks.put(checkpoint.sessionKey(), me);
                              throw locked(storage, checkpoint);
                            }
                            storage.put(checkpoint, Expectation.any());
                          });
                },
                "BYST-02")
            .racy(),
        storeFault(
                "a put that is interrupted in its middle returns without having stored",
                () ->
                    good ->
                        Faulty.put(
                            good,
                            (storage, checkpoint) -> {
                              boolean before = Thread.currentThread().isInterrupted();
                              RaceMutants.leaveTimeForOthers();
                              if (before || !Thread.currentThread().isInterrupted()) {
                                storage.put(checkpoint, Expectation.any());
                              }
                            }),
                "BYST-02")
            .racy(),
        storeFault(
                "closing a handle in use empties the index of the others",
                () -> {
                  Debt debt = new Debt();
                  return good -> closingInUse(good, debt);
                },
                "BYST-04")
            .racy(),
        storeFault(
                "a deadline that passes empties the index for other threads",
                () -> emptyForAnother(() -> CallDeadline.current().hasPassed()),
                "BYST-05")
            .racy(),
        storeFault(
                "a deletion that ends half-way at its deadline says that nothing was changed",
                () ->
                    good ->
                        Faulty.delete(
                            good,
                            (storage, namespace, ids) -> {
                              long deleted = 0;
                              for (String id : new LinkedHashSet<>(ids)) {
                                deleted += storage.delete(namespace, List.of(id));
                                if (CallDeadline.current().hasPassed()) {
                                  throw new StorageUnavailableException(
                                      "the deadline has passed",
                                      ErrorContext.of(storage.descriptor().id(), "delete"),
                                      null);
                                }
                              }
                              return deleted;
                            }),
                "BYST-05")
            .racy(),
        handleFault(
            "a deletion that is interrupted half-way says that nothing was changed",
            good ->
                Faulty.delete(
                    good,
                    (storage, namespace, ids) -> {
                      long deleted = 0;
                      for (String id : new LinkedHashSet<>(ids)) {
                        if (deleted > 0 && Thread.currentThread().isInterrupted()) {
                          throw new StorageUnavailableException(
                              "interrupted",
                              ErrorContext.of(storage.descriptor().id(), "delete"),
                              null);
                        }
                        deleted += storage.delete(namespace, List.of(id));
                      }
                      return deleted;
                    }),
            "FAIL-05"));
  }

  private static BackendStorage closingInUse(BackendStorage good, Debt debt) {
    AtomicInteger calls = new AtomicInteger();
    return new ForwardingBackendStorage(good) {
      @Override
      public Optional<Checkpoint> getBySession(SessionKey session) {
        calls.incrementAndGet();
        try {
          RaceMutants.leaveTimeForOthers();
          return debt.isToBePaidHere() ? Optional.empty() : super.getBySession(session);
        } finally {
          calls.decrementAndGet();
        }
      }

      @Override
      public void close() {
        boolean isInUse = calls.get() > 0;
        super.close();
        if (isInUse) {
          debt.incur();
        }
      }
    };
  }
}
