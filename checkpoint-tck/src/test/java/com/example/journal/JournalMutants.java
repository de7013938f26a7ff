package com.example.journal;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.Page;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.error.CorruptCheckpointException;
import dev.checkpoint4j.error.ErrorContext;
import dev.checkpoint4j.error.StorageUnavailableException;
import dev.checkpoint4j.error.VersionConflictException;
import dev.checkpoint4j.spi.Arguments;
import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.CodecException;
import dev.checkpoint4j.spi.Durability;
import dev.checkpoint4j.tck.FaultInjector;
import dev.checkpoint4j.tck.Faulty;
import dev.checkpoint4j.tck.Mutant;
import dev.checkpoint4j.tck.TckScope;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/** Faults that only a durable backend with documents can have. */
public final class JournalMutants {

  /** Of a frame, see {@link Journal}. */
  private static final int HEAD_BYTES = 13;

  private static final AtomicInteger EPOCHS = new AtomicInteger();

  private static final Map<String, String> DOCUMENTS = new ConcurrentHashMap<>();

  /** Who holds a session for good; namespaces are those of one test. */
  private static final Map<SessionKey, Thread> LOCKS = new ConcurrentHashMap<>();

  private JournalMutants() {}

  /** A journal with a fault, on the disk that the rules make fail. */
  private interface Medium {
    Journal open(Path file, FaultyDisk disk) throws IOException;
  }

  /** A killed process takes no more with it if nothing is forced, and the tests are faster. */
  private static class Unforced extends FaultyDisk.FaultyJournal {
    Unforced(FaultyDisk disk, Path file) throws IOException {
      disk.super(file);
    }

    @Override
    void force() {
      // Nothing.
    }
  }

  private record Store(
      Map<String, FaultyDisk> disks,
      Medium medium,
      BiFunction<BackendStorage, TckScope, BackendStorage> fault)
      implements Mutant.Store {

    private FaultyDisk disk(TckScope scope) {
      return disks.computeIfAbsent(scope.name(), name -> new FaultyDisk(scope));
    }

    @Override
    public BackendStorage open(TckScope scope) {
      return fault.apply(
          JournalBackend.open(
              scope.location(), scope.codec(), file -> medium.open(file, disk(scope))),
          scope);
    }

    @Override
    public Durability durability() {
      return Durability.PROCESS_CRASH;
    }

    @Override
    public Optional<FaultInjector> faultInjector(TckScope scope) {
      return Optional.of(disk(scope));
    }

    @Override
    public Optional<LongSupplier> operationCounter(TckScope scope) {
      return Optional.of(disk(scope)::operations);
    }
  }

  private static Mutant mediumFault(String name, Medium medium, String... killers) {
    return new Mutant(
        name,
        () -> new Store(new HashMap<>(), medium, (good, scope) -> good),
        Set.of(killers),
        false);
  }

  private static Mutant handleFault(
      String name, BiFunction<BackendStorage, TckScope, BackendStorage> fault, String... killers) {
    return new Mutant(
        name,
        () -> new Store(new HashMap<>(), (file, disk) -> new Unforced(disk, file), fault),
        Set.of(killers),
        false);
  }

  /** Writes later than it says: with the next write, or when it is closed. */
  private static Medium writingLate(boolean withTheNext) {
    return (file, disk) ->
        new Unforced(disk, file) {
          private final NavigableMap<Long, byte[]> unwritten = new TreeMap<>();

          @Override
          void write(long position, byte[] bytes) throws IOException {
            if (withTheNext) {
              flush();
            }
            unwritten.put(position, bytes);
          }

          private void flush() throws IOException {
            for (Map.Entry<Long, byte[]> late : unwritten.entrySet()) {
              super.write(late.getKey(), late.getValue());
            }
            unwritten.clear();
          }

          @Override
          byte[] read(long position, int length) throws IOException {
            Map.Entry<Long, byte[]> late = unwritten.floorEntry(position);
            return late == null || late.getKey() + late.getValue().length <= position
                ? super.read(position, length)
                : Arrays.copyOf(late.getValue(), length);
          }

          @Override
          public void close() throws IOException {
            flush();
            super.close();
          }
        };
  }

