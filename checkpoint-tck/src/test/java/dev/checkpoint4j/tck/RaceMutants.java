package dev.checkpoint4j.tck;

import static dev.checkpoint4j.tck.Mutant.handleFault;
import static dev.checkpoint4j.tck.Mutant.storeFault;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.Page;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.error.DuplicateCheckpointException;
import dev.checkpoint4j.error.ErrorContext;
import dev.checkpoint4j.error.StorageUnavailableException;
import dev.checkpoint4j.error.VersionConflictException;
import dev.checkpoint4j.spi.BackendStorage;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Faults that show when threads meet. */
final class RaceMutants {

  private static final long WINDOW_NANOS = 200_000;

  private RaceMutants() {}

  static boolean isRacing() {
    return Thread.currentThread().getName().startsWith("checkpoint-tck-race");
  }

  /** Widens the window in which other threads may come in between. */
  static void leaveTimeForOthers() {
    if (isRacing()) {
      LockSupport.parkNanos(WINDOW_NANOS);
    }
  }

  private static boolean isStored(BackendStorage storage, Checkpoint checkpoint) {
    return storage.get(checkpoint.namespace(), checkpoint.id()).isPresent();
  }

  /** Stores it whatever came in between; what is in the way is lost. */
  private static synchronized void force(BackendStorage storage, Checkpoint checkpoint) {
    try {
      storage.put(checkpoint, Expectation.any());
    } catch (VersionConflictException e) {
      List<String> inTheWay =
          Faulty.versions(storage, checkpoint.sessionKey()).stream()
              .filter(other -> other.version() >= checkpoint.version())
              .map(Checkpoint::id)
              .toList();
      storage.delete(checkpoint.namespace(), inTheWay);
      storage.put(checkpoint, Expectation.any());
    }
  }

  private static void checkThenAct(BackendStorage storage, Checkpoint checkpoint) {
    if (isStored(storage, checkpoint)) {
      storage.put(checkpoint, Expectation.any());
      return;
    }
    long latest = storage.getBySession(checkpoint.sessionKey()).map(Checkpoint::version).orElse(0L);
    if (latest >= checkpoint.version()) {
      throw new VersionConflictException(
          storage.descriptor().id(), checkpoint, Expectation.any(), latest);
    }
    leaveTimeForOthers();
    force(storage, checkpoint);
  }

  /**
   * Each reader gets its last result once more if nothing has changed since, by the number of
   * changes when they began: a result that was read during a put is used again after its commit.
   */
  private static final class ReusedResults implements UnaryOperator<BackendStorage> {

    private record Result(long changes, Optional<Checkpoint> latest) {}

    private final AtomicLong changes = new AtomicLong();
    private final Map<List<Object>, Result> results = new ConcurrentHashMap<>();

    @Override
    public BackendStorage apply(BackendStorage good) {
      return Faulty.latest(Faulty.put(good, this::put), this::latest);
    }

    private void put(BackendStorage storage, Checkpoint checkpoint) {
      changes.incrementAndGet();
      leaveTimeForOthers();
      storage.put(checkpoint, Expectation.any());
    }

    private Optional<Checkpoint> latest(BackendStorage storage, SessionKey session) {
      List<Object> reader = List.of(Thread.currentThread(), session);
      long begun = changes.get();
      Result last = results.remove(reader);
      if (isRacing() && last != null && last.changes() == begun) {
        return last.latest();
      }
      Optional<Checkpoint> latest = storage.getBySession(session);
      results.put(reader, new Result(begun, latest));
      return latest;
    }
  }

