package dev.checkpoint4j.testsupport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;

class MariaDbServerTest {

  @Test
  void keepsItsDataWhenKilledAndLeavesNothingWhenClosed() throws Exception {
    MariaDbServer server = MariaDbServer.start();
    Path directory = server.directory();
    try (server) {
      try (Sql sql = Sql.connect(server.url())) {
        assertThat(sql.ask("select @@innodb_flush_log_at_trx_commit")).isEqualTo("1");
        assertThat(sql.ask("select @@max_allowed_packet")).isEqualTo("" + (68 << 20));
        assertThat(sql.ask("select @@max_connections")).isEqualTo("200");
        sql.run("create table kept (id int primary key)");
        sql.run("insert into kept values (42)");
        server.kill();
        assertThatThrownBy(() -> sql.ask("select 1"))
            .as("a connection to the killed server")
            .isInstanceOf(SQLException.class);
      }
      assertThatThrownBy(() -> Sql.connect(server.url()))
          .as("connecting to the killed server")
          .isInstanceOf(SQLException.class);

      server.restart();
      try (Sql sql = Sql.connect(server.url())) {
        assertThat(sql.ask("select id from kept")).isEqualTo("42");
      }
    }
    assertThat(directory).as("the server's directory").doesNotExist();
  }

  @Test
  void closesAServerThatIsDown() {
    MariaDbServer server = MariaDbServer.start();
    server.kill();
    server.close();
    assertThat(server.directory()).doesNotExist();
  }

  @Test
  void servesTheDriverOfMySql() throws Exception {
    try (Sql sql = Sql.connect(MariaDbServer.sharedMysqlUrl())) {
      assertThat(sql.connection().getMetaData().getDriverName()).startsWith("MySQL Connector/J");
      assertThat(sql.ask("select version()")).contains("MariaDB");
    }
  }

  @Test
  void sharesOneServerWithThisJvmAndItsChildren() throws Exception {
    assertThat(MariaDbServer.shared()).isSameAs(MariaDbServer.shared());
    assertThat(MariaDbServer.childProperties())
        .containsEntry(MariaDbServer.URL_PROPERTY, MariaDbServer.sharedUrl());
    try (Sql sql = Sql.connect(MariaDbServer.sharedUrl())) {
      assertThat(sql.ask("select 1")).isEqualTo("1");
    }
  }
}
