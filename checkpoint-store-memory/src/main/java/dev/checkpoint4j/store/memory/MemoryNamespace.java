package dev.checkpoint4j.store.memory;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.error.DuplicateCheckpointException;
import dev.checkpoint4j.error.VersionConflictException;
import dev.checkpoint4j.spi.ListCursor;
import dev.checkpoint4j.spi.StackSpace;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
 * session is locked: readers by id read it, readers by session take the lock, or ensure that nobody
 * had it while they read. So the two views never disagree.
 *
 * <p>An {@code OutOfMemoryError} can end a change anywhere. A change marks its session as pending,
 * which takes no memory, and removes the mark when it is complete. The map of ids decides: an
 * operation that finds a pending session first adapts the rest to the map. The stack is checked
 * before a session is locked, so that it cannot end within the maps or at an unlock.
 */
final class MemoryNamespace {

  private final String name;
  private final ConcurrentMap<String, Checkpoint> byId = new ConcurrentHashMap<>();

  /** Those of all namespaces: the latest of a session is found by one read. */
  private final ConcurrentMap<SessionKey, MemorySession> sessions;

  /** The ids of those of this namespace, in the order of listings. */
  private final NavigableSet<String> sessionIds;

  MemoryNamespace(String name, ConcurrentMap<SessionKey, MemorySession> sessions) {
    this(name, sessions, new ConcurrentSkipListSet<>());
  }

  /** With an empty set for the ids of the sessions, which is safe for use by several threads. */
  MemoryNamespace(
      String name,
      ConcurrentMap<SessionKey, MemorySession> sessions,
      NavigableSet<String> sessionIds) {
    this.name = name;
    this.sessions = sessions;
    this.sessionIds = sessionIds;
  }

