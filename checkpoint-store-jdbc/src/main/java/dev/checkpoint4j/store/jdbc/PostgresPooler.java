package dev.checkpoint4j.store.jdbc;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.postgresql.PGConnection;

/**
 * Keeps the driver from naming its statements on the server where a pooler, PgBouncer in
 * transaction mode for example, may give each transaction another server connection: there a name
 * may be unknown, or that of somebody else's statement.
 */
record PostgresPooler(int prepareThreshold) implements Preparation {

  /** What connections need that are like this one. */
  static Preparation preparation(Connection connection) throws SQLException {
    PGConnection driver = connection.unwrap(PGConnection.class);
    return isBetween(connection, driver)
        ? new PostgresPooler(driver.getPrepareThreshold())
        : Preparation.NONE;
  }

  /** A pooler invents the number of the server process that it sends to the driver. */
  private static boolean isBetween(Connection connection, PGConnection driver) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT pg_backend_pid()")) {
      return !row.next() || row.getInt(1) != driver.getBackendPID();
    }
  }

  @Override
  public void prepare(Connection connection) throws SQLException {
    connection.unwrap(PGConnection.class).setPrepareThreshold(0);
  }

  @Override
  public void restore(Connection connection) throws SQLException {
    connection.unwrap(PGConnection.class).setPrepareThreshold(prepareThreshold);
  }
}
