package dev.checkpoint4j.tck;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.Page;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.error.ErrorContext;
import dev.checkpoint4j.error.StorageUnavailableException;
import dev.checkpoint4j.error.VersionConflictException;
import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.CallDeadline;
import dev.checkpoint4j.spi.ForwardingBackendStorage;
import java.util.ArrayList;
import java.util.Collection;
import java.util.ConcurrentModificationException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Faults that show when threads meet, or when a thread is told to stop. */
final class ThreadFaults {

  private static final List<String> METHODS =
      List.of(
          "put",
          "get",
          "getBySession",
          "list",
          "listHeaders",
          "listSessions",
          "listNamespaces",
          "delete",
          "deleteBySession");

  private ThreadFaults() {}

  static List<GeneratedMutant> all() {
    List<GeneratedMutant> all = new ArrayList<>();
    stopped(all);
    List<GeneratedMutant> racy = new ArrayList<>();
    meeting(racy);
    puts(racy);
    racy.forEach(mutant -> all.add(mutant.racy()));
    return all;
  }

  /** Threads that come in each other's way. */
  private static void meeting(List<GeneratedMutant> all) {
    for (String method : METHODS) {
      for (int most : List.of(2, 7, 12, 32)) {
        all.add(
            GeneratedMutant.shared(
                "calls at once",
                method,
                "more than " + most + " are refused",
                () -> {
                  Semaphore calls = new Semaphore(most);
                  return good -> around(good, method, new Limited(calls));
                }));
      }
    }
    for (String method :
        List.of("list", "listHeaders", "listSessions", "listNamespaces", "getBySession")) {
      all.add(
          GeneratedMutant.shared(
              "reading what changes",
              method,
              "fails if something was put at the same time",
              () -> {
                AtomicLong puts = new AtomicLong();
                return good ->
                    PageFaults.onChange(
                        around(
                            good,
                            method,
                            new Around() {
                              @Override
                              public <T> T call(BackendStorage storage, Supplier<T> call) {
                                long before = puts.get();
                                T answer = call.get();
                                if (puts.get() != before) {
                                  throw new ConcurrentModificationException();
                                }
                                return answer;
                              }
                            }),
                        puts::incrementAndGet);
              }));
    }
    for (String method : List.of("get", "getBySession", "list", "listHeaders", "listSessions")) {
      all.add(
          GeneratedMutant.shared(
              "one read for all that ask",
              method,
              "also for those that ask later than it began",
              () -> {
                Map<Object, AtomicReference<Object>> reads = new ConcurrentHashMap<>();
                return good -> joined(good, method, reads);
              }));
    }
    for (String method : List.of("get", "getBySession", "delete", "list")) {
      all.add(
          GeneratedMutant.shared(
              "arguments shared between threads",
              method,
              "the arguments of the call that came last",
              () -> {
                Scratch scratch = new Scratch();
                return good -> scratch.sharing(good, method);
              }));
    }
  }

  /** Threads that are told to stop. */
  private static void stopped(List<GeneratedMutant> all) {
    for (String method : METHODS) {
      stopped(all, method, "interrupt", () -> Thread.currentThread().isInterrupted());
      stopped(all, method, "deadline", () -> CallDeadline.current().hasPassed());
      all.add(
          GeneratedMutant.of(
              "interrupt",
              method,
              "flag is lost",
              good ->
                  around(
                      good,
                      method,
                      new Around() {
                        @Override
                        public <T> T call(BackendStorage storage, Supplier<T> call) {
                          T answer = call.get();
                          Thread.interrupted();
                          return answer;
                        }
                      })));
    }
    for (String method : List.of("put", "delete", "deleteBySession")) {
      for (boolean isInterrupt : List.of(true, false)) {
        BooleanSupplier isStopped =
            isInterrupt
                ? () -> Thread.currentThread().isInterrupted()
                : () -> CallDeadline.current().hasPassed();
        all.add(
            GeneratedMutant.of(
                isInterrupt ? "interrupt" : "deadline",
                method,
                "what was done is reported as not done",
                good ->
                    around(
                        good,
                        method,
                        new Around() {
                          @Override
                          public <T> T call(BackendStorage storage, Supplier<T> call) {
                            T answer = call.get();
                            if (isStopped.getAsBoolean()) {
                              throw unavailable(storage, method);
                            }
                            return answer;
                          }
                        })));
      }
    }
  }

  /** Gives other threads time to come in between. */
  private static void leaveTime() {
    LockSupport.parkNanos(20_000);
  }

  private static StorageUnavailableException unavailable(BackendStorage storage, String method) {
    return new StorageUnavailableException(
        "too many calls, or the call was stopped; nothing was changed",
        ErrorContext.of(storage.descriptor().id(), method),
        null);
  }

