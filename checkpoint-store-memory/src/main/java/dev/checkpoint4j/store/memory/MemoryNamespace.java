package dev.checkpoint4j.store.memory;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.SessionKey;
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

/**
 * The checkpoints of one namespace, by id and by session.
 *
 * <p>A checkpoint becomes visible, and vanishes, by one write to the map of ids, made while its
 * session is locked: readers by id look there, readers by session take the lock, or make sure that
 * nobody had it while they looked. So the two views never disagree.
 */
final class MemoryNamespace {

  private final String name;
  private final ConcurrentMap<String, Checkpoint> byId = new ConcurrentHashMap<>();

  /** Those of all namespaces: the latest of a session is found by one look. */
  private final ConcurrentMap<SessionKey, MemorySession> sessions;

  /** The ids of those of this namespace, in the order of listings. */
  private final NavigableSet<String> sessionIds = new ConcurrentSkipListSet<>();

  MemoryNamespace(String name, ConcurrentMap<SessionKey, MemorySession> sessions) {
    this.name = name;
    this.sessions = sessions;
  }

  void put(Checkpoint checkpoint) {
    SessionKey key = checkpoint.sessionKey();
    while (true) {
      // A look first: computeIfAbsent locks a bin of the map.
      MemorySession session = sessions.get(key);
      if (session == null) {
        session = sessions.computeIfAbsent(key, absent -> new MemorySession());
      }
      long stamp = session.lock.writeLock();
      try {
        if (!session.dropped) {
          try {
            putLocked(session, checkpoint);
          } finally {
            dropIfEmpty(key, session);
          }
          return;
        }
      } finally {
        session.lock.unlockWrite(stamp);
      }
    }
  }

  private void putLocked(MemorySession session, Checkpoint checkpoint) {
    Checkpoint present = byId.get(checkpoint.id());
    if (present != null) {
      requireEqual(present, checkpoint);
      return;
    }
    Checkpoint latest = session.latest;
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
    session.add(checkpoint);
  }

  private static void requireEqual(Checkpoint present, Checkpoint checkpoint) {
    if (!present.equals(checkpoint)) {
      throw new DuplicateCheckpointException(MemoryBackendStorage.ID, checkpoint);
    }
  }

  Optional<Checkpoint> get(String id) {
    return Optional.ofNullable(byId.get(id));
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
    MemorySession session = sessions.get(new SessionKey(name, sessionId));
    if (session == null) {
      return List.of();
    }
    long stamp = session.lock.readLock();
    try {
      return matching(session, query, start, most);
    } finally {
      session.lock.unlockRead(stamp);
    }
  }

  private static List<Checkpoint> matching(
      MemorySession session, CheckpointQuery query, Optional<Long> start, int most) {
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
    SessionKey key = checkpoint.sessionKey();
    return change(
            key,
            session -> {
              // Only now is it certain that no one else is about to delete it.
              if (!byId.remove(id, checkpoint)) {
                return Optional.empty();
              }
              session.remove(checkpoint);
              dropIfEmpty(key, session);
              return Optional.of(id);
            })
        .isPresent();
  }

  long deleteSession(SessionKey key) {
    return change(
            key,
            session -> {
              long count = session.checkpoints.size();
              session.checkpoints.forEach(checkpoint -> byId.remove(checkpoint.id()));
              session.clear();
              dropIfEmpty(key, session);
              return Optional.of(count);
            })
        .orElse(0L);
  }

  private void dropIfEmpty(SessionKey key, MemorySession session) {
    if (session.checkpoints.isEmpty()) {
      session.dropped = true;
      // In this order: once it is out of the map, a new session of the same id may be added.
      sessionIds.remove(key.sessionId());
      sessions.remove(key, session);
    }
  }

  private <R> Optional<R> change(SessionKey key, Function<MemorySession, Optional<R>> action) {
    MemorySession session = sessions.get(key);
    if (session == null) {
      return Optional.empty();
    }
    long stamp = session.lock.writeLock();
    try {
      // A dropped one may have a successor by now, which is not this call's to change.
      return session.dropped ? Optional.empty() : action.apply(session);
    } finally {
      session.lock.unlockWrite(stamp);
    }
  }
}
