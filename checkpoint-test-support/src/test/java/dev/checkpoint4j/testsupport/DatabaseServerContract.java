package dev.checkpoint4j.testsupport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What the tests of the JDBC store rely on. */
abstract class DatabaseServerContract {

  /** A server of its own, for a test that kills it. */
  abstract LocalServer start();

  abstract String url(LocalServer server);

  /** The settings that make it durable, and those that the tests need. */
  abstract void assertSettings(Sql sql) throws SQLException;

  abstract LocalServer shared();

  abstract String sharedUrl();

  abstract Map<String, String> childProperties();

  @Test
  void keepsItsDataWhenKilledAndLeavesNothingWhenClosed() throws Exception {
    LocalServer server = start();
    Path directory = server.directory();
    try (server) {
      try (Sql sql = Sql.connect(url(server))) {
        assertSettings(sql);
        sql.run("create table kept (id int primary key)");
        sql.run("insert into kept values (42)");
        server.kill();
        assertThatThrownBy(() -> sql.ask("select 1"))
            .as("a connection to the killed server")
            .isInstanceOf(SQLException.class);
      }
      assertThatThrownBy(() -> Sql.connect(url(server)))
          .as("connecting to the killed server")
          .isInstanceOf(SQLException.class);

      server.restart();
      try (Sql sql = Sql.connect(url(server))) {
        assertThat(sql.ask("select id from kept")).isEqualTo("42");
      }
    }
    assertThat(directory).as("the server's directory").doesNotExist();
  }

  @Test
  void closesAServerThatIsDown() {
    LocalServer server = start();
    server.kill();
    server.close();
    assertThat(server.directory()).doesNotExist();
  }

  @Test
  void sharesOneServerWithThisJvmAndItsChildren() throws Exception {
    assertThat(shared()).isSameAs(shared());
    assertThat(childProperties()).containsValue(sharedUrl());
    try (Sql sql = Sql.connect(sharedUrl())) {
      assertThat(sql.ask("select 1")).isEqualTo("1");
    }
  }
}
