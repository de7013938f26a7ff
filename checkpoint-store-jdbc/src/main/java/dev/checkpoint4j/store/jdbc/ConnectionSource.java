package dev.checkpoint4j.store.jdbc;

import dev.checkpoint4j.error.BackendConfigurationException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.Properties;
import org.jdbi.v3.core.ConnectionFactory;
import org.jspecify.annotations.Nullable;

/**
 * Where connections come from.
 *
 * @param factory opens and closes them
 * @param closer gives back what the store itself has opened
 */
record ConnectionSource(ConnectionFactory factory, Runnable closer) {

  /** How a store that is opened by its URL connects. */
  record Settings(String url, Properties properties, int poolSize, @Nullable Isolation isolation) {}

  private static final boolean HIKARI_IS_THERE = isThere("com.zaxxer.hikari.HikariDataSource");

  /** A pool where HikariCP is on the class path; otherwise a connection for each operation. */
  static ConnectionSource of(Settings settings, JdbcDialect named, Dialect dialect)
      throws SQLException {
    checkDriver(settings.url(), named);
    if (!HIKARI_IS_THERE) {
      return unpooled(settings, dialect.isEmbedded());
    }
    // A pool closes connections that are old or broken, also the only one.
    return dialect.isEmbedded()
        ? keepingOpen(settings, () -> HikariPool.open(settings))
        : HikariPool.open(settings);
  }

  private static void checkDriver(String url, JdbcDialect named) {
    try {
      DriverManager.getDriver(url);
    } catch (SQLException e) {
      throw new BackendConfigurationException(
          JdbcBackendStorage.ID,
          List.of(
              "no JDBC driver on the class path serves the URL; add the artifact "
                  + named.driver()
                  + ", and check the URL"),
          e);
    }
  }

  static ConnectionSource unpooled(Settings settings, boolean keepOpen) throws SQLException {
    ConnectionSource source = new ConnectionSource(() -> connect(settings), () -> {});
    return keepOpen ? keepingOpen(settings, () -> source) : source;
  }

  private static Connection connect(Settings settings) throws SQLException {
    Connection connection = DriverManager.getConnection(settings.url(), settings.properties());
    if (settings.isolation() != null) {
      connection.setTransactionIsolation(settings.isolation().level());
    }
    return connection;
  }

  private interface Opening {
    ConnectionSource open() throws SQLException;
  }

  /**
   * An embedded database is closed with its last connection, and one in memory is gone then, so one
   * is kept open beside those of the source.
   */
  private static ConnectionSource keepingOpen(Settings settings, Opening opening)
      throws SQLException {
    Connection kept = connect(settings);
    try {
      ConnectionSource source = opening.open();
      return new ConnectionSource(
          source.factory(),
          () -> {
            source.closer().run();
            quietlyClose(kept);
          });
    } catch (Throwable e) {
      quietlyClose(kept);
      throw e;
    }
  }

  private static void quietlyClose(Connection connection) {
    try {
      connection.close();
    } catch (SQLException e) {
      Database.LOG.log(System.Logger.Level.DEBUG, "closing a connection failed", e);
    }
  }

  private static boolean isThere(String className) {
    try {
      Class.forName(className, false, ConnectionSource.class.getClassLoader());
      return true;
    } catch (ClassNotFoundException e) {
      return false;
    }
  }
}
