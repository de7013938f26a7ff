package dev.checkpoint4j.spi;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.CheckpointQuery.Order;
import dev.checkpoint4j.Page;
import dev.checkpoint4j.SessionKey;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/**
 * Makes the pages of a namespace, for backends that can enumerate its sessions in a fixed order and
 * the entries of a session by version. An entry is what the backend keeps of a checkpoint: the
 * {@link Checkpoint}, its header, or a header and where its document is. Conditions, cursors, order
 * and limit are applied here; the cursors are those of {@link ListCursor}.
 *
 * <pre>{@code
 * // NavigableMap<String, NavigableMap<Long, Checkpoint>> sessions: versions by session id
 * @Override
 * protected Page<Checkpoint> doList(CheckpointQuery query, Optional<ListCursor> start) {
 *   return SessionListing.of(sessions, Checkpoint::header).list(query, start);
 * }
 * }</pre>
 *
 * <p>A backend on a medium extends this class. What is enumerated is read only as far as the page
 * needs it, so that the methods may return iterables that read in batches; what these throw reaches
 * the caller. A page is consistent only as far as the backend keeps others from changing what is
 * enumerated.
 *
 * @param <T> the type of an entry
 */
public abstract class SessionListing<T> {

  /** For backends. */
  protected SessionListing() {}

  /**
   * The listing of a namespace that is kept in sorted maps. Reads the maps whenever a page is made.
   *
   * @param sessions the entries by session id and, in ascending order, by version; no session is
   *     empty
   * @param header the header of an entry
   */
  public static <T> SessionListing<T> of(
      NavigableMap<String, ? extends NavigableMap<Long, ? extends T>> sessions,
      Function<? super T, CheckpointHeader> header) {
    return new OfMaps<>(
        Objects.requireNonNull(sessions, "sessions"), Objects.requireNonNull(header, "header"));
  }

  /**
   * The ids of the sessions that hold a checkpoint, each once, in an order that never changes and
   * is the same in every process.
   *
   * @param first where to start: this session, or the one that would follow it if it is not there;
   *     empty for all sessions
   */
  protected abstract Iterable<String> sessions(Optional<String> first);

  /**
   * The entries of a session in a range of versions, by ascending version if the order is {@link
   * Order#OLDEST_FIRST}, otherwise by descending version; none if there is no such session.
   *
   * @param minVersion the smallest version, at least 1
   * @param maxVersion the greatest version, not less than {@code minVersion}
   */
  protected abstract Iterable<? extends T> entries(
      String sessionId, long minVersion, long maxVersion, Order order);

  /** The header of an entry, with its attributes. */
  protected abstract CheckpointHeader header(T entry);

  /**
   * A page of the entries that match, as {@link BackendStorage#list} promises it.
   *
   * @param query of the namespace of this listing
   * @param start the position after which the page starts, which replaces the cursor of the query;
   *     empty for the first page
   */
  public final Page<T> list(CheckpointQuery query, Optional<ListCursor> start) {
    Objects.requireNonNull(query, "query");
    Objects.requireNonNull(start, "start");
    Iterable<String> sessions =
        query.sessionId().isPresent()
            ? List.of(query.sessionId().get())
            : sessions(start.map(ListCursor::key));
    List<T> found = new ArrayList<>();
    for (String sessionId : sessions) {
      for (T entry : entriesAfter(start, sessionId, query)) {
        if (query.matches(header(entry))) {
          found.add(entry);
        }
        if (found.size() > query.limit()) {
          return page(found, query);
        }
      }
    }
    return page(found, query);
  }

  private Page<T> page(List<T> found, CheckpointQuery query) {
    return AbstractBackendStorage.page(
        found, query.limit(), last -> ListCursor.ofCheckpoint(header(last)));
  }

  private Iterable<? extends T> entriesAfter(
      Optional<ListCursor> start, String sessionId, CheckpointQuery query) {
    long min = query.minVersion();
    long max = query.maxVersion();
    if (start.isPresent() && start.get().key().equals(sessionId)) {
      long last = start.get().position();
      if (query.order() == Order.NEWEST_FIRST) {
        max = Math.min(max, last - 1);
      } else if (last < max) {
        min = Math.max(min, last + 1);
      } else {
        return List.of();
      }
    }
    return min <= max ? entries(sessionId, min, max, query.order()) : List.of();
  }

  /**
   * A page of the sessions, as {@link BackendStorage#listSessions} promises it.
   *
   * @param namespace of this listing
   * @param limit most sessions of the page, at least 1
   * @param start the session after which the page starts; empty for the first page
   */
  public final Page<SessionKey> listSessions(
      String namespace, int limit, Optional<ListCursor> start) {
    Objects.requireNonNull(namespace, "namespace");
    Objects.requireNonNull(start, "start");
    Optional<String> last = start.map(ListCursor::key);
    List<String> found = new ArrayList<>();
    for (String sessionId : sessions(last)) {
      if (last.filter(sessionId::equals).isEmpty()) {
        found.add(sessionId);
      }
      if (found.size() > limit) {
        break;
      }
    }
    return AbstractBackendStorage.page(found, limit, ListCursor::ofSession)
        .map(sessionId -> new SessionKey(namespace, sessionId));
  }

  private static final class OfMaps<T> extends SessionListing<T> {
    private final NavigableMap<String, ? extends NavigableMap<Long, ? extends T>> sessions;
    private final Function<? super T, CheckpointHeader> header;

    OfMaps(
        NavigableMap<String, ? extends NavigableMap<Long, ? extends T>> sessions,
        Function<? super T, CheckpointHeader> header) {
      this.sessions = sessions;
      this.header = header;
    }

    @Override
    protected Iterable<String> sessions(Optional<String> first) {
      return first.map(id -> sessions.tailMap(id, true).keySet()).orElseGet(sessions::keySet);
    }

    @Override
    protected Iterable<? extends T> entries(
        String sessionId, long minVersion, long maxVersion, Order order) {
      NavigableMap<Long, ? extends T> versions = sessions.get(sessionId);
      if (versions == null) {
        return Collections.emptyList();
      }
      NavigableMap<Long, ? extends T> range = versions.subMap(minVersion, true, maxVersion, true);
      return (order == Order.NEWEST_FIRST ? range.descendingMap() : range).values();
    }

    @Override
    protected CheckpointHeader header(T entry) {
      return header.apply(entry);
    }
  }
}
