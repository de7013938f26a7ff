package dev.checkpoint4j.store.jdbc;

import dev.checkpoint4j.annotation.CanIgnoreReturnValue;
import java.lang.reflect.InvocationTargetException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the driver from naming its statements on the server where a pooler, PgBouncer in
 * transaction mode for example, may give each transaction another server connection: there a name
 * may be unknown, or that of somebody else's statement.
 *
 * <p>By reflection: the class loader of this library may not see the driver.
 */
record PostgresPooler(int prepareThreshold) implements Preparation {

  /** What connections need that are like this one. */
  static Preparation preparation(Connection connection) throws SQLException {
    return isBetween(connection)
        ? new PostgresPooler(number(connection, "getPrepareThreshold"))
        : Preparation.NONE;
  }

  /** A pooler invents the number of the server process that it sends to the driver. */
  private static boolean isBetween(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT pg_backend_pid()")) {
      return !row.next() || row.getInt(1) != number(connection, "getBackendPID");
    }
  }

  @Override
  public void prepare(Connection connection) throws SQLException {
    setPrepareThreshold(connection, 0);
  }

  @Override
  public void restore(Connection connection) throws SQLException {
    setPrepareThreshold(connection, prepareThreshold);
  }

  private static void setPrepareThreshold(Connection connection, int threshold)
      throws SQLException {
    call(
        connection,
        (type, driver) ->
            type.getMethod("setPrepareThreshold", int.class).invoke(driver, threshold));
  }

  private static int number(Connection connection, String getter) throws SQLException {
    Object number = call(connection, (type, driver) -> type.getMethod(getter).invoke(driver));
    return (Integer) Objects.requireNonNull(number, getter);
  }

  private interface Call {
    @Nullable Object run(Class<?> type, Object driver) throws ReflectiveOperationException;
  }

  @CanIgnoreReturnValue
  private static @Nullable Object call(Connection connection, Call call) throws SQLException {
    ClassLoader loader = Connections.physical(connection).getClass().getClassLoader();
    try {
      Class<?> type = Class.forName("org.postgresql.PGConnection", false, loader);
      return call.run(type, connection.unwrap(type));
    } catch (InvocationTargetException e) {
      throw e.getCause() instanceof SQLException cause
          ? cause
          : new SQLException("a call of the PostgreSQL driver failed", e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new SQLException("the connection is not one of the PostgreSQL driver", e);
    }
  }
}
