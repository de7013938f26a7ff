package dev.checkpoint4j.testsupport;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MariaDbServerTest extends DatabaseServerContract {

  @Override
  LocalServer start() {
    return MariaDbServer.start();
  }

  @Override
  String url(LocalServer server) {
    return ((MariaDbServer) server).url();
  }

  @Override
  void assertSettings(Sql sql) throws SQLException {
    assertThat(sql.ask("select @@innodb_flush_log_at_trx_commit")).isEqualTo("1");
    assertThat(sql.ask("select @@max_allowed_packet")).isEqualTo("" + (68 << 20));
    assertThat(sql.ask("select @@max_connections")).isEqualTo("200");
  }

  @Override
  LocalServer shared() {
    return MariaDbServer.shared();
  }

  @Override
  String sharedUrl() {
    return MariaDbServer.sharedUrl();
  }

  @Override
  Map<String, String> childProperties() {
    return MariaDbServer.childProperties();
  }

  @Test
  void servesTheDriverOfMySql() throws Exception {
    try (Sql sql = Sql.connect(MariaDbServer.sharedMysqlUrl())) {
      assertThat(sql.connection().getMetaData().getDriverName()).startsWith("MySQL Connector/J");
      assertThat(sql.ask("select version()")).contains("MariaDB");
    }
  }
}
