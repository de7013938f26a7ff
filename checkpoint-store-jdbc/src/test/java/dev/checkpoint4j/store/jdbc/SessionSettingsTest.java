package dev.checkpoint4j.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointMetadata;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.CheckpointQuery.Order;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.error.BackendConfigurationException;
import dev.checkpoint4j.error.DuplicateCheckpointException;
import dev.checkpoint4j.error.StorageUnavailableException;
import dev.checkpoint4j.error.VersionConflictException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Settings of a connection that change what its statements do: the store is independent of them, or
 * refuses to open. docs/jdbc.md lists them.
 */
@Timeout(120)
class SessionSettingsTest {

  private static final SessionKey SESSION = new SessionKey("default", "s");

  @TempDir private Path directory;
  private final String prefix = TestDatabase.newPrefix();

  private static Stream<Arguments> of(TestDatabase database, String... statements) {
    return Stream.of(statements).map(statement -> Arguments.of(database, statement));
  }

  static Stream<Arguments> settingsThatChangeNothing() {
    return Stream.of(
            of(
                TestDatabase.MARIADB,
                "SET sql_safe_updates = 1",
                "SET sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES,PIPES_AS_CONCAT,IGNORE_SPACE'",
                "SET sql_mode = ''",
                "SET sql_mode = 'TRADITIONAL,HIGH_NOT_PRECEDENCE,NO_UNSIGNED_SUBTRACTION'",
                "SET sql_mode = 'ORACLE,EMPTY_STRING_IS_NULL'",
                "SET collation_connection = utf8mb4_general_ci",
                "SET character_set_results = ascii",
                "SET completion_type = 1",
                "SET foreign_key_checks = 0",
                "SET max_statement_time = 20",
                "SET optimizer_switch = 'index_merge=off'"),
            of(
                TestDatabase.POSTGRESQL,
                "SET bytea_output = 'escape'",
                "SET standard_conforming_strings = off",
                "SET synchronous_commit = local",
                "SET row_security = off",
                "SET statement_timeout = '20s'",
                "SET lock_timeout = '1s'",
                "SET idle_in_transaction_session_timeout = '20s'",
                "SET search_path TO public, pg_catalog",
                "SET quote_all_identifiers = on",
                "SET transform_null_equals = on",
                "SET enable_indexscan = off",
                "SET default_transaction_isolation = 'serializable'"),
            of(
                TestDatabase.H2,
                "SET DEFAULT_NULL_ORDERING HIGH",
                "SET MODE MySQL",
                "SET MODE PostgreSQL",
                "SET MODE MariaDB",
                "SET MODE DB2",
                "SET MODE HSQLDB",
                "SET QUERY_TIMEOUT 20000",
                "SET LOCK_TIMEOUT 100",
                "SET LAZY_QUERY_EXECUTION TRUE",
                "SET MAX_MEMORY_ROWS 1"),
            of(
                TestDatabase.SQLITE,
                "PRAGMA case_sensitive_like = ON",
                "PRAGMA recursive_triggers = ON",
                "PRAGMA read_uncommitted = ON",
                "PRAGMA ignore_check_constraints = ON",
                "PRAGMA reverse_unordered_selects = ON",
                "PRAGMA temp_store = MEMORY",
                "PRAGMA foreign_keys = ON"))
        .flatMap(all -> all);
  }

  static Stream<Arguments> settingsThatAreRefused() {
    return Stream.of(
            of(TestDatabase.MARIADB, "SET unique_checks = 0", "SET sql_select_limit = 1"),
            of(TestDatabase.H2, "SET LOCK_MODE 0"),
            of(TestDatabase.SQLITE, "PRAGMA journal_mode = OFF", "PRAGMA count_changes = ON"))
        .flatMap(all -> all);
  }

