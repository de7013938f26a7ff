package dev.checkpoint4j.tck;

import static dev.checkpoint4j.tck.Mutant.handleFault;
import static dev.checkpoint4j.tck.Mutant.storeFault;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointMetadata;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.CheckpointQuery.Order;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.error.DuplicateCheckpointException;
import dev.checkpoint4j.error.VersionConflictException;
import dev.checkpoint4j.spi.BackendStorage;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;

/** Faults of put. */
final class PutMutants {

  private PutMutants() {}

  /** A put whose conflict, or duplicate, is treated otherwise. */
  private static BackendStorage onRefusal(
      BackendStorage good,
      Class<? extends RuntimeException> refusal,
      BiConsumer<BackendStorage, Checkpoint> treatment) {
    return Faulty.put(
        good,
        (storage, checkpoint) -> {
          try {
            storage.put(checkpoint, Expectation.any());
          } catch (RuntimeException e) {
            if (!refusal.isInstance(e)) {
              throw e;
            }
            treatment.accept(storage, checkpoint);
          }
        });
  }

  private static BackendStorage onConflict(
      BackendStorage good, BiConsumer<BackendStorage, Checkpoint> treatment) {
    return onRefusal(good, VersionConflictException.class, treatment);
  }

  private static BackendStorage onDuplicate(
      BackendStorage good, BiConsumer<BackendStorage, Checkpoint> treatment) {
    return onRefusal(good, DuplicateCheckpointException.class, treatment);
  }

  /** Stores a checkpoint although later versions are there, which are kept or not. */
  static synchronized void overwrite(
      BackendStorage storage, Checkpoint checkpoint, boolean keepLater) {
    List<Checkpoint> inTheWay =
        Faulty.versions(storage, checkpoint.sessionKey()).stream()
            .filter(other -> other.version() >= checkpoint.version())
            .toList();
    storage.delete(checkpoint.namespace(), inTheWay.stream().map(Checkpoint::id).toList());
    storage.put(checkpoint, Expectation.any());
    for (int i = inTheWay.size() - 1; keepLater && i >= 0; i--) {
      if (inTheWay.get(i).version() > checkpoint.version()) {
        storage.put(inTheWay.get(i), Expectation.any());
      }
    }
  }

  private static boolean isVersionTaken(BackendStorage storage, Checkpoint checkpoint) {
    return Faulty.versions(storage, checkpoint.sessionKey()).stream()
        .anyMatch(other -> other.version() == checkpoint.version());
  }

  private static VersionConflictException conflict(BackendStorage storage, Checkpoint refused) {
    return new VersionConflictException(
        storage.descriptor().id(),
        refused,
        Expectation.any(),
        latestVersion(storage, refused.sessionKey()));
  }

  private static long latestVersion(BackendStorage storage, SessionKey session) {
    return storage.getBySession(session).map(Checkpoint::version).orElse(0L);
  }

  private static boolean isStored(BackendStorage storage, Checkpoint checkpoint) {
    return storage.get(checkpoint.namespace(), checkpoint.id()).isPresent();
  }

