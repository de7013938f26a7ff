package dev.checkpoint4j.store.jdbc;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.Page;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.annotation.CanIgnoreReturnValue;
import dev.checkpoint4j.error.CheckpointException;
import dev.checkpoint4j.error.ErrorContext;
import dev.checkpoint4j.error.OutcomeUnknownException;
import dev.checkpoint4j.spi.AbstractBackendStorage;
import dev.checkpoint4j.spi.BackendDescriptor;
import dev.checkpoint4j.spi.CallDeadline;
import dev.checkpoint4j.spi.CallGuard;
import dev.checkpoint4j.spi.Capability;
import dev.checkpoint4j.spi.CheckpointCodec;
import dev.checkpoint4j.spi.DocumentCodec;
import dev.checkpoint4j.spi.ListCursor;
import dev.checkpoint4j.spi.VerificationOptions;
import dev.checkpoint4j.spi.VerificationReport;
import dev.checkpoint4j.store.jdbc.CheckpointReader.Part;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import javax.sql.DataSource;

/**
 * Keeps checkpoints in a relational database: H2, PostgreSQL, MariaDB, MySQL or SQLite. Any number
 * of threads and processes may use the same tables at once, as far as the database lets them in.
 *
 * <p><b>Transactions.</b> Each call uses transactions of its own, on connections that it takes and
 * gives back; it never joins one of the application. A put is one transaction of at most two
 * statements. What it promises holds at every isolation level from READ COMMITTED on. A transaction
 * that failed because of others (a deadlock, a serialization failure, a lock) is repeated until the
 * time-out of the call, with pauses of up to 250 ms; then a {@code StorageUnavailableException} is
 * thrown.
 *
 * <p><b>Time.</b> A call ends by {@link CallDeadline#current()} and by the {@linkplain
 * JdbcBackendStorageBuilder#callTimeout time-out} of the store, 30 s by default: it covers the wait
 * for a connection, for locks, for the network and all repetitions. {@link #close} waits for the
 * calls in flight, at most as long as a call may take.
 *
 * <p><b>Durability.</b> That of the database, by its settings when the store is opened: {@code
 * POWER_LOSS} where a commit is forced to the disk (PostgreSQL, MariaDB, MySQL and SQLite, unless
 * they are configured not to), {@code PROCESS_CRASH} for H2 files, {@code VOLATILE} for H2 in
 * memory.
 *
 * <p><b>Limits.</b> The largest document is 1 GiB less 1 MiB on PostgreSQL, 10<sup>9</sup> bytes on
 * H2, 10<sup>9</sup> bytes less 1 MiB on SQLite, and somewhat less than half of {@code
 * max_allowed_packet} on MariaDB and MySQL.
 *
 * <p><b>Attributes.</b> The database finds them by their hashes, in the order of the listing; a
 * query without a session scans the hashes of all rows of its namespace, but reads only rows that
 * match.
 *
 * <p><b>Interruption.</b> An interrupted thread is refused before anything is sent.
 */
public final class JdbcBackendStorage extends AbstractBackendStorage {

  static final String ID = "jdbc";

  private final Database database;
  private final CheckpointCodec codec;
  private final DocumentCodec documents;
  private final CheckpointReader reader;
  private final CheckpointWriter writer;
  private final Dialect dialect;
  private final Tables tables;
  private final Duration callTimeout;
  private final Runnable closer;

  private final CallGuard guard = new CallGuard("JDBC store");

  JdbcBackendStorage(
      Database database,
      Dialect dialect,
      DatabaseGuarantees guarantees,
      Tables tables,
      CheckpointCodec codec,
      Duration callTimeout,
      Runnable closer) {
    super(
        BackendDescriptor.builder(ID, guarantees.durability())
            .capabilities(EnumSet.of(Capability.ATTRIBUTE_QUERY))
            .maxDocumentBytes(guarantees.maxDocumentBytes())
            .build());
    this.database = database;
    this.dialect = dialect;
    this.tables = tables;
    this.callTimeout = callTimeout;
    this.codec = codec;
    this.documents = new DocumentCodec(codec, guarantees.maxDocumentBytes());
    this.reader = new CheckpointReader(dialect, tables, documents);
    this.writer = new CheckpointWriter(dialect, tables, reader, documents);
    this.closer = closer;
  }

