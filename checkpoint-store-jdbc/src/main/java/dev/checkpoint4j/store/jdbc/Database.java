package dev.checkpoint4j.store.jdbc;

import dev.checkpoint4j.annotation.CanIgnoreReturnValue;
import dev.checkpoint4j.error.CheckpointException;
import dev.checkpoint4j.error.ErrorContext;
import dev.checkpoint4j.error.StorageUnavailableException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jdbi.v3.core.ConnectionException;
import org.jdbi.v3.core.ConnectionFactory;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jdbi.v3.core.statement.SqlStatements;

/**
 * Runs operations on connections of their own: never on one whose transaction is somebody else's.
 * An attempt that other transactions were in the way of is repeated.
 */
final class Database {

  static final System.Logger LOG = System.getLogger(JdbcBackendStorage.class.getName());

  private static final long FIRST_PAUSE_MILLIS = 8;
  private static final long MOST_PAUSE_MILLIS = 250;

  /**
   * What a statement fetches at a time, and how long it may take; 0 leaves it to the driver. An
   * attempt that fails after the last limit is not repeated. A number of attempts would not do:
   * where each writer fails that meets another, one of many easily loses ten times.
   */
  record Limits(int fetchSize, int queryTimeoutSeconds, Duration forAttempts) {}

  /** Does something with the connection of an attempt. */
  interface Operation<R> {
    R run(Connected connected) throws SQLException;
  }

  /** The DataSource gave a connection that does not commit by itself. */
  private static final class ForeignTransactionException extends SQLException {
    private static final long serialVersionUID = 1;
  }

  private final Jdbi jdbi;
  private final Dialect dialect;
  private final Limits limits;
  private final Optional<ReentrantLock> writer;

  private Database(Jdbi jdbi, Dialect dialect, Limits limits, Optional<ReentrantLock> writer) {
    this.jdbi = jdbi;
    this.dialect = dialect;
    this.limits = limits;
    this.writer = writer;
  }

  /** The database behind a source of connections, of which one is looked at. */
  static Database of(ConnectionFactory source, Dialect dialect, Connection first, Limits limits)
      throws SQLException {
    Jdbi jdbi = Jdbi.create(prepared(source, dialect.preparation(first)));
    if (limits.queryTimeoutSeconds() > 0) {
      jdbi.getConfig(SqlStatements.class).setQueryTimeout(limits.queryTimeoutSeconds());
    }
    Connected connected = new Connected(Jdbi.open(first), dialect, limits.fetchSize());
    return new Database(jdbi, dialect, limits, dialect.writerLock(connected));
  }

  /**
   * Connections that commit by themselves: one that does not may be in the middle of a transaction,
   * which is not the store's. JDBC has no way to ask.
   */
  private static ConnectionFactory prepared(ConnectionFactory source, Preparation preparation) {
    return new ConnectionFactory() {
      @Override
      public Connection openConnection() throws SQLException {
        Connection connection = source.openConnection();
        try {
          if (!connection.getAutoCommit()) {
            throw new ForeignTransactionException();
          }
          preparation.prepare(connection);
          return connection;
        } catch (SQLException e) {
          connection.close();
          throw e;
        }
      }

      @Override
      public void closeConnection(Connection connection) {
        try (connection) {
          if (!connection.isClosed()) {
            preparation.restore(connection);
          }
        } catch (SQLException e) {
          LOG.log(System.Logger.Level.DEBUG, "a connection was not given back as it was", e);
        }
      }
    };
  }

  /** Runs an operation that only reads. */
  <R> R read(ErrorContext context, Operation<R> operation) {
    return attempt(context, operation);
  }

  /** Runs an operation that writes. */
  @CanIgnoreReturnValue
  <R> R write(ErrorContext context, Operation<R> operation) {
    if (writer.isEmpty()) {
      return attempt(context, operation);
    }
    ReentrantLock lock = writer.get();
    try {
      if (!lock.tryLock(limits.forAttempts().toMillis(), TimeUnit.MILLISECONDS)) {
        throw new StorageUnavailableException(
            "other writers of this process have kept the database for "
                + limits.forAttempts().toSeconds()
                + " s; nothing was changed. Look for another process that keeps it locked, and try"
                + " again later",
            context,
            null);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw interrupted(context);
    }
    try {
      return attempt(context, operation);
    } finally {
      lock.unlock();
    }
  }

  private <R> R attempt(ErrorContext context, Operation<R> operation) {
    long start = System.nanoTime();
    long mostPause = FIRST_PAUSE_MILLIS;
    while (true) {
      if (Thread.currentThread().isInterrupted()) {
        throw interrupted(context);
      }
      Handle handle = open(context);
      Connected connected = new Connected(handle, dialect, limits.fetchSize());
      try {
        return operation.run(connected);
      } catch (SQLException e) {
        if (connected.mayBeApplied()) {
          throw SqlErrors.outcomeUnknown(e, context);
        }
        if (dialect.kind(e) != FailureKind.CONTENTION
            || System.nanoTime() - start > limits.forAttempts().toNanos()) {
          throw SqlErrors.notApplied(e, dialect, context);
        }
      } finally {
        close(handle);
      }
      pause(mostPause, context);
      mostPause = Math.min(MOST_PAUSE_MILLIS, 2 * mostPause);
    }
  }

  /** What was done is done, whatever becomes of the connection. */
  private static void close(Handle handle) {
    try {
      handle.close();
    } catch (JdbiException e) {
      LOG.log(System.Logger.Level.DEBUG, "a connection was not given back in order", e);
    }
  }

  private Handle open(ErrorContext context) {
    try {
      return jdbi.open();
    } catch (ConnectionException e) {
      if (e.getCause() instanceof ForeignTransactionException foreign) {
        throw new StorageUnavailableException(
            "the DataSource hands out a connection with a transaction under way, which the store"
                + " does not join; nothing was changed. Give the store the pool itself, not a"
                + " DataSource that binds connections to transactions",
            context,
            foreign);
      }
      throw unreachable(Connected.sqlError(e), dialect, context);
    }
  }

  /** A pool that waited in vain tells why the last connection could not be made. */
  static CheckpointException unreachable(SQLException e, Dialect dialect, ErrorContext context) {
    SQLException reason = e.getCause() instanceof SQLException cause ? cause : e;
    FailureKind kind = dialect.kind(reason);
    return SqlErrors.notApplied(
        reason,
        switch (kind) {
          case DENIED, DAMAGED, FULL -> kind;
          default -> FailureKind.UNREACHABLE;
        },
        dialect.hint(reason),
        context);
  }

  private static void pause(long mostMillis, ErrorContext context) {
    try {
      Thread.sleep(ThreadLocalRandom.current().nextLong(mostMillis) + 1);
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