  /** What happens around the calls of a method. */
  private interface Around {
    <T> T call(BackendStorage storage, Supplier<T> call);
  }

  private record Limited(Semaphore calls) implements Around {
    @Override
    public <T> T call(BackendStorage storage, Supplier<T> call) {
      if (!calls.tryAcquire()) {
        throw unavailable(storage, "call");
      }
      try {
        leaveTime();
        return call.get();
      } finally {
        calls.release();
      }
    }
  }

  private static BackendStorage around(BackendStorage good, String method, Around around) {
    return new ForwardingBackendStorage(good) {
      private <T> T call(String called, Supplier<T> call) {
        return called.equals(method) ? around.call(delegate(), call) : call.get();
      }

      @Override
      public void put(Checkpoint checkpoint, Expectation expectation) {
        call(
            "put",
            () -> {
              super.put(checkpoint, expectation);
              return true;
            });
      }

      @Override
      public Optional<Checkpoint> get(String namespace, String id) {
        return call("get", () -> super.get(namespace, id));
      }

      @Override
      public Optional<Checkpoint> getBySession(SessionKey session) {
        return call("getBySession", () -> super.getBySession(session));
      }

      @Override
      public Page<Checkpoint> list(CheckpointQuery query) {
        return call("list", () -> super.list(query));
      }

      @Override
      public Page<CheckpointHeader> listHeaders(CheckpointQuery query) {
        return call("listHeaders", () -> super.listHeaders(query));
      }

      @Override
      public Page<SessionKey> listSessions(String namespace, int limit, Optional<String> cursor) {
        return call("listSessions", () -> super.listSessions(namespace, limit, cursor));
      }

      @Override
      public Page<String> listNamespaces(int limit, Optional<String> cursor) {
        return call("listNamespaces", () -> super.listNamespaces(limit, cursor));
      }

      @Override
      public long delete(String namespace, Collection<String> ids) {
        return call("delete", () -> super.delete(namespace, ids));
      }

      @Override
      public long deleteBySession(SessionKey session) {
        return call("deleteBySession", () -> super.deleteBySession(session));
      }
    };
  }

  /** A call that is stopped gives the answer of an empty store, and does nothing. */
  private static void stopped(
      List<GeneratedMutant> all, String method, String by, BooleanSupplier isStopped) {
    all.add(
        GeneratedMutant.of(
            by,
            method,
            method.equals("put") ? "returns without having stored" : "gives an empty answer",
            good -> {
              BackendStorage empty = new ReferenceBackend();
              return new ForwardingBackendStorage(good) {
                private BackendStorage of(String called) {
                  return called.equals(method) && isStopped.getAsBoolean() ? empty : delegate();
                }

                @Override
                public void put(Checkpoint checkpoint, Expectation expectation) {
                  if (of("put") == delegate()) {
                    super.put(checkpoint, expectation);
                  }
                }

                @Override
                public Optional<Checkpoint> get(String namespace, String id) {
                  return of("get").get(namespace, id);
                }

                @Override
                public Optional<Checkpoint> getBySession(SessionKey session) {
                  return of("getBySession").getBySession(session);
                }

                @Override
                public Page<Checkpoint> list(CheckpointQuery query) {
                  return of("list").list(query);
                }

                @Override
                public Page<CheckpointHeader> listHeaders(CheckpointQuery query) {
                  return of("listHeaders").listHeaders(query);
                }

                @Override
                public Page<SessionKey> listSessions(
                    String namespace, int limit, Optional<String> cursor) {
                  return of("listSessions").listSessions(namespace, limit, cursor);
                }

                @Override
                public Page<String> listNamespaces(int limit, Optional<String> cursor) {
                  return of("listNamespaces").listNamespaces(limit, cursor);
                }

                @Override
                public long delete(String namespace, Collection<String> ids) {
                  return of("delete").delete(namespace, ids);
                }

                @Override
                public long deleteBySession(SessionKey session) {
                  return of("deleteBySession").deleteBySession(session);
                }
              };
            }));
  }

