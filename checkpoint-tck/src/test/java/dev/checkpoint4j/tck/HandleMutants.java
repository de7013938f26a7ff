package dev.checkpoint4j.tck;

import static dev.checkpoint4j.tck.Mutant.handleFault;
import static dev.checkpoint4j.tck.Mutant.storeFault;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.Page;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.error.CorruptCheckpointException;
import dev.checkpoint4j.error.ErrorContext;
import dev.checkpoint4j.error.StorageUnavailableException;
import dev.checkpoint4j.error.VersionConflictException;
import dev.checkpoint4j.spi.BackendDescriptor;
import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.ForwardingBackendStorage;
import java.nio.BufferUnderflowException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;

/** Faults of what a handle remembers, and of its end. */
final class HandleMutants {

  private static final List<CountDownLatch> LEAKED = new CopyOnWriteArrayList<>();

  private HandleMutants() {}

  /** Remembers the latest of each session it has put to or read. */
  private static BackendStorage rememberingLatest(BackendStorage good) {
    Map<SessionKey, Checkpoint> remembered = new ConcurrentHashMap<>();
    return Faulty.latest(
        Faulty.put(
            Faulty.deleteBySession(
                Faulty.delete(
                    good,
                    (storage, namespace, ids) -> {
                      remembered.clear();
                      return storage.delete(namespace, ids);
                    }),
                (storage, session) -> {
                  remembered.remove(session);
                  return storage.deleteBySession(session);
                }),
            (storage, checkpoint) -> {
              storage.put(checkpoint, Expectation.any());
              storage
                  .getBySession(checkpoint.sessionKey())
                  .ifPresent(latest -> remembered.put(checkpoint.sessionKey(), latest));
            }),
        (storage, session) ->
            Optional.ofNullable(
                remembered.computeIfAbsent(
                    session, key -> storage.getBySession(key).orElse(null))));
  }

  /** Compares versions with what this handle has put only, and makes room for its own. */
  private static BackendStorage comparingWithItself(BackendStorage good) {
    Map<SessionKey, Long> own = new ConcurrentHashMap<>();
    return Faulty.put(
        good,
        (storage, checkpoint) -> {
          long latest = own.getOrDefault(checkpoint.sessionKey(), 0L);
          try {
            storage.put(checkpoint, Expectation.any());
          } catch (VersionConflictException e) {
            if (checkpoint.version() <= latest) {
              throw e;
            }
            List<Checkpoint> others =
                Faulty.versions(storage, checkpoint.sessionKey()).stream()
                    .filter(other -> other.version() >= checkpoint.version())
                    .toList();
            storage.delete(checkpoint.namespace(), others.stream().map(Checkpoint::id).toList());
            storage.put(checkpoint, Expectation.any());
          }
          own.put(checkpoint.sessionKey(), checkpoint.version());
        });
  }

  private static IllegalStateException closedForGood() {
    return new IllegalStateException("this handle is closed");
  }

