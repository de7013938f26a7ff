package dev.checkpoint4j.store.jdbc;

import dev.checkpoint4j.annotation.CanIgnoreReturnValue;
import dev.checkpoint4j.error.CheckpointException;
import dev.checkpoint4j.error.ErrorContext;
import dev.checkpoint4j.error.StorageAccessDeniedException;
import dev.checkpoint4j.error.StorageUnavailableException;
import dev.checkpoint4j.spi.CallDeadline;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jdbi.v3.core.ConnectionException;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/**
 * Runs operations on connections of their own: never on one whose transaction is somebody else's.
 * An attempt that failed because of other transactions is repeated. Every wait ends with the
 * deadline of the call.
 */
final class Database {

  static final System.Logger LOG = System.getLogger(JdbcBackendStorage.class.getName());

  private static final long FIRST_PAUSE_MILLIS = 8;
  private static final long MAX_PAUSE_MILLIS = 250;

  /** Does something with the connection of an attempt. */
  interface Operation<R> {
    R run(DbSession db) throws SQLException;
  }

  private final Connections connections;
  private final Jdbi jdbi;
  private final Dialect dialect;
  private final int fetchSize;
  private final Duration callTimeout;
  private final boolean checksReadOnly;
  private final Optional<ReentrantLock> writer;
  private final Consumer<Connection> afterWrite;

  /** What later connections have to keep; null until it is read. */
  private volatile @Nullable DatabaseGuarantees declared;

  private Database(
      Connections connections,
      Dialect dialect,
      int fetchSize,
      Duration callTimeout,
      boolean checksReadOnly,
      Optional<ReentrantLock> writer) {
    this.connections = connections;
    this.jdbi = Jdbi.create(connections);
    this.dialect = dialect;
    this.fetchSize = fetchSize;
    this.callTimeout = callTimeout;
    this.checksReadOnly = checksReadOnly;
    this.writer = writer;
    this.afterWrite = dialect.afterWrite();
  }

  /**
   * The database of a source of connections.
   *
   * @param first one of them, of which only the settings are read
   * @param fetchSize how many rows a statement fetches at a time; 0 leaves it to the driver
   * @param callTimeout how long an operation that only reads may take at most
   */
  static Database of(
      ConnectionSource source,
      Dialect dialect,
      Connection first,
      int fetchSize,
      Duration callTimeout)
      throws SQLException {
    DbSession db = new DbSession(Jdbi.open(first), dialect, fetchSize);
    return new Database(
        new Connections(source, dialect, dialect.preparation(db)),
        dialect,
        fetchSize,
        callTimeout,
        // This driver asks the server each time, which refuses the writes itself.
        !first.getMetaData().getDriverName().startsWith("MySQL"),
        dialect.writerLock(db));
  }

  /** Reads the settings of a connection. From now on, others must guarantee as much. */
  DatabaseGuarantees declare(ErrorContext context) {
    DatabaseGuarantees found = read(context, dialect::guarantees);
    declared = found;
    return found;
  }

  /** Any connection of the source may have settings of its own. */
  private void checkSettings(DbSession db, ErrorContext context) throws SQLException {
    DatabaseGuarantees expected = declared;
    if (expected == null) {
      return;
    }
    connections.checkOnce(
        db.connection(),
        () -> {
          List<String> problems =
              new ArrayList<>(JdbcStoreOpener.isolationProblems(db.connection()));
          problems.addAll(dialect.guarantees(db).problemsUnder(expected));
          if (!problems.isEmpty()) {
            throw new StorageUnavailableException(
                "the DataSource hands out a connection with other settings than when the store was"
                    + " opened; nothing was changed: "
                    + String.join("; ", problems),
                context,
                null);
          }
        });
  }

  /** Runs an operation that only reads. */
  @CanIgnoreReturnValue
  <R> R read(ErrorContext context, Operation<R> operation) {
    // Verification is one call of many reads.
    return CallDeadline.after(callTimeout).call(() -> attempt(context, operation, false));
  }