  /** Equal reads that are under way at the same time share the answer of the first. */
  private static BackendStorage joined(
      BackendStorage good, String method, Map<Object, AtomicReference<Object>> reads) {
    return new ForwardingBackendStorage(good) {
      @SuppressWarnings("unchecked")
      private <T> T read(String called, Object key, Supplier<T> read) {
        if (!called.equals(method)) {
          return read.get();
        }
        AtomicReference<Object> own = new AtomicReference<>();
        AtomicReference<Object> underWay = reads.putIfAbsent(key, own);
        if (underWay != null) {
          Object answer = underWay.get();
          return answer == null ? read.get() : (T) answer;
        }
        try {
          T answer = read.get();
          own.set(answer);
          leaveTime();
          return answer;
        } finally {
          reads.remove(key, own);
        }
      }

      @Override
      public Optional<Checkpoint> get(String namespace, String id) {
        return read("get", namespace + "\0" + id, () -> super.get(namespace, id));
      }

      @Override
      public Optional<Checkpoint> getBySession(SessionKey session) {
        return read("getBySession", String.valueOf(session), () -> super.getBySession(session));
      }

      @Override
      public Page<Checkpoint> list(CheckpointQuery query) {
        return read(
            "list", query == null ? "" : query + "" + query.attributes(), () -> super.list(query));
      }

      @Override
      public Page<CheckpointHeader> listHeaders(CheckpointQuery query) {
        return read(
            "listHeaders",
            query == null ? "" : query + "" + query.attributes(),
            () -> super.listHeaders(query));
      }

      @Override
      public Page<SessionKey> listSessions(String namespace, int limit, Optional<String> cursor) {
        return read(
            "listSessions",
            namespace + "\0" + limit + cursor,
            () -> super.listSessions(namespace, limit, cursor));
      }
    };
  }

  /** Arguments that all threads write to one place before they use them. */
  private static final class Scratch {
    private volatile String namespace = "";
    private volatile String id = "";
    private volatile Collection<String> ids = List.of();
    private final AtomicReference<SessionKey> session = new AtomicReference<>();
    private final AtomicReference<CheckpointQuery> query = new AtomicReference<>();

    BackendStorage sharing(BackendStorage good, String method) {
      return switch (method) {
        case "get" ->
            Faulty.get(
                good,
                (storage, namespace, id) -> {
                  this.namespace = namespace;
                  this.id = id;
                  leaveTime();
                  return storage.get(this.namespace, this.id);
                });
        case "getBySession" ->
            Faulty.latest(
                good,
                (storage, asked) -> {
                  session.set(asked);
                  leaveTime();
                  return storage.getBySession(Objects.requireNonNull(session.get()));
                });
        case "delete" ->
            Faulty.delete(
                good,
                (storage, namespace, ids) -> {
                  this.namespace = namespace;
                  this.ids = ids;
                  leaveTime();
                  return storage.delete(this.namespace, this.ids);
                });
        default ->
            Faulty.list(
                good,
                (storage, asked) -> {
                  query.set(asked);
                  leaveTime();
                  return storage.list(Objects.requireNonNull(query.get()));
                });
      };
    }
  }

  // ---- puts

  private static void puts(List<GeneratedMutant> all) {
    all.add(
        GeneratedMutant.shared(
            "unsynchronised index",
            "get",
            "a HashMap that grows",
            () -> {
              Map<List<String>, Checkpoint> index = new HashMap<>();
              return good -> unsynchronised(good, index);
            }));
    all.add(
        GeneratedMutant.shared(
            "lock of a session",
            "put, the version",
            "forgotten while others wait for it",
            () -> {
              Map<SessionKey, ReentrantLock> locks = new ConcurrentHashMap<>();
              return good -> lockForgotten(good, locks);
            }));
    all.add(
        GeneratedMutant.shared(
            "lock of a session",
            "put, the version",
            "one of three, in turn",
            () -> {
              List<Object> locks = List.of(new Object(), new Object(), new Object());
              AtomicLong turn = new AtomicLong();
              return good ->
                  Faulty.put(
                      good,
                      (storage, checkpoint, expectation) -> {
                        synchronized (locks.get((int) (turn.incrementAndGet() % 3))) {
                          checkThenAct(storage, checkpoint, expectation);
                        }
                      });
            }));
    all.add(
        GeneratedMutant.shared(
            "equal put under way",
            "put, the repetition",
            "returns before the checkpoint is stored",
            () -> {
              Set<Checkpoint> underWay = ConcurrentHashMap.newKeySet();
              return good -> equalPut(good, underWay);
            }));
    all.add(
        GeneratedMutant.of(
            "check before the write",
            "put, the expectation",
            "latestIs",
            good ->
                Faulty.put(
                    good,
                    (storage, checkpoint, expectation) ->
                        checkedBefore(
                            storage,
                            checkpoint,
                            expectation,
                            expectation.latestId().isPresent()))));
    all.add(
        GeneratedMutant.of(
            "check before the write",
            "put, the expectation",
            "noSession",
            good ->
                Faulty.put(
                    good,
                    (storage, checkpoint, expectation) ->
                        checkedBefore(
                            storage,
                            checkpoint,
                            expectation,
                            expectation.equals(Expectation.noSession())))));
    for (boolean isOfSession : List.of(true, false)) {
      all.add(
          GeneratedMutant.shared(
              "conflict without a reason",
              "put",
              isOfSession
                  ? "if another put of the session came in between"
                  : "if a put of another session came in between",
              () -> {
                Map<Object, Long> puts = new ConcurrentHashMap<>();
                return good -> spurious(good, isOfSession, puts);
              }));
    }
    all.add(
        GeneratedMutant.of(
            "count of what others delete",
            "delete",
            "counts twice",
            good ->
                Faulty.delete(
                    good,
                    (storage, namespace, ids) -> {
                      if (ids.size() != 1) {
                        return storage.delete(namespace, ids);
                      }
                      boolean isThere =
                          storage.delete(namespace, List.of()) == 0
                              && storage.get(namespace, ids.iterator().next()).isPresent();
                      leaveTime();
                      storage.delete(namespace, ids);
                      return isThere ? 1L : 0L;
                    })));
  }

