package dev.checkpoint4j.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.store.jdbc.servers.PgBouncer;
import dev.checkpoint4j.store.jdbc.servers.PostgresServer;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.postgresql.PGConnection;

/** A pooler of transactions between the store and PostgreSQL, without and with the store. */
@Timeout(120)
class PostgresPoolerTest {

  /** The driver names a statement on the server when it is used so often; 5 is its default. */
  private static final int THRESHOLD = 3;

  private PgBouncer pgBouncer;

  @BeforeEach
  void start() {
    pgBouncer = PgBouncer.start(PostgresServer.shared());
  }

  @AfterEach
  void stop() {
    if (pgBouncer != null) {
      pgBouncer.close();
    }
  }

  @Test
  void noticesThePooler() throws Exception {
    try (Connection pooled = DriverManager.getConnection(pgBouncer.url());
        Connection direct = DriverManager.getConnection(PostgresServer.sharedUrl())) {
      assertThat(PostgresPooler.isBetween(pooled)).as("a pooler on the way by PgBouncer").isTrue();
      assertThat(PostgresPooler.isBetween(direct)).as("a pooler on the direct way").isFalse();
    }
  }

  /**
   * The names that two drivers give are the same. One that a server connection does not know, the
   * driver would get over by itself, outside of transactions; one that it knows as that of another
   * statement it would not.
   */
  @Test
  void namesNoStatementsOnConnectionsOfOthers() {
    try (HikariDataSource application = pool(pgBouncer.url());
        JdbcBackendStorage store = open(application);
        HikariDataSource otherApplication = pool(pgBouncer.url());
        JdbcBackendStorage other = open(otherApplication)) {
      Checkpoint checkpoint = Checkpoint.empty(UUID.randomUUID().toString());
      store.put(checkpoint);
      for (int i = 0; i < 2 * THRESHOLD; i++) {
        assertReads(store, checkpoint);
        assertReads(other, checkpoint);
      }
    }
  }

  private static void assertReads(JdbcBackendStorage store, Checkpoint checkpoint) {
    assertThat(store.getBySession(checkpoint.sessionKey())).as("the latest").contains(checkpoint);
    assertThat(store.get(checkpoint.namespace(), checkpoint.id())).as("by id").contains(checkpoint);
    assertThat(store.list(CheckpointQuery.builder(checkpoint.sessionKey()).build()).items())
        .as("the list")
        .containsExactly(checkpoint);
  }

  @Test
  void leavesTheSettingOfTheApplicationBehindAPooler() throws Exception {
    assertLeavesTheSetting(pgBouncer.url());
  }

  @Test
  void leavesTheSettingOfTheApplicationWithoutAPooler() throws Exception {
    assertLeavesTheSetting(PostgresServer.sharedUrl());
  }

  private static void assertLeavesTheSetting(String url) throws SQLException {
    try (HikariDataSource application = pool(url);
        JdbcBackendStorage store = open(application)) {
      Checkpoint checkpoint = Checkpoint.empty(UUID.randomUUID().toString());
      store.put(checkpoint);
      assertReads(store, checkpoint);
      try (Connection connection = application.getConnection()) {
        assertThat(connection.unwrap(PGConnection.class).getPrepareThreshold())
            .as("the prepareThreshold of the application's only connection")
            .isEqualTo(THRESHOLD);
      }
    }
  }

  private static HikariDataSource pool(String url) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(url);
    config.setMaximumPoolSize(1);
    config.addDataSourceProperty("prepareThreshold", Integer.toString(THRESHOLD));
    return new HikariDataSource(config);
  }

  private static JdbcBackendStorage open(HikariDataSource application) {
    return JdbcBackendStorage.builder()
        .dataSource(application)
        .tablePrefix("pooler_")
        .schemaMode(SchemaMode.CREATE)
        .codec(TestCodec.INSTANCE)
        .open();
  }
}
