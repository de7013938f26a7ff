package dev.checkpoint4j.tck;

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
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongUnaryOperator;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/** Deletions that do too little or too much, count wrongly, or leave something behind. */
final class DeletionFaults {

  private DeletionFaults() {}

  static List<GeneratedMutant> all() {
    List<GeneratedMutant> all = new ArrayList<>();
    gaps(all);
    counts(all);
    batches(all);
    leftovers(all);
    return all;
  }

  // ---- the latest after a deletion

  /** After the latest was deleted, a number of versions below it are tried. */
  private static void gaps(List<GeneratedMutant> all) {
    for (int tries : List.of(10, 100, 1_000, 100_000)) {
      gap(all, "getBySession", tries);
      gap(all, "put, the version", tries);
      gap(all, "put, the expectation", tries);
      gap(all, "listSessions", tries);
    }
    all.add(
        GeneratedMutant.shared(
            "latest after a deletion",
            "getBySession",
            "the parent of the deleted latest",
            () -> {
              Map<SessionKey, String> latest = new ConcurrentHashMap<>();
              return good ->
                  Faulty.latest(
                      onDelete(
                          good,
                          (storage, gone) -> {
                            boolean isLatest =
                                storage
                                    .getBySession(gone.sessionKey())
                                    .filter(gone::equals)
                                    .isPresent();
                            if (isLatest && gone.parentId().isPresent()) {
                              latest.put(gone.sessionKey(), gone.parentId().get());
                            }
                          }),
                      (storage, session) -> {
                        Optional<Checkpoint> found = storage.getBySession(session);
                        String parent = latest.get(session);
                        return parent == null
                            ? found
                            : storage
                                .get(session.namespace(), parent)
                                .filter(each -> each.sessionKey().equals(session))
                                .or(() -> found);
                      });
            }));
  }

  private static void gap(List<GeneratedMutant> all, String path, int tries) {
    all.add(
        GeneratedMutant.shared(
            "gap below a deleted latest",
            path,
            "of more than " + tries + " versions",
            () -> {
              Map<SessionKey, Long> deleted = new ConcurrentHashMap<>();
              return good -> withGap(good, path, tries, deleted);
            }));
  }

  private static BackendStorage withGap(
      BackendStorage good, String path, int tries, Map<SessionKey, Long> deleted) {
    return new ForwardingBackendStorage(
        onDelete(
            good,
            (storage, gone) ->
                deleted.put(
                    gone.sessionKey(),
                    storage.getBySession(gone.sessionKey()).map(Checkpoint::version).orElse(0L)))) {
      private boolean isLost(SessionKey session) {
        Long from = deleted.get(session);
        Optional<Checkpoint> latest = good.getBySession(session);
        return from != null
            && latest.isPresent()
            && latest.get().version() < from
            && from - latest.get().version() > tries;
      }

      @Override
      public Optional<Checkpoint> getBySession(SessionKey session) {
        Optional<Checkpoint> found = super.getBySession(session);
        return path.equals("getBySession") && isLost(session) ? Optional.empty() : found;
      }

      @Override
      public void put(Checkpoint checkpoint, Expectation expectation) {
        if (checkpoint != null && expectation != null) {
          SessionKey session = checkpoint.sessionKey();
          Optional<Checkpoint> latest = good.getBySession(session);
          boolean isNew = good.get(checkpoint.namespace(), checkpoint.id()).isEmpty();
          if (path.equals("put, the expectation")
              && isNew
              && isLost(session)
              && !expectation.isMetBy(Optional.empty())) {
            throw new VersionConflictException(descriptor().id(), checkpoint, expectation, 0);
          }
          if (path.equals("put, the version")
              && isNew
              && isLost(session)
              && latest.isPresent()
              && checkpoint.version() <= latest.get().version()) {
            // Taken for the first of a new session.
            return;
          }
          super.put(checkpoint, expectation);
          deleted.remove(session);
          return;
        }
        super.put(checkpoint, expectation);
      }

      @Override
      public Page<SessionKey> listSessions(String namespace, int limit, Optional<String> cursor) {
        Page<SessionKey> page = super.listSessions(namespace, limit, cursor);
        return path.equals("listSessions")
            ? Page.of(
                page.items().stream().filter(each -> !isLost(each)).toList(),
                page.nextCursor().orElse(null))
            : page;
      }
    };
  }

