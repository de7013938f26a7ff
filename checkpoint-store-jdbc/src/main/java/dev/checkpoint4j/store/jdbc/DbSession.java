package dev.checkpoint4j.store.jdbc;

import dev.checkpoint4j.annotation.CanIgnoreReturnValue;
import dev.checkpoint4j.error.CheckpointException;
import dev.checkpoint4j.spi.CallDeadline;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.sql.Types;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;
import org.jdbi.v3.core.argument.Argument;
import org.jdbi.v3.core.statement.Query;
import org.jdbi.v3.core.statement.SqlStatement;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;

/**
 * The connection of one attempt at an operation. Its errors are those of the driver: the ones of
 * Jdbi quote statements and arguments. Knows whether an attempt that failed may have been applied.
 */
final class DbSession {

  /** What the attempt asked for and received no answer to. */
  private enum Unconfirmed {
    NOTHING,
    STATEMENT,
    COMMIT
  }

  /**
   * No value of some type. PostgreSQL's driver prepares a statement again when the types of its
   * parameters differ from the last time, which takes as long as a third of a put.
   */
  enum Null {
    TEXT(Types.VARCHAR),
    BYTES(Types.VARBINARY);

    private final int type;

    Null(int type) {
      this.type = type;
    }
  }

  /** Reads one row. */
  interface RowReader<T> {
    T read(ResultSet row) throws SQLException;
  }

  /** Does something with the connection. */
  interface TransactionCallback<R extends @Nullable Object> {
    @CanIgnoreReturnValue
    R run() throws SQLException;
  }

  /** The longest that no driver overflows at when it counts milliseconds. */
  private static final long MAX_TIMEOUT_SECONDS = Integer.MAX_VALUE / 1000;

  private final Handle handle;
  private final Dialect dialect;
  private final int fetchSize;
  private boolean inTransaction;
  private boolean inDoubt;
  private Unconfirmed unconfirmed = Unconfirmed.NOTHING;

  DbSession(Handle handle, Dialect dialect, int fetchSize) {
    this.handle = handle;
    this.dialect = dialect;
    this.fetchSize = fetchSize;
  }

  /** How many rows a statement that writes has changed. */
  @CanIgnoreReturnValue
  int update(String sql, @Nullable Object... arguments) throws SQLException {
    if (!inTransaction) {
      unconfirmed = Unconfirmed.STATEMENT;
    }
    int changed = confirmed(() -> bind(limited(handle.createUpdate(sql)), arguments).execute());
    if (!inTransaction && !connection().getAutoCommit()) {
      throw sharedTransaction(Unconfirmed.STATEMENT);
    }
    return changed;
  }

  /** The rows that a statement finds. */
  @CanIgnoreReturnValue
  <T> List<T> query(RowReader<T> reader, String sql, @Nullable Object... arguments)
      throws SQLException {
    return sqlErrorsOf(
        () -> {
          try (Query query = handle.createQuery(sql)) {
            return bind(limited(query).setFetchSize(fetchSize), arguments)
                .map((row, context) -> reader.read(row))
                .list();
          }
        });
  }

  /** A statement ends with its call, to the second. */
  private <S extends SqlStatement<S>> S limited(S statement) throws SQLException {
    Duration remaining = CallDeadline.current().remaining();
    if (remaining.isZero()) {
      throw new SQLTimeoutException("the time-out of the call has passed");
    }
    long seconds = remaining.plusSeconds(1).minusNanos(1).toSeconds();
    return dialect.limitsStatements() && seconds <= MAX_TIMEOUT_SECONDS
        ? statement.setQueryTimeout((int) seconds)
        : statement;
  }

  private <S extends SqlStatement<S>> S bind(S statement, @Nullable Object... arguments) {
    for (int i = 0; i < arguments.length; i++) {
      statement.bind(i, new Parameter(arguments[i]));
    }
    return statement;
  }

  /** Binds the few types that there are; for others Jdbi looks, each time, for who can do it. */
  private record Parameter(@Nullable Object value) implements Argument {

    @Override
    public void apply(int position, PreparedStatement statement, StatementContext context)
        throws SQLException {
      set(statement, position, value);
    }

    /** Jdbi describes each argument, which is nobody's to read. */
    @Override
    public String toString() {
      return "?";
    }
  }

  static void set(PreparedStatement statement, int position, @Nullable Object value)
      throws SQLException {
    if (value instanceof String text) {
      statement.setString(position, text);
    } else if (value instanceof Long number) {
      statement.setLong(position, number);
    } else if (value instanceof byte[] bytes) {
      statement.setBytes(position, bytes);
    } else if (value instanceof Null none) {
      statement.setNull(position, none.type);
    } else if (value == null) {
      statement.setNull(position, Types.OTHER);
    } else {
      statement.setObject(position, value);
    }
  }

