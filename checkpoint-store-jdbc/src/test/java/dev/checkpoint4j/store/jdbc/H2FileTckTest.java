package dev.checkpoint4j.store.jdbc;

import dev.checkpoint4j.spi.Durability;
import dev.checkpoint4j.tck.TckScope;

class H2FileTckTest extends JdbcTck {

  H2FileTckTest() {
    super(JdbcDialect.H2, Durability.PROCESS_CRASH);
  }

  @Override
  String url(TckScope scope) {
    return "jdbc:h2:async:" + scope.location().resolve("db");
  }
}
