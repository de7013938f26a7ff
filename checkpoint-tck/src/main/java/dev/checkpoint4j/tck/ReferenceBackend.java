package dev.checkpoint4j.tck;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.Page;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.error.DuplicateCheckpointException;
import dev.checkpoint4j.error.VersionConflictException;
import dev.checkpoint4j.spi.AbstractBackendStorage;
import dev.checkpoint4j.spi.BackendDescriptor;
import dev.checkpoint4j.spi.Capability;
import dev.checkpoint4j.spi.Durability;
import dev.checkpoint4j.spi.ListCursor;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The contract in its plainest form: one lock, two maps, no medium. The model that tests compare
 * other backends with; not for use by applications. Handles created with {@link #handle()} share
 * what is stored.
 */
public final class ReferenceBackend extends AbstractBackendStorage {

  private static final Comparator<SessionKey> BY_SESSION =
      Comparator.comparing(SessionKey::namespace).thenComparing(SessionKey::sessionId);

  /** Names a checkpoint: ids are unique in a namespace. */
  private record Name(String namespace, String id) {}

  private final TreeMap<SessionKey, TreeMap<Long, Checkpoint>> sessions;
  private final Map<Name, Checkpoint> ids;

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
    super(descriptor);
    this.sessions = sessions;
    this.ids = ids;
  }

  /** Another handle on the same store. */
  public ReferenceBackend handle() {
    return new ReferenceBackend(sessions, ids, descriptor());
  }

  @Override
  protected void doPut(Checkpoint checkpoint, Expectation expectation) {
    synchronized (sessions) {
      Optional<Checkpoint> stored = find(checkpoint.namespace(), checkpoint.id());
      if (stored.isPresent()) {
        if (stored.get().equals(checkpoint)) {
          return;
        }
        throw new DuplicateCheckpointException(descriptor().id(), checkpoint);
      }
      Optional<Checkpoint> latest = latest(checkpoint.sessionKey());
      long latestVersion = latest.map(Checkpoint::version).orElse(0L);
      if (!expectation.isMetBy(latest.map(Checkpoint::id))
          || latestVersion >= checkpoint.version()) {
        throw new VersionConflictException(
            descriptor().id(), checkpoint, expectation, latestVersion);
      }
      sessions
          .computeIfAbsent(checkpoint.sessionKey(), key -> new TreeMap<>())
          .put(checkpoint.version(), checkpoint);
      ids.put(new Name(checkpoint.namespace(), checkpoint.id()), checkpoint);
    }
  }

  @Override
  protected Optional<Checkpoint> doGet(String namespace, String id) {
    synchronized (sessions) {
      return find(namespace, id);
    }
  }

  @Override
  protected Optional<Checkpoint> doGetBySession(SessionKey session) {
    synchronized (sessions) {
      return latest(session);
    }
  }

  private Optional<Checkpoint> latest(SessionKey session) {
    return Optional.ofNullable(sessions.get(session)).map(all -> all.lastEntry().getValue());
  }

  @Override
  protected Page<Checkpoint> doList(CheckpointQuery query, Optional<ListCursor> start) {
    Comparator<ListCursor> byVersion = Comparator.comparingLong(ListCursor::position);
    Comparator<ListCursor> order =
        Comparator.comparing(ListCursor::key)
            .thenComparing(
                query.order() == CheckpointQuery.Order.OLDEST_FIRST
                    ? byVersion
                    : byVersion.reversed());
    synchronized (sessions) {
      List<Checkpoint> found =
          sessions.values().stream()
              .flatMap(versions -> versions.values().stream())
              .filter(checkpoint -> query.matches(checkpoint.header()))
              .sorted(Comparator.comparing(each -> ListCursor.ofCheckpoint(each.header()), order))
              .filter(
                  checkpoint ->
                      start.isEmpty()
                          || order.compare(
                                  ListCursor.ofCheckpoint(checkpoint.header()), start.get())
                              > 0)
              .toList();
      return page(found, query.limit(), last -> ListCursor.ofCheckpoint(last.header()));
    }
  }

  @Override
  protected Page<SessionKey> doListSessions(
      String namespace, int limit, Optional<ListCursor> start) {
    synchronized (sessions) {
      List<SessionKey> found =
          sessions.keySet().stream()
              .filter(key -> key.namespace().equals(namespace))
              .filter(key -> start.isEmpty() || key.sessionId().compareTo(start.get().key()) > 0)
              .toList();
      return page(found, limit, last -> ListCursor.ofSession(last.sessionId()));
    }
  }

  @Override
  protected Page<String> doListNamespaces(int limit, Optional<ListCursor> start) {
    synchronized (sessions) {
      List<String> found =
          sessions.keySet().stream()
              .map(SessionKey::namespace)
              .distinct()
              .filter(name -> start.isEmpty() || name.compareTo(start.get().key()) > 0)
              .toList();
      return page(found, limit, ListCursor::ofNamespace);
    }
  }

  @Override
  protected long doDelete(String namespace, Set<String> ids) {
    synchronized (sessions) {
      return ids.stream().filter(id -> remove(namespace, id)).count();
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
  protected long doDeleteBySession(SessionKey session) {
    synchronized (sessions) {
      TreeMap<Long, Checkpoint> gone =
          Objects.requireNonNullElseGet(sessions.remove(session), TreeMap::new);
      gone.values().forEach(each -> ids.remove(new Name(each.namespace(), each.id())));
      return gone.size();
    }
  }

  private Optional<Checkpoint> find(String namespace, String id) {
    return Optional.ofNullable(ids.get(new Name(namespace, id)));
  }
}