  /** Does work that is committed unless it fails. */
  @CanIgnoreReturnValue
  <R extends @Nullable Object> R inTransaction(TransactionCallback<R> work) throws SQLException {
    return inTransaction(work, result -> true);
  }

  /** Does work that is undone if it fails or returns {@code false}, and committed otherwise. */
  boolean commitIf(TransactionCallback<Boolean> work) throws SQLException {
    return inTransaction(work, result -> result);
  }

  /** Reads, in a transaction where the rows are fetched in parts only then. */
  <R> R reading(TransactionCallback<R> work) throws SQLException {
    if (fetchSize == 0 || !dialect.fetchesInTransactionOnly()) {
      return work.run();
    }
    begin();
    try {
      return work.run();
    } finally {
      rollback();
    }
  }

  private <R extends @Nullable Object> R inTransaction(
      TransactionCallback<R> work, Predicate<R> isGood) throws SQLException {
    begin();
    inTransaction = true;
    boolean ended = false;
    try {
      R result = work.run();
      if (isGood.test(result)) {
        if (connection().getAutoCommit()) {
          throw sharedTransaction(Unconfirmed.COMMIT);
        }
        unconfirmed = Unconfirmed.COMMIT;
        confirmed(this::commit);
        ended = true;
        autoCommitAgain();
      }
      return result;
    } finally {
      inTransaction = false;
      if (!ended) {
        rollback();
      }
    }
  }

  /** Another user of the connection began or ended a transaction, and may undo what was written. */
  private SQLException sharedTransaction(Unconfirmed written) {
    unconfirmed = written;
    inDoubt = true;
    return new SQLException(
        "the connection is shared: somebody else began or ended a transaction on it", "25000");
  }

  /**
   * A database forgets a transaction whose connection is gone. So a connection that does not roll
   * back is ended, and not used again with a transaction under way.
   */
  private void rollback() {
    try {
      connection().rollback();
      connection().setAutoCommit(true);
    } catch (SQLException | RuntimeException e) {
      inDoubt = true;
      Database.LOG.log(System.Logger.Level.DEBUG, "a rollback failed", e);
    }
  }

  /**
   * Not by Jdbi, which turns autoCommit on again also after a rollback has failed: that commits
   * what was to be undone.
   */
  private void begin() throws SQLException {
    sqlErrorsOf(
        () -> {
          connection().setAutoCommit(false);
          return true;
        });
  }

  private boolean commit() throws SQLException {
    connection().commit();
    return true;
  }

  /** What is committed is committed, whatever becomes of the connection. */
  private void autoCommitAgain() {
    try {
      connection().setAutoCommit(true);
    } catch (SQLException | RuntimeException e) {
      inDoubt = true;
      Database.LOG.log(System.Logger.Level.DEBUG, "a connection does not commit by itself", e);
    }
  }

  /** Remembers that the connection must not be used again. */
  void doubt() {
    inDoubt = true;
  }

  /** Whether the connection may have a transaction under way, or may be of no use any more. */
  boolean isInDoubt() {
    return inDoubt;
  }

  /** Whether the attempt may have been applied although it failed. */
  boolean mayBeApplied() {
    return unconfirmed != Unconfirmed.NOTHING;
  }

  /** Makes a call whose success, and most of whose failures, show whether it was applied. */
  @CanIgnoreReturnValue
  private <R> R confirmed(Call<R> call) throws SQLException {
    try {
      R result = sqlErrorsOf(call);
      unconfirmed = Unconfirmed.NOTHING;
      return result;
    } catch (SQLException e) {
      boolean isUndone =
          switch (dialect.errors().kind(e)) {
            case CONTENTION -> true;
            case UNREACHABLE, OTHER -> false;
            default -> unconfirmed == Unconfirmed.STATEMENT;
          };
      if (isUndone) {
        unconfirmed = Unconfirmed.NOTHING;
      }
      throw e;
    }
  }

  /** The connection itself, to ask for its metadata. */
  Connection connection() {
    return handle.getConnection();
  }

  /** What a driver throws beside its own exceptions leaves its connection in any state. */
  @CanIgnoreReturnValue
  private <R> R sqlErrorsOf(Call<R> call) throws SQLException {
    try {
      return call.make();
    } catch (JdbiException e) {
      throw sqlError(e);
    } catch (CheckpointException e) {
      throw e;
    } catch (RuntimeException e) {
      inDoubt = true;
      throw new SQLException("the driver failed", e);
    }
  }

  private interface Call<R> {
    R make() throws SQLException;
  }

  /** What Jdbi wraps in exceptions that quote statements and arguments. */
  static SQLException sqlError(JdbiException e) {
    Throwable cause = e;
    while (cause instanceof JdbiException && cause.getCause() != null) {
      cause = cause.getCause();
    }
    if (cause instanceof SQLException error) {
      return error;
    }
    return cause instanceof JdbiException
        ? new SQLException("Jdbi failed: " + cause.getClass().getName())
        : new SQLException("the driver failed", cause);
  }
}
