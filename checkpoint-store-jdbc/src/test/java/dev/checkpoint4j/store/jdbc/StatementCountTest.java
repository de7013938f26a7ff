package dev.checkpoint4j.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointMetadata;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.CheckpointQuery.Order;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.error.VersionConflictException;
import dev.checkpoint4j.testsupport.MariaDbServer;
import dev.checkpoint4j.testsupport.PostgresServer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How many statements and commits the store sends, each of them a way to the database and back. */
class StatementCountTest {

  private static final String LINE = "counted";

  private record Sent(long statements, long commits) {
    Sent(long statements) {
      this(statements, 0);
    }
  }

  @Test
  void onPostgres() {
    check(JdbcDialect.POSTGRESQL, PostgresServer.sharedUrl(), new Sent(1));
  }

  /** Also of puts that lack what others have. */
  @Test
  void onPostgresThePutIsPreparedOnce() throws SQLException {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(PostgresServer.sharedUrl());
    config.setMaximumPoolSize(1);
    try (HikariDataSource only = new HikariDataSource(config);
        JdbcBackendStorage store =
            JdbcBackendStorage.builder()
                .dataSource(only)
                .tablePrefix(TestDatabase.newPrefix())
                .schemaMode(SchemaMode.CREATE)
                .codec(TestCodec.INSTANCE)
                .open()) {
      for (long version = 1; version <= 40; version += 2) {
        store.put(plain(version), Expectation.any());
        store.put(
            Checkpoint.builder(withAttributes(version + 1).header())
                .parentId(plain(version).id())
                .values(Map.of())
                .build(),
            Expectation.any());
      }
      try (Connection connection = only.getConnection();
          Statement statement = connection.createStatement();
          ResultSet row =
              statement.executeQuery(
                  "SELECT SUM(generic_plans + custom_plans) FROM pg_prepared_statements"
                      + " WHERE statement LIKE 'WITH raised%'")) {
        assertThat(row.next()).isTrue();
        assertThat(row.getLong(1)).as("executions of what was prepared").isGreaterThan(30);
      }
    }
  }

  @Test
  void onMariaDb() {
    check(JdbcDialect.MARIADB, MariaDbServer.sharedUrl(), new Sent(2, 1));
  }

  @Test
  void onH2(@TempDir Path directory) {
    check(JdbcDialect.H2, "jdbc:h2:" + directory.resolve("db"), new Sent(2, 1));
  }

  @Test
  void onSqlite(@TempDir Path directory) {
    check(JdbcDialect.SQLITE, "jdbc:sqlite:" + directory.resolve("db"), new Sent(2, 1));
  }

  /** More attributes than are hashed: the database finds each with any condition. */
  @Test
  void checkpointsOfManyAttributesAreNotReadByAStatementEach() {
    int length = 200;
    try (JdbcBackendStorage store = open(JdbcDialect.H2, "jdbc:h2:mem:many-attributes")) {
      for (long version = 1; version <= length; version++) {
        CheckpointMetadata.Builder metadata = CheckpointMetadata.builder("counted");
        IntStream.rangeClosed(0, AttributeHashes.MOST)
            .forEach(number -> metadata.attribute("attribute-" + number, number));
        store.put(checkpoint(version, metadata.build()), Expectation.any());
      }
      for (Order order : Order.values()) {
        CheckpointQuery query =
            CheckpointQuery.builder("default")
                .attribute("attribute-1", "of none")
                .order(order)
                .limit(1)
                .build();
        assertThat(
                sentDuring(() -> assertThat(store.listHeaders(query).items()).isEmpty())
                    .statements())
            .as("statements to look at %s checkpoints, %s", length, order)
            .isLessThan(length / 5);
      }
    }
  }