  private static BackendStorage unsynchronised(
      BackendStorage good, Map<List<String>, Checkpoint> index) {
    return new ForwardingBackendStorage(good) {
      @Override
      public void put(Checkpoint checkpoint, Expectation expectation) {
        if (checkpoint != null) {
          synchronized (index) {
            index.put(List.of(checkpoint.namespace(), checkpoint.id()), checkpoint);
          }
        }
        super.put(checkpoint, expectation);
      }

      @Override
      public Optional<Checkpoint> get(String namespace, String id) {
        Optional<Checkpoint> found = super.get(namespace, id);
        // Found here, in the map that is not locked, or not at all.
        return found.filter(each -> index.get(List.of(namespace, id)) != null);
      }
    };
  }

  private static BackendStorage lockForgotten(
      BackendStorage good, Map<SessionKey, ReentrantLock> locks) {
    return Faulty.put(
        good,
        (storage, checkpoint, expectation) -> {
          ReentrantLock lock =
              locks.computeIfAbsent(checkpoint.sessionKey(), session -> new ReentrantLock());
          lock.lock();
          try {
            checkThenAct(storage, checkpoint, expectation);
          } finally {
            locks.remove(checkpoint.sessionKey());
            lock.unlock();
          }
        });
  }

  /** Without a lock, a put that lost a race is acknowledged and overwritten. */
  private static void checkThenAct(
      BackendStorage storage, Checkpoint checkpoint, Expectation expectation) {
    Optional<Checkpoint> latest = storage.getBySession(checkpoint.sessionKey());
    boolean isPossible =
        storage.get(checkpoint.namespace(), checkpoint.id()).isEmpty()
            && expectation.isMetBy(latest.map(Checkpoint::id))
            && latest.map(Checkpoint::version).orElse(0L) < checkpoint.version();
    leaveTime();
    try {
      storage.put(checkpoint, expectation);
    } catch (VersionConflictException e) {
      if (!isPossible) {
        throw e;
      }
    }
  }

  private static BackendStorage equalPut(BackendStorage good, Set<Checkpoint> underWay) {
    return Faulty.put(
        good,
        (storage, checkpoint, expectation) -> {
          if (!underWay.add(checkpoint)) {
            return;
          }
          try {
            leaveTime();
            storage.put(checkpoint, expectation);
          } finally {
            underWay.remove(checkpoint);
          }
        });
  }

  private static void checkedBefore(
      BackendStorage storage, Checkpoint checkpoint, Expectation expectation, boolean isChecked) {
    if (!isChecked
        || storage.get(checkpoint.namespace(), checkpoint.id()).isPresent()
        || !expectation.isMetBy(
            storage.getBySession(checkpoint.sessionKey()).map(Checkpoint::id))) {
      storage.put(checkpoint, expectation);
      return;
    }
    leaveTime();
    storage.put(checkpoint, Expectation.any());
  }

  private static BackendStorage spurious(
      BackendStorage good, boolean isOfSession, Map<Object, Long> puts) {
    return Faulty.put(
        good,
        (storage, checkpoint, expectation) -> {
          Object key = isOfSession ? checkpoint.sessionKey() : checkpoint.namespace();
          long before = puts.getOrDefault(key, 0L);
          leaveTime();
          if (puts.getOrDefault(key, 0L) != before
              && storage.get(checkpoint.namespace(), checkpoint.id()).isEmpty()) {
            throw new VersionConflictException(
                storage.descriptor().id(),
                checkpoint,
                expectation,
                storage.getBySession(checkpoint.sessionKey()).map(Checkpoint::version).orElse(0L));
          }
          storage.put(checkpoint, expectation);
          puts.merge(key, 1L, Long::sum);
        });
  }
}
