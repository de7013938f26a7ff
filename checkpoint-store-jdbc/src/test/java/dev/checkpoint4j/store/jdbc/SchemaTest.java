package dev.checkpoint4j.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.error.BackendConfigurationException;
import dev.checkpoint4j.spi.BackendStorage;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The tables: made once, compared in full, and printed for a person to make them. */
class SchemaTest {

  private static final Checkpoint CHECKPOINT = Checkpoint.builder("s").version(1).build();

  @TempDir private Path directory;
  private final String prefix = TestDatabase.newPrefix();

  private JdbcBackendStorageBuilder store(TestDatabase database, SchemaMode mode) {
    return database.store(directory, prefix).schemaMode(mode);
  }

  private List<String> differences(TestDatabase database) {
    return catchThrowableOfType(
            BackendConfigurationException.class,
            () -> store(database, SchemaMode.VALIDATE).open().close())
        .problems();
  }

  private static void assertWorks(BackendStorage storage) {
    try (storage) {
      storage.put(CHECKPOINT, Expectation.any());
      assertThat(storage.getBySession(CHECKPOINT.sessionKey()))
          .as("what was put")
          .contains(CHECKPOINT);
    }
  }

  @ParameterizedTest
  @EnumSource
  void createMakesWhatValidateWants(TestDatabase database) {
    store(database, SchemaMode.CREATE).open().close();
    assertWorks(store(database, SchemaMode.VALIDATE).open());
    assertWorks(store(database, SchemaMode.CREATE).open());
    assertWorks(store(database, SchemaMode.NONE).open());
  }

  @ParameterizedTest
  @EnumSource
  void scriptMakesWhatValidateWants(TestDatabase database) throws SQLException {
    database.execute(directory, store(database, SchemaMode.NONE).schemaScript());
    assertWorks(store(database, SchemaMode.VALIDATE).open());
  }

  @ParameterizedTest
  @EnumSource
  void validateNamesEveryTableThatIsMissing(TestDatabase database) {
    assertThat(differences(database))
        .as("differences of an empty database")
        .hasSize(5)
        .anyMatch(problem -> problem.contains("is 0, where it has to be 1"))
        .anyMatch(problem -> problem.contains(prefix + "session is missing"))
        .anyMatch(problem -> problem.contains(prefix + "history is missing"))
        .anyMatch(problem -> problem.contains(prefix + "migration is missing"))
        .anyMatch(problem -> problem.contains("schemaScript()"));
  }

  @ParameterizedTest
  @EnumSource
  void validateNamesEveryDifference(TestDatabase database) throws SQLException {
    String script = store(database, SchemaMode.NONE).schemaScript();
    String id = database.dialect().make().schema().idType(255);
    String changed =
        script
            .replaceFirst("  ts BIGINT NOT NULL", "  ts INTEGER NOT NULL")
            .replaceFirst("  task_id [^\\n]*,\\n", "")
            .replaceFirst("(?m)^  parent_id [^\\n]*,$", "  parent_id " + id + " NOT NULL,")
            .replaceFirst("  document ([A-Z ]*) NOT NULL", "  document $1")
            .replaceFirst(
                "  id ", "  more INTEGER NOT NULL,\n  harmless INTEGER DEFAULT 1 NOT NULL,\n  id ")
            .replaceFirst("PRIMARY KEY \\(namespace, session_id\\)", "PRIMARY KEY (session_id)")
            .replaceFirst("(?m)^CREATE UNIQUE INDEX.*$", "")
            .replaceFirst("(?m)^  UNIQUE KEY.*$\n", "");
    database.execute(directory, changed);
    assertThat(differences(database))
        .as("differences of a changed database, %s", changed)
        .anyMatch(problem -> problem.contains("history.ts is "))
        .anyMatch(problem -> problem.contains("history.task_id is missing"))
        .anyMatch(problem -> problem.contains("history.parent_id must allow NULL"))
        .anyMatch(problem -> problem.contains("history.document must not allow NULL"))
        .anyMatch(problem -> problem.contains("history.more, which the store does not know"))
        .noneMatch(problem -> problem.contains("harmless"))
        .anyMatch(problem -> problem.contains("session is [session_id]"))
        .anyMatch(problem -> problem.contains("no unique index on [namespace, id]"))
        .hasSize(8);
  }

  @Test
  void validateNoticesIdsThatAreNotComparedExactly() throws SQLException {
    String postgres = store(TestDatabase.POSTGRESQL, SchemaMode.NONE).schemaScript();
    TestDatabase.POSTGRESQL.execute(directory, postgres.replaceFirst(" COLLATE \"C\"", ""));
    assertThat(differences(TestDatabase.POSTGRESQL))
        .as("differences where a column has the collation of the database")
        .anyMatch(problem -> problem.contains("session.namespace has the collation"));

    String sqlite = store(TestDatabase.SQLITE, SchemaMode.NONE).schemaScript();
    TestDatabase.SQLITE.execute(directory, sqlite.replaceFirst("TEXT", "TEXT COLLATE NOCASE"));
    assertThat(differences(TestDatabase.SQLITE))
        .as("differences where a column has a collation")
        .anyMatch(problem -> problem.contains("names a collation"));

    String h2 = store(TestDatabase.H2, SchemaMode.NONE).schemaScript();
    TestDatabase.H2.execute(
        directory, h2.replaceFirst("CHARACTER VARYING\\(255\\)", "VARCHAR_IGNORECASE(255)"));
    assertThat(differences(TestDatabase.H2))
        .as("differences where a column ignores case")
        .anyMatch(problem -> problem.contains("session.namespace is VARCHAR_IGNORECASE"));

    String mariaDb = store(TestDatabase.MARIADB, SchemaMode.NONE).schemaScript();
    TestDatabase.MARIADB.execute(directory, mariaDb.replaceFirst("ENGINE=InnoDB", "ENGINE=Aria"));
    assertThat(differences(TestDatabase.MARIADB))
        .as("differences where a table has no transactions")
        .anyMatch(problem -> problem.contains("where InnoDB has transactions"));
  }

