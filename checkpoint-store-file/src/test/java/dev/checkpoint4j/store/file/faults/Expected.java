package dev.checkpoint4j.store.file.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.spi.BackendStorage;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What a store may hold: of each id, a certain checkpoint, none, or one of several of these. */
final class Expected {

  private record Id(String namespace, String id) {}

  private final Map<Id, Set<Optional<Checkpoint>>> options = new LinkedHashMap<>();
  private final Set<SessionKey> sessions = new HashSet<>();

  /** Those of a session whose deletion was under way: all or none of them are there. */
  private final List<Set<Id>> together = new ArrayList<>();

  Expected copy() {
    Expected copy = new Expected();
    options.forEach((id, possible) -> copy.options.put(id, new HashSet<>(possible)));
    copy.sessions.addAll(sessions);
    copy.together.addAll(together);
    return copy;
  }

  /** Equal for those that expect the same. */
  Object key() {
    return List.of(copy().options, List.copyOf(together));
  }

  private static SessionKey session(Checkpoint checkpoint) {
    return new SessionKey(checkpoint.namespace(), checkpoint.metadata().sessionId());
  }

  private static Id id(Checkpoint checkpoint) {
    return new Id(checkpoint.namespace(), checkpoint.id());
  }

  private Set<Optional<Checkpoint>> options(Id id) {
    return options.computeIfAbsent(id, none -> new HashSet<>(Set.of(Optional.empty())));
  }

  /** A step that was done. */
  void done(Step step) {
    if (step instanceof Step.Put put) {
      sessions.add(session(put.checkpoint()));
      only(id(put.checkpoint()), Optional.of(put.checkpoint()));
    } else if (step instanceof Step.Delete delete) {
      delete.ids().forEach(id -> only(new Id(delete.namespace(), id), Optional.empty()));
    } else if (step instanceof Step.DeleteSession delete) {
      for (Set<Optional<Checkpoint>> possible : options.values()) {
        if (possible.removeIf(one -> isOf(one, delete.session()))) {
          possible.add(Optional.empty());
        }
      }
    }
  }

  private void only(Id id, Optional<Checkpoint> checkpoint) {
    options.put(id, new HashSet<>(Set.of(checkpoint)));
    together.forEach(group -> group.remove(id));
  }

  /** A step that may have been done. */
  void maybe(Step step) {
    if (step instanceof Step.Put put) {
      sessions.add(session(put.checkpoint()));
      options(id(put.checkpoint())).add(Optional.of(put.checkpoint()));
    } else if (step instanceof Step.Delete delete) {
      delete.ids().forEach(id -> options(new Id(delete.namespace(), id)).add(Optional.empty()));
    } else if (step instanceof Step.DeleteSession delete) {
      Set<Id> certain = new HashSet<>();
      options.forEach(
          (id, possible) -> {
            if (possible.stream().anyMatch(one -> isOf(one, delete.session()))) {
              if (possible.size() == 1) {
                certain.add(id);
              }
              possible.add(Optional.empty());
            }
          });
      together.add(certain);
    }
  }

  private static boolean isOf(Optional<Checkpoint> checkpoint, SessionKey session) {
    return checkpoint.filter(present -> session(present).equals(session)).isPresent();
  }

  /**
   * What was read once stays. What was not there may come yet, if nobody knows whether it was
   * written.
   */
  void read(List<Checkpoint> present) {
    present.forEach(checkpoint -> only(id(checkpoint), Optional.of(checkpoint)));
  }

  /** After a recovery nothing is open any more: there is what was found, and nothing else. */
  void recovered(List<Checkpoint> present) {
    together.clear();
    options.replaceAll((id, possible) -> new HashSet<>(Set.of(Optional.empty())));
    present.forEach(checkpoint -> only(id(checkpoint), Optional.of(checkpoint)));
  }

  /** The same store with one more checkpoint in each session. */
  List<Step> nextPuts(List<Checkpoint> present, String suffix) {
    return sessions.stream()
        .sorted(Comparator.comparing(SessionKey::toString))
        .map(
            session -> {
              long latest =
                  present.stream()
                      .filter(checkpoint -> session(checkpoint).equals(session))
                      .mapToLong(Checkpoint::version)
                      .max()
                      .orElse(0);
              return Step.put(
                  session.namespace(),
                  session.sessionId(),
                  session.sessionId() + suffix,
                  latest + 1,
                  10);
            })
        .toList();
  }

  /** Checks that a store holds nothing else, in every way it can be read; returns what it holds. */
  List<Checkpoint> check(BackendStorage storage, String where) {
    List<Checkpoint> present = new ArrayList<>();
    Set<Id> ids = new HashSet<>();
    options.forEach(
        (id, possible) -> {
          Optional<Checkpoint> found = storage.get(id.namespace(), id.id());
          assertThat(possible).as("%s: get of %s", where, id).contains(found);
          if (found.isPresent()) {
            ids.add(id);
            present.add(found.get());
          }
        });
    for (Set<Id> group : together) {
      Set<Id> left = new HashSet<>(group);
      left.retainAll(ids);
      assertThat(left.isEmpty() || left.equals(group))
          .as("%s: all or nothing of a session that was being deleted, found %s", where, left)
          .isTrue();
    }
    for (SessionKey session : sessions) {
      checkSession(storage, session, present, where);
    }
    Set<String> namespaces =
        sessions.stream().map(SessionKey::namespace).collect(Collectors.toCollection(TreeSet::new));
    for (String namespace : namespaces) {
      checkNamespace(storage, namespace, present, where);
    }
    return present;
  }

  private static void checkSession(
      BackendStorage storage, SessionKey session, List<Checkpoint> present, String where) {
    List<Checkpoint> history =
        present.stream()
            .filter(checkpoint -> session(checkpoint).equals(session))
            .sorted(Comparator.comparingLong(Checkpoint::version))
            .toList();
    assertThat(storage.getBySession(session))
        .as("%s: latest of %s", where, session)
        .isEqualTo(history.stream().reduce((earlier, later) -> later));
    CheckpointQuery all =
        CheckpointQuery.builder(session)
            .order(CheckpointQuery.Order.OLDEST_FIRST)
            .limit(CheckpointQuery.MAX_LIMIT)
            .build();
    assertThat(storage.list(all).items())
        .as("%s: list of %s", where, session)
        .containsExactlyElementsOf(history);
    assertThat(history.stream().map(Checkpoint::version))
        .as("%s: versions of %s", where, session)
        .doesNotHaveDuplicates();
  }

  private static void checkNamespace(
      BackendStorage storage, String namespace, List<Checkpoint> present, String where) {
    List<Checkpoint> expected =
        present.stream().filter(checkpoint -> checkpoint.namespace().equals(namespace)).toList();
    CheckpointQuery all =
        CheckpointQuery.builder(namespace).limit(CheckpointQuery.MAX_LIMIT).build();
    assertThat(storage.list(all).items())
        .as("%s: list of namespace %s", where, namespace)
        .containsExactlyInAnyOrderElementsOf(expected);
    assertThat(storage.listHeaders(all).items().stream().map(CheckpointHeader::id))
        .as("%s: headers of namespace %s", where, namespace)
        .containsExactlyInAnyOrderElementsOf(expected.stream().map(Checkpoint::id).toList());
    assertThat(storage.listSessions(namespace, CheckpointQuery.MAX_LIMIT, Optional.empty()).items())
        .as("%s: sessions of namespace %s", where, namespace)
        .containsExactlyInAnyOrderElementsOf(
            expected.stream().map(Expected::session).collect(Collectors.toSet()));
  }
}
