package dev.checkpoint4j.tck;

import static dev.checkpoint4j.tck.Mutant.handleFault;
import static dev.checkpoint4j.tck.Mutant.storeFault;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.error.DuplicateCheckpointException;
import dev.checkpoint4j.error.ErrorContext;
import dev.checkpoint4j.error.StorageUnavailableException;
import dev.checkpoint4j.spi.BackendStorage;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Faults of deletions, and of what they leave. */
final class DeleteMutants {

  private DeleteMutants() {}

  private static List<String> idsOf(List<Checkpoint> checkpoints) {
    return checkpoints.stream().map(Checkpoint::id).toList();
  }

  private static boolean isStored(BackendStorage storage, String namespace, String id) {
    return storage.get(namespace, id).isPresent();
  }

  private static List<SessionKey> sessions(BackendStorage storage, String namespace) {
    return storage.listSessions(namespace, 1000, Optional.empty()).items();
  }

  static List<Mutant> all() {
    return List.of(
        handleFault(
            "delete counts ids",
            good ->
                Faulty.delete(
                    good,
                    (storage, namespace, ids) -> {
                      storage.delete(namespace, ids);
                      return (long) ids.size();
                    }),
            "DEL-01"),
        handleFault(
            "delete of nothing at all is done to everything",
            good ->
                Faulty.delete(
                    good,
                    (storage, namespace, ids) ->
                        ids.isEmpty()
                            ? sessions(storage, namespace).stream()
                                .mapToLong(storage::deleteBySession)
                                .sum()
                            : storage.delete(namespace, ids)),
            "DEL-02"),
        handleFault(
            "delete not idempotent",
            good ->
                Faulty.delete(
                    good,
                    (storage, namespace, ids) -> {
                      long deleted = storage.delete(namespace, ids);
                      if (deleted == 0 && !ids.isEmpty()) {
                        throw new StorageUnavailableException(
                            "nothing to delete",
                            ErrorContext.of(storage.descriptor().id(), "delete"),
                            null);
                      }
                      return deleted;
                    }),
            "DEL-02"),
        handleFault(
            "repeated id counts again",
            good ->
                Faulty.delete(
                    good,
                    (storage, namespace, ids) -> {
                      Set<String> stored = new HashSet<>();
                      ids.stream()
                          .filter(id -> isStored(storage, namespace, id))
                          .forEach(stored::add);
                      long count = ids.stream().filter(stored::contains).count();
                      storage.delete(namespace, ids);
                      return count;
                    }),
            "DEL-03"),
        handleFault(
            "only the first hundred ids are deleted",
            good ->
                Faulty.delete(
                    good,
                    (storage, namespace, ids) ->
                        storage.delete(namespace, ids.stream().limit(100).toList())),
            "DEL-04"),
        storeFault(
            "latest is a pointer that a delete leaves behind",
            () -> {
              Map<SessionKey, Checkpoint> pointers = new ConcurrentHashMap<>();
              return good ->
                  Faulty.latest(
                      Faulty.put(
                          Faulty.deleteBySession(
                              good,
                              (storage, session) -> {
                                pointers.remove(session);
                                return storage.deleteBySession(session);
                              }),
                          (storage, checkpoint) -> {
                            storage.put(checkpoint, Expectation.any());
                            pointers.merge(
                                checkpoint.sessionKey(),
                                checkpoint,
                                (old, next) -> old.version() > next.version() ? old : next);
                          }),
                      (storage, session) ->
                          Optional.ofNullable(pointers.get(session))
                              .flatMap(at -> storage.get(at.namespace(), at.id())));
            },
            "DEL-05"),
        handleFault(
            "deleteBySession partial",
            good ->
                Faulty.deleteBySession(
                    good,
                    (storage, session) -> {
                      List<Checkpoint> all = Faulty.versions(storage, session);
                      return all.size() < 4
                          ? storage.deleteBySession(session)
                          : storage.delete(
                                  session.namespace(), idsOf(all.subList(0, all.size() - 1)))
                              + 1;
                    }),
            "DEL-06"),
        handleFault(
            "prefix-matched on delete",
            good ->
                Faulty.deleteBySession(
                    good,
                    (storage, session) ->
                        sessions(storage, session.namespace()).stream()
                            .filter(found -> found.sessionId().startsWith(session.sessionId()))
                            .mapToLong(storage::deleteBySession)
                            .sum()),
            "DEL-07"),
        handleFault(
            "ids case-folded on delete",
            good ->
                Faulty.delete(
                    good,
                    (storage, namespace, ids) -> {
                      Set<String> all = new LinkedHashSet<>(ids);
                      ids.forEach(id -> all.add(id.toUpperCase(Locale.ROOT)));
                      return storage.delete(namespace, all);
                    }),
            "ID-07"),
        handleFault(
            "namespace ignored on delete",
            good ->
                Faulty.delete(
                    good,
                    (storage, namespace, ids) -> {
                      long deleted = storage.delete(namespace, ids);
                      storage.delete(namespace + "-2", ids);
                      return deleted;
                    }),
            "DEL-08"),
        storeFault(
            "delete leaves the id index",
            () -> {
              Set<String> taken = ConcurrentHashMap.newKeySet();
              return good ->
                  Faulty.put(
                      good,
                      (storage, checkpoint) -> {
                        String name = checkpoint.namespace() + "\n" + checkpoint.id();
                        if (taken.contains(name)
                            && !isStored(storage, checkpoint.namespace(), checkpoint.id())) {
                          throw new DuplicateCheckpointException(
                              storage.descriptor().id(), checkpoint);
                        }
                        storage.put(checkpoint, Expectation.any());
                        taken.add(name);
                      });
            },
            "PUT-14",
            "DEL-09"),
        storeFault(
            "delete leaves the record behind for get",
            () -> {
              Map<String, Checkpoint> records = new ConcurrentHashMap<>();
              return good ->
                  Faulty.get(
                      Faulty.put(
                          good,
                          (storage, checkpoint) -> {
                            storage.put(checkpoint, Expectation.any());
                            records.put(
                                checkpoint.namespace() + "\n" + checkpoint.id(), checkpoint);
                          }),
                      (storage, namespace, id) ->
                          Optional.ofNullable(records.get(namespace + "\n" + id)));
            },
            "DEL-01",
            "DEL-06"),
        handleFault(
            "children are deleted with their parent",
            good ->
                Faulty.delete(
                    good,
                    (storage, namespace, ids) -> {
                      List<String> children =
                          ids.stream()
                              .limit(10)
                              .flatMap(id -> children(storage, namespace, id).stream())
                              .toList();
                      long deleted = storage.delete(namespace, ids);
                      storage.delete(namespace, children);
                      return deleted;
                    }),
            "DEL-10"));
  }

  private static Collection<String> children(
      BackendStorage storage, String namespace, String parent) {
    return idsOf(storage.list(CheckpointQuery.builder(namespace).parentId(parent).build()).items());
  }
}
