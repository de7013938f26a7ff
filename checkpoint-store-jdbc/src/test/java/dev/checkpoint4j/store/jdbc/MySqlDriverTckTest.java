package dev.checkpoint4j.store.jdbc;

import dev.checkpoint4j.tck.TckScope;
import dev.checkpoint4j.testsupport.MariaDbServer;
import java.util.Map;
import org.junit.jupiter.api.Tag;

/** The dialect of MySQL and its driver; on MariaDB, since no MySQL server is to be had. */
@Tag("soak")
class MySqlDriverTckTest extends ServerTck {

  MySqlDriverTckTest() {
    super(JdbcDialect.MYSQL);
  }

  @Override
  String url() {
    return MariaDbServer.sharedMysqlUrl();
  }

  @Override
  protected Map<String, String> childProcessProperties(TckScope scope) {
    return MariaDbServer.childProperties();
  }
}
