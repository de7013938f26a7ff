package dev.checkpoint4j.store.file;

import dev.checkpoint4j.error.ErrorContext;
import dev.checkpoint4j.store.file.LockTable.LockHandle;
import dev.checkpoint4j.store.file.LockTable.LockLevel;
import java.io.IOException;
import java.util.Collection;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * The writes of this process that failed after their frame may have reached the log, and before
 * their record was verified in the index. A call that concerns one of them first forces the log
 * again and brings the index up to date with it, or fails. So the first answer after an unknown
 * outcome is final. Safe for use by several threads.
 */
final class PendingWrites {

  private final RebuildableIndex index;
  private final LogRecovery recovery;
  private final LockTable locks;

  /** The session of each id that was put or deleted. */
  private final ConcurrentMap<Key, Key> sessions = new ConcurrentHashMap<>();

  PendingWrites(RebuildableIndex index, LogRecovery recovery, LockTable locks) {
    this.index = index;
    this.recovery = recovery;
    this.locks = locks;
  }

  void add(Key session, Collection<Key> ids) {
    ids.forEach(id -> sessions.put(id, session));
  }

  boolean contains(Key id) {
    return sessions.containsKey(id);
  }

  /** Resolves the pending write of an id, if there is one. The caller holds no lock. */
  void resolveId(Key id, ErrorContext context) throws IOException {
    Key session = sessions.get(id);
    if (session != null) {
      resolve(session, context);
    }
  }

  /** Resolves the pending writes of a session, if there are any. The caller holds no lock. */
  void resolveSession(Key session, ErrorContext context) throws IOException {
    if (!sessions.isEmpty() && sessions.containsValue(session)) {
      resolve(session, context);
    }
  }

  private void resolve(Key session, ErrorContext context) throws IOException {
    try (LockHandle lock = locks.acquire(LockLevel.SESSION, session, context)) {
      if (index.read(state -> state.logEnd(session), context).isPresent()) {
        recovery.catchUp(session, context);
      } else {
        recovery.adoptUnknownLog(session, context);
      }
      sessions.values().removeIf(session::equals);
    }
  }
}
