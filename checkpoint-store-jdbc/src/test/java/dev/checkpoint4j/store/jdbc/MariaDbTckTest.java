package dev.checkpoint4j.store.jdbc;

import dev.checkpoint4j.tck.TckScope;
import dev.checkpoint4j.testsupport.MariaDbServer;
import java.util.Map;

class MariaDbTckTest extends ServerTck {

  MariaDbTckTest() {
    super(JdbcDialect.MARIADB);
  }

  @Override
  String url() {
    return MariaDbServer.sharedUrl();
  }

  @Override
  protected Map<String, String> childProcessProperties(TckScope scope) {
    return MariaDbServer.childProperties();
  }
}
