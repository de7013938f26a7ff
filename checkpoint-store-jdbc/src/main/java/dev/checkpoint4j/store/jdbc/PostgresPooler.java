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
final class PostgresPooler {

  private PostgresPooler() {}

  /** A pooler makes up the number of the server process that it tells the driver. */
  static boolean isBetween(Connection connection) throws SQLException {
    int told = connection.unwrap(PGConnection.class).getBackendPID();
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT pg_backend_pid()")) {
      return !row.next() || row.getInt(1) != told;
    }
  }

  /** Sets that statements are not named on the server. */
  static Preparation.Undo prepare(Connection connection) throws SQLException {
    PGConnection driver = connection.unwrap(PGConnection.class);
    int threshold = driver.getPrepareThreshold();
    driver.setPrepareThreshold(0);
    return () -> driver.setPrepareThreshold(threshold);
  }
}
