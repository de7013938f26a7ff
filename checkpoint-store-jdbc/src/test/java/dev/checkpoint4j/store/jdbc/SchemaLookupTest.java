package dev.checkpoint4j.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.error.BackendConfigurationException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Tables count where they would be made, and every statement is of them. */
class SchemaLookupTest {

  @TempDir private Path directory;
  private final String prefix = TestDatabase.newPrefix();
  private final String acme = prefix + "acme";
  private final String globex = prefix + "globex";
  private final Checkpoint first = Checkpoint.empty("s");

  private static final String H2_PATH =
      ";INIT=SET SCHEMA %1$s\\;SET SCHEMA_SEARCH_PATH %1$s, PUBLIC";

  private String tenantUrl(TestDatabase database, String tenant) {
    return database.url(directory)
        + (database == TestDatabase.H2
            ? H2_PATH.formatted(tenant)
            : "&currentSchema=" + tenant + ",public");
  }

  @ParameterizedTest
  @EnumSource(names = {"H2", "POSTGRESQL"})
  void tablesElsewhereOnTheSearchPathAreThoseOfSomebodyElse(TestDatabase database)
      throws SQLException {
    database.execute(directory, "CREATE SCHEMA %s;\nCREATE SCHEMA %s".formatted(acme, globex));
    try (JdbcBackendStorage common = database.store(directory, prefix).open();
        JdbcBackendStorage ofAcme =
            database.store(directory, prefix).url(tenantUrl(database, acme)).open();
        JdbcBackendStorage ofGlobex =
            database.store(directory, prefix).url(tenantUrl(database, globex)).open()) {
      Checkpoint second = first.next().build();
      ofAcme.put(first, Expectation.any());
      ofGlobex.put(second, Expectation.any());
      assertThat(ofAcme.getBySession(first.sessionKey())).as("the latest of one").contains(first);
      assertThat(ofGlobex.getBySession(first.sessionKey()))
          .as("the latest of the other")
          .contains(second);
      assertThat(common.getBySession(first.sessionKey())).as("the latest of neither").isEmpty();
    } finally {
      database.execute(
          directory, "DROP SCHEMA %s CASCADE;\nDROP SCHEMA %s CASCADE".formatted(acme, globex));
    }
  }

  /** The pool resets nothing, and somebody has set another schema on a connection. */
  @ParameterizedTest
  @EnumSource(names = {"H2", "POSTGRESQL", "MARIADB"})
  void statementsAreOfTheSchemaThatTheStoreWasOpenedIn(TestDatabase database) throws SQLException {
    database.execute(directory, "CREATE SCHEMA " + acme);
    try {
      // Of the same names.
      database.store(directory, prefix).schema(acme).open().close();
      String[] move = {""};
      DataSource moved =
          dataSource(
              () -> {
                Connection connection = DriverManager.getConnection(database.url(directory));
                if (!move[0].isEmpty()) {
                  try (Statement statement = connection.createStatement()) {
                    statement.execute(move[0]);
                  }
                }
                return connection;
              });
      try (JdbcBackendStorage store =
          JdbcBackendStorage.builder()
              .dataSource(moved)
              .tablePrefix(prefix)
              .schemaMode(SchemaMode.CREATE)
              .codec(TestCodec.INSTANCE)
              .open()) {
        store.put(first, Expectation.any());
        move[0] =
            switch (database) {
              case H2 -> "SET SCHEMA " + acme;
              case POSTGRESQL -> "SET search_path TO " + acme;
              default -> "USE " + acme;
            };
        assertThat(store.getBySession(first.sessionKey())).as("the latest").contains(first);
        store.put(first.next().build(), Expectation.any());
        assertThat(store.deleteBySession(first.sessionKey())).as("deleted").isEqualTo(2);
      }
    } finally {
      database.execute(
          directory, "DROP SCHEMA " + acme + (database == TestDatabase.MARIADB ? "" : " CASCADE"));
    }
  }

  private interface Connecting {
    Connection connect() throws SQLException;
  }

  private static DataSource dataSource(Connecting connections) {
    return (DataSource)
        Proxy.newProxyInstance(
            SchemaLookupTest.class.getClassLoader(),
            new Class<?>[] {DataSource.class},
            (self, method, arguments) -> connections.connect());
  }

  /** An underscore in the name of a schema is not any character. */
  @ParameterizedTest
  @EnumSource(names = {"H2", "POSTGRESQL", "MARIADB"})
  void tablesOfASchemaWithASimilarNameAreNotThere(TestDatabase database) throws SQLException {
    String similar = acme.substring(0, acme.length() - 5) + "xacme";
    database.execute(directory, "CREATE SCHEMA %s;\nCREATE SCHEMA %s".formatted(acme, similar));
    try {
      database.store(directory, prefix).schema(similar).open().close();
      List<String> problems =
          catchThrowableOfType(
                  BackendConfigurationException.class,
                  () ->
                      database
                          .store(directory, prefix)
                          .schema(acme)
                          .schemaMode(SchemaMode.VALIDATE)
                          .open()
                          .close())
              .problems();
      assertThat(problems)
          .as("problems where another schema has the tables")
          .anyMatch(problem -> problem.contains("session is missing"))
          .anyMatch(problem -> problem.contains("history is missing"))
          .anyMatch(problem -> problem.contains("migration is missing"));
    } finally {
      String cascade = database == TestDatabase.MARIADB ? "" : " CASCADE";
      database.execute(
          directory, "DROP SCHEMA %s%3$s;\nDROP SCHEMA %s%3$s".formatted(acme, similar, cascade));
    }
  }

  /** SQLite finds temporary tables before those of the file. */
  @Test
  void temporaryTablesOfSqliteAreNotThoseOfTheStore() throws SQLException {
    String url = TestDatabase.SQLITE.url(directory);
    DataSource temporary =
        dataSource(
            () -> {
              Connection connection = DriverManager.getConnection(url);
              try (Statement statement = connection.createStatement()) {
                for (String table : List.of("session", "history", "migration")) {
                  statement.execute(
                      "CREATE TEMP TABLE IF NOT EXISTS " + prefix + table + " (version, x)");
                }
              }
              return connection;
            });
    try (JdbcBackendStorage store =
            JdbcBackendStorage.builder()
                .dataSource(temporary)
                .tablePrefix(prefix)
                .codec(TestCodec.INSTANCE)
                .open();
        JdbcBackendStorage direct = TestDatabase.SQLITE.store(directory, prefix).open()) {
      store.put(first, Expectation.any());
      assertThat(direct.getBySession(first.sessionKey())).as("what is in the file").contains(first);
      assertThat(store.delete("default", List.of(first.id()))).as("deleted").isEqualTo(1);
    }
  }

  @Test
  void connectionWithoutASchemaIsRefused() {
    assertThat(problemsOf(() -> TestDatabase.POSTGRESQL.url(directory) + "&currentSchema=nowhere"))
        .as("problems of a search path without a schema")
        .singleElement()
        .asString()
        .contains("schema");
    assertThat(problemsOf(() -> TestDatabase.MARIADB.url(directory).replace("/test?", "/?")))
        .as("problems of a connection without a database")
        .singleElement()
        .asString()
        .contains("schema");
  }

  private List<String> problemsOf(Supplier<String> url) {
    return catchThrowableOfType(
            BackendConfigurationException.class,
            () ->
                JdbcBackendStorage.builder()
                    .url(url.get())
                    .tablePrefix(prefix)
                    .schemaMode(SchemaMode.CREATE)
                    .codec(TestCodec.INSTANCE)
                    .open()
                    .close())
        .problems();
  }
}
