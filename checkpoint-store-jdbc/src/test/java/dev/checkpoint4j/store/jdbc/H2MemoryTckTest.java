package dev.checkpoint4j.store.jdbc;

import dev.checkpoint4j.spi.Durability;
import dev.checkpoint4j.tck.TckScope;

class H2MemoryTckTest extends JdbcTck {

  H2MemoryTckTest() {
    super(JdbcDialect.H2, Durability.VOLATILE);
  }

  @Override
  String url(TckScope scope) {
    return "jdbc:h2:mem:" + scope.name();
  }
}