  /** Starts a store on a {@link DataSource} or a URL. */
  public static JdbcBackendStorageBuilder builder() {
    return new JdbcBackendStorageBuilder();
  }

  @Override
  protected void doPut(Checkpoint checkpoint, Expectation expectation) {
    ErrorContext context = context("put").checkpoint(checkpoint);
    call(
        () -> {
          NewRow row = NewRow.of(checkpoint, documents, context);
          return database.write(
              context,
              db -> {
                writer.put(db, row, expectation, context);
                return row;
              });
        });
  }

  @Override
  protected Optional<Checkpoint> doGet(String namespace, String id) {
    ErrorContext context = context("get").checkpoint(namespace, id);
    return call(
        () ->
            database
                .read(context, db -> reader.byId(db, namespace, id))
                .map(row -> row.checkpoint(documents, context)));
  }

  @Override
  protected Optional<Checkpoint> doGetBySession(SessionKey session) {
    ErrorContext context = context("getBySession").session(session);
    return call(
        () ->
            database
                .read(context, db -> reader.latest(db, session))
                .map(row -> row.checkpoint(documents, context)));
  }

  @Override
  protected Page<Checkpoint> doList(CheckpointQuery query, Optional<ListCursor> start) {
    ErrorContext context = context("list").query(query);
    return list(query, start, Part.DOCUMENTS, row -> row.checkpoint(documents, context), context);
  }

  @Override
  protected Page<CheckpointHeader> doListHeaders(
      CheckpointQuery query, Optional<ListCursor> start) {
    ErrorContext context = context("listHeaders").query(query);
    return list(query, start, Part.HEADERS, row -> row.header(documents, context), context);
  }

  private <T> Page<T> list(
      CheckpointQuery query,
      Optional<ListCursor> start,
      Part part,
      Function<Row, T> view,
      ErrorContext context) {
    return call(
        () -> {
          List<Row> rows =
              database.read(context, db -> db.reading(() -> page(db, query, start, part, context)));
          List<Row> shown = rows.subList(0, Math.min(query.limit(), rows.size()));
          List<T> items = new ArrayList<>();
          shown.forEach(row -> items.add(view.apply(row)));
          return Page.of(
              items,
              rows.size() > query.limit()
                  ? CheckpointReader.position(shown.get(shown.size() - 1)).encode()
                  : null);
        });
  }

  /** The rows of a page and, if there are more, one of them, which has no document. */
  private List<Row> page(
      DbSession db,
      CheckpointQuery query,
      Optional<ListCursor> start,
      Part part,
      ErrorContext context)
      throws SQLException {
    if (part == Part.HEADERS) {
      return reader.rows(db, query, start, query.limit() + 1, part, context);
    }
    List<Row> rows = new ArrayList<>(reader.rows(db, query, start, query.limit(), part, context));
    if (rows.size() == query.limit()) {
      Optional<ListCursor> end =
          Optional.of(rows.get(rows.size() - 1)).map(CheckpointReader::position);
      rows.addAll(reader.rows(db, query, end, 1, Part.HEADERS, context));
    }
    return rows;
  }

  @Override
  protected Page<SessionKey> doListSessions(
      String namespace, int limit, Optional<ListCursor> start) {
    Optional<String> after = start.map(ListCursor::key);
    ErrorContext context = context("listSessions").namespace(namespace);
    List<String> found =
        call(() -> database.read(context, db -> reader.sessions(db, namespace, after, limit + 1)));
    return page(found, limit, ListCursor::ofSession).map(id -> new SessionKey(namespace, id));
  }

  @Override
  protected Page<String> doListNamespaces(int limit, Optional<ListCursor> start) {
    Optional<String> after = start.map(ListCursor::key);
    ErrorContext context = context("listNamespaces");
    List<String> found =
        call(() -> database.read(context, db -> reader.namespaces(db, after, limit + 1)));
    return page(found, limit, ListCursor::ofNamespace);
  }