  /** Before each checkpoint is deleted by its id. */
  private interface OnDelete {
    void deleting(BackendStorage storage, Checkpoint gone);
  }

  private static BackendStorage onDelete(BackendStorage good, OnDelete action) {
    return Faulty.delete(
        good,
        (storage, namespace, ids) -> {
          for (String id : ids) {
            if (id.isEmpty()) {
              break;
            }
            find(storage, namespace, id).ifPresent(gone -> action.deleting(storage, gone));
          }
          return storage.delete(namespace, ids);
        });
  }

  /** As {@code get}, but illegal arguments are left to the call that follows. */
  private static Optional<Checkpoint> find(BackendStorage storage, String namespace, String id) {
    try {
      return storage.get(namespace, id);
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  // ---- counts

  private static void counts(List<GeneratedMutant> all) {
    for (int batch : List.of(1, 10, 100, 1_000)) {
      all.add(
          GeneratedMutant.of(
              "count",
              "delete",
              "an id in two batches of " + batch + " counts twice",
              good ->
                  Faulty.delete(
                      good,
                      (storage, namespace, ids) -> {
                        List<String> list = List.copyOf(ids);
                        long counted = 0;
                        for (int from = 0; from < list.size(); from += batch) {
                          counted +=
                              new LinkedHashSet<>(
                                      list.subList(from, Math.min(list.size(), from + batch)))
                                  .stream()
                                      .filter(id -> find(storage, namespace, id).isPresent())
                                      .count();
                        }
                        storage.delete(namespace, ids);
                        return counted;
                      })));
    }
    for (int most : List.of(100, 1_000, 5_000)) {
      counted(all, "at most " + most, count -> Math.min(count, most));
    }
    counted(all, "of the batch that came last", count -> (count - 1) % 1_000 + 1);
    counted(all, "of 16 bits", count -> (short) count);
    counted(all, "of 8 bits", count -> count & 255);
    counted(all, "0 or 1", count -> Math.min(count, 1));
    all.add(
        GeneratedMutant.of(
            "count",
            "deleteBySession",
            "the latest version",
            good ->
                Faulty.deleteBySession(
                    good,
                    (storage, session) -> {
                      long latest =
                          storage.getBySession(session).map(Checkpoint::version).orElse(0L);
                      return storage.deleteBySession(session) == 0 ? 0 : latest;
                    })));
    all.add(
        GeneratedMutant.shared(
            "count",
            "deleteBySession",
            "what was deleted by id counts as well",
            () -> {
              Map<SessionKey, Long> deleted = new ConcurrentHashMap<>();
              return good ->
                  Faulty.deleteBySession(
                      onDelete(
                          good, (storage, gone) -> deleted.merge(gone.sessionKey(), 1L, Long::sum)),
                      (storage, session) -> {
                        long count = storage.deleteBySession(session);
                        Long before = deleted.remove(session);
                        return count + (count == 0 || before == null ? 0 : before);
                      });
            }));
    all.add(
        GeneratedMutant.of(
            "count",
            "delete",
            "of ids of one session only",
            good ->
                Faulty.delete(
                    good,
                    (storage, namespace, ids) -> {
                      Set<SessionKey> sessions = new LinkedHashSet<>();
                      ids.forEach(
                          id ->
                              find(storage, namespace, id)
                                  .ifPresent(each -> sessions.add(each.sessionKey())));
                      long first =
                          new LinkedHashSet<>(ids)
                              .stream()
                                  .flatMap(id -> find(storage, namespace, id).stream())
                                  .filter(
                                      each -> each.sessionKey().equals(sessions.iterator().next()))
                                  .count();
                      long count = storage.delete(namespace, ids);
                      return sessions.size() > 2 ? first : count;
                    })));
  }

  private static void counted(List<GeneratedMutant> all, String what, LongUnaryOperator count) {
    all.add(
        GeneratedMutant.of(
            "count",
            "delete",
            what,
            good ->
                Faulty.delete(
                    good,
                    (storage, namespace, ids) -> {
                      long deleted = storage.delete(namespace, ids);
                      return deleted == 0 ? 0L : count.applyAsLong(deleted);
                    })));
    all.add(
        GeneratedMutant.of(
            "count",
            "deleteBySession",
            what,
            good ->
                Faulty.deleteBySession(
                    good,
                    (storage, session) -> {
                      long deleted = storage.deleteBySession(session);
                      return deleted == 0 ? 0L : count.applyAsLong(deleted);
                    })));
  }

  // ---- batches

  private static void batches(List<GeneratedMutant> all) {
    for (int size : List.of(25, 100, 500, 1_000, 5_000)) {
      all.add(
          GeneratedMutant.of(
              "batches of a deletion",
              "deleteBySession",
              "only the newest " + size,
              good ->
                  Faulty.deleteBySession(
                      good,
                      (storage, session) -> {
                        List<String> ids =
                            Faulty.versions(storage, session).stream()
                                .limit(size)
                                .map(Checkpoint::id)
                                .toList();
                        return ids.size() < size
                            ? storage.deleteBySession(session)
                            : storage.delete(session.namespace(), ids);
                      })));
      ids(all, "only the first " + size + " ids", list -> first(list, size));
      all.add(
          GeneratedMutant.of(
              "batches of a deletion",
              "delete",
              "ends with a batch of " + size + " ids of which none is stored",
              good ->
                  Faulty.delete(
                      good,
                      (storage, namespace, ids) -> {
                        storage.delete(namespace, List.of());
                        List<String> list = new ArrayList<>(ids);
                        long deleted = 0;
                        for (int from = 0; from < list.size(); from += size) {
                          long count =
                              storage.delete(
                                  namespace,
                                  list.subList(from, Math.min(list.size(), from + size)));
                          deleted += count;
                          if (count == 0) {
                            break;
                          }
                        }
                        return deleted;
                      })));
    }
    ids(
        all,
        "ids of more than 200 bytes left out",
        list ->
            list.stream().filter(id -> id.getBytes(StandardCharsets.UTF_8).length <= 200).toList());
    ids(
        all,
        "ids with a comma left out",
        list -> list.stream().filter(id -> !id.contains(",")).toList());
    ids(
        all,
        "ids with a quote left out",
        list -> list.stream().filter(id -> !id.contains("\"")).toList());
    ids(
        all,
        "the last of an odd number above ten left out",
        list -> list.size() > 10 && list.size() % 2 == 1 ? list.subList(0, list.size() - 1) : list);
  }

  private static List<String> first(List<String> ids, int size) {
    return ids.size() > size ? ids.subList(0, size) : ids;
  }

  private static void ids(
      List<GeneratedMutant> all, String what, UnaryOperator<List<String>> kept) {
    all.add(
        GeneratedMutant.of(
            "batches of a deletion",
            "delete",
            what,
            good ->
                Faulty.delete(
                    good,
                    (storage, namespace, ids) ->
                        storage.delete(namespace, kept.apply(new ArrayList<>(ids))))));
  }

  // ---- what a deletion leaves, or takes along

  private static void leftovers(List<GeneratedMutant> all) {
    for (String deletion : List.of("delete", "deleteBySession")) {
      for (ReadPath path :
          List.of(
              ReadPath.GET,
              ReadPath.LIST,
              ReadPath.HEADERS,
              ReadPath.LIST_OLDEST,
              ReadPath.HEADERS_OLDEST,
              ReadPath.LIST_TASK,
              ReadPath.HEADERS_TASK,
              ReadPath.LIST_PARENT,
              ReadPath.HEADERS_PARENT,
              ReadPath.LIST_LATER,
              ReadPath.HEADERS_LATER)) {
        all.add(
            GeneratedMutant.shared(
                "deleted, but found",
                deletion + ", then " + path.label(),
                "checkpoint",
                () -> {
                  Map<List<String>, Checkpoint> ghosts = new HashMap<>();
                  return good -> withGhosts(good, deletion, path, ghosts);
                }));
      }
      blocked(all, deletion, "the id in another session");
      blocked(all, deletion, "the id with other content");
      blocked(all, deletion, "the version");
    }
    all.add(
        GeneratedMutant.of(
            "deleted too much",
            "deleteBySession",
            "checkpoints of other sessions with the task",
            good ->
                Faulty.deleteBySession(
                    good,
                    (storage, session) -> {
                      Set<String> tasks = new LinkedHashSet<>();
                      Faulty.versions(storage, session)
                          .forEach(each -> each.metadata().taskId().ifPresent(tasks::add));
                      deleteOthers(
                          storage,
                          session,
                          each -> each.metadata().taskId().filter(tasks::contains).isPresent());
                      return storage.deleteBySession(session);
                    })));
    all.add(
        GeneratedMutant.of(
            "deleted too much",
            "deleteBySession",
            "forks of the session",
            good ->
                Faulty.deleteBySession(
                    good,
                    (storage, session) -> {
                      Set<String> ids = new LinkedHashSet<>();
                      Faulty.versions(storage, session).forEach(each -> ids.add(each.id()));
                      deleteOthers(
                          storage,
                          session,
                          each -> each.parentId().filter(ids::contains).isPresent());
                      return storage.deleteBySession(session);
                    })));
    all.add(
        GeneratedMutant.of(
            "deleted too much",
            "delete",
            "the rest of a session whose first version is deleted",
            good ->
                Faulty.delete(
                    good,
                    (storage, namespace, ids) -> {
                      Set<SessionKey> cut = new LinkedHashSet<>();
                      for (String id : ids) {
                        find(storage, namespace, id)
                            .filter(each -> each.version() == 1 && each.parentId().isEmpty())
                            .ifPresent(each -> cut.add(each.sessionKey()));
                      }
                      long deleted = storage.delete(namespace, ids);
                      cut.stream()
                          .filter(session -> Faulty.versions(storage, session).size() > 3)
                          .forEach(storage::deleteBySession);
                      return deleted;
                    })));
  }

  private static void deleteOthers(
      BackendStorage storage, SessionKey session, Predicate<Checkpoint> isDeleted) {
    Set<String> others = new LinkedHashSet<>();
    for (Checkpoint each :
        Faulty.everything(storage, session.namespace(), CheckpointQuery.Order.NEWEST_FIRST)) {
      if (!each.sessionKey().equals(session) && isDeleted.test(each)) {
        others.add(each.id());
      }
    }
    storage.delete(session.namespace(), others);
  }

  private static BackendStorage withGhosts(
      BackendStorage good, String deletion, ReadPath path, Map<List<String>, Checkpoint> ghosts) {
    BackendStorage recording =
        new ForwardingBackendStorage(good) {
          @Override
          public long delete(String namespace, Collection<String> ids) {
            List<Checkpoint> gone = new ArrayList<>();
            if (deletion.equals("delete") && namespace != null && ids != null && ids.size() < 50) {
              for (String id : new ArrayList<>(ids)) {
                if (id != null) {
                  find(delegate(), namespace, id).ifPresent(gone::add);
                }
              }
            }
            long deleted = super.delete(namespace, ids);
            remember(gone);
            return deleted;
          }

          @Override
          public long deleteBySession(SessionKey session) {
            List<Checkpoint> gone =
                deletion.equals("deleteBySession") && session != null
                    ? delegate().list(CheckpointQuery.builder(session).build()).items()
                    : List.of();
            long deleted = super.deleteBySession(session);
            remember(gone);
            return deleted;
          }

          private void remember(List<Checkpoint> gone) {
            synchronized (ghosts) {
              gone.forEach(each -> ghosts.put(List.of(each.namespace(), each.id()), each));
            }
          }

          @Override
          public void put(Checkpoint checkpoint, Expectation expectation) {
            super.put(checkpoint, expectation);
            synchronized (ghosts) {
              ghosts.remove(List.of(checkpoint.namespace(), checkpoint.id()));
            }
          }
        };
    if (path == ReadPath.GET) {
      return Faulty.get(
          recording,
          (storage, namespace, id) -> {
            Optional<Checkpoint> found = storage.get(namespace, id);
            synchronized (ghosts) {
              return found.or(() -> Optional.ofNullable(ghosts.get(List.of(namespace, id))));
            }
          });
    }
    return path.answering(
        recording,
        (storage, query) -> {
          List<Checkpoint> found;
          synchronized (ghosts) {
            found = ghosts.values().stream().filter(each -> query.matches(each.header())).toList();
          }
          if (found.isEmpty()) {
            return storage.list(query);
          }
          TextFaults.requireLegal(storage.list(query));
          List<Checkpoint> both = new ArrayList<>(found);
          Faulty.everything(storage, query.namespace(), query.order()).stream()
              .filter(each -> query.matches(each.header()))
              .forEach(both::add);
          return Faulty.page(inOrder(both, query), query);
        });
  }

  private static List<Checkpoint> inOrder(List<Checkpoint> found, CheckpointQuery query) {
    Comparator<Checkpoint> byVersion = Comparator.comparingLong(Checkpoint::version);
    return found.stream()
        .sorted(
            Comparator.comparing((Checkpoint each) -> each.metadata().sessionId())
                .thenComparing(
                    query.order() == CheckpointQuery.Order.OLDEST_FIRST
                        ? byVersion
                        : byVersion.reversed()))
        .toList();
  }

  /** What was deleted cannot be put in a certain way. */
  private static void blocked(List<GeneratedMutant> all, String deletion, String what) {
    all.add(
        GeneratedMutant.shared(
            "deleted, but in the way",
            deletion + ", then put",
            what,
            () -> {
              Map<List<String>, Checkpoint> ghosts = new HashMap<>();
              return good -> {
                BackendStorage recording = withGhosts(good, deletion, ReadPath.GET, ghosts);
                return new ForwardingBackendStorage(good) {
                  @Override
                  public long delete(String namespace, Collection<String> ids) {
                    return recording.delete(namespace, ids);
                  }

                  @Override
                  public long deleteBySession(SessionKey session) {
                    return recording.deleteBySession(session);
                  }

                  @Override
                  public void put(Checkpoint checkpoint, Expectation expectation) {
                    if (checkpoint == null) {
                      super.put(checkpoint, expectation);
                      return;
                    }
                    synchronized (ghosts) {
                      Checkpoint ghost =
                          ghosts.get(List.of(checkpoint.namespace(), checkpoint.id()));
                      if (ghost != null
                          && what.equals("the id in another session")
                          && !ghost.sessionKey().equals(checkpoint.sessionKey())) {
                        throw new DuplicateCheckpointException(descriptor().id(), checkpoint);
                      }
                      if (ghost != null
                          && what.equals("the id with other content")
                          && !ghost.equals(checkpoint)) {
                        throw new DuplicateCheckpointException(descriptor().id(), checkpoint);
                      }
                      if (what.equals("the version")
                          && ghost == null
                          && ghosts.values().stream()
                              .map(Checkpoint::header)
                              .anyMatch(each -> isSameVersion(each, checkpoint.header()))) {
                        throw new VersionConflictException(
                            descriptor().id(), checkpoint, expectation, checkpoint.version());
                      }
                    }
                    recording.put(checkpoint, expectation);
                  }
                };
              };
            }));
  }

  private static boolean isSameVersion(CheckpointHeader ghost, CheckpointHeader put) {
    return ghost.version() == put.version() && ghost.sessionKey().equals(put.sessionKey());
  }
}