  private HikariDataSource pool(TestDatabase database, String setting) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(database.url(directory));
    config.setMaximumPoolSize(2);
    config.setConnectionInitSql(setting);
    return new HikariDataSource(config);
  }

  private JdbcBackendStorageBuilder on(DataSource pool) {
    return JdbcBackendStorage.builder()
        .dataSource(pool)
        .tablePrefix(prefix)
        .schemaMode(SchemaMode.VALIDATE)
        .codec(TestCodec.INSTANCE);
  }

  @ParameterizedTest
  @MethodSource("settingsThatChangeNothing")
  void answersAreTheSame(TestDatabase database, String setting) {
    database.store(directory, prefix).open().close();
    try (HikariDataSource pool = pool(database, setting);
        JdbcBackendStorage store = on(pool).open()) {
      List<Checkpoint> all = new ArrayList<>();
      for (int version = 1; version <= 5; version++) {
        all.add(0, checkpoint(SESSION.sessionId(), version));
        store.put(all.get(0), Expectation.any());
      }
      Checkpoint other = checkpoint("t \\ ' \" \u00e4\ud83d\ude00", 1);
      store.put(other, Expectation.any());

      assertThat(store.getBySession(SESSION)).as("the latest").contains(all.get(0));
      assertThat(store.getBySession(other.sessionKey())).as("of the other").contains(other);
      assertThat(store.get("default", "s-3")).as("by id").contains(all.get(2));
      CheckpointQuery query = CheckpointQuery.builder(SESSION).build();
      assertThat(store.list(query).items()).as("the list").isEqualTo(all);
      assertThat(store.list(query.toBuilder().order(Order.OLDEST_FIRST).limit(2).build()).items())
          .as("the oldest")
          .containsExactly(all.get(4), all.get(3));
      assertThat(store.listHeaders(CheckpointQuery.builder("default").build()).items())
          .as("headers of all sessions")
          .hasSize(6);
      assertThat(store.listHeaders(query.toBuilder().attribute("color", "Red").build()).items())
          .as("by attribute")
          .hasSize(5);
      assertThat(store.listSessions("default", 10, Optional.empty()).items())
          .as("the sessions")
          .containsExactly(SESSION, other.sessionKey());

      store.put(all.get(0), Expectation.any());
      assertThatThrownBy(
              () -> store.put(checkpoint(SESSION.sessionId(), 6, "s-3"), Expectation.any()))
          .as("another checkpoint of an id")
          .isInstanceOf(DuplicateCheckpointException.class);
      assertThatThrownBy(
              () -> store.put(checkpoint(SESSION.sessionId(), 5, "new"), Expectation.any()))
          .as("a version that is taken")
          .isInstanceOf(VersionConflictException.class);

      assertThat(store.delete("default", List.of("s-5", "s-3", "s-1", other.id(), "none")))
          .as("deleted by ids")
          .isEqualTo(4);
      assertThat(store.getBySession(SESSION)).as("the latest that is left").contains(all.get(1));
      assertThat(store.deleteBySession(SESSION)).as("deleted by session").isEqualTo(2);
      assertThat(store.listSessions("default", 10, Optional.empty()).items())
          .as("what is left")
          .isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("settingsThatAreRefused")
  void settingIsRefused(TestDatabase database, String setting) {
    database.store(directory, prefix).open().close();
    try (HikariDataSource pool = pool(database, setting)) {
      assertThat(
              catchThrowableOfType(
                      BackendConfigurationException.class, () -> on(pool).open().close())
                  .problems())
          .as("problems with %s", setting)
          .singleElement()
          .asString()
          .containsIgnoringCase(setting.replaceFirst("^(SET|PRAGMA) (\\w+).*", "$2"));
    }
  }

  static Stream<Arguments> settingsOfLaterConnectionsThatAreRefused() {
    return Stream.of(
            of(
                TestDatabase.MARIADB,
                "SET unique_checks = 0",
                "SET sql_select_limit = 1",
                "SET SESSION TRANSACTION ISOLATION LEVEL READ UNCOMMITTED"),
            of(TestDatabase.POSTGRESQL, "SET synchronous_commit = off"),
            of(TestDatabase.H2, "SET LOCK_MODE 0"),
            of(
                TestDatabase.SQLITE,
                "PRAGMA synchronous = OFF",
                "PRAGMA journal_mode = OFF",
                "PRAGMA count_changes = ON"))
        .flatMap(all -> all);
  }

  @ParameterizedTest
  @MethodSource("settingsOfLaterConnectionsThatAreRefused")
  void settingOfALaterConnectionIsRefused(TestDatabase database, String setting) {
    database.store(directory, prefix).open().close();
    List<String> settings = new CopyOnWriteArrayList<>();
    try (JdbcBackendStorage store = on(connecting(database, settings)).open()) {
      Checkpoint first = checkpoint(SESSION.sessionId(), 1);
      store.put(first, Expectation.any());
      settings.add(setting);
      Checkpoint second = checkpoint(SESSION.sessionId(), 2);
      List<ThrowingCallable> calls =
          List.of(
              () -> store.put(second, Expectation.any()),
              () -> store.delete("default", List.of(first.id())),
              () -> store.deleteBySession(SESSION));
      for (ThrowingCallable call : calls) {
        assertThatThrownBy(call)
            .as("a call on a connection with %s", setting)
            .isInstanceOf(StorageUnavailableException.class)
            .hasMessageContaining("nothing was changed")
            .hasMessageMatching(
                setting.replaceFirst(
                    "^(SET|PRAGMA) (SESSION TRANSACTION )?(\\w+).*", "(?i).*\\\\b$3\\\\b.*"));
      }
    }
  }

  /** Makes each connection when it is asked for, with the settings of that moment. */
  private DataSource connecting(TestDatabase database, List<String> settings) {
    return (DataSource)
        Proxy.newProxyInstance(
            SessionSettingsTest.class.getClassLoader(),
            new Class<?>[] {DataSource.class},
            (self, method, arguments) -> {
              Connection connection = DriverManager.getConnection(database.url(directory));
              try (Statement statement = connection.createStatement()) {
                for (String setting : settings) {
                  statement.execute(setting);
                }
              }
              return connection;
            });
  }

  /** Set after the store was opened, by somebody who has had the connection before. */
  @Test
  void selectLimitOfALaterConnectionLeavesOutNothing() throws SQLException {
    try (HikariDataSource pool = pool(TestDatabase.MARIADB, "SELECT 1")) {
      pool.setMaximumPoolSize(1);
      try (JdbcBackendStorage store = on(pool).schemaMode(SchemaMode.CREATE).open()) {
        for (int version = 1; version <= 3; version++) {
          store.put(checkpoint(SESSION.sessionId(), version), Expectation.any());
        }
        try (Connection connection = pool.getConnection();
            Statement statement = connection.createStatement()) {
          statement.execute("SET sql_select_limit = 1");
        }
        assertThat(store.list(CheckpointQuery.builder(SESSION).build()).items())
            .as("the list")
            .hasSize(3);
        store.put(checkpoint("other", 1), Expectation.any());
        assertThat(store.delete("default", List.of("s-1", "s-2", "s-3", "other-1")))
            .as("deleted")
            .isEqualTo(4);
        assertThat(store.listSessions("default", 10, Optional.empty()).items())
            .as("what is left")
            .isEmpty();
      }
    }
  }

  private static Checkpoint checkpoint(String session, long version) {
    return checkpoint(session, version, session + "-" + version);
  }

  private static Checkpoint checkpoint(String session, long version, String id) {
    return Checkpoint.builder(CheckpointMetadata.builder(session).attribute("color", "Red").build())
        .id(id)
        .version(version)
        .values(Map.of("text", "\\ ' \" \u00e4\ud83d\ude00", "version", version))
        .build();
  }
}
