package dev.checkpoint4j.store.jdbc;

import dev.checkpoint4j.spi.Durability;
import dev.checkpoint4j.tck.TckScope;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;

/** The TCK on a server, where the tables of a test have to be dropped. */
abstract class ServerTck extends JdbcTck {

  ServerTck(JdbcDialect dialect) {
    super(dialect, Durability.POWER_LOSS);
  }

  abstract String url();

  @Override
  final String url(TckScope scope) {
    return url();
  }

  @Override
  protected void dispose(TckScope scope) {
    super.dispose(scope);
    try (Connection connection = DriverManager.getConnection(url());
        Statement statement = connection.createStatement()) {
      for (String table : new String[] {"history", "session", "migration"}) {
        statement.execute("DROP TABLE IF EXISTS " + scope.name() + "_" + table);
      }
    } catch (SQLException e) {
      throw new IllegalStateException("the tables of a test cannot be dropped", e);
    }
  }
}