  /** An answer of the backend, or an empty one if it failed in a certain way. */
  private static <T> Optional<T> emptyAfter(
      Class<? extends RuntimeException> failure, Supplier<Optional<T>> call) {
    try {
      return call.get();
    } catch (RuntimeException e) {
      if (failure.isInstance(e)) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private static BackendStorage emptyAfter(
      BackendStorage good, Class<? extends RuntimeException> failure) {
    return Faulty.get(
        Faulty.latest(
            good, (storage, session) -> emptyAfter(failure, () -> storage.getBySession(session))),
        (storage, namespace, id) -> emptyAfter(failure, () -> storage.get(namespace, id)));
  }

  /** Only the checkpoints that can be read. */
  private static Page<Checkpoint> readable(BackendStorage storage, CheckpointQuery query) {
    Page<CheckpointHeader> headers = storage.listHeaders(query);
    return new Page<>(
        headers.items().stream()
            .flatMap(
                header ->
                    emptyAfter(
                        CorruptCheckpointException.class,
                        () -> storage.get(header.namespace(), header.id()))
                        .stream())
            .toList(),
        headers.nextCursor());
  }

  private static void checkThenEncodeThenPut(
      BackendStorage storage, Checkpoint checkpoint, TckScope scope) {
    long latest = storage.getBySession(checkpoint.sessionKey()).map(Checkpoint::version).orElse(0L);
    boolean isNew = storage.get(checkpoint.namespace(), checkpoint.id()).isEmpty();
    if (isNew && latest >= checkpoint.version()) {
      throw new VersionConflictException(JournalBackend.ID, checkpoint, Expectation.any(), latest);
    }
    if (scope.codec().encode(checkpoint).length == 0) {
      throw new IllegalStateException("an empty document");
    }
    try {
      storage.put(checkpoint, Expectation.any());
    } catch (VersionConflictException e) {
      // What was checked before is taken for true: the other one has to go.
      storage
          .getBySession(checkpoint.sessionKey())
          .ifPresent(other -> storage.delete(other.namespace(), List.of(other.id())));
      storage.put(checkpoint, Expectation.any());
    }
  }

  /** A record is lost when the journal is replayed. */
  private static Medium replayingOnly(Predicate<Journal.Slot> kept) {
    return (file, disk) ->
        new Unforced(disk, file) {
          @Override
          void replay(Reader reader) throws IOException {
            super.replay(
                (kind, slot, body) -> {
                  if (kept.test(slot)) {
                    reader.accept(kind, slot, body);
                  }
                });
          }
        };
  }

  /** The fault shows on handles of a store that was closed before. */
  private static BiFunction<BackendStorage, TckScope, BackendStorage> whenReopened(
      UnaryOperator<BackendStorage> fault) {
    Map<String, Integer> open = new ConcurrentHashMap<>();
    Set<String> closed = ConcurrentHashMap.newKeySet();
    return (good, scope) -> {
      open.merge(scope.name(), 1, Integer::sum);
      AtomicBoolean counted = new AtomicBoolean(true);
      return Faulty.close(
          closed.contains(scope.name()) ? fault.apply(good) : good,
          storage -> {
            storage.close();
            if (counted.getAndSet(false) && open.merge(scope.name(), -1, Integer::sum) == 0) {
              closed.add(scope.name());
            }
          });
    };
  }

  private static Checkpoint withoutNegativeZeros(Checkpoint checkpoint) {
    return checkpoint.toBuilder()
        .values(
            Faulty.changedEntries(
                checkpoint.values(),
                value -> value instanceof Double number && number == 0.0 ? (Object) 0.0 : value))
        .build();
  }

  private static boolean isAscii(String text) {
    return text.chars().allMatch(c -> c < 0x80);
  }

  /** A put whose stored namesake cannot be decoded is treated otherwise. */
  private static BackendStorage besideCorrupt(
      BackendStorage good, BiConsumer<BackendStorage, Checkpoint> treatment) {
    return Faulty.put(
        good,
        (storage, checkpoint) -> {
          try {
            storage.put(checkpoint, Expectation.any());
          } catch (CorruptCheckpointException e) {
            treatment.accept(storage, checkpoint);
          }
        });
  }

  /** Puts that meet are written together by the first, who alone learns that it failed. */
  private static final class GroupCommit {
    private final List<Checkpoint> waiting = new ArrayList<>();
    private boolean isLed;

    void put(BackendStorage storage, Checkpoint checkpoint) {
      synchronized (this) {
        waiting.add(checkpoint);
        if (isLed) {
          awaitLeaderOf(checkpoint);
          return;
        }
        isLed = true;
      }
      LockSupport.parkNanos(2_000_000);
      synchronized (this) {
        try {
          for (Checkpoint each : waiting) {
            storage.put(each, Expectation.any());
          }
        } finally {
          waiting.clear();
          isLed = false;
          notifyAll();
        }
      }
    }

    private synchronized void awaitLeaderOf(Checkpoint checkpoint) {
      try {
        while (waiting.contains(checkpoint)) {
          wait();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException(e);
      }
    }
  }

  private static Page<CheckpointHeader> decodable(Page<CheckpointHeader> page, TckScope scope) {
    return new Page<>(
        page.items().stream().filter(header -> isDecodable(header, scope)).toList(),
        page.nextCursor());
  }

  private static boolean isDecodable(CheckpointHeader header, TckScope scope) {
    Checkpoint empty = Checkpoint.builder(header).values(Map.of()).build();
    try {
      return scope.codec().decodeHeader(scope.codec().encode(empty)).equals(header);
    } catch (CodecException e) {
      return false;
    }
  }

  /** Each is decoded before it is deleted, and those before it are gone by then. */
  private static long deletingOneByOne(
      BackendStorage storage, String namespace, Collection<String> ids) {
    long deleted = 0;
    for (String id : new LinkedHashSet<>(ids)) {
      if (storage.get(namespace, id).isPresent()) {
        deleted += storage.delete(namespace, List.of(id));
      }
    }
    return deleted + storage.delete(namespace, List.of());
  }

  /** A driver that quotes what it could not write. */
  private static void quotingOnFailure(BackendStorage storage, Checkpoint checkpoint) {
    try {
      storage.put(checkpoint, Expectation.any());
    } catch (StorageUnavailableException e) {
      throw new StorageUnavailableException(
          "the write failed: " + checkpoint.metadata().attributes(), e.context(), null);
    }
  }

  /** The mutants of this backend. */
  public static List<Mutant> all() {
    return List.of(
        handleFault(
            "a group of puts tells its leader only that it failed",
            (good, scope) -> {
              GroupCommit group = new GroupCommit();
              return Faulty.put(
                  good,
                  (storage, checkpoint) -> {
                    if (Thread.currentThread().getName().startsWith("checkpoint-tck-race")) {
                      group.put(storage, checkpoint);
                    } else {
                      storage.put(checkpoint, Expectation.any());
                    }
                  });
            },
            "FAULT-01"),
        handleFault(
            "a damaged header is left out by listHeaders",
            (good, scope) ->
                Faulty.headers(
                    good, (storage, query) -> decodable(storage.listHeaders(query), scope)),
            "FAIL-03"),
        handleFault(
            "a deletion stops at a damaged document and says that nothing was changed",
            (good, scope) -> Faulty.delete(good, JournalMutants::deletingOneByOne),
            "FAIL-08"),
        handleFault(
            "attributes in the message of a failed write",
            (good, scope) -> Faulty.put(good, JournalMutants::quotingOnFailure),
            "FAULT-01"),
        mediumFault("visible before durable", writingLate(true), "PROC-01"),
        mediumFault("buffered until close", writingLate(false), "PROC-01"),
        mediumFault(
            "data lost on reopen",
            (file, disk) -> {
              Files.deleteIfExists(file);
              return new Unforced(disk, file);
            },
            "REOP-01",
            "REOP-02",
            "REOP-03",
            "REOP-05",
            "MODEL-02",
            "PROC-01"),
        mediumFault(
            "deletions buffered until close",
            (file, disk) ->
                new Unforced(disk, file) {
                  private final List<byte[]> deletions = new ArrayList<>();
                  private byte deletion;

                  @Override
                  Slot append(byte kind, byte[] body) throws IOException {
                    if (kind == JournalStore.PUT) {
                      return super.append(kind, body);
                    }
                    deletion = kind;
                    deletions.add(body);
                    return new Slot(0, 0);
                  }

                  @Override
                  public void close() throws IOException {
                    for (byte[] body : deletions) {
                      super.append(deletion, body);
                    }
                    super.close();
                  }
                },
            "PROC-01"),
        mediumFault(
            "deletions lost on reopen",
            (file, disk) ->
                new Unforced(disk, file) {
                  @Override
                  Slot append(byte kind, byte[] body) throws IOException {
                    return kind == JournalStore.PUT ? super.append(kind, body) : new Slot(0, 0);
                  }
                },
            "REOP-04",
            "MODEL-02"),
        handleFault(
            "cursors end with the handle's process",
            (good, scope) -> {
              String epoch = Integer.toHexString(EPOCHS.incrementAndGet()) + "-";
              return Faulty.list(
                  good,
                  (storage, query) -> {
                    String cursor = query.cursor().orElse(epoch);
                    if (!cursor.startsWith(epoch)) {
                      throw new IllegalArgumentException("a cursor of another process");
                    }
                    String rest = cursor.substring(epoch.length());
                    Page<Checkpoint> page =
                        storage.list(
                            query.toBuilder()
                                .cursor(query.cursor().isPresent() ? rest : null)
                                .build());
                    return new Page<>(page.items(), page.nextCursor().map(epoch::concat));
                  });
            },
            "REOP-05"),
        mediumFault(
            "torn write stays in the way",
            (file, disk) ->
                new Unforced(disk, file) {
                  @Override
                  void truncate(long length) {
                    // The fault: what was torn stays.
                  }

                  @Override
                  void write(long position, byte[] bytes) throws IOException {
                    super.write(Math.max(position, file.toFile().length()), bytes);
                  }
                },
            "FAULT-04"),
        mediumFault(
            "checksum not compared",
            (file, disk) ->
                new Unforced(disk, file) {
                  @Override
                  byte[] body(Slot slot) throws IOException {
                    byte[] frame = read(slot.position(), slot.bytes());
                    return Arrays.copyOfRange(frame, frame.length - bodyOf(slot), frame.length);
                  }

                  private int bodyOf(Slot slot) {
                    return slot.bytes() - HEAD_BYTES;
                  }
                },
            "FAULT-05"),
        mediumFault(
            "outcome unknown reported as not applied",
            (file, disk) ->
                new Unforced(disk, file) {
                  @Override
                  Slot append(byte kind, byte[] body) throws IOException {
                    try {
                      return super.append(kind, body);
                    } catch (UnsettledException e) {
                      throw new IOException("not applied, supposedly", e);
                    }
                  }

                  @Override
                  void settle() {
                    // The fault: what a failed append has left is not looked at.
                  }
                },
            "FAULT-02"),
        mediumFault(
            "vendor exception leaked from a failed write",
            (file, disk) ->
                new Unforced(disk, file) {
                  @Override
                  Slot append(byte kind, byte[] body) {
                    try {
                      return super.append(kind, body);
                    } catch (IOException e) {
                      throw new UncheckedIOException(e);
                    }
                  }
                },
            "FAULT-01"),
        mediumFault(
            "unusable after the first failure of the medium",
            (file, disk) ->
                new Unforced(disk, file) {
                  private boolean broken;

                  @Override
                  Slot append(byte kind, byte[] body) throws IOException {
                    if (broken) {
                      throw new IOException("the journal is broken");
                    }
                    try {
                      return super.append(kind, body);
                    } catch (IOException e) {
                      broken = true;
                      throw e;
                    }
                  }
                },
            "FAULT-01",
            "FAULT-06"),
        handleFault(
            "failed read is empty: a lock timeout",
            (good, scope) -> emptyAfter(good, StorageUnavailableException.class),
            "FAULT-03"),
        handleFault(
            "corrupt returned as empty",
            (good, scope) -> emptyAfter(good, CorruptCheckpointException.class),
            "FAIL-01",
            "FAIL-02"),
        handleFault(
            "corrupt passed over by list",
            (good, scope) -> Faulty.list(good, JournalMutants::readable),
            "FAIL-03"),
        handleFault(
            "version checked before encoding",
            (good, scope) ->
                Faulty.put(
                    good,
                    (storage, checkpoint) -> checkThenEncodeThenPut(storage, checkpoint, scope)),
            "RACE-15"),
        handleFault(
            "failed deletion of a session hides its ids",
            (good, scope) -> {
              Set<String> hidden = ConcurrentHashMap.newKeySet();
              return Faulty.get(
                  Faulty.deleteBySession(
                      good,
                      (storage, session) -> {
                        Faulty.versions(storage, session).forEach(found -> hidden.add(found.id()));
                        long deleted = storage.deleteBySession(session);
                        hidden.clear();
                        return deleted;
                      }),
                  (storage, namespace, id) ->
                      hidden.contains(id) ? Optional.empty() : storage.get(namespace, id));
            },
            "FAULT-06"),
        handleFault(
            "failed read is nothing to delete",
            (good, scope) ->
                Faulty.delete(
                    good,
                    (storage, namespace, ids) -> {
                      try {
                        ids.forEach(id -> storage.get(namespace, id).ifPresent(found -> {}));
                      } catch (StorageUnavailableException e) {
                        return 0L;
                      }
                      return storage.delete(namespace, ids);
                    }),
            "FAULT-06"),
        handleFault(
            "partial deletion reported as not applied",
            (good, scope) ->
                Faulty.delete(
                    good,
                    (storage, namespace, ids) ->
                        // With no ids: refuses what is refused of the other arguments.
                        storage.delete(namespace, List.of())
                            + Arguments.checkIds(ids).stream()
                                .mapToLong(id -> storage.delete(namespace, List.of(id)))
                                .sum()),
            "FAULT-06"),
        handleFault(
            "partial deletion of a session reported as not applied",
            (good, scope) ->
                Faulty.deleteBySession(
                    good,
                    (storage, session) -> {
                      try {
                        return Faulty.versions(storage, session).stream()
                            .mapToLong(
                                found -> storage.delete(found.namespace(), List.of(found.id())))
                            .sum();
                      } catch (StorageUnavailableException e) {
                        throw new StorageUnavailableException(
                            "the journal failed; nothing was changed",
                            ErrorContext.of(JournalBackend.ID, "deleteBySession").session(session),
                            e);
                      }
                    }),
            "FAULT-06"),
        handleFault(
            "failure named after what the medium did",
            (good, scope) ->
                Faulty.put(
                    good,
                    (storage, checkpoint) -> {
                      try {
                        storage.put(checkpoint, Expectation.any());
                      } catch (StorageUnavailableException e) {
                        throw new StorageUnavailableException(
                            "the journal failed", ErrorContext.of(JournalBackend.ID, "append"), e);
                      }
                    }),
            "FAULT-01"),
        handleFault(
            "put beside a corrupt record fails untyped",
            (good, scope) ->
                besideCorrupt(
                    good,
                    (storage, checkpoint) -> {
                      throw new IllegalStateException("cannot compare with " + checkpoint);
                    }),
            "FAIL-08"),
        handleFault(
            "put replaces a corrupt record",
            (good, scope) ->
                besideCorrupt(
                    good,
                    (storage, checkpoint) -> {
                      storage.delete(checkpoint.namespace(), List.of(checkpoint.id()));
                      storage.put(checkpoint, Expectation.any());
                    }),
            "FAIL-08"),
        handleFault(
            "corrupt record cannot be deleted",
            (good, scope) ->
                Faulty.delete(
                    good,
                    (storage, namespace, ids) -> {
                      try {
                        ids.forEach(id -> storage.get(namespace, id).ifPresent(found -> {}));
                      } catch (CorruptCheckpointException e) {
                        throw new IllegalStateException("cannot decode what to delete", e);
                      }
                      return storage.delete(namespace, ids);
                    }),
            "FAIL-08"),
        handleFault(
            "corrupt document in the message",
            (good, scope) -> {
              return Faulty.put(
                  Faulty.get(
                      good,
                      (storage, namespace, id) -> {
                        try {
                          return storage.get(namespace, id);
                        } catch (CorruptCheckpointException e) {
                          throw new CorruptCheckpointException(
                              "cannot be decoded: " + scope.name() + DOCUMENTS.get(id),
                              e.context(),
                              e);
                        }
                      }),
                  (storage, checkpoint) -> {
                    storage.put(checkpoint, Expectation.any());
                    DOCUMENTS.put(checkpoint.id(), String.valueOf(checkpoint.values().values()));
                  });
            },
            "FAIL-07"),
        handleFault(
                "an error of the codec leaves the session locked",
                (good, scope) ->
                    Faulty.put(
                        good,
                        (storage, checkpoint) -> {
                          Thread me = Thread.currentThread();
                          if (LOCKS.getOrDefault(checkpoint.sessionKey(), me) != me) {
                            throw new StorageUnavailableException(
                                "the session is locked",
                                ErrorContext.of(JournalBackend.ID, "put").checkpoint(checkpoint),
                                null);
                          }
                          try {
                            storage.put(checkpoint, Expectation.any());
                          } catch (StackOverflowError | LinkageError e) {
                            LOCKS.put(checkpoint.sessionKey(), me);
                            throw e;
                          }
                        }),
                "BYST-03")
            .racy(),
        handleFault(
            "latest searched in every session",
            (good, scope) ->
                Faulty.latest(
                    good,
                    (storage, session) ->
                        storage
                            .listSessions(session.namespace(), 1000, Optional.empty())
                            .items()
                            .stream()
                            .flatMap(other -> storage.getBySession(other).stream())
                            .filter(latest -> latest.sessionKey().equals(session))
                            .findFirst()
                            .or(() -> storage.getBySession(session))),
            "VOL-03"),
        handleFault(
            "negative zeros lost on reopen",
            whenReopened(
                good ->
                    Faulty.get(
                        Faulty.list(
                            good,
                            (storage, query) ->
                                storage.list(query).map(JournalMutants::withoutNegativeZeros)),
                        (storage, namespace, id) ->
                            storage.get(namespace, id).map(JournalMutants::withoutNegativeZeros))),
            "REOP-06"),
        handleFault(
            "sessions that are not ASCII lost on reopen",
            whenReopened(
                good ->
                    Faulty.latest(
                        good,
                        (storage, session) ->
                            isAscii(session.sessionId())
                                ? storage.getBySession(session)
                                : Optional.empty())),
            "REOP-06"),
        mediumFault(
            "large records lost on reopen",
            replayingOnly(slot -> slot.bytes() <= 1 << 20),
            "REOP-06"),
        mediumFault(
            "journal read up to a megabyte on reopen",
            replayingOnly(slot -> slot.position() <= 1 << 20),
            "VOL-01"),
        handleFault(
            "latest found by decoding the history",
            (good, scope) ->
                Faulty.latest(
                    good,
                    (storage, session) ->
                        Faulty.versions(storage, session).stream()
                            .max(Comparator.comparing(Checkpoint::version))),
            "VOL-03"));
  }
}
