package dev.checkpoint4j.store.jdbc;

import dev.checkpoint4j.error.BackendConfigurationException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.util.List;
import java.util.Objects;
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

  /** Whatever a pool or a driver throws instead of a connection is a failure to connect. */
  ConnectionSource {
    ConnectionFactory given = factory;
    factory = () -> connect(given);
  }

  private static final boolean HIKARI_IS_THERE = isThere("com.zaxxer.hikari.HikariDataSource");

  /** A pool where HikariCP is on the class path; otherwise a connection for each operation. */
  static ConnectionSource of(Settings settings, JdbcDialect named, Dialect dialect)
      throws SQLException {
    checkDriver(settings.url(), named);
    if (!dialect.isEmbedded()) {
      return HIKARI_IS_THERE ? HikariPool.open(settings) : unpooled(settings);
    }
    // An embedded database is closed with its last connection; one in memory is gone then.
    Connection kept =
        connect(() -> DriverManager.getConnection(settings.url(), settings.properties()));
    try {
      ConnectionSource source = HIKARI_IS_THERE ? HikariPool.open(settings) : unpooled(settings);
      return new ConnectionSource(
          source.factory(),
          () -> {
            source.closer().run();
            close(kept);
          });
    } catch (Throwable e) {
      close(kept);
      throw e;
    }
  }

  private static Connection connect(ConnectionFactory factory) throws SQLException {
    try {
      return Objects.requireNonNull(factory.openConnection(), "connection");
    } catch (RuntimeException e) {
      throw new SQLNonTransientConnectionException("no connection", "08001", e);
    }
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

  static ConnectionSource unpooled(Settings settings) {
    return new ConnectionSource(
        () -> {
          Connection connection =
              DriverManager.getConnection(settings.url(), settings.properties());
          if (settings.isolation() != null) {
            connection.setTransactionIsolation(settings.isolation().level());
          }
          return connection;
        },
        () -> {});
  }

  private static void close(Connection connection) {
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
