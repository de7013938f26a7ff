package dev.checkpoint4j.tck.example;

import dev.checkpoint4j.Binary;
import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.CheckpointQuery.Order;
import dev.checkpoint4j.Page;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.error.CorruptCheckpointException;
import dev.checkpoint4j.error.DuplicateCheckpointException;
import dev.checkpoint4j.error.ErrorContext;
import dev.checkpoint4j.error.VersionConflictException;
import dev.checkpoint4j.spi.Arguments;
import dev.checkpoint4j.spi.BackendDescriptor;
import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.Capability;
import dev.checkpoint4j.spi.CheckpointCodec;
import dev.checkpoint4j.spi.CodecException;
import dev.checkpoint4j.spi.Durability;
import dev.checkpoint4j.spi.ListCursor;
import dev.checkpoint4j.tck.example.ExampleMedium.Stored;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** A backend in its simplest form: encoded documents in sorted maps, one lock. */
final class ExampleBackend implements BackendStorage {

  static final String ID = "example";

  private static final BackendDescriptor DESCRIPTOR =
      BackendDescriptor.builder(ID, Durability.VOLATILE)
          .capabilities(Set.of(Capability.ATTRIBUTE_QUERY))
          .build();

  private final ExampleMedium medium;
  private final CheckpointCodec codec;
  private volatile boolean closed;

  ExampleBackend(ExampleMedium medium, CheckpointCodec codec) {
    this.medium = medium;
    this.codec = codec;
  }

  @Override
  public BackendDescriptor descriptor() {
    return DESCRIPTOR;
  }

  @Override
  public void put(Checkpoint checkpoint) {
    Objects.requireNonNull(checkpoint, "checkpoint");
    checkOpen();
    Binary document = Binary.copyOf(codec.encode(checkpoint));
    synchronized (medium) {
      Stored sameId = medium.byId(checkpoint.namespace(), checkpoint.id());
      if (sameId != null) {
        if (decode("put", sameId).equals(checkpoint)) {
          return;
        }
        throw new DuplicateCheckpointException(ID, checkpoint);
      }
      Stored latest = medium.latest(checkpoint.sessionKey());
      if (latest != null && checkpoint.version() <= latest.header().version()) {
        throw new VersionConflictException(ID, checkpoint, latest.header().version());
      }
      medium.add(new Stored(checkpoint.header(), document));
    }
  }

  @Override
  public Optional<Checkpoint> get(String namespace, String id) {
    Arguments.checkNamespace(namespace);
    Arguments.checkId(id);
    checkOpen();
    synchronized (medium) {
      return Optional.ofNullable(medium.byId(namespace, id)).map(stored -> decode("get", stored));
    }
  }

  @Override
  public Optional<Checkpoint> getBySession(SessionKey session) {
    Objects.requireNonNull(session, "session");
    checkOpen();
    synchronized (medium) {
      return Optional.ofNullable(medium.latest(session))
          .map(stored -> decode("getBySession", stored));
    }
  }

  private Checkpoint decode(String operation, Stored stored) {
    try {
      return codec.decode(stored.document().toByteArray());
    } catch (CodecException e) {
      CheckpointHeader header = stored.header();
      throw new CorruptCheckpointException(
          "the document cannot be decoded; restore it from a backup, or delete it",
          ErrorContext.of(ID, operation)
              .session(header.sessionKey())
              .checkpoint(header.namespace(), header.id()),
          e);
    }
  }

  @Override
  public Page<Checkpoint> list(CheckpointQuery query) {
    return find(query).map(stored -> decode("list", stored));
  }

  @Override
  public Page<CheckpointHeader> listHeaders(CheckpointQuery query) {
    return find(query).map(Stored::header);
  }

  private Page<Stored> find(CheckpointQuery query) {
    Objects.requireNonNull(query, "query");
    checkOpen();
    Optional<ListCursor> start = query.cursor().map(ListCursor::decode);
    synchronized (medium) {
      List<Stored> found = new ArrayList<>();
      for (TreeMap<Long, Stored> versions : medium.sessions.values()) {
        boolean newestFirst = query.order() == Order.NEWEST_FIRST;
        for (Stored stored : (newestFirst ? versions.descendingMap() : versions).values()) {
          CheckpointHeader header = stored.header();
          if (query.matches(header)
              && (start.isEmpty() || isBefore(start.get(), header, query.order()))) {
            if (found.size() == query.limit()) {
              CheckpointHeader last = found.get(found.size() - 1).header();
              String session = last.metadata().sessionId();
              return Page.of(found, new ListCursor(session, last.version()).encode());
            }
            found.add(stored);
          }
        }
      }
      return Page.of(found, null);
    }
  }

  private static boolean isBefore(ListCursor position, CheckpointHeader header, Order order) {
    int bySession = position.session().compareTo(header.metadata().sessionId());
    if (bySession != 0) {
      return bySession < 0;
    }
    return order == Order.NEWEST_FIRST
        ? header.version() < position.version()
        : header.version() > position.version();
  }

  @Override
  public Page<SessionKey> listSessions(String namespace, int limit, Optional<String> cursor) {
    Arguments.checkNamespace(namespace);
    Arguments.checkLimit(limit);
    Objects.requireNonNull(cursor, "cursor");
    checkOpen();
    Optional<ListCursor> start = cursor.map(ListCursor::decodeSessions);
    synchronized (medium) {
      List<SessionKey> found = new ArrayList<>();
      for (SessionKey session : medium.sessions.keySet()) {
        String sessionId = session.sessionId();
        if (session.namespace().equals(namespace)
            && (start.isEmpty() || start.get().session().compareTo(sessionId) < 0)) {
          if (found.size() == limit) {
            String last = found.get(limit - 1).sessionId();
            return Page.of(found, new ListCursor(last, 0).encode());
          }
          found.add(session);
        }
      }
      return Page.of(found, null);
    }
  }

  @Override
  public long delete(String namespace, Collection<String> ids) {
    Arguments.checkNamespace(namespace);
    Set<String> distinct = Arguments.checkIds(ids);
    checkOpen();
    synchronized (medium) {
      long deleted = 0;
      for (String id : distinct) {
        Stored stored = medium.byId(namespace, id);
        if (stored != null) {
          medium.remove(stored.header());
          deleted++;
        }
      }
      return deleted;
    }
  }

  @Override
  public long deleteBySession(SessionKey session) {
    Objects.requireNonNull(session, "session");
    checkOpen();
    synchronized (medium) {
      TreeMap<Long, Stored> versions = medium.sessions.getOrDefault(session, new TreeMap<>());
      List<Stored> doomed = List.copyOf(versions.values());
      doomed.forEach(stored -> medium.remove(stored.header()));
      return doomed.size();
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
}
