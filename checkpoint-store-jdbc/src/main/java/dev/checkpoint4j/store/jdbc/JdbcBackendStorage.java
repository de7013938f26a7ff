package dev.checkpoint4j.store.jdbc;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.Page;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.annotation.CanIgnoreReturnValue;
import dev.checkpoint4j.error.ErrorContext;
import dev.checkpoint4j.error.StorageLimitExceededException;
import dev.checkpoint4j.spi.Arguments;
import dev.checkpoint4j.spi.BackendDescriptor;
import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.Capability;
import dev.checkpoint4j.spi.CheckpointCodec;
import dev.checkpoint4j.spi.CodecException;
import dev.checkpoint4j.spi.ListCursor;
import dev.checkpoint4j.store.jdbc.History.Part;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Function;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Keeps checkpoints in a relational database: H2, PostgreSQL, MariaDB, MySQL or SQLite. Any number
 * of threads and processes may use the same tables at once, as far as the database lets them in.
 *
 * <p><b>Transactions.</b> Each call uses transactions of its own, on connections that it takes and
 * gives back; it never joins one of the application. A put is one transaction of at most two
 * statements. What it promises holds at every isolation level from READ COMMITTED on. A transaction
 * that others were in the way of (a deadlock, a serialization failure, a lock) is repeated for up
 * to 20 s, with pauses of up to 250 ms, before a {@code StorageUnavailableException} is thrown.
 *
 * <p><b>Durability.</b> That of the database, by its settings when the store is opened: {@code
 * POWER_LOSS} where a commit is forced to the disk (PostgreSQL, MariaDB, MySQL and SQLite, unless
 * they are told not to), {@code PROCESS_CRASH} for H2 files, {@code VOLATILE} for H2 in memory.
 *
 * <p><b>Limits.</b> The largest document is 1 GiB less 1 MiB on PostgreSQL, 10<sup>9</sup> bytes on
 * H2, 10<sup>9</sup> bytes less 1 MiB on SQLite, and somewhat less than half of {@code
 * max_allowed_packet} on MariaDB and MySQL.
 *
 * <p><b>Attributes.</b> The database finds them by their hashes, in the order of the listing; a
 * query without a session looks at all rows of its namespace there, but reads only those that
 * match.
 *
 * <p><b>Interruption.</b> An interrupted thread is refused before anything is sent.
 */
public final class JdbcBackendStorage implements BackendStorage {

  static final String ID = "jdbc";

  private final BackendDescriptor descriptor;
  private final Database database;
  private final CheckpointCodec codec;
  private final History history;
  private final Writes writes;
  private final Runnable closer;

  /** Operations share it; closing waits for them. */
  private final ReadWriteLock closing = new ReentrantReadWriteLock();

  private boolean closed;

  JdbcBackendStorage(
      Database database,
      Dialect dialect,
      Dialect.Promises promises,
      Tables tables,
      CheckpointCodec codec,
      Runnable closer) {
    this.database = database;
    this.codec = codec;
    this.history = new History(dialect, tables, codec);
    this.writes = new Writes(dialect, tables, history, codec);
    this.closer = closer;
    this.descriptor =
        BackendDescriptor.builder(ID, promises.durability())
            .capabilities(EnumSet.of(Capability.ATTRIBUTE_QUERY))
            .maxDocumentBytes(promises.maxDocumentBytes())
            .build();
  }

  /** Starts a store on a {@link DataSource} or a URL. */
  public static JdbcBackendStorageBuilder builder() {
    return new JdbcBackendStorageBuilder();
  }

  @Override
  public BackendDescriptor descriptor() {
    return descriptor;
  }

  @Override
  public void put(Checkpoint checkpoint) {
    Objects.requireNonNull(checkpoint, "checkpoint");
    ErrorContext context = ErrorContext.of(ID, "put").checkpoint(checkpoint);
    open(
        () -> {
          NewRow row = encode(checkpoint, context);
          return database.write(
              context,
              connected -> {
                writes.put(connected, row, context);
                return row;
              });
        });
  }

  private NewRow encode(Checkpoint checkpoint, ErrorContext context) {
    NewRow row;
    try {
      row = NewRow.of(checkpoint, codec);
    } catch (CodecException e) {
      throw tooLarge("can be encoded", context, e);
    }
    if (row.document().length > descriptor.maxDocumentBytes()) {
      throw tooLarge(
          "the database takes: "
              + row.document().length
              + " bytes, of "
              + descriptor.maxDocumentBytes(),
          context,
          null);
    }
    return row;
  }

  private static StorageLimitExceededException tooLarge(
      String limit, ErrorContext context, @Nullable Throwable cause) {
    return new StorageLimitExceededException(
        "the checkpoint is larger than " + limit + "; nothing was changed. Store less",
        context,
        cause);
  }

  @Override
  public Optional<Checkpoint> get(String namespace, String id) {
    Arguments.checkNamespace(namespace);
    Arguments.checkId(id);
    ErrorContext context = ErrorContext.of(ID, "get").checkpoint(namespace, id);
    return open(
        () ->
            database
                .read(context, connected -> history.byId(connected, namespace, id))
                .map(row -> row.checkpoint(codec, context)));
  }

