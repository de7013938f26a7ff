package dev.checkpoint4j.store.jdbc;

import dev.checkpoint4j.error.BackendConfigurationException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.jdbi.v3.core.ConnectionFactory;
import org.jspecify.annotations.Nullable;

/**
 * Where connections come from.
 *
 * @param factory opens them, within the deadline of the call where the pool supports that
 * @param evict removes a connection from its pool, so that it is not used again
 * @param closer closes what the store itself has opened
 */
record ConnectionSource(ConnectionFactory factory, Consumer<Connection> evict, Runnable closer) {

  /**
   * How a store that is opened by its URL connects.
   *
   * @param properties properties for the driver beside the URL
   */
  record Settings(
      String url,
      Properties properties,
      int poolSize,
      @Nullable Isolation isolation,
      Duration callTimeout) {

    /** With what a kind of database adds to the URL and to the properties. */
    Settings completedFor(Dialect dialect) {
      String complete = dialect.url(url);
      Properties all = dialect.properties(complete, callTimeout);
      all.putAll(properties);
      return new Settings(complete, all, poolSize, isolation, callTimeout);
    }
  }

  /** Whatever a pool or a driver throws instead of a connection is a failure to connect. */
  ConnectionSource {
    ConnectionFactory given = factory;
    factory = () -> connect(given);
  }

  ConnectionSource(ConnectionFactory factory, Runnable closer) {
    this(factory, connection -> {}, closer);
  }

  private static final Pattern READ_ONLY = Pattern.compile("(?i)[?&]readOnly=true(&|$)");

  private static final boolean HIKARI_IS_THERE = isThere("com.zaxxer.hikari.HikariDataSource");

  /** The connections of an application. Closing the store does not close its DataSource. */
  static ConnectionSource of(DataSource dataSource) {
    return HIKARI_IS_THERE && HikariPool.isPool(dataSource)
        ? HikariPool.of(dataSource)
        : new ConnectionSource(dataSource::getConnection, () -> {});
  }

  /** A pool where HikariCP is on the class path; otherwise a connection for each operation. */
  static ConnectionSource of(Settings settings, JdbcDialect named, Dialect dialect)
      throws SQLException {
    checkDriver(settings.url(), named);
    if (!dialect.isEmbedded()) {
      boolean readOnly = READ_ONLY.matcher(settings.url()).find();
      return HIKARI_IS_THERE ? HikariPool.open(settings, readOnly) : unpooled(settings);
    }
    // An embedded database is closed with its last connection; one in memory is gone then.
    Connection kept =
        connect(() -> DriverManager.getConnection(settings.url(), settings.properties()));
    try {
      ConnectionSource source =
          HIKARI_IS_THERE ? HikariPool.open(settings, kept.isReadOnly()) : unpooled(settings);
      return new ConnectionSource(
          source.factory(),
          source.evict(),
          () -> {
            source.closer().run();
            boolean closesAgain = dialect.beforeClose(kept);
            close(kept);
            if (closesAgain) {
              openAndClose(settings);
            }
          });
    } catch (Throwable e) {
      close(kept);
      throw e;
    }
  }

  /** What a database does when it is closed and has something left to do. */
  private static void openAndClose(Settings settings) {
    try {
      close(connect(() -> DriverManager.getConnection(settings.url(), settings.properties())));
    } catch (SQLException e) {
      Database.LOG.log(System.Logger.Level.DEBUG, "a database was not compacted", e);
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