  @ParameterizedTest
  @EnumSource
  void tenInstancesThatStartAtOnceMakeTheTablesOnce(TestDatabase database) throws Exception {
    startTenAtOnce(database, store(database, SchemaMode.CREATE).poolSize(1));
  }

  /** Where a transaction does not see what was committed while it waited for its turn. */
  @ParameterizedTest
  @EnumSource(names = {"POSTGRESQL", "MARIADB"})
  void tenInstancesMakeTheTablesOnceAtAStricterIsolation(TestDatabase database) throws Exception {
    startTenAtOnce(
        database,
        store(database, SchemaMode.CREATE).poolSize(1).isolation(Isolation.REPEATABLE_READ));
  }

  private void startTenAtOnce(TestDatabase database, JdbcBackendStorageBuilder store)
      throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(10);
    try {
      List<Callable<BackendStorage>> starts = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        starts.add(store::open);
      }
      for (Future<BackendStorage> started : threads.invokeAll(starts)) {
        started.get().close();
      }
    } finally {
      threads.shutdownNow();
    }
    assertThat(database.ask(directory, "SELECT version FROM " + prefix + "migration"))
        .as("migrations that were run")
        .containsExactly("1");
    assertWorks(store(database, SchemaMode.VALIDATE).open());
  }

  @ParameterizedTest
  @EnumSource
  void tablesOfANewerVersionAreLeftAlone(TestDatabase database) throws SQLException {
    store(database, SchemaMode.CREATE).open().close();
    database.execute(
        directory, "INSERT INTO " + prefix + "migration (version, description) VALUES (2, 'x')");
    for (SchemaMode mode : List.of(SchemaMode.CREATE, SchemaMode.VALIDATE)) {
      assertThatThrownBy(() -> store(database, mode).open().close())
          .as("opening with %s", mode)
          .isInstanceOf(BackendConfigurationException.class)
          .hasMessageContaining("newer version");
    }
  }

  @ParameterizedTest
  @EnumSource
  void missingTablesAreAFailureThatTellsWhatToDo(TestDatabase database) {
    try (BackendStorage storage = store(database, SchemaMode.NONE).open()) {
      assertThatThrownBy(() -> storage.put(CHECKPOINT, Expectation.any()))
          .as("a put without tables")
          .isInstanceOf(BackendConfigurationException.class)
          .hasMessageContaining("schemaMode=create");
      assertThatThrownBy(() -> storage.getBySession(CHECKPOINT.sessionKey()))
          .as("a read without tables")
          .isInstanceOf(BackendConfigurationException.class)
          .hasMessageContaining("schemaMode=create");
    }
  }

  @ParameterizedTest
  @EnumSource(names = "SQLITE", mode = EnumSource.Mode.EXCLUDE)
  void scriptAndStoreUseASchemaWhoseNameIsAReservedWord(TestDatabase database) throws SQLException {
    String quoted =
        switch (database) {
          case H2 -> "\"GROUP\"";
          case MARIADB -> "`group`";
          default -> "\"group\"";
        };
    database.execute(directory, "CREATE SCHEMA " + quoted);
    try {
      database.execute(directory, store(database, SchemaMode.NONE).schema("group").schemaScript());
      assertWorks(store(database, SchemaMode.VALIDATE).schema("group").open());
    } finally {
      database.execute(
          directory,
          "DROP SCHEMA " + quoted + (database == TestDatabase.MARIADB ? "" : " CASCADE"));
    }
  }

  @ParameterizedTest
  @EnumSource(names = "SQLITE", mode = EnumSource.Mode.EXCLUDE)
  void tablesMayBeInASchemaOfTheirOwn(TestDatabase database) throws SQLException {
    String schema = prefix + "app";
    database.execute(directory, "CREATE SCHEMA " + schema);
    try {
      // Of the same names as in the schema of the connection.
      store(database, SchemaMode.CREATE).open().close();
      assertWorks(store(database, SchemaMode.CREATE).schema(schema).open());
      assertWorks(store(database, SchemaMode.VALIDATE).schema(schema).open());
      assertThat(database.ask(directory, "SELECT id FROM " + schema + "." + prefix + "history"))
          .as("ids in the schema")
          .hasSize(1);
      assertThat(database.ask(directory, "SELECT id FROM " + prefix + "history"))
          .as("ids in the schema of the connection")
          .isEmpty();
    } finally {
      database.execute(
          directory,
          "DROP SCHEMA " + schema + (database == TestDatabase.MARIADB ? "" : " CASCADE"));
    }
  }
}
