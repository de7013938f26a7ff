package com.example.journal;

import com.example.journal.JournalStore.Stored;
import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.CheckpointQuery.Order;
import dev.checkpoint4j.Page;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.error.CorruptCheckpointException;
import dev.checkpoint4j.error.DuplicateCheckpointException;
import dev.checkpoint4j.error.ErrorContext;
import dev.checkpoint4j.error.StorageLimitExceededException;
import dev.checkpoint4j.error.VersionConflictException;
import dev.checkpoint4j.spi.Arguments;
import dev.checkpoint4j.spi.BackendDescriptor;
import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.Capability;
import dev.checkpoint4j.spi.CheckpointCodec;
import dev.checkpoint4j.spi.CodecException;
import dev.checkpoint4j.spi.Durability;
import dev.checkpoint4j.spi.ListCursor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** A handle on a store that is one journal file and maps in memory, under one lock. */
final class JournalBackend implements BackendStorage {

  static final String ID = "journal";
  static final int MAX_DOCUMENT_BYTES = 64 << 20;

  private static final BackendDescriptor DESCRIPTOR =
      BackendDescriptor.builder(ID, Durability.PROCESS_CRASH)
          .capabilities(Set.of(Capability.ATTRIBUTE_QUERY))
          .maxDocumentBytes(MAX_DOCUMENT_BYTES)
          .build();

  private final JournalStore store;
  private final CheckpointCodec codec;

  /** Guarded by the lock of the store. */
  private boolean closed;

  private JournalBackend(JournalStore store, CheckpointCodec codec) {
    this.store = store;
    this.codec = codec;
  }

  static JournalBackend open(Path directory, CheckpointCodec codec, JournalStore.Opener opener) {
    return new JournalBackend(JournalStore.open(directory, codec, opener), codec);
  }

  @Override
  public BackendDescriptor descriptor() {
    return DESCRIPTOR;
  }

  @Override
  public void put(Checkpoint checkpoint) {
    Objects.requireNonNull(checkpoint, "checkpoint");
    byte[] document = encode(checkpoint);
    synchronized (store) {
      enter("put");
      Optional<Stored> sameId = store.byId(checkpoint.namespace(), checkpoint.id());
      if (sameId.isPresent()) {
        if (decode("put", sameId.get()).equals(checkpoint)) {
          return;
        }
        throw new DuplicateCheckpointException(ID, checkpoint);
      }
      Map.Entry<Long, Stored> latest = store.versions(checkpoint.sessionKey()).lastEntry();
      if (latest != null && checkpoint.version() <= latest.getKey()) {
        throw new VersionConflictException(ID, checkpoint, latest.getKey());
      }
      store.add(checkpoint.header(), document, ErrorContext.of(ID, "put").checkpoint(checkpoint));
    }
  }

  private byte[] encode(Checkpoint checkpoint) {
    Throwable cause = null;
    try {
      byte[] document = codec.encode(checkpoint);
      if (document.length <= MAX_DOCUMENT_BYTES) {
        return document;
      }
    } catch (CodecException e) {
      cause = e;
    }
    throw new StorageLimitExceededException(
        "the document would be larger than " + MAX_DOCUMENT_BYTES + " bytes; store less",
        ErrorContext.of(ID, "put").checkpoint(checkpoint),
        cause);
  }

  @Override
  public Optional<Checkpoint> get(String namespace, String id) {
    Arguments.checkNamespace(namespace);
    Arguments.checkId(id);
    synchronized (store) {
      enter("get");
      return store.byId(namespace, id).map(stored -> decode("get", stored));
    }
  }

  @Override
  public Optional<Checkpoint> getBySession(SessionKey session) {
    Objects.requireNonNull(session, "session");
    synchronized (store) {
      enter("getBySession");
      return Optional.ofNullable(store.versions(session).lastEntry())
          .map(latest -> decode("getBySession", latest.getValue()));
    }
  }

  private Checkpoint decode(String operation, Stored stored) {
    CheckpointHeader header = stored.header();
    ErrorContext context =
        ErrorContext.of(ID, operation)
            .session(header.sessionKey())
            .checkpoint(header.namespace(), header.id());
    try {
      return codec.decode(store.document(stored, context));
    } catch (CodecException e) {
      throw new CorruptCheckpointException(
          "the document cannot be decoded; restore it from a backup, or delete it", context, e);
    }
  }

