package dev.checkpoint4j.store.file;

import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.spi.ListCursor;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The places a query has to look at, in its order, as the index knows them when they are asked for.
 */
final class Candidates {

  private static final int MAX_BATCH = 256;

  private final NamespaceIndex index;
  private final CheckpointQuery query;
  private final boolean oldestFirst;
  private final int batchSize;
  private @Nullable Key session;
  private @Nullable Long after;
  private List<Location> batch = List.of();
  private int next;

  Candidates(CheckpointQuery query, SessionLogs logs, NamespaceIndex index) {
    this.index = index;
    this.query = query;
    this.oldestFirst = query.order() == CheckpointQuery.Order.OLDEST_FIRST;
    this.batchSize = Math.min(MAX_BATCH, query.limit() + 1);
    Optional<ListCursor> start = query.cursor().map(ListCursor::decode);
    this.session = start.map(cursor -> Key.parse(cursor.session())).orElse(null);
    this.after = start.map(ListCursor::version).orElse(null);
    if (query.sessionId().isPresent()) {
      Key only = logs.sessionKey(query.sessionId().get());
      if (!only.equals(session)) {
        this.after = null;
      }
      this.session = only;
    }
  }

  @Nullable Location next() throws IOException {
    while (next == batch.size()) {
      if (session == null && !nextSession()) {
        return null;
      }
      Key current = session;
      next = 0;
      batch = current == null ? List.of() : index.inSession(current, this::slice).orElse(List.of());
      if (batch.isEmpty()) {
        if (query.sessionId().isPresent() || !nextSession()) {
          return null;
        }
      } else {
        after = batch.get(batch.size() - 1).version();
      }
    }
    return batch.get(next++);
  }

  private boolean nextSession() {
    List<Key> following = index.sessions(session, 1);
    session = following.isEmpty() ? null : following.get(0);
    after = null;
    return session != null;
  }

  private List<Location> slice(SessionState state) throws IOException {
    int low = state.indexOf(query.minVersion());
    int high = state.indexAfter(query.maxVersion());
    if (after != null && oldestFirst) {
      low = Math.max(low, state.indexAfter(after));
    } else if (after != null) {
      high = Math.min(high, state.indexOf(after));
    }
    if (low >= high) {
      return List.of();
    }
    if (oldestFirst) {
      return state.locations(low, Math.min(high, low + batchSize));
    }
    List<Location> newestFirst = state.locations(Math.max(low, high - batchSize), high);
    Collections.reverse(newestFirst);
    return newestFirst;
  }
}