  /** Runs an operation that writes. */
  @CanIgnoreReturnValue
  <R> R write(ErrorContext context, Operation<R> operation) {
    if (writer.isEmpty()) {
      return attempt(context, operation, true);
    }
    ReentrantLock lock = writer.get();
    try {
      long nanos = CallDeadline.current().remaining().toNanos();
      if (!lock.tryLock(nanos, TimeUnit.NANOSECONDS)) {
        throw new StorageUnavailableException(
            "other writers of this process used the database until the call timed out; nothing"
                + " was changed. Check whether another process keeps it locked, then retry",
            context,
            null);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw interrupted(context);
    }
    try {
      return attempt(context, operation, true);
    } finally {
      lock.unlock();
    }
  }

  private <R> R attempt(ErrorContext context, Operation<R> operation, boolean writes) {
    long maxPause = FIRST_PAUSE_MILLIS;
    @Nullable SQLException contention = null;
    while (true) {
      if (Thread.currentThread().isInterrupted()) {
        throw interrupted(context);
      }
      Handle handle = open(context);
      DbSession db = new DbSession(handle, dialect, fetchSize);
      long pause = ThreadLocalRandom.current().nextLong(maxPause) + 1;
      try {
        if (writes && checksReadOnly && db.connection().isReadOnly()) {
          throw readOnly(context);
        }
        checkSettings(db, context);
        R result = operation.run(db);
        if (writes && writer.isPresent()) {
          afterWrite.accept(db.connection());
        }
        return result;
      } catch (SQLException e) {
        FailureKind kind = dialect.errors().kind(e);
        if (kind.leavesConnectionInDoubt()) {
          db.doubt();
        }
        if (db.mayBeApplied()) {
          throw SqlErrors.outcomeUnknown(e, context);
        }
        // An attempt without time fails by its time-out; the reason is that the others failed.
        SQLException reason = kind == FailureKind.TIMEOUT && contention != null ? contention : e;
        if (kind != FailureKind.CONTENTION || !leavesTimeFor(pause)) {
          throw SqlErrors.notApplied(reason, dialect.errors(), context);
        }
        contention = e;
      } catch (CheckpointException e) {
        throw e;
      } catch (RuntimeException | Error e) {
        db.doubt();
        throw e;
      } finally {
        close(handle, db.isInDoubt());
      }
      sleep(pause, context);
      maxPause = Math.min(MAX_PAUSE_MILLIS, 2 * maxPause);
    }
  }

  private static StorageAccessDeniedException readOnly(ErrorContext context) {
    return new StorageAccessDeniedException(
        "the connection is read only; nothing was changed. Use a URL or a DataSource whose"
            + " connections may write",
        context,
        null);
  }

  /** What was done is done, whatever becomes of the connection. */
  private void close(Handle handle, boolean inDoubt) {
    if (inDoubt) {
      connections.discard(handle.getConnection());
    }
    try {
      handle.close();
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.DEBUG, "failed to return a connection", e);
    }
  }

  private Handle open(ErrorContext context) {
    try {
      return jdbi.open();
    } catch (ConnectionException e) {
      if (e.getCause() instanceof Connections.ForeignConnectionException foreign) {
        throw new StorageUnavailableException(
            String.valueOf(foreign.getMessage()), context, foreign);
      }
      throw SqlErrors.notConnected(DbSession.sqlError(e), dialect.errors(), context);
    }
  }

  private static boolean leavesTimeFor(long pauseMillis) {
    return CallDeadline.current().remaining().toMillis() > pauseMillis;
  }

  private static void sleep(long millis, ErrorContext context) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw interrupted(context);
    }
  }

  private static StorageUnavailableException interrupted(ErrorContext context) {
    return new StorageUnavailableException(
        "the thread was interrupted; nothing was changed", context, null);
  }
}
