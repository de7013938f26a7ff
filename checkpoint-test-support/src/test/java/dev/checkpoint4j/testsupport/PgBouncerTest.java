package dev.checkpoint4j.testsupport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PgBouncerTest {

  @Test
  void sharesConnectionsOfTheServerAmongItsClients() throws Exception {
    try (PgBouncer pgBouncer = PgBouncer.start(PostgresServer.shared())) {
      List<Sql> clients = new ArrayList<>();
      try {
        Set<String> serverProcesses = new HashSet<>();
        for (int i = 0; i < 5; i++) {
          Sql client = Sql.connect(pgBouncer.url());
          clients.add(client);
          serverProcesses.add(client.ask("select pg_backend_pid()"));
        }
        assertThat(serverProcesses).hasSizeBetween(1, 2);
      } finally {
        for (Sql client : clients) {
          client.close();
        }
      }
    }
  }

  @Test
  void doesNotKeepAClientOnItsConnection() throws Exception {
    try (PgBouncer pgBouncer = PgBouncer.start(PostgresServer.shared());
        Sql first = Sql.connect(pgBouncer.url());
        Sql second = Sql.connect(pgBouncer.url())) {
      String before = first.ask("select pg_backend_pid()");
      second.connection().setAutoCommit(false);
      assertThat(second.ask("select pg_backend_pid()"))
          .as("the server connection that the second client's transaction takes")
          .isEqualTo(before);
      assertThat(first.ask("select pg_backend_pid()"))
          .as("that of the first client, meanwhile")
          .isNotEqualTo(before);
    }
  }

  @Test
  void startsAgainOnItsPort() throws Exception {
    try (PgBouncer pgBouncer = PgBouncer.start(PostgresServer.shared())) {
      pgBouncer.kill();
      assertThatExceptionOfType(SQLException.class)
          .isThrownBy(() -> Sql.connect(pgBouncer.url()).close());
      pgBouncer.restart();
      try (Sql client = Sql.connect(pgBouncer.url())) {
        assertThat(client.ask("select 1")).isEqualTo("1");
      }
    }
  }
}
