package dev.checkpoint4j.testsupport;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.util.Map;

class PostgresServerTest extends DatabaseServerContract {

  @Override
  LocalServer start() {
    return PostgresServer.start();
  }

  @Override
  String url(LocalServer server) {
    return ((PostgresServer) server).url();
  }

  @Override
  void assertSettings(Sql sql) throws SQLException {
    assertThat(sql.ask("show fsync")).isEqualTo("on");
    assertThat(sql.ask("show synchronous_commit")).isEqualTo("on");
    assertThat(sql.ask("show max_connections")).isEqualTo("200");
  }

  @Override
  LocalServer shared() {
    return PostgresServer.shared();
  }

  @Override
  String sharedUrl() {
    return PostgresServer.sharedUrl();
  }

  @Override
  Map<String, String> childProperties() {
    return PostgresServer.childProperties();
  }
}