  static List<Mutant> all() {
    return List.of(
        handleFault(
                "check-then-act race",
                good -> Faulty.put(good, RaceMutants::checkThenAct),
                "RACE-01")
            .racy(),
        storeFault(
                "check-then-act race between handles",
                () -> {
                  AtomicInteger handles = new AtomicInteger();
                  return good -> {
                    // Handles have a lock each: within one there is no race.
                    Object lock = new Object();
                    handles.incrementAndGet();
                    return Faulty.put(
                        good,
                        (storage, checkpoint) -> {
                          synchronized (lock) {
                            checkThenAct(storage, checkpoint);
                          }
                        });
                  };
                },
                "RACE-02")
            .racy(),
        handleFault(
                "lost update: an acknowledged put makes room for a slower one",
                good ->
                    Faulty.put(
                        good,
                        (storage, checkpoint) -> {
                          leaveTimeForOthers();
                          try {
                            storage.put(checkpoint, Expectation.any());
                          } catch (VersionConflictException e) {
                            if (e.latestVersion() > checkpoint.version()) {
                              throw e;
                            }
                            force(storage, checkpoint);
                          }
                        }),
                "RACE-03")
            .racy(),
        storeFault(
                "some reads are served by a copy that lags behind",
                () -> {
                  Map<SessionKey, Optional<Checkpoint>> copy = new ConcurrentHashMap<>();
                  AtomicInteger reads = new AtomicInteger();
                  return good ->
                      Faulty.latest(
                          good,
                          (storage, session) -> {
                            int read = isRacing() ? reads.incrementAndGet() : 0;
                            Optional<Checkpoint> now = storage.getBySession(session);
                            if (read % 16 == 0) {
                              copy.put(session, now);
                            }
                            return read % 3 == 2 ? copy.getOrDefault(session, now) : now;
                          });
                },
                "RACE-04")
            .racy(),
        storeFault(
                "a result is used again that is older than a commit", ReusedResults::new, "RACE-04")
            .racy(),
        handleFault(
                "ids checked, then written",
                good ->
                    Faulty.put(
                        good,
                        (storage, checkpoint) -> {
                          boolean taken = isStored(storage, checkpoint);
                          leaveTimeForOthers();
                          try {
                            storage.put(checkpoint, Expectation.any());
                          } catch (DuplicateCheckpointException e) {
                            if (taken) {
                              throw e;
                            }
                          }
                        }),
                "RACE-05")
            .racy(),
        handleFault(
                "equal puts at once are a conflict",
                good ->
                    Faulty.put(
                        good,
                        (storage, checkpoint) -> {
                          boolean known = isStored(storage, checkpoint);
                          leaveTimeForOthers();
                          if (!known && isStored(storage, checkpoint)) {
                            throw new VersionConflictException(
                                storage.descriptor().id(),
                                checkpoint,
                                Expectation.any(),
                                checkpoint.version());
                          }
                          storage.put(checkpoint, Expectation.any());
                        }),
                "RACE-06")
            .racy(),
        storeFault(
                "put in two steps",
                () -> {
                  Map<String, Boolean> unfinished = new ConcurrentHashMap<>();
                  return good ->
                      Faulty.latest(
                          Faulty.put(
                              good,
                              (storage, checkpoint) -> {
                                unfinished.put(checkpoint.id(), true);
                                storage.put(checkpoint, Expectation.any());
                                leaveTimeForOthers();
                                unfinished.remove(checkpoint.id());
                              }),
                          (storage, session) ->
                              storage
                                  .getBySession(session)
                                  .map(
                                      found ->
                                          unfinished.containsKey(found.id())
                                              ? half(found)
                                              : found));
                },
                "RACE-07")
            .racy(),
        storeFault(
                "deletion of a session forgets ids that came in between",
                () -> {
                  Map<String, Boolean> forgotten = new ConcurrentHashMap<>();
                  return good ->
                      Faulty.get(
                          Faulty.deleteBySession(
                              good,
                              (storage, session) -> {
                                long deleted = storage.deleteBySession(session);
                                leaveTimeForOthers();
                                Faulty.versions(storage, session)
                                    .forEach(found -> forgotten.put(found.id(), true));
                                return deleted;
                              }),
                          (storage, namespace, id) ->
                              forgotten.containsKey(id)
                                  ? Optional.empty()
                                  : storage.get(namespace, id));
                },
                "RACE-08")
            .racy(),
        storeFault(
                "one lock for all sessions, given up at once",
                () -> {
                  ReentrantLock lock = new ReentrantLock();
                  return good ->
                      Faulty.put(
                          good,
                          (storage, checkpoint) -> {
                            if (!lock.tryLock()) {
                              throw new StorageUnavailableException(
                                  "the store is locked",
                                  ErrorContext.of(storage.descriptor().id(), "put")
                                      .checkpoint(checkpoint),
                                  null);
                            }
                            try {
                              leaveTimeForOthers();
                              storage.put(checkpoint, Expectation.any());
                            } finally {
                              lock.unlock();
                            }
                          });
                },
                "RACE-10")
            .racy(),
        storeFault(
                "pages skip a session that another thread is deleting from",
                () -> {
                  Map<String, Integer> busy = new ConcurrentHashMap<>();
                  return good ->
                      Faulty.list(
                          Faulty.delete(
                              good,
                              (storage, namespace, ids) -> {
                                Optional<Checkpoint> first =
                                    ids.stream()
                                        .findFirst()
                                        .flatMap(id -> storage.get(namespace, id));
                                first.ifPresent(found -> busy.put(found.metadata().sessionId(), 1));
                                leaveTimeForOthers();
                                long deleted = storage.delete(namespace, ids);
                                first.ifPresent(found -> busy.remove(found.metadata().sessionId()));
                                return deleted;
                              }),
                          (storage, query) -> pageWithout(storage, query, busy));
                },
                "RACE-11")
            .racy(),
        storeFault(
                "deletion fails if another thread was faster",
                () ->
                    good ->
                        Faulty.deleteBySession(
                            good,
                            (storage, session) -> {
                              boolean there = storage.getBySession(session).isPresent();
                              leaveTimeForOthers();
                              long deleted = storage.deleteBySession(session);
                              if (there && deleted == 0) {
                                throw new StorageUnavailableException(
                                    "the session changed",
                                    ErrorContext.of(storage.descriptor().id(), "deleteBySession"),
                                    null);
                              }
                              return deleted;
                            }),
                "RACE-12")
            .racy(),
        storeFault(
                "index of ids is written after the session",
                () -> {
                  Map<String, Boolean> unindexed = new ConcurrentHashMap<>();
                  return good ->
                      Faulty.get(
                          Faulty.put(
                              good,
                              (storage, checkpoint) -> {
                                boolean again = isStored(storage, checkpoint);
                                if (!again) {
                                  unindexed.put(checkpoint.id(), true);
                                }
                                try {
                                  storage.put(checkpoint, Expectation.any());
                                  leaveTimeForOthers();
                                } finally {
                                  unindexed.remove(checkpoint.id());
                                }
                              }),
                          (storage, namespace, id) ->
                              unindexed.containsKey(id)
                                  ? Optional.empty()
                                  : storage.get(namespace, id));
                },
                "RACE-13")
            .racy(),
        storeFault(
                "index of sessions is cleared after the session is deleted",
                () -> {
                  Map<SessionKey, Boolean> unlisted = new ConcurrentHashMap<>();
                  return good ->
                      Faulty.sessions(
                          Faulty.deleteBySession(
                              Faulty.put(
                                  good,
                                  (storage, checkpoint) -> {
                                    unlisted.remove(checkpoint.sessionKey());
                                    storage.put(checkpoint, Expectation.any());
                                  }),
                              (storage, session) -> {
                                long deleted = storage.deleteBySession(session);
                                leaveTimeForOthers();
                                if (deleted > 0) {
                                  unlisted.put(session, true);
                                }
                                return deleted;
                              }),
                          (storage, namespace, limit, cursor) -> {
                            Page<SessionKey> page = storage.listSessions(namespace, limit, cursor);
                            return new Page<>(
                                page.items().stream()
                                    .filter(session -> !unlisted.containsKey(session))
                                    .toList(),
                                page.nextCursor());
                          });
                },
                "RACE-14")
            .racy(),
        storeFault(
                "a put equal to one under way returns before that one is stored",
                () -> {
                  Set<Checkpoint> underWay = ConcurrentHashMap.newKeySet();
                  return good ->
                      Faulty.put(
                          good,
                          (storage, checkpoint) -> {
                            if (!underWay.add(checkpoint)) {
                              return;
                            }
                            try {
                              leaveTimeForOthers();
                              storage.put(checkpoint, Expectation.any());
                            } finally {
                              underWay.remove(checkpoint);
                            }
                          });
                },
                "RACE-06")
            .racy(),
        storeFault(
                "more than twelve calls at once are rejected",
                () -> {
                  Semaphore calls = new Semaphore(12);
                  return good ->
                      Faulty.latest(
                          good,
                          (storage, session) -> {
                            if (!calls.tryAcquire()) {
                              throw new StorageUnavailableException(
                                  "too many calls",
                                  ErrorContext.of(storage.descriptor().id(), "getBySession"),
                                  null);
                            }
                            try {
                              leaveTimeForOthers();
                              return storage.getBySession(session);
                            } finally {
                              calls.release();
                            }
                          });
                },
                "RACE-10")
            .racy(),
        storeFault(
                "the lock of a session is forgotten while others wait for it",
                () -> {
                  Map<SessionKey, ReentrantLock> locks = new ConcurrentHashMap<>();
                  return good ->
                      Faulty.put(
                          good,
                          (storage, checkpoint) -> {
                            SessionKey session = checkpoint.sessionKey();
                            ReentrantLock lock =
                                locks.computeIfAbsent(session, key -> new ReentrantLock());
                            lock.lock();
                            try {
                              checkThenAct(storage, checkpoint);
                            } finally {
                              locks.remove(session);
                              lock.unlock();
                            }
                          });
                },
                "RACE-03")
            .racy(),
        storeFault(
                "get reads a map that grows",
                () -> {
                  AtomicInteger size = new AtomicInteger();
                  AtomicBoolean isGrowing = new AtomicBoolean();
                  return good ->
                      Faulty.get(
                          Faulty.put(
                              good,
                              (storage, checkpoint) -> {
                                storage.put(checkpoint, Expectation.any());
                                if (size.incrementAndGet() % 100 == 0) {
                                  isGrowing.set(true);
                                  leaveTimeForOthers();
                                  isGrowing.set(false);
                                }
                              }),
                          (storage, namespace, id) ->
                              isGrowing.get() ? Optional.empty() : storage.get(namespace, id));
                },
                "VOL-02")
            .racy(),
        storeFault(
                "a deletion counts what another one was faster to delete",
                () ->
                    good ->
                        Faulty.delete(
                            good,
                            (storage, namespace, ids) -> {
                              long found =
                                  new HashSet<>(ids)
                                      .stream()
                                          .filter(id -> storage.get(namespace, id).isPresent())
                                          .count();
                              leaveTimeForOthers();
                              long unused = storage.delete(namespace, ids);
                              return found;
                            }),
                "RACE-13")
            .racy(),
        storeFault(
                "a list of a session leaves out what is put during it",
                () -> {
                  Map<String, Boolean> unlisted = new ConcurrentHashMap<>();
                  return good ->
                      Faulty.list(
                          Faulty.put(
                              good,
                              (storage, checkpoint) -> {
                                storage.put(checkpoint, Expectation.any());
                                if (isRacing() && checkpoint.version() % 3 == 0) {
                                  unlisted.put(checkpoint.id(), true);
                                }
                              }),
                          (storage, query) -> {
                            Page<Checkpoint> page = storage.list(query);
                            Page<Checkpoint> left =
                                new Page<>(
                                    page.items().stream()
                                        .filter(found -> !unlisted.containsKey(found.id()))
                                        .toList(),
                                    page.nextCursor());
                            unlisted.clear();
                            return left;
                          });
                },
                "RACE-13")
            .racy());
  }

  /** As a reader sees it that comes between two writes. */
  private static Checkpoint half(Checkpoint whole) {
    Map<String, @Nullable Object> values = new LinkedHashMap<>();
    whole
        .values()
        .forEach(
            (key, value) ->
                values.put(
                    key, value instanceof List<?> list ? list.subList(0, list.size() / 2) : value));
    return whole.toBuilder().values(values).build();
  }

  private static Page<Checkpoint> pageWithout(
      BackendStorage storage, CheckpointQuery query, Map<String, Integer> busy) {
    Page<Checkpoint> page = storage.list(query);
    if (busy.isEmpty()) {
      return page;
    }
    return new Page<>(
        page.items().stream()
            .filter(found -> !busy.containsKey(found.metadata().sessionId()))
            .collect(Collectors.toList()),
        page.nextCursor());
  }
}
