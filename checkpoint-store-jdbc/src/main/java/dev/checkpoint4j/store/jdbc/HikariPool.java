package dev.checkpoint4j.store.jdbc;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool.PoolInitializationException;
import dev.checkpoint4j.spi.CallDeadline;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.time.Duration;
import javax.sql.DataSource;

/** A pool of HikariCP, which is an optional dependency. */
final class HikariPool {

  /** The shortest time that HikariCP takes. */
  private static final Duration MIN_TIMEOUT = Duration.ofMillis(250);

  /** How long a connection that was idle may take to show that it is alive. */
  private static final Duration MAX_VALIDATION = Duration.ofSeconds(2);

  private HikariPool() {}

  static boolean isPool(DataSource dataSource) {
    return dataSource instanceof HikariDataSource;
  }

  /** A pool of the application. */
  static ConnectionSource of(DataSource dataSource) {
    HikariDataSource pool = (HikariDataSource) dataSource;
    return new ConnectionSource(() -> connection(pool), pool::evictConnection, () -> {});
  }

  static ConnectionSource open(
      DataSource unpooled, ConnectionSource.Settings settings, boolean readOnly)
      throws SQLException {
    Duration connect = min(settings.connectionTimeout(), settings.callTimeout());
    HikariConfig config = new HikariConfig();
    config.setPoolName(settings.poolName());
    config.setDataSource(unpooled);
    config.setMaximumPoolSize(settings.poolSize());
    config.setMinimumIdle(1);
    // The pool would make connections of a URL that says so writable.
    config.setReadOnly(readOnly);
    config.setConnectionTimeout(connect.toMillis());
    config.setValidationTimeout(min(MAX_VALIDATION, connect).toMillis());
    if (settings.isolation() != null) {
      config.setTransactionIsolation("TRANSACTION_" + settings.isolation().name());
    }
    try {
      HikariDataSource pool = new HikariDataSource(config);
      return new ConnectionSource(() -> connection(pool), pool::evictConnection, pool::close);
    } catch (PoolInitializationException e) {
      if (e.getCause() instanceof SQLException cause) {
        throw cause;
      }
      throw new SQLNonTransientConnectionException("no pool", "08001", e);
    }
  }

  private static Duration min(Duration first, Duration second) {
    Duration shorter = first.compareTo(second) < 0 ? first : second;
    return shorter.compareTo(MIN_TIMEOUT) < 0 ? MIN_TIMEOUT : shorter;
  }

  /** Waits for a connection until the deadline of the call, and no longer than the pool would. */
  private static Connection connection(HikariDataSource dataSource) throws SQLException {
    if (dataSource.getHikariPoolMXBean() instanceof com.zaxxer.hikari.pool.HikariPool pool) {
      long remaining = CallDeadline.current().remaining().toMillis();
      return pool.getConnection(Math.min(dataSource.getConnectionTimeout(), remaining));
    }
    return dataSource.getConnection();
  }
}
