package dev.checkpoint4j.store.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.time.Duration;
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
      String poolName,
      Duration connectionTimeout,
      @Nullable Isolation isolation,
      Duration callTimeout) {

    /** With what a kind of database adds to the URL and to the properties. */
    Settings completedFor(Dialect dialect) {
      String complete = dialect.url(url);
      Properties all = dialect.properties(complete, callTimeout);
      all.putAll(properties);
      return new Settings(
          complete, all, poolSize, poolName, connectionTimeout, isolation, callTimeout);
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
    DataSource unpooled =
        new DriverDataSource(
            Drivers.find(settings.url(), named), settings.url(), settings.properties());
    if (!dialect.isEmbedded()) {
      if (!HIKARI_IS_THERE) {
        Database.LOG.log(
            System.Logger.Level.WARNING,
            "HikariCP is not on the class path: each operation opens and closes a connection of its"
                + " own, which often takes longer than the operation. Add the artifact"
                + " com.zaxxer:HikariCP, or give the store a DataSource with a pool");
      }
      boolean readOnly = READ_ONLY.matcher(settings.url()).find();
      return HIKARI_IS_THERE
          ? HikariPool.open(unpooled, settings, readOnly)
          : unpooled(unpooled, settings);
    }
    // An embedded database is closed with its last connection; one in memory is gone then.
    Connection kept = connect(unpooled::getConnection);
    try {
      ConnectionSource source =
          HIKARI_IS_THERE
              ? HikariPool.open(unpooled, settings, kept.isReadOnly())
              : unpooled(unpooled, settings);
      return new ConnectionSource(
          source.factory(),
          source.evict(),
          () -> {
            source.closer().run();
            boolean closesAgain = dialect.beforeClose(kept);
            close(kept);
            if (closesAgain) {
              openAndClose(unpooled);
            }
          });
    } catch (Throwable e) {
      close(kept);
      throw e;
    }
  }

  /** What a database does when it is closed and has something left to do. */
  private static void openAndClose(DataSource unpooled) {
    try {
      close(connect(unpooled::getConnection));
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

  static ConnectionSource unpooled(DataSource unpooled, Settings settings) {
    return new ConnectionSource(
        () -> {
          Connection connection = unpooled.getConnection();
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
