package dev.checkpoint4j.testsupport;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** A connection on which statements are run one by one. */
record Sql(Connection connection) implements AutoCloseable {

  static Sql connect(String url) throws SQLException {
    return new Sql(DriverManager.getConnection(url));
  }

  void run(String statement) throws SQLException {
    try (Statement jdbc = connection.createStatement()) {
      jdbc.execute(statement);
    }
  }

  String ask(String query) throws SQLException {
    try (Statement jdbc = connection.createStatement();
        ResultSet rows = jdbc.executeQuery(query)) {
      rows.next();
      return rows.getString(1);
    }
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
