package dev.checkpoint4j.store.jdbc;

import dev.checkpoint4j.tck.TckScope;
import dev.checkpoint4j.testsupport.PostgresServer;
import java.util.Map;

class PostgresTckTest extends ServerTck {

  PostgresTckTest() {
    super(JdbcDialect.POSTGRESQL);
  }

  @Override
  String url() {
    return PostgresServer.sharedUrl();
  }

  @Override
  protected Map<String, String> childProcessProperties(TckScope scope) {
    return PostgresServer.childProperties();
  }
}
