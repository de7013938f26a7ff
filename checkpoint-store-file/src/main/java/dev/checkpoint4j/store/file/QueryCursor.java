package dev.checkpoint4j.store.file;

import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.spi.ListCursor;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The positions of the checkpoints that a query may match, in the query's order. Each batch is read
 * from the index when it is needed.
 */
final class QueryCursor {

  private static final int MAX_BATCH = 256;

  /** Reads from the current index. */
  interface Source {
    <R> R read(NamespaceIndex.Reading<R> reading) throws IOException;
  }

  private final Source source;
  private final CheckpointQuery query;
  private final boolean oldestFirst;
  private final int batchSize;
  private @Nullable Key session;
  private @Nullable Long after;
  private List<FramePosition> batch = List.of();
  private int next;

  QueryCursor(CheckpointQuery query, Optional<ListCursor> start, SessionLogs logs, Source source) {
    this.source = source;
    this.query = query;
    this.oldestFirst = query.order() == CheckpointQuery.Order.OLDEST_FIRST;
    this.batchSize = Math.min(MAX_BATCH, query.limit() + 1);
    this.session = start.map(cursor -> Key.parse(cursor.key())).orElse(null);
    this.after = start.map(ListCursor::position).orElse(null);
    if (query.sessionId().isPresent()) {
      Key only = logs.sessionKey(query.sessionId().get());
      if (!only.equals(session)) {
        this.after = null;
      }
      this.session = only;
    }
  }

  @Nullable FramePosition next() throws IOException {
    while (next == batch.size()) {
      if (session == null && !nextSession()) {
        return null;
      }
      Key current = session;
      next = 0;
      batch = current == null ? List.of() : source.read(state -> slice(state, current));
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

  private boolean nextSession() throws IOException {
    Key last = session;
    List<Key> following = source.read(state -> state.sessions(last, 1));
    session = following.isEmpty() ? null : following.get(0);
    after = null;
    return session != null;
  }

  private List<FramePosition> slice(IndexState index, Key key) throws IOException {
    @Nullable SessionState state = index.session(key).orElse(null);
    if (state == null) {
      return List.of();
    }
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
      return state.positions(low, Math.min(high, low + batchSize));
    }
    List<FramePosition> newestFirst = state.positions(Math.max(low, high - batchSize), high);
    Collections.reverse(newestFirst);
    return newestFirst;
  }
}
