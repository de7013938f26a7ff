package dev.checkpoint4j.store.jdbc;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool.PoolInitializationException;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.time.Duration;

/** A pool of HikariCP, which is an optional dependency. */
final class HikariPool {

  private static final Duration MOST_WAIT = Duration.ofSeconds(10);

  private HikariPool() {}

  static ConnectionSource open(ConnectionSource.Settings settings) throws SQLException {
    HikariConfig config = new HikariConfig();
    config.setPoolName("checkpoint");
    config.setJdbcUrl(settings.url());
    config.setDataSourceProperties(settings.properties());
    config.setMaximumPoolSize(settings.poolSize());
    config.setMinimumIdle(1);
    config.setConnectionTimeout(MOST_WAIT.toMillis());
    if (settings.isolation() != null) {
      config.setTransactionIsolation("TRANSACTION_" + settings.isolation().name());
    }
    try {
      HikariDataSource pool = new HikariDataSource(config);
      return new ConnectionSource(pool::getConnection, pool::close);
    } catch (PoolInitializationException e) {
      if (e.getCause() instanceof SQLException cause) {
        throw cause;
      }
      throw new SQLNonTransientConnectionException("no pool", "08001", e);
    }
  }
}