  @Override
  public Optional<Checkpoint> getBySession(SessionKey session) {
    Objects.requireNonNull(session, "session");
    ErrorContext context = ErrorContext.of(ID, "getBySession").session(session);
    return open(
        () ->
            database
                .read(context, connected -> history.latest(connected, session))
                .map(row -> row.checkpoint(codec, context)));
  }

  @Override
  public Page<Checkpoint> list(CheckpointQuery query) {
    ErrorContext context = contextOf("list", query);
    return list(query, Part.DOCUMENTS, row -> row.checkpoint(codec, context), context);
  }

  @Override
  public Page<CheckpointHeader> listHeaders(CheckpointQuery query) {
    ErrorContext context = contextOf("listHeaders", query);
    return list(query, Part.HEADERS, row -> row.header(codec, context), context);
  }

  private static ErrorContext contextOf(String operation, CheckpointQuery query) {
    ErrorContext context = ErrorContext.of(ID, operation);
    return Objects.requireNonNull(query, "query")
        .sessionId()
        .map(id -> context.session(new SessionKey(query.namespace(), id)))
        .orElse(context.namespace(query.namespace()));
  }

  private <T> Page<T> list(
      CheckpointQuery query, Part part, Function<Row, T> view, ErrorContext context) {
    Optional<ListCursor> start = query.cursor().map(ListCursor::decode);
    return open(
        () -> {
          List<Row> rows =
              database.read(
                  context,
                  connected ->
                      connected.reading(() -> page(connected, query, start, part, context)));
          List<Row> shown = rows.subList(0, Math.min(query.limit(), rows.size()));
          List<T> items = new ArrayList<>();
          shown.forEach(row -> items.add(view.apply(row)));
          return Page.of(
              items,
              rows.size() > query.limit()
                  ? History.position(shown.get(shown.size() - 1)).encode()
                  : null);
        });
  }

  /** The rows of a page and, if there are more, one of them, which has no document. */
  private List<Row> page(
      Connected connected,
      CheckpointQuery query,
      Optional<ListCursor> start,
      Part part,
      ErrorContext context)
      throws SQLException {
    if (part == Part.HEADERS) {
      return history.rows(connected, query, start, query.limit() + 1, part, context);
    }
    List<Row> rows =
        new ArrayList<>(history.rows(connected, query, start, query.limit(), part, context));
    if (rows.size() == query.limit()) {
      Optional<ListCursor> end = Optional.of(rows.get(rows.size() - 1)).map(History::position);
      rows.addAll(history.rows(connected, query, end, 1, Part.HEADERS, context));
    }
    return rows;
  }

  @Override
  public Page<SessionKey> listSessions(String namespace, int limit, Optional<String> cursor) {
    Arguments.checkNamespace(namespace);
    Arguments.checkLimit(limit);
    Optional<String> behind =
        Objects.requireNonNull(cursor, "cursor")
            .map(ListCursor::decodeSessions)
            .map(ListCursor::session);
    ErrorContext context = ErrorContext.of(ID, "listSessions").namespace(namespace);
    return open(
        () -> {
          List<String> found =
              database.read(
                  context, connected -> history.sessions(connected, namespace, behind, limit + 1));
          List<String> shown = found.subList(0, Math.min(limit, found.size()));
          return Page.of(
              shown.stream().map(id -> new SessionKey(namespace, id)).toList(),
              found.size() > limit ? new ListCursor(shown.get(limit - 1), 0).encode() : null);
        });
  }

  @Override
  @CanIgnoreReturnValue
  public long delete(String namespace, Collection<String> ids) {
    Arguments.checkNamespace(namespace);
    List<String> distinct = List.copyOf(Arguments.checkIds(ids));
    ErrorContext context = ErrorContext.of(ID, "delete").namespace(namespace);
    return open(
        () -> {
          long deleted = 0;
          for (int from = 0; from < distinct.size(); from += Writes.IDS_AT_ONCE) {
            List<String> some =
                distinct.subList(from, Math.min(distinct.size(), from + Writes.IDS_AT_ONCE));
            deleted +=
                database.write(context, connected -> writes.delete(connected, namespace, some));
          }
          return deleted;
        });
  }

  @Override
  @CanIgnoreReturnValue
  public long deleteBySession(SessionKey session) {
    Objects.requireNonNull(session, "session");
    ErrorContext context = ErrorContext.of(ID, "deleteBySession").session(session);
    return open(
        () -> {
          long deleted = 0;
          Writes.Deleted last;
          do {
            last = database.write(context, connected -> writes.deleteOldest(connected, session));
            deleted += last.count();
          } while (last.someAreLeft());
          return deleted;
        });
  }

  @Override
  public void close() {
    closing.writeLock().lock();
    try {
      if (!closed) {
        closed = true;
        closer.run();
      }
    } finally {
      closing.writeLock().unlock();
    }
  }

  private interface Action<R> {
    R run();
  }

  @CanIgnoreReturnValue
  private <R> R open(Action<R> action) {
    closing.readLock().lock();
    try {
      if (closed) {
        throw new IllegalStateException("this handle of the JDBC store is closed");
      }
      return action.run();
    } finally {
      closing.readLock().unlock();
    }
  }
}