  @Override
  protected long doDelete(String namespace, Set<String> ids) {
    List<String> distinct = List.copyOf(ids);
    ErrorContext context = context("delete").namespace(namespace);
    return call(
        () -> {
          long deleted = 0;
          for (int from = 0; from < distinct.size(); from += CheckpointWriter.IDS_AT_ONCE) {
            List<String> some =
                distinct.subList(
                    from, Math.min(distinct.size(), from + CheckpointWriter.IDS_AT_ONCE));
            try {
              deleted += database.write(context, db -> writer.delete(db, namespace, some));
            } catch (CheckpointException e) {
              throw halfWay(deleted, context, e);
            }
          }
          return deleted;
        });
  }

  @Override
  protected long doDeleteBySession(SessionKey session) {
    ErrorContext context = context("deleteBySession").session(session);
    return call(
        () -> {
          long deleted = 0;
          Optional<Long> lastVersion = Optional.of(0L);
          while (lastVersion.isPresent()) {
            long after = lastVersion.get();
            try {
              CheckpointWriter.Deleted last =
                  database.write(context, db -> writer.deleteOldest(db, session, after));
              deleted += last.count();
              lastVersion = last.lastVersion();
            } catch (CheckpointException e) {
              throw halfWay(deleted, context, e);
            }
          }
          return deleted;
        });
  }

  /**
   * Verifies the store of this handle: for a program with a {@link DataSource} of its own, opened
   * with {@link SchemaMode#NONE} if the tables must not be changed. A store that a URL names is
   * verified by {@code Checkpoints.verify}; both do the same.
   *
   * <p>Only reads, so others may use the store at the same time. Each read ends by the time-out of
   * the store; the verification as a whole has none. It needs the documents of at most 64
   * checkpoints of together 32 MiB, or one if it is larger, and the ids of the sessions that have
   * findings.
   *
   * <p><b>What the tables cannot show.</b> A checkpoint that is not the latest of its session and
   * was removed by hand leaves the same rows as one that the store deleted; so does a whole session
   * that was removed from both tables. A row that was replaced by an older copy of itself is
   * intact.
   *
   * <pre>{@code
   * VerificationReport report = store.verify(VerificationOptions.defaults());
   * }</pre>
   *
   * @throws IllegalStateException if the store is closed
   * @throws UnsupportedOperationException if leftovers are to be removed; there are none
   * @throws dev.checkpoint4j.error.BackendConfigurationException if there are no tables
   * @throws dev.checkpoint4j.error.StorageUnavailableException if the database cannot be reached or
   *     the thread is interrupted; its flag stays set
   * @throws CheckpointException if the database refuses to read its tables
   */
  public VerificationReport verify(VerificationOptions options) {
    options.requireReadOnly(ID);
    return guard.call(
        () -> new StoreScanner(database, dialect, tables, codec, reader, options).scan());
  }

  /** A deletion of several transactions failed after the first of them. */
  private static CheckpointException halfWay(
      long deleted, ErrorContext context, CheckpointException e) {
    return deleted == 0
        ? e
        : new OutcomeUnknownException(
            deleted
                + " checkpoints were deleted, then the database failed; others may have been"
                + " deleted as well. Repeat the deletion: it deletes what is left",
            context,
            e);
  }

  /** Waits for the calls in flight, at most as long as a call may take. */
  @Override
  protected void doClose() {
    if (guard.close(callTimeout)) {
      // H2 clears the interrupt flag of a thread that closes a database.
      boolean isInterrupted = Thread.interrupted();
      try {
        closer.run();
      } finally {
        if (isInterrupted) {
          Thread.currentThread().interrupt();
        }
      }
    }
  }

  /** Runs a call, which ends as a whole by the time-out of the store. */
  @CanIgnoreReturnValue
  private <R> R call(Supplier<R> action) {
    return guard.call(() -> CallDeadline.after(callTimeout).call(action));
  }
}
