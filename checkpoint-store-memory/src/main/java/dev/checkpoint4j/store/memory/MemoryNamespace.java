package dev.checkpoint4j.store.memory;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.error.DuplicateCheckpointException;
import dev.checkpoint4j.error.VersionConflictException;
import dev.checkpoint4j.spi.ListCursor;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The checkpoints of one namespace, by id and by session.
 *
 * <p>A checkpoint becomes visible, and vanishes, by one write to the map of ids, made while its
 * session is locked: readers by id look there, readers by session take the lock. So the two views
 * never disagree.
 */
final class MemoryNamespace {

  private static final class Session {
    /** By ascending version; guarded by this. */
    final List<Checkpoint> checkpoints = new ArrayList<>();

    /** Set, for good, when the last checkpoint was deleted; guarded by this. */
    boolean dropped;

    @Nullable Checkpoint latest() {
      return checkpoints.isEmpty() ? null : checkpoints.get(checkpoints.size() - 1);
    }

    /** Where the first version not less than {@code version} is, or would be. */
    int indexOf(long version) {
      int low = 0;
      int high = checkpoints.size();
      while (low < high) {
        int middle = (low + high) >>> 1;
        if (checkpoints.get(middle).version() < version) {
          low = middle + 1;
        } else {
          high = middle;
        }
      }
      return low;
    }

    int indexAfter(long version) {
      return version == Long.MAX_VALUE ? checkpoints.size() : indexOf(version + 1);
    }
  }

  private final ConcurrentMap<String, Checkpoint> byId = new ConcurrentHashMap<>();
  private final ConcurrentMap<String, Session> sessions = new ConcurrentHashMap<>();

  /** The ids of {@link #sessions}, in the order of listings. */
  private final NavigableSet<String> sessionIds = new ConcurrentSkipListSet<>();

  void put(Checkpoint checkpoint) {
    String sessionId = checkpoint.metadata().sessionId();
    while (true) {
      // A look first: computeIfAbsent locks a bin of the map.
      Session session = sessions.get(sessionId);
      if (session == null) {
        session = sessions.computeIfAbsent(sessionId, id -> new Session());
      }
      synchronized (session) {
        if (!session.dropped) {
          try {
            putLocked(session, checkpoint);
          } finally {
            dropIfEmpty(sessionId, session);
          }
          return;
        }
      }
    }
  }

  private void putLocked(Session session, Checkpoint checkpoint) {
    Checkpoint present = byId.get(checkpoint.id());
    if (present != null) {
      requireEqual(present, checkpoint);
      return;
    }
    Checkpoint latest = session.latest();
    if (latest != null && latest.version() >= checkpoint.version()) {
      throw new VersionConflictException(MemoryBackendStorage.ID, checkpoint, latest.version());
    }
    // A writer of another session may have come between.
    Checkpoint winner = byId.putIfAbsent(checkpoint.id(), checkpoint);
    if (winner != null) {
      requireEqual(winner, checkpoint);
      return;
    }
    if (session.checkpoints.isEmpty()) {
      sessionIds.add(checkpoint.metadata().sessionId());
    }
    session.checkpoints.add(checkpoint);
  }

  private static void requireEqual(Checkpoint present, Checkpoint checkpoint) {
    if (!present.equals(checkpoint)) {
      throw new DuplicateCheckpointException(MemoryBackendStorage.ID, checkpoint);
    }
  }

  Optional<Checkpoint> get(String id) {
    return Optional.ofNullable(byId.get(id));
  }

  Optional<Checkpoint> latest(String sessionId) {
    return inSession(sessionId, session -> Optional.ofNullable(session.latest()));
  }

  List<Checkpoint> list(CheckpointQuery query, Optional<ListCursor> after, int most) {
    if (query.sessionId().isPresent()) {
      return listSession(query.sessionId().get(), query, after, most);
    }
    List<Checkpoint> found = new ArrayList<>();
    NavigableSet<String> rest =
        after.map(cursor -> sessionIds.tailSet(cursor.session(), true)).orElse(sessionIds);
    for (String sessionId : rest) {
      found.addAll(listSession(sessionId, query, after, most - found.size()));
      if (found.size() == most) {
        break;
      }
    }
    return found;
  }

  private List<Checkpoint> listSession(
      String sessionId, CheckpointQuery query, Optional<ListCursor> after, int most) {
    Optional<Long> start =
        after.filter(cursor -> cursor.session().equals(sessionId)).map(ListCursor::version);
    return inSession(sessionId, session -> Optional.of(matching(session, query, start, most)))
        .orElse(List.of());
  }

  private static List<Checkpoint> matching(
      Session session, CheckpointQuery query, Optional<Long> start, int most) {
    boolean oldestFirst = query.order() == CheckpointQuery.Order.OLDEST_FIRST;
    int step = oldestFirst ? 1 : -1;
    int index =
        oldestFirst
            ? start.map(session::indexAfter).orElse(0)
            : start.map(session::indexOf).orElse(session.checkpoints.size()) - 1;
    List<Checkpoint> found = new ArrayList<>();
    for (; index >= 0 && index < session.checkpoints.size() && found.size() < most; index += step) {
      Checkpoint checkpoint = session.checkpoints.get(index);
      if (query.matches(checkpoint.header())) {
        found.add(checkpoint);
      }
    }
    return found;
  }

  List<String> sessions(Optional<String> after, int most) {
    return after.map(id -> sessionIds.tailSet(id, false)).orElse(sessionIds).stream()
        .limit(most)
        .toList();
  }

  boolean delete(String id) {
    Checkpoint checkpoint = byId.get(id);
    if (checkpoint == null) {
      return false;
    }
    String sessionId = checkpoint.metadata().sessionId();
    return inSession(
            sessionId,
            session -> {
              // Only now is it certain that no one else is about to delete it.
              if (!byId.remove(id, checkpoint)) {
                return Optional.empty();
              }
              session.checkpoints.remove(session.indexOf(checkpoint.version()));
              dropIfEmpty(sessionId, session);
              return Optional.of(id);
            })
        .isPresent();
  }

  long deleteSession(String sessionId) {
    return inSession(
            sessionId,
            session -> {
              long count = session.checkpoints.size();
              session.checkpoints.forEach(checkpoint -> byId.remove(checkpoint.id()));
              session.checkpoints.clear();
              dropIfEmpty(sessionId, session);
              return Optional.of(count);
            })
        .orElse(0L);
  }

  private void dropIfEmpty(String sessionId, Session session) {
    if (session.checkpoints.isEmpty()) {
      session.dropped = true;
      // In this order: once it is out of the map, a new session of the same id may be added.
      sessionIds.remove(sessionId);
      sessions.remove(sessionId, session);
    }
  }

  private <R> Optional<R> inSession(String sessionId, Function<Session, Optional<R>> action) {
    Session session = sessions.get(sessionId);
    if (session == null) {
      return Optional.empty();
    }
    synchronized (session) {
      // A dropped one may have a successor by now, which is not this call's to change.
      return session.dropped ? Optional.empty() : action.apply(session);
    }
  }
}
