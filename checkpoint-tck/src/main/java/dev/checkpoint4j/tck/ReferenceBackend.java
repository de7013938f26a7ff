package dev.checkpoint4j.tck;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.Page;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.error.DuplicateCheckpointException;
import dev.checkpoint4j.error.VersionConflictException;
import dev.checkpoint4j.spi.Arguments;
import dev.checkpoint4j.spi.BackendDescriptor;
import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.Capability;
import dev.checkpoint4j.spi.Durability;
import dev.checkpoint4j.spi.ListCursor;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * The contract in its plainest form: one lock, two maps, no medium. The model that tests compare
 * other backends with; not for use by applications. Handles made with {@link #handle()} share what
 * is stored.
 */
public final class ReferenceBackend implements BackendStorage {

  private static final Comparator<SessionKey> BY_SESSION =
      Comparator.comparing(SessionKey::namespace).thenComparing(SessionKey::sessionId);

  /** Names a checkpoint: ids are unique in a namespace. */
  private record Name(String namespace, String id) {}

  private final TreeMap<SessionKey, TreeMap<Long, Checkpoint>> sessions;
  private final Map<Name, Checkpoint> ids;
  private final BackendDescriptor descriptor;
  private volatile boolean closed;

  /** A new, empty store with every capability. */
  public ReferenceBackend() {
    this(EnumSet.allOf(Capability.class));
  }

  /** A new, empty store with the given capabilities. */
  public ReferenceBackend(Set<Capability> capabilities) {
    this(
        new TreeMap<>(BY_SESSION),
        new HashMap<>(),
        BackendDescriptor.builder("reference", Durability.VOLATILE)
            .capabilities(capabilities)
            .build());
  }

  private ReferenceBackend(
      TreeMap<SessionKey, TreeMap<Long, Checkpoint>> sessions,
      Map<Name, Checkpoint> ids,
      BackendDescriptor descriptor) {
    this.sessions = sessions;
    this.ids = ids;
    this.descriptor = descriptor;
  }

  /** Another handle on the same store. */
  public ReferenceBackend handle() {
    return new ReferenceBackend(sessions, ids, descriptor);
  }

  @Override
  public BackendDescriptor descriptor() {
    return descriptor;
  }

  @Override
  public void put(Checkpoint checkpoint) {
    Objects.requireNonNull(checkpoint, "checkpoint");
    checkOpen();
    synchronized (sessions) {
      Optional<Checkpoint> stored = find(checkpoint.namespace(), checkpoint.id());
      if (stored.isPresent()) {
        if (stored.get().equals(checkpoint)) {
          return;
        }
        throw new DuplicateCheckpointException(descriptor.id(), checkpoint);
      }
      TreeMap<Long, Checkpoint> versions = sessions.get(checkpoint.sessionKey());
      if (versions != null && versions.lastKey() >= checkpoint.version()) {
        throw new VersionConflictException(descriptor.id(), checkpoint, versions.lastKey());
      }
      sessions
          .computeIfAbsent(checkpoint.sessionKey(), key -> new TreeMap<>())
          .put(checkpoint.version(), checkpoint);
      ids.put(new Name(checkpoint.namespace(), checkpoint.id()), checkpoint);
    }
  }

  @Override
  public Optional<Checkpoint> get(String namespace, String id) {
    Arguments.checkNamespace(namespace);
    Arguments.checkId(id);
    checkOpen();
    synchronized (sessions) {
      return find(namespace, id);
    }
  }

  @Override
  public Optional<Checkpoint> getBySession(SessionKey session) {
    Objects.requireNonNull(session, "session");
    checkOpen();
    synchronized (sessions) {
      return Optional.ofNullable(sessions.get(session)).map(all -> all.lastEntry().getValue());
    }
  }

  @Override
  public Page<Checkpoint> list(CheckpointQuery query) {
    return list(query, Function.identity());
  }

  @Override
  public Page<CheckpointHeader> listHeaders(CheckpointQuery query) {
    return list(query, Checkpoint::header);
  }

  private <T> Page<T> list(CheckpointQuery query, Function<Checkpoint, T> view) {
    Objects.requireNonNull(query, "query");
    checkOpen();
    if (!query.attributes().isEmpty()
        && !descriptor.capabilities().contains(Capability.ATTRIBUTE_QUERY)) {
      throw new UnsupportedOperationException("conditions on attributes are not supported");
    }
    Comparator<ListCursor> byVersion = Comparator.comparingLong(ListCursor::version);
    Comparator<ListCursor> order =
        Comparator.comparing(ListCursor::session)
            .thenComparing(
                query.order() == CheckpointQuery.Order.OLDEST_FIRST
                    ? byVersion
                    : byVersion.reversed());
    Optional<ListCursor> start = query.cursor().map(ListCursor::decode);
    synchronized (sessions) {
      List<Checkpoint> found =
          sessions.values().stream()
              .flatMap(versions -> versions.values().stream())
              .filter(checkpoint -> query.matches(checkpoint.header()))
              .sorted(Comparator.comparing(ReferenceBackend::position, order))
              .filter(
                  checkpoint ->
                      start.isEmpty() || order.compare(position(checkpoint), start.get()) > 0)
              .toList();
      return page(found, query.limit(), ReferenceBackend::position).map(view);
    }
  }

  private static ListCursor position(Checkpoint checkpoint) {
    return new ListCursor(checkpoint.metadata().sessionId(), checkpoint.version());
  }

  @Override
  public Page<SessionKey> listSessions(String namespace, int limit, Optional<String> cursor) {
    Arguments.checkNamespace(namespace);
    Arguments.checkLimit(limit);
    Objects.requireNonNull(cursor, "cursor");
    checkOpen();
    Optional<ListCursor> start = cursor.map(ListCursor::decodeSessions);
    synchronized (sessions) {
      List<SessionKey> found =
          sessions.keySet().stream()
              .filter(key -> key.namespace().equals(namespace))
              .filter(
                  key -> start.isEmpty() || key.sessionId().compareTo(start.get().session()) > 0)
              .toList();
      return page(found, limit, last -> new ListCursor(last.sessionId(), 0));
    }
  }

  private static <T> Page<T> page(List<T> found, int limit, Function<T, ListCursor> position) {
    return found.size() <= limit
        ? Page.of(found, null)
        : Page.of(found.subList(0, limit), position.apply(found.get(limit - 1)).encode());
  }

  @Override
  public long delete(String namespace, Collection<String> ids) {
    Arguments.checkNamespace(namespace);
    Set<String> distinct = Arguments.checkIds(ids);
    checkOpen();
    synchronized (sessions) {
      return distinct.stream().filter(id -> remove(namespace, id)).count();
    }
  }

  private boolean remove(String namespace, String id) {
    Checkpoint stored = ids.remove(new Name(namespace, id));
    if (stored == null) {
      return false;
    }
    sessions.computeIfPresent(
        stored.sessionKey(),
        (key, versions) -> {
          versions.remove(stored.version());
          return versions.isEmpty() ? null : versions;
        });
    return true;
  }

  @Override
  public long deleteBySession(SessionKey session) {
    Objects.requireNonNull(session, "session");
    checkOpen();
    synchronized (sessions) {
      TreeMap<Long, Checkpoint> gone =
          Objects.requireNonNullElseGet(sessions.remove(session), TreeMap::new);
      gone.values().forEach(each -> ids.remove(new Name(each.namespace(), each.id())));
      return gone.size();
    }
  }

  @Override
  public void close() {
    closed = true;
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("this handle is closed");
    }
  }

  private Optional<Checkpoint> find(String namespace, String id) {
    return Optional.ofNullable(ids.get(new Name(namespace, id)));
  }
}