  static List<Mutant> all() {
    return List.of(
        storeFault(
            "lost write",
            () -> {
              AtomicInteger puts = new AtomicInteger();
              return good ->
                  Faulty.put(
                      good,
                      (storage, checkpoint) -> {
                        if (puts.incrementAndGet() % 3 != 0) {
                          storage.put(checkpoint, Expectation.any());
                        }
                      });
            },
            "PUT-01"),
        handleFault(
            "blind overwrite",
            good -> onConflict(good, (storage, late) -> overwrite(storage, late, false)),
            "PUT-03",
            "PUT-04"),
        handleFault(
            "equal version accepted",
            good ->
                onConflict(
                    good,
                    (storage, late) -> {
                      if (latestVersion(storage, late.sessionKey()) != late.version()) {
                        throw conflict(storage, late);
                      }
                      overwrite(storage, late, false);
                    }),
            "PUT-03"),
        handleFault(
            "only versions that are taken are refused",
            good ->
                onConflict(
                    good,
                    (storage, late) -> {
                      synchronized (PutMutants.class) {
                        if (isVersionTaken(storage, late)) {
                          throw conflict(storage, late);
                        }
                        overwrite(storage, late, true);
                      }
                    }),
            "PUT-04",
            "RACE-09"),
        handleFault(
            "conflict after having written",
            good ->
                onConflict(
                    good,
                    (storage, late) -> {
                      VersionConflictException conflict = conflict(storage, late);
                      overwrite(storage, late, false);
                      throw conflict;
                    }),
            "PUT-05"),
        handleFault(
            "silent no-op on conflict", good -> onConflict(good, (storage, late) -> {}), "PUT-03"),
        handleFault(
            "conflict with the version put instead of the latest",
            good ->
                onConflict(
                    good,
                    (storage, late) -> {
                      throw new VersionConflictException(
                          storage.descriptor().id(), late, Expectation.any(), late.version());
                    }),
            "PUT-04"),
        handleFault(
            "wrong exception for a conflict",
            good ->
                onConflict(
                    good,
                    (storage, late) -> {
                      throw new IllegalStateException("version " + late.version());
                    }),
            "PUT-03"),
        handleFault(
            "only the next version is accepted",
            good ->
                Faulty.put(
                    good,
                    (storage, next) -> {
                      long latest = latestVersion(storage, next.sessionKey());
                      if (latest > 0 && next.version() > latest + 1) {
                        throw conflict(storage, next);
                      }
                      storage.put(next, Expectation.any());
                    }),
            "PUT-02"),
        handleFault(
            "retry reported as conflict",
            good ->
                Faulty.put(
                    good,
                    (storage, again) -> {
                      if (isStored(storage, again)
                          && latestVersion(storage, again.sessionKey()) == again.version()) {
                        throw conflict(storage, again);
                      }
                      storage.put(again, Expectation.any());
                    }),
            "PUT-06"),
        handleFault(
            "late retry reported as conflict",
            good ->
                Faulty.put(
                    good,
                    (storage, again) -> {
                      if (isStored(storage, again)
                          && latestVersion(storage, again.sessionKey()) > again.version()) {
                        throw conflict(storage, again);
                      }
                      storage.put(again, Expectation.any());
                    }),
            "PUT-07"),
        handleFault(
            "equality of texts instead of types",
            good ->
                onDuplicate(
                    good,
                    (storage, other) -> {
                      Checkpoint stored = storage.get(other.namespace(), other.id()).orElseThrow();
                      if (!stored.header().equals(other.header())
                          || !stored.values().toString().equals(other.values().toString())) {
                        throw new DuplicateCheckpointException(storage.descriptor().id(), other);
                      }
                    }),
            "PUT-08"),
        handleFault(
            "equality with the order of keys",
            good ->
                Faulty.put(
                    good,
                    (storage, again) -> {
                      Optional<Checkpoint> stored = storage.get(again.namespace(), again.id());
                      if (stored.isPresent()
                          && !stored.get().values().toString().equals(again.values().toString())) {
                        throw new DuplicateCheckpointException(storage.descriptor().id(), again);
                      }
                      storage.put(again, Expectation.any());
                    }),
            "PUT-08"),
        handleFault(
            "duplicate id overwrites",
            good ->
                onDuplicate(
                    good,
                    (storage, other) -> {
                      storage.delete(other.namespace(), List.of(other.id()));
                      overwrite(storage, other, true);
                    }),
            "PUT-09"),
        handleFault(
            "duplicate id is ignored", good -> onDuplicate(good, (storage, other) -> {}), "PUT-09"),
        handleFault(
            "id unique within its session only",
            good ->
                onDuplicate(
                    good,
                    (storage, other) -> {
                      Checkpoint stored = storage.get(other.namespace(), other.id()).orElseThrow();
                      if (stored.sessionKey().equals(other.sessionKey())) {
                        throw new DuplicateCheckpointException(storage.descriptor().id(), other);
                      }
                      storage.put(
                          other.toBuilder().id(other.id() + "'").build(), Expectation.any());
                    }),
            "PUT-10"),
        storeFault(
            "id unique across namespaces",
            () -> {
              Map<String, String> namespaces = new ConcurrentHashMap<>();
              return good ->
                  Faulty.put(
                      good,
                      (storage, checkpoint) -> {
                        String owner =
                            namespaces.computeIfAbsent(
                                checkpoint.id(), id -> checkpoint.namespace());
                        if (!owner.equals(checkpoint.namespace())
                            && storage.get(owner, checkpoint.id()).isPresent()) {
                          throw new DuplicateCheckpointException(
                              storage.descriptor().id(), checkpoint);
                        }
                        storage.put(checkpoint, Expectation.any());
                      });
            },
            "PUT-11"),
        handleFault(
            "version before id",
            good ->
                onDuplicate(
                    good,
                    (storage, other) -> {
                      if (latestVersion(storage, other.sessionKey()) >= other.version()) {
                        throw conflict(storage, other);
                      }
                      throw new DuplicateCheckpointException(storage.descriptor().id(), other);
                    }),
            "PUT-12"),
        handleFault(
            "greatest version overflows",
            good ->
                Faulty.put(
                    good,
                    (storage, checkpoint) -> {
                      if (checkpoint.version() == Long.MAX_VALUE) {
                        throw conflict(storage, checkpoint);
                      }
                      storage.put(checkpoint, Expectation.any());
                    }),
            "PUT-13"),
        storeFault(
            "greatest version ever is remembered",
            () -> {
              Map<SessionKey, Long> greatest = new ConcurrentHashMap<>();
              return good ->
                  Faulty.put(
                      good,
                      (storage, checkpoint) -> {
                        SessionKey session = checkpoint.sessionKey();
                        if (!isStored(storage, checkpoint)
                            && greatest.getOrDefault(session, 0L) >= checkpoint.version()) {
                          throw new VersionConflictException(
                              storage.descriptor().id(),
                              checkpoint,
                              Expectation.any(),
                              greatest.getOrDefault(session, 0L));
                        }
                        storage.put(checkpoint, Expectation.any());
                        greatest.merge(session, checkpoint.version(), Math::max);
                      });
            },
            "PUT-15",
            "DEL-09"),
        handleFault(
            "parent has to exist",
            good ->
                Faulty.put(
                    good,
                    (storage, child) -> {
                      if (child
                          .parentId()
                          .filter(parent -> storage.get(child.namespace(), parent).isEmpty())
                          .isPresent()) {
                        throw new IllegalArgumentException("no such parent");
                      }
                      storage.put(child, Expectation.any());
                    }),
            "PUT-16"),
        handleFault(
            "parent is lost if it is of another session",
            good ->
                Faulty.stored(
                    good,
                    child ->
                        child
                                .parentId()
                                .flatMap(parent -> good.get(child.namespace(), parent))
                                .filter(parent -> !parent.sessionKey().equals(child.sessionKey()))
                                .isPresent()
                            ? child.toBuilder().parentId(null).build()
                            : child),
            "PUT-16"),
        handleFault(
            "task is lost",
            good ->
                Faulty.stored(
                    good,
                    checkpoint ->
                        checkpoint.toBuilder()
                            .metadata(
                                Faulty.attributes(
                                    CheckpointMetadata.of(checkpoint.metadata().sessionId()),
                                    checkpoint.metadata().attributes()))
                            .build()),
            "GET-03"),
        handleFault(
            "only the last seven versions are kept",
            good ->
                Faulty.put(
                    good,
                    (storage, checkpoint) -> {
                      storage.put(checkpoint, Expectation.any());
                      List<Checkpoint> all =
                          checkpoint.version() < 1000
                              ? Faulty.versions(storage, checkpoint.sessionKey())
                              : List.of();
                      if (all.size() > 7) {
                        storage.delete(
                            checkpoint.namespace(), List.of(all.get(all.size() - 1).id()));
                      }
                    }),
            "GET-02"),
        handleFault(
            "version compared across sessions",
            good ->
                Faulty.put(
                    good,
                    (storage, checkpoint) -> {
                      boolean late =
                          !isStored(storage, checkpoint)
                              && storage
                                  .list(
                                      CheckpointQuery.builder(checkpoint.namespace())
                                          .versions(checkpoint.version(), Long.MAX_VALUE)
                                          .order(Order.OLDEST_FIRST)
                                          .limit(1)
                                          .build())
                                  .items()
                                  .stream()
                                  .anyMatch(
                                      other -> !other.sessionKey().equals(checkpoint.sessionKey()));
                      if (late) {
                        throw conflict(storage, checkpoint);
                      }
                      storage.put(checkpoint, Expectation.any());
                    }),
            "ISOL-02"));
  }
}
