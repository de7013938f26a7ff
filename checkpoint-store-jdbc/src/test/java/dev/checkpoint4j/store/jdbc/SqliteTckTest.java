package dev.checkpoint4j.store.jdbc;

import dev.checkpoint4j.spi.Durability;
import dev.checkpoint4j.tck.TckScope;

class SqliteTckTest extends JdbcTck {

  SqliteTckTest() {
    super(JdbcDialect.SQLITE, Durability.POWER_LOSS);
  }

  @Override
  String url(TckScope scope) {
    return "jdbc:sqlite:" + scope.location().resolve("db");
  }
}