  @Override
  public Page<Checkpoint> list(CheckpointQuery query) {
    synchronized (store) {
      return find("list", query).map(stored -> decode("list", stored));
    }
  }

  @Override
  public Page<CheckpointHeader> listHeaders(CheckpointQuery query) {
    return find("listHeaders", query).map(Stored::header);
  }

  private Page<Stored> find(String operation, CheckpointQuery query) {
    Objects.requireNonNull(query, "query");
    synchronized (store) {
      enter(operation);
      Optional<ListCursor> start = query.cursor().map(ListCursor::decode);
      List<Stored> found = new ArrayList<>();
      for (Map.Entry<String, NavigableMap<Long, Stored>> session : sessions(query, start)) {
        NavigableMap<Long, Stored> versions = session.getValue();
        if (query.order() == Order.NEWEST_FIRST) {
          versions = versions.descendingMap();
        }
        if (start.isPresent() && start.get().session().equals(session.getKey())) {
          versions = versions.tailMap(start.get().version(), false);
        }
        for (Stored stored : versions.values()) {
          if (query.matches(stored.header())) {
            if (found.size() == query.limit()) {
              CheckpointHeader last = found.get(found.size() - 1).header();
              ListCursor next = new ListCursor(last.metadata().sessionId(), last.version());
              return Page.of(found, next.encode());
            }
            found.add(stored);
          }
        }
      }
      return Page.of(found, null);
    }
  }

  /** Where to look: the session asked for, or all of the namespace, from the cursor on. */
  private Collection<Map.Entry<String, NavigableMap<Long, Stored>>> sessions(
      CheckpointQuery query, Optional<ListCursor> start) {
    NavigableMap<String, NavigableMap<Long, Stored>> sessions = store.sessions(query.namespace());
    if (start.isPresent()) {
      sessions = sessions.tailMap(start.get().session(), true);
    }
    if (query.sessionId().isPresent()) {
      String only = query.sessionId().get();
      return sessions.containsKey(only) ? List.of(Map.entry(only, sessions.get(only))) : List.of();
    }
    return sessions.entrySet();
  }

  @Override
  public Page<SessionKey> listSessions(String namespace, int limit, Optional<String> cursor) {
    Arguments.checkNamespace(namespace);
    Arguments.checkLimit(limit);
    Objects.requireNonNull(cursor, "cursor");
    synchronized (store) {
      enter("listSessions");
      NavigableMap<String, ?> sessions = store.sessions(namespace);
      Optional<ListCursor> start = cursor.map(ListCursor::decodeSessions);
      if (start.isPresent()) {
        sessions = sessions.tailMap(start.get().session(), false);
      }
      List<SessionKey> found =
          sessions.keySet().stream()
              .limit(limit)
              .map(sessionId -> new SessionKey(namespace, sessionId))
              .toList();
      return Page.of(
          found,
          found.size() == sessions.size()
              ? null
              : new ListCursor(found.get(limit - 1).sessionId(), 0).encode());
    }
  }

  @Override
  public long delete(String namespace, Collection<String> ids) {
    Arguments.checkNamespace(namespace);
    Set<String> distinct = Arguments.checkIds(ids);
    synchronized (store) {
      enter("delete");
      return store.remove(namespace, distinct, ErrorContext.of(ID, "delete").namespace(namespace));
    }
  }

  @Override
  public long deleteBySession(SessionKey session) {
    Objects.requireNonNull(session, "session");
    synchronized (store) {
      enter("deleteBySession");
      List<String> ids =
          store.versions(session).values().stream().map(stored -> stored.header().id()).toList();
      ErrorContext context = ErrorContext.of(ID, "deleteBySession").session(session);
      return store.remove(session.namespace(), ids, context);
    }
  }

  @Override
  public void close() {
    synchronized (store) {
      if (closed) {
        return;
      }
      closed = true;
    }
    store.release();
  }

  /** What every call does first, under the lock. */
  private void enter(String operation) {
    if (closed) {
      throw new IllegalStateException("this handle is closed");
    }
    store.settle(ErrorContext.of(ID, operation));
  }
}