  private static void check(JdbcDialect dialect, String url, Sent put) {
    try (JdbcBackendStorage store = open(dialect, url)) {
      assertThat(sentDuring(() -> store.put(plain(1), Expectation.any())))
          .as("the first put")
          .isEqualTo(put);
      assertThat(sentDuring(() -> store.put(plain(2), Expectation.any())))
          .as("the next put")
          .isEqualTo(put);
      assertThat(sentDuring(() -> store.put(withAttributes(3), Expectation.any())))
          .as("a put with attributes")
          .isEqualTo(put);
      ofExpectations(store, put);
      assertThat(
              sentDuring(() -> assertThat(store.get("default", plain(1).id())).contains(plain(1))))
          .as("get")
          .isEqualTo(new Sent(1));
      assertThat(
              sentDuring(
                  () -> assertThat(store.getBySession(session())).contains(withAttributes(3))))
          .as("getBySession")
          .isEqualTo(new Sent(1));

      CheckpointQuery whole = CheckpointQuery.builder(session()).build();
      CheckpointQuery part = whole.toBuilder().limit(2).build();
      assertThat(sentDuring(() -> assertThat(store.list(whole).items()).hasSize(3)))
          .as("a page with all of a session")
          .isEqualTo(new Sent(1));
      assertThat(sentDuring(() -> assertThat(store.list(part).items()).hasSize(2)))
          .as("a page with a part of a session")
          .isEqualTo(new Sent(2));
      assertThat(sentDuring(() -> assertThat(store.listHeaders(part).items()).hasSize(2)))
          .as("a page of headers")
          .isEqualTo(new Sent(1));
      assertThat(
              sentDuring(
                  () ->
                      assertThat(store.listSessions("default", 10, Optional.empty()).items())
                          .hasSize(1)))
          .as("a page of sessions")
          .isEqualTo(new Sent(1));
      assertThat(
              sentDuring(
                  () ->
                      assertThat(store.listNamespaces(10, Optional.empty()).items())
                          .containsExactly("default")))
          .as("a page of namespaces")
          .isEqualTo(new Sent(1));
    }
  }

  private static void ofExpectations(JdbcBackendStorage store, Sent put) {
    Expectation latest = Expectation.latestIs(withAttributes(3).id());
    assertThat(sentDuring(() -> store.put(plain(4), latest)))
        .as("a put that expects the latest")
        .isEqualTo(put);
    for (Expectation unmet : List.of(latest, Expectation.noSession())) {
      assertThat(
              sentDuring(
                  () ->
                      Assertions.assertThatExceptionOfType(VersionConflictException.class)
                          .isThrownBy(() -> store.put(plain(5), unmet))))
          .as("a put that is refused since it expects %s", unmet)
          .isEqualTo(new Sent(put.statements() + 1));
    }
    store.delete("default", List.of(plain(4).id()));
    Checkpoint first =
        checkpoint(1, CheckpointMetadata.of("counted-too")).toBuilder().id("first").build();
    store.deleteBySession(first.sessionKey());
    assertThat(sentDuring(() -> store.put(first, Expectation.noSession())))
        .as("a put that expects no session")
        .isEqualTo(put);
    store.deleteBySession(first.sessionKey());
  }

  private static JdbcBackendStorage open(JdbcDialect dialect, String url) {
    JdbcBackendStorage store =
        JdbcBackendStorage.builder()
            .url(FaultyDriver.url(LINE, url))
            .dialect(dialect)
            .tablePrefix(LINE + "_")
            .schemaMode(SchemaMode.CREATE)
            .codec(TestCodec.INSTANCE)
            .open();
    store.deleteBySession(session());
    return store;
  }

  private static Sent sentDuring(Runnable action) {
    FaultyDriver.Line line = FaultyDriver.line(LINE);
    long statements = line.statements.sum();
    long commits = line.commits.sum();
    action.run();
    return new Sent(line.statements.sum() - statements, line.commits.sum() - commits);
  }

  private static SessionKey session() {
    return plain(1).sessionKey();
  }

  private static Checkpoint plain(long version) {
    return checkpoint(version, CheckpointMetadata.of("counted"));
  }

  private static Checkpoint withAttributes(long version) {
    CheckpointMetadata.Builder metadata = CheckpointMetadata.builder("counted").taskId("task");
    LongStream.range(0, 20).forEach(number -> metadata.attribute("attribute-" + number, number));
    return checkpoint(version, metadata.build());
  }

  private static Checkpoint checkpoint(long version, CheckpointMetadata metadata) {
    return Checkpoint.builder(metadata)
        .id("counted-" + version)
        .version(version)
        .ts(Instant.EPOCH)
        .values(Map.of("state", "x".repeat(1_000)))
        .build();
  }
}
