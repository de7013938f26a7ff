package dev.checkpoint4j.store.jdbc;

import dev.checkpoint4j.annotation.CanIgnoreReturnValue;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.Supplier;
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
final class Connected {

  /** What the attempt asked for and was not told the end of. */
  private enum Unconfirmed {
    NOTHING,
    STATEMENT,
    COMMIT
  }

  /**
   * No value of some type. PostgreSQL's driver has a statement prepared anew when the types of its
   * parameters are not those of last time, which takes as long as a third of a put.
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
  interface Work<R extends @Nullable Object> {
    @CanIgnoreReturnValue
    R run() throws SQLException;
  }

  private final Handle handle;
  private final Dialect dialect;
  private final int fetchSize;
  private boolean inTransaction;
  private Unconfirmed unconfirmed = Unconfirmed.NOTHING;

  Connected(Handle handle, Dialect dialect, int fetchSize) {
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
    return confirmed(() -> bind(handle.createUpdate(sql), arguments).execute());
  }

  /** The rows that a statement finds. */
  @CanIgnoreReturnValue
  <T> List<T> query(RowReader<T> reader, String sql, @Nullable Object... arguments)
      throws SQLException {
    return sqlErrorsOf(
        () -> {
          try (Query query = handle.createQuery(sql)) {
            return bind(query.setFetchSize(fetchSize), arguments)
                .map((row, context) -> reader.read(row))
                .list();
          }
        });
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
  <R extends @Nullable Object> R inTransaction(Work<R> work) throws SQLException {
    return inTransaction(work, result -> true);
  }

  /** Does work that is undone if it fails or returns {@code false}, and committed otherwise. */
  boolean commitIf(Work<Boolean> work) throws SQLException {
    return inTransaction(work, result -> result);
  }

  /** Reads, in a transaction where the rows are fetched in parts only then. */
  <R> R reading(Work<R> work) throws SQLException {
    if (fetchSize == 0 || !dialect.fetchesInTransactionOnly()) {
      return work.run();
    }
    sqlErrorsOf(handle::begin);
    try {
      return work.run();
    } finally {
      rollback();
    }
  }

  private <R extends @Nullable Object> R inTransaction(Work<R> work, Predicate<R> isGood)
      throws SQLException {
    sqlErrorsOf(handle::begin);
    inTransaction = true;
    boolean ended = false;
    try {
      R result = work.run();
      if (isGood.test(result)) {
        unconfirmed = Unconfirmed.COMMIT;
        confirmed(handle::commit);
        ended = true;
      }
      return result;
    } finally {
      inTransaction = false;
      if (!ended) {
        rollback();
      }
    }
  }

  /** A server forgets a transaction whose connection is gone, so its failure does not matter. */
  private void rollback() {
    try {
      handle.rollback();
    } catch (JdbiException e) {
      Database.LOG.log(System.Logger.Level.DEBUG, "a rollback failed", e);
    }
  }

  /** Whether the attempt may have been applied although it failed. */
  boolean mayBeApplied() {
    return unconfirmed != Unconfirmed.NOTHING;
  }

  /** Makes a call whose success, and most of whose failures, tell what has become of it. */
  @CanIgnoreReturnValue
  private <R> R confirmed(Supplier<R> call) throws SQLException {
    try {
      R result = sqlErrorsOf(call);
      unconfirmed = Unconfirmed.NOTHING;
      return result;
    } catch (SQLException e) {
      boolean isUndone =
          switch (dialect.kind(e)) {
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

  @CanIgnoreReturnValue
  private static <R> R sqlErrorsOf(Supplier<R> call) throws SQLException {
    try {
      return call.get();
    } catch (JdbiException e) {
      throw sqlError(e);
    }
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
