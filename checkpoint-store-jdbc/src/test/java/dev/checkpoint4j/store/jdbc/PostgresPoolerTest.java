package dev.checkpoint4j.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.testsupport.PgBouncer;
import dev.checkpoint4j.testsupport.PostgresServer;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
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
      assertThat(PostgresPooler.preparation(pooled))
          .as("what connections by PgBouncer need")
          .isInstanceOf(PostgresPooler.class);
      assertThat(PostgresPooler.preparation(direct))
          .as("what direct connections need")
          .isSameAs(Preparation.NONE);
    }
  }

  @Test
  void namesNoStatementsWhereAnotherConnectionMayGetThem() throws Exception {
    try (HikariDataSource application = pool(pgBouncer.url());
        JdbcBackendStorage store = open(application);
        Connection other = DriverManager.getConnection(pgBouncer.url())) {
      Checkpoint checkpoint = Checkpoint.empty(UUID.randomUUID().toString());
      store.put(checkpoint, Expectation.any());
      for (int i = 0; i < 3 * THRESHOLD; i++) {
        assertReads(store, checkpoint);
      }
      String before = serverProcess(application);
      other.setAutoCommit(false);
      assertThat(serverProcess(other)).as("the server process of a transaction").isEqualTo(before);
      assertThat(serverProcess(application))
          .as("the server process that is left to the store")
          .isNotEqualTo(before);
      assertReads(store, checkpoint);
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
      store.put(checkpoint, Expectation.any());
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

  private static String serverProcess(HikariDataSource application) throws SQLException {
    try (Connection connection = application.getConnection()) {
      return serverProcess(connection);
    }
  }

  private static String serverProcess(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT pg_backend_pid()")) {
      assertThat(row.next()).isTrue();
      return row.getString(1);
    }
  }
}