  static List<Mutant> all() {
    return List.of(
        handleFault("latest remembered by a handle", HandleMutants::rememberingLatest, "HNDL-01"),
        handleFault(
            "deletion not noticed by other handles",
            good -> {
              Map<String, Checkpoint> read = new ConcurrentHashMap<>();
              return Faulty.delete(
                  Faulty.get(
                      Faulty.latest(
                          good,
                          (storage, session) -> {
                            Optional<Checkpoint> latest = storage.getBySession(session);
                            latest.ifPresent(found -> read.put(found.id(), found));
                            return latest;
                          }),
                      (storage, namespace, id) ->
                          storage
                              .get(namespace, id)
                              .or(
                                  () ->
                                      Optional.ofNullable(read.get(id))
                                          .filter(found -> found.namespace().equals(namespace)))),
                  (storage, namespace, ids) -> {
                    ids.forEach(read::remove);
                    return storage.delete(namespace, ids);
                  });
            },
            "HNDL-02"),
        handleFault(
            "two winners across handles", HandleMutants::comparingWithItself, "HNDL-03", "RACE-02"),
        handleFault(
            "ids compared within a handle only",
            good -> {
              Set<String> own = ConcurrentHashMap.newKeySet();
              return Faulty.put(
                  good,
                  (storage, checkpoint) -> {
                    if (!own.contains(checkpoint.id())
                        && storage
                            .get(checkpoint.namespace(), checkpoint.id())
                            .filter(stored -> !stored.equals(checkpoint))
                            .isPresent()) {
                      storage.delete(checkpoint.namespace(), List.of(checkpoint.id()));
                    }
                    storage.put(checkpoint, Expectation.any());
                    own.add(checkpoint.id());
                  });
            },
            "HNDL-04"),
        handleFault(
            "session deleted elsewhere stays known",
            good -> {
              Map<SessionKey, Long> greatest = new ConcurrentHashMap<>();
              return Faulty.deleteBySession(
                  Faulty.put(
                      good,
                      (storage, checkpoint) -> {
                        long known = greatest.getOrDefault(checkpoint.sessionKey(), 0L);
                        boolean gone = storage.getBySession(checkpoint.sessionKey()).isEmpty();
                        if (gone && known >= checkpoint.version()) {
                          throw new VersionConflictException(
                              storage.descriptor().id(), checkpoint, Expectation.any(), known);
                        }
                        storage.put(checkpoint, Expectation.any());
                        greatest.put(checkpoint.sessionKey(), checkpoint.version());
                      }),
                  (storage, session) -> {
                    greatest.remove(session);
                    return storage.deleteBySession(session);
                  });
            },
            "HNDL-05"),
        storeFault(
            "closing one handle closes all",
            () -> {
              AtomicBoolean closed = new AtomicBoolean();
              return good -> {
                closed.set(false);
                return Faulty.close(
                    Faulty.put(
                        good,
                        (storage, checkpoint) -> {
                          if (closed.get()) {
                            throw closedForGood();
                          }
                          storage.put(checkpoint, Expectation.any());
                        }),
                    storage -> {
                      storage.close();
                      closed.set(true);
                    });
              };
            },
            "HNDL-06"),
        handleFault(
            "close not idempotent",
            good -> {
              AtomicBoolean closed = new AtomicBoolean();
              return Faulty.close(
                  good,
                  storage -> {
                    if (closed.getAndSet(true)) {
                      throw closedForGood();
                    }
                    storage.close();
                  });
            },
            "CLOSE-01"),
        handleFault("works after close", good -> Faulty.close(good, storage -> {}), "CLOSE-02"),
        handleFault(
            "descriptor only while open",
            good -> {
              AtomicBoolean closed = new AtomicBoolean();
              return new ForwardingBackendStorage(good) {
                @Override
                public BackendDescriptor descriptor() {
                  if (closed.get()) {
                    throw closedForGood();
                  }
                  return super.descriptor();
                }

                @Override
                public void close() {
                  closed.set(true);
                  super.close();
                }
              };
            },
            "CLOSE-03"),
        handleFault(
            "thread leak",
            good -> {
              CountDownLatch closed = new CountDownLatch(1);
              Thread thread =
                  new Thread(
                      () -> {
                        try {
                          closed.await();
                        } catch (InterruptedException e) {
                          Thread.currentThread().interrupt();
                        }
                      },
                      "leaked by a mutant");
              thread.start();
              LEAKED.add(closed);
              return good;
            },
            "CLOSE-04"),
        handleFault(
            "calls under way end in an exception of the medium",
            good -> {
              AtomicBoolean closed = new AtomicBoolean();
              return Faulty.close(
                  Faulty.latest(
                      good,
                      (storage, session) -> {
                        if (closed.get()) {
                          throw new BufferUnderflowException();
                        }
                        return storage.getBySession(session);
                      }),
                  storage -> {
                    closed.set(true);
                    storage.close();
                  });
            },
            "CLOSE-05"),
        handleFault(
            "unusable after the first refusal",
            good -> {
              AtomicBoolean broken = new AtomicBoolean();
              return Faulty.put(
                  good,
                  (storage, checkpoint) -> {
                    if (broken.get()) {
                      throw new StorageUnavailableException(
                          "the transaction is aborted",
                          ErrorContext.of(storage.descriptor().id(), "put").checkpoint(checkpoint),
                          null);
                    }
                    try {
                      storage.put(checkpoint, Expectation.any());
                    } catch (VersionConflictException e) {
                      broken.set(true);
                      throw e;
                    }
                  });
            },
            "FAIL-06"),
        handleFault(
            "index of a session overflows at 8,192",
            good ->
                Faulty.put(
                    good,
                    (storage, checkpoint) -> {
                      if (checkpoint.version() == 8193) {
                        throw new CorruptCheckpointException(
                            "the index overflows",
                            ErrorContext.of(storage.descriptor().id(), "put")
                                .checkpoint(checkpoint),
                            null);
                      }
                      storage.put(checkpoint, Expectation.any());
                    }),
            "VOL-01"),
        handleFault(
            "sessions beyond the fifth page are not listed",
            good ->
                Faulty.sessions(
                    good,
                    (storage, namespace, limit, cursor) -> {
                      Page<SessionKey> page = storage.listSessions(namespace, limit, cursor);
                      boolean isFifth =
                          page.items().stream()
                              .anyMatch(session -> session.sessionId().equals("session-5500"));
                      return isFifth ? Page.of(page.items(), null) : page;
                    }),
            "VOL-02"));
  }

  /** Ends the threads that mutants leaked. */
  static void endLeakedThreads() {
    LEAKED.forEach(CountDownLatch::countDown);
    LEAKED.clear();
  }
}
