package com.example.minimal;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.Page;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.spi.AbstractBackendStorage;
import dev.checkpoint4j.spi.BackendDescriptor;
import dev.checkpoint4j.spi.Durability;
import dev.checkpoint4j.spi.ListCursor;
import dev.checkpoint4j.spi.SessionListing;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Keeps checkpoints in maps, under one lock: the least that conforms. */
final class MapBackend extends AbstractBackendStorage {

  /** The checkpoints of a namespace: versions by session, and all by id. */
  static final class Namespace {
    final NavigableMap<String, NavigableMap<Long, Checkpoint>> sessions = new TreeMap<>();
    final Map<String, Checkpoint> ids = new HashMap<>();
  }

  /** What the handles of a store share. Guarded by itself. */
  private final NavigableMap<String, Namespace> store;

  MapBackend(NavigableMap<String, Namespace> store) {
    super(BackendDescriptor.builder("map", Durability.VOLATILE).build());
    this.store = store;
  }

  private Namespace namespace(String name) {
    return store.getOrDefault(name, new Namespace());
  }

  @Override
  protected void doPut(Checkpoint checkpoint, Expectation expectation) {
    synchronized (store) {
      Optional<Checkpoint> sameId = doGet(checkpoint.namespace(), checkpoint.id());
      Optional<Checkpoint> latest = doGetBySession(checkpoint.sessionKey());
      if (!isToBeStored(checkpoint, expectation, sameId, latest.map(Checkpoint::header))) {
        return;
      }
      Namespace namespace = store.computeIfAbsent(checkpoint.namespace(), name -> new Namespace());
      namespace
          .sessions
          .computeIfAbsent(checkpoint.metadata().sessionId(), session -> new TreeMap<>())
          .put(checkpoint.version(), checkpoint);
      namespace.ids.put(checkpoint.id(), checkpoint);
    }
  }

  @Override
  protected Optional<Checkpoint> doGet(String namespace, String id) {
    synchronized (store) {
      return Optional.ofNullable(namespace(namespace).ids.get(id));
    }
  }

  @Override
  protected Optional<Checkpoint> doGetBySession(SessionKey session) {
    synchronized (store) {
      return Optional.ofNullable(namespace(session.namespace()).sessions.get(session.sessionId()))
          .map(versions -> versions.lastEntry().getValue());
    }
  }

  @Override
  protected Page<Checkpoint> doList(CheckpointQuery query, Optional<ListCursor> start) {
    synchronized (store) {
      return listing(query.namespace()).list(query, start);
    }
  }

  @Override
  protected Page<SessionKey> doListSessions(
      String namespace, int limit, Optional<ListCursor> start) {
    synchronized (store) {
      return listing(namespace).listSessions(namespace, limit, start);
    }
  }

  private SessionListing<Checkpoint> listing(String namespace) {
    return SessionListing.of(namespace(namespace).sessions, Checkpoint::header);
  }

  @Override
  protected Page<String> doListNamespaces(int limit, Optional<ListCursor> start) {
    synchronized (store) {
      return page(store.navigableKeySet(), limit, start, ListCursor::ofNamespace);
    }
  }

  @Override
  protected long doDelete(String namespace, Set<String> ids) {
    synchronized (store) {
      return ids.stream().filter(id -> remove(namespace, id)).count();
    }
  }

  private boolean remove(String name, String id) {
    Namespace namespace = namespace(name);
    Checkpoint removed = namespace.ids.remove(id);
    if (removed == null) {
      return false;
    }
    namespace.sessions.computeIfPresent(
        removed.metadata().sessionId(),
        (session, versions) -> {
          versions.remove(removed.version());
          return versions.isEmpty() ? null : versions;
        });
    if (namespace.ids.isEmpty()) {
      store.remove(name);
    }
    return true;
  }

  @Override
  protected long doDeleteBySession(SessionKey session) {
    synchronized (store) {
      var versions = namespace(session.namespace()).sessions.get(session.sessionId());
      List<Checkpoint> all = versions == null ? List.of() : List.copyOf(versions.values());
      return all.stream().filter(each -> remove(session.namespace(), each.id())).count();
    }
  }
}
