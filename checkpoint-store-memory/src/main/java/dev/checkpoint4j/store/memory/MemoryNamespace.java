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
 * <p>A checkpoint becomes visible, and vanishes, by one write to the state of its entry, made while
 * its session is locked: readers by id look at the state, readers by session take the lock. So the
 * two views never disagree.
 */
final class MemoryNamespace {

  private enum State {
    RESERVED,
    STORED,
    DELETED
  }

  private static final class Entry {
    final Checkpoint checkpoint;
    volatile State state = State.RESERVED;

    Entry(Checkpoint checkpoint) {
      this.checkpoint = checkpoint;
    }
  }

  private static final class Session {
    /** By ascending version; guarded by this. */
    final List<Entry> entries = new ArrayList<>();

    /** Set, for good, when the last entry was deleted; guarded by this. */
    boolean dropped;

    @Nullable Entry latest() {
      return entries.isEmpty() ? null : entries.get(entries.size() - 1);
    }

    /** Where the first version not less than {@code version} is, or would be. */
    int indexOf(long version) {
      int low = 0;
      int high = entries.size();
      while (low < high) {
        int middle = (low + high) >>> 1;
        if (entries.get(middle).checkpoint.version() < version) {
          low = middle + 1;
        } else {
          high = middle;
        }
      }
      return low;
    }

    int indexAfter(long version) {
      return version == Long.MAX_VALUE ? entries.size() : indexOf(version + 1);
    }
  }

  private final ConcurrentMap<String, Entry> byId = new ConcurrentHashMap<>();
  private final ConcurrentMap<String, Session> sessions = new ConcurrentHashMap<>();

  /** The ids of {@link #sessions}, in the order of listings. */
  private final NavigableSet<String> sessionIds = new ConcurrentSkipListSet<>();

  void put(Checkpoint checkpoint) {
    String sessionId = checkpoint.metadata().sessionId();
    while (true) {
      Session session = sessions.computeIfAbsent(sessionId, id -> new Session());
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
    Entry present = byId.get(checkpoint.id());
    if (present != null && present.state != State.DELETED) {
      requireEqual(present, checkpoint);
      return;
    }
    Entry latest = session.latest();
    if (latest != null && latest.checkpoint.version() >= checkpoint.version()) {
      throw new VersionConflictException(
          MemoryBackendStorage.ID, checkpoint, latest.checkpoint.version());
    }
    Entry entry = new Entry(checkpoint);
    Entry winner =
        byId.compute(
            checkpoint.id(),
            (id, other) -> other == null || other.state == State.DELETED ? entry : other);
    if (winner != entry) {
      requireEqual(winner, checkpoint);
      return;
    }
    session.entries.add(entry);
    sessionIds.add(checkpoint.metadata().sessionId());
    entry.state = State.STORED;
  }

  private static void requireEqual(Entry present, Checkpoint checkpoint) {
    if (!present.checkpoint.equals(checkpoint)) {
      throw new DuplicateCheckpointException(MemoryBackendStorage.ID, checkpoint);
    }
  }

  Optional<Checkpoint> get(String id) {
    Entry entry = byId.get(id);
    return entry == null || entry.state != State.STORED
        ? Optional.empty()
        : Optional.of(entry.checkpoint);
  }

  Optional<Checkpoint> latest(String sessionId) {
    return inSession(
        sessionId, session -> Optional.ofNullable(session.latest()).map(e -> e.checkpoint));
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
            : start.map(session::indexOf).orElse(session.entries.size()) - 1;
    List<Checkpoint> found = new ArrayList<>();
    for (; index >= 0 && index < session.entries.size() && found.size() < most; index += step) {
      Checkpoint checkpoint = session.entries.get(index).checkpoint;
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
    Entry entry = byId.get(id);
    if (entry == null) {
      return false;
    }
    String sessionId = entry.checkpoint.metadata().sessionId();
    return inSession(
            sessionId,
            session -> {
              // Only now is it certain that no writer is about to store or delete the entry.
              if (entry.state != State.STORED) {
                return Optional.empty();
              }
              vanish(entry);
              session.entries.remove(session.indexOf(entry.checkpoint.version()));
              dropIfEmpty(sessionId, session);
              return Optional.of(id);
            })
        .isPresent();
  }

  long deleteSession(String sessionId) {
    return inSession(
            sessionId,
            session -> {
              long count = session.entries.size();
              session.entries.forEach(this::vanish);
              session.entries.clear();
              dropIfEmpty(sessionId, session);
              return Optional.of(count);
            })
        .orElse(0L);
  }

  private void vanish(Entry entry) {
    entry.state = State.DELETED;
    byId.remove(entry.checkpoint.id(), entry);
  }

  private void dropIfEmpty(String sessionId, Session session) {
    if (session.entries.isEmpty()) {
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
      return action.apply(session);
    }
  }
}