  void put(Checkpoint checkpoint, Expectation expectation) {
    StackSpace.require();
    SessionKey key = checkpoint.sessionKey();
    while (true) {
      MemorySession session = sessions.get(key);
      if (session == null) {
        // Not computeIfAbsent: an Error within it can make a part of the map useless for good.
        MemorySession created = new MemorySession();
        session = sessions.putIfAbsent(key, created);
        if (session == null) {
          session = created;
        }
      }
      long stamp = session.lock.writeLock();
      try {
        resolvePending(key, session);
        if (!session.dropped) {
          try {
            putLocked(session, checkpoint, expectation);
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

  private void putLocked(MemorySession session, Checkpoint checkpoint, Expectation expectation) {
    Checkpoint present = byId.get(checkpoint.id());
    if (present != null) {
      requireEqual(present, checkpoint);
      return;
    }
    Checkpoint latest = session.latest;
    long latestVersion = latest == null ? 0 : latest.version();
    if (latestVersion >= checkpoint.version()
        || !(expectation.isAny()
            || expectation.isMetBy(Optional.ofNullable(latest).map(Checkpoint::id)))) {
      throw new VersionConflictException(
          MemoryBackendStorage.ID, checkpoint, expectation, latestVersion);
    }
    session.pending = true;
    // Before it is visible: what is visible is always in the list.
    session.checkpoints.add(checkpoint);
    // A writer of another session may have come between.
    Checkpoint winner = byId.putIfAbsent(checkpoint.id(), checkpoint);
    if (winner == null && latest == null) {
      sessionIds.add(checkpoint.metadata().sessionId());
    } else if (winner != null) {
      session.checkpoints.remove(session.checkpoints.size() - 1);
    }
    session.refreshLatest();
    session.pending = false;
    if (winner != null) {
      requireEqual(winner, checkpoint);
    }
  }

  /** Completes, or takes back, what an Error left half-done. The session is locked for writing. */
  private void resolvePending(SessionKey key, MemorySession session) {
    if (!session.pending) {
      return;
    }
    List<Checkpoint> visible = new ArrayList<>(session.checkpoints.size());
    for (Checkpoint checkpoint : session.checkpoints) {
      if (isVisible(checkpoint)) {
        visible.add(checkpoint);
      }
    }
    session.checkpoints = visible;
    session.refreshLatest();
    if (!visible.isEmpty()) {
      sessionIds.add(key.sessionId());
    } else {
      drop(key, session);
    }
    session.pending = false;
  }

  private boolean isVisible(Checkpoint checkpoint) {
    return checkpoint.equals(byId.get(checkpoint.id()));
  }

  /** The latest of a session of this namespace; it waits only while somebody writes. */
  Optional<Checkpoint> latest(SessionKey key, MemorySession session) {
    StackSpace.require();
    long stamp = session.lock.readLock();
    try {
      if (!session.pending) {
        return Optional.ofNullable(session.latest);
      }
    } finally {
      session.lock.unlockRead(stamp);
    }
    stamp = session.lock.writeLock();
    try {
      resolvePending(key, session);
      return Optional.ofNullable(session.latest);
    } finally {
      session.lock.unlockWrite(stamp);
    }
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
    StackSpace.require();
    if (query.sessionId().isPresent()) {
      return listSession(query.sessionId().get(), query, after, most);
    }
    List<Checkpoint> found = new ArrayList<>();
    NavigableSet<String> rest =
        after.map(cursor -> sessionIds.tailSet(cursor.key(), true)).orElse(sessionIds);
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
        after.filter(cursor -> cursor.key().equals(sessionId)).map(ListCursor::position);
    SessionKey key = new SessionKey(name, sessionId);
    MemorySession session = sessions.get(key);
    if (session == null) {
      return List.of();
    }
    long stamp = session.lock.readLock();
    try {
      if (!session.pending) {
        return matching(session, query, start, most);
      }
    } finally {
      session.lock.unlockRead(stamp);
    }
    stamp = session.lock.writeLock();
    try {
      resolvePending(key, session);
      return matching(session, query, start, most);
    } finally {
      session.lock.unlockWrite(stamp);
    }
  }

  /** The checkpoints that match. Reads no version that is out of the range. */
  static List<Checkpoint> matching(
      MemorySession session, CheckpointQuery query, Optional<Long> start, int most) {
    boolean oldestFirst = query.order() == CheckpointQuery.Order.OLDEST_FIRST;
    int first = session.indexOf(query.minVersion());
    int end = session.indexAfter(query.maxVersion());
    if (start.isPresent() && oldestFirst) {
      first = Math.max(first, session.indexAfter(start.get()));
    } else if (start.isPresent()) {
      end = Math.min(end, session.indexOf(start.get()));
    }
    int step = oldestFirst ? 1 : -1;
    List<Checkpoint> found = new ArrayList<>();
    for (int index = oldestFirst ? first : end - 1;
        index >= first && index < end && found.size() < most;
        index += step) {
      Checkpoint checkpoint = session.checkpoints.get(index);
      if (query.matches(checkpoint.header())) {
        found.add(checkpoint);
      }
    }
    return found;
  }

  NavigableSet<String> sessionIds() {
    return sessionIds;
  }

  boolean isEmpty() {
    return sessionIds.isEmpty();
  }

  long delete(Collection<String> ids) {
    Map<SessionKey, List<Checkpoint>> bySession = new LinkedHashMap<>();
    for (String id : ids) {
      get(id)
          .ifPresent(
              found ->
                  bySession
                      .computeIfAbsent(found.sessionKey(), key -> new ArrayList<>())
                      .add(found));
    }
    long count = 0;
    for (Map.Entry<SessionKey, List<Checkpoint>> entry : bySession.entrySet()) {
      count += delete(entry.getKey(), entry.getValue());
    }
    return count;
  }

  private long delete(SessionKey key, List<Checkpoint> candidates) {
    return change(
            key,
            session -> {
              long count = 0;
              session.pending = true;
              for (Checkpoint checkpoint : candidates) {
                // Only now is it certain that no one else is about to delete it.
                count += byId.remove(checkpoint.id(), checkpoint) ? 1 : 0;
              }
              if (candidates.size() > 1) {
                // In one pass: each removal on its own moves all later checkpoints.
                session.checkpoints.removeIf(stored -> !isVisible(stored));
              } else if (count == 1) {
                session.checkpoints.remove(session.indexOf(candidates.get(0).version()));
              }
              session.refreshLatest();
              session.pending = false;
              dropIfEmpty(key, session);
              return Optional.of(count);
            })
        .orElse(0L);
  }

  long deleteSession(SessionKey key) {
    return change(
            key,
            session -> {
              long count = session.checkpoints.size();
              session.pending = true;
              session.checkpoints.forEach(checkpoint -> byId.remove(checkpoint.id()));
              session.checkpoints = new ArrayList<>();
              session.refreshLatest();
              session.pending = false;
              dropIfEmpty(key, session);
              return Optional.of(count);
            })
        .orElse(0L);
  }

  private void dropIfEmpty(SessionKey key, MemorySession session) {
    if (session.checkpoints.isEmpty() && !session.pending) {
      session.pending = true;
      drop(key, session);
      session.pending = false;
    }
  }

  private void drop(SessionKey key, MemorySession session) {
    session.dropped = true;
    if (sessions.get(key) == session) {
      // In this order: once it is out of the map, a new session of the same id may be added.
      sessionIds.remove(key.sessionId());
      sessions.remove(key, session);
    }
  }

  private <R> Optional<R> change(SessionKey key, Function<MemorySession, Optional<R>> action) {
    StackSpace.require();
    MemorySession session = sessions.get(key);
    if (session == null) {
      return Optional.empty();
    }
    long stamp = session.lock.writeLock();
    try {
      resolvePending(key, session);
      // A dropped one may have a successor by now, which is not this call's to change.
      return session.dropped ? Optional.empty() : action.apply(session);
    } finally {
      session.lock.unlockWrite(stamp);
    }
  }
}
