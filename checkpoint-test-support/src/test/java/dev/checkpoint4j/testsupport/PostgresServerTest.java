package dev.checkpoint4j.testsupport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;

class PostgresServerTest {

  @Test
  void keepsItsDataWhenKilledAndLeavesNothingWhenClosed() throws Exception {
    PostgresServer server = PostgresServer.start();
    Path directory = server.directory();
    try (server) {
      try (Sql sql = Sql.connect(server.url())) {
        assertThat(sql.ask("show fsync")).isEqualTo("on");
        assertThat(sql.ask("show synchronous_commit")).isEqualTo("on");
        assertThat(sql.ask("show max_connections")).isEqualTo("200");
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
    PostgresServer server = PostgresServer.start();
    server.kill();
    server.close();
    assertThat(server.directory()).doesNotExist();
  }

  @Test
  void sharesOneServerWithThisJvmAndItsChildren() throws Exception {
    assertThat(PostgresServer.shared()).isSameAs(PostgresServer.shared());
    assertThat(PostgresServer.childProperties())
        .containsEntry(PostgresServer.URL_PROPERTY, PostgresServer.sharedUrl());
    try (Sql sql = Sql.connect(PostgresServer.sharedUrl())) {
      assertThat(sql.ask("select 1")).isEqualTo("1");
    }
  }
}
