package dev.checkpoint4j.store.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.Page;
import dev.checkpoint4j.SessionKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** What {@link FaultWriter}s said that they did, and whether a store holds it. */
final class Acknowledgements {

  private static final String NAMESPACE = Checkpoint.DEFAULT_NAMESPACE;

  private record Put(String session, long version) {}

  private final Map<String, Put> tried = new HashMap<>();
  private final Set<String> stored = new HashSet<>();
  private final Set<String> absent = new HashSet<>();

  /** Deletions that were begun, by their line; true as soon as they are acknowledged. */
  private final Map<String, Boolean> deletions = new HashMap<>();

  private final List<String> failures = new ArrayList<>();
  private int acknowledged;
  private int deletionsAcknowledged;

  /** Takes in what a process said from its first line to its last one. */
  void add(List<String> lines) {
    for (String line : lines) {
      String[] words = line.split(" ", -1);
      switch (words[0]) {
        case "putting" -> tried.put(words[1], new Put(words[2], Long.parseLong(words[3])));
        case "put" -> {
          stored.add(words[1]);
          acknowledged++;
        }
        case "refused" -> absent.add(words[1]);
        case "deleting" -> deletions.put(line.substring("deleting ".length()), false);
        case "deleted" -> {
          deletions.put(line.substring("deleted ".length()), true);
          deletionsAcknowledged++;
        }
        default -> failures.add(line);
      }
    }
  }

  /** A reader saw it, so it must stay. */
  void seen(String id) {
    stored.add(id);
  }

  int acknowledged() {
    return acknowledged;
  }

  int deletionsAcknowledged() {
    return deletionsAcknowledged;
  }

  /** Typed errors that stopped writers. */
  List<String> failures() {
    return List.copyOf(failures);
  }

  /**
   * Checks that the store holds what was acknowledged and nothing that was not tried. No writer is
   * at work. What is found, of what was not acknowledged, must be found the next time as well.
   */
  void check(FileBackendStorage storage, String when) {
    Map<String, Checkpoint> found = find(storage, when);
    // A deletion that was not acknowledged may take effect as late as the next time that the store
    // is opened alone, so it is checked again.
    deletions.forEach(
        (line, done) -> {
          List<String> ids = deleted(line);
          long left = ids.stream().filter(found::containsKey).count();
          if (done) {
            assertThat(left).as("checkpoints that were deleted; %s: %s", when, line).isZero();
          }
          if (left == 0) {
            stored.removeAll(ids);
            absent.addAll(ids);
          }
        });
    deletions
        .keySet()
        .removeIf(
            line -> {
              List<String> ids = deleted(line).stream().filter(id -> !absent.contains(id)).toList();
              assertThat(ids.stream().filter(found::containsKey).count())
                  .as("checkpoints of one deletion: all are there or none; %s: %s", when, line)
                  .isIn(0L, (long) ids.size());
              return ids.isEmpty();
            });
    Set<String> lost = new TreeSet<>(stored);
    lost.removeAll(found.keySet());
    assertThat(lost).as("lost, though acknowledged or seen; %s", when).isEmpty();
    Set<String> back = new TreeSet<>(absent);
    back.retainAll(found.keySet());
    assertThat(back).as("there, though deleted or refused; %s", when).isEmpty();
    for (Checkpoint checkpoint : found.values()) {
      if (stored.add(checkpoint.id())) {
        assertThat(storage.get(NAMESPACE, checkpoint.id())).as(when).contains(checkpoint);
      }
    }
  }

  private static List<String> deleted(String line) {
    List<String> words = List.of(line.split(" ", -1));
    return words.subList(1, words.size());
  }

  private Map<String, Checkpoint> find(FileBackendStorage storage, String when) {
    Map<String, Checkpoint> found = new HashMap<>();
    Optional<String> cursor = Optional.empty();
    do {
      Page<SessionKey> page = storage.listSessions(NAMESPACE, 1_000, cursor);
      for (SessionKey session : page.items()) {
        List<Checkpoint> history = history(storage, session);
        long version = 0;
        for (Checkpoint checkpoint : history) {
          assertIntact(checkpoint, when);
          assertThat(tried.get(checkpoint.id()))
              .as("who put %s; %s", checkpoint.id(), when)
              .isEqualTo(new Put(session.sessionId(), checkpoint.version()));
          assertThat(checkpoint.version()).as("version in %s", session).isGreaterThan(version);
          version = checkpoint.version();
          assertThat(found.put(checkpoint.id(), checkpoint)).as("listed once").isNull();
        }
        if (!history.isEmpty()) {
          assertThat(storage.getBySession(session))
              .as("latest of %s; %s", session, when)
              .contains(history.get(history.size() - 1));
        }
      }
      cursor = page.nextCursor();
    } while (cursor.isPresent());
    return found;
  }

  static List<Checkpoint> history(FileBackendStorage storage, SessionKey session) {
    List<Checkpoint> history = new ArrayList<>();
    Optional<String> cursor = Optional.empty();
    do {
      Page<Checkpoint> page =
          storage.list(
              CheckpointQuery.builder(session)
                  .order(CheckpointQuery.Order.OLDEST_FIRST)
                  .limit(1_000)
                  .cursor(cursor.orElse(null))
                  .build());
      history.addAll(page.items());
      cursor = page.nextCursor();
    } while (cursor.isPresent());
    return history;
  }

  static void assertIntact(Checkpoint checkpoint, String when) {
    assertThat(checkpoint.values())
        .as("what %s holds; %s", checkpoint.id(), when)
        .isEqualTo(FaultWriter.values(checkpoint.id()));
  }
}
