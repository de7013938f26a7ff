package dev.checkpoint4j.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.error.BackendConfigurationException;
import dev.checkpoint4j.error.CheckpointException;
import dev.checkpoint4j.error.StorageAccessDeniedException;
import dev.checkpoint4j.error.StorageUnavailableException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Each mistake in what a store is opened on has a type and a message of its own: the rows of
 * docs/errors.md. What no retry can mend is not a {@link StorageUnavailableException}.
 */
@Timeout(120)
class OpenErrorsTest {

  private static final Checkpoint CHECKPOINT = Checkpoint.empty("s");

  @TempDir private Path directory;
  private final String prefix = TestDatabase.newPrefix();

  private JdbcBackendStorageBuilder onUrl(String url) {
    return JdbcBackendStorage.builder()
        .url(url)
        .tablePrefix(prefix)
        .schemaMode(SchemaMode.CREATE)
        .codec(TestCodec.INSTANCE);
  }

  private static CheckpointException failure(ThrowingCallable call) {
    return catchThrowableOfType(CheckpointException.class, call);
  }

  private static void assertRefused(
      JdbcBackendStorageBuilder builder,
      Class<? extends CheckpointException> type,
      String... words) {
    assertThat(failure(() -> builder.open().close()))
        .as("the failure to open")
        .isInstanceOf(type)
        .hasMessageContainingAll(words);
  }

  @Test
  void wrongPassword() {
    String url = TestDatabase.MARIADB.url(directory).replaceFirst("user=[^&]*", "user=nobody");
    assertRefused(
        onUrl(url).password("wrong-secret"),
        StorageAccessDeniedException.class,
        "refused the login",
        "Access denied for user 'nobody'",
        "Check user and password");
    assertThat(failure(() -> onUrl(url).password("wrong-secret").open().close()))
        .hasMessageNotContaining("wrong-secret");
  }

  @ParameterizedTest
  @CsvSource({
    "POSTGRESQL, /postgres?, /missing_db?, missing_db",
    "MARIADB, /test?, /missing_db?, missing_db",
    "H2, ;WRITE_DELAY=0, ;IFEXISTS=TRUE, not found"
  })
  void missingDatabase(TestDatabase database, String part, String replacement, String word) {
    assertRefused(
        onUrl(database.url(directory).replace(part, replacement)),
        BackendConfigurationException.class,
        "the database does not exist",
        word);
  }

  @Test
  void missingFolder() {
    assertRefused(
        onUrl("jdbc:sqlite:" + directory.resolve("missing").resolve("db")),
        BackendConfigurationException.class,
        "the folder of the database does not exist",
        "missing");
  }

  @Test
  void urlThatTheDriverDoesNotAccept() {
    assertRefused(
        onUrl(TestDatabase.H2.url(directory) + ";NO_SUCH_SETTING=1"),
        BackendConfigurationException.class,
        "the driver does not accept the URL",
        "NO_SUCH_SETTING");
  }

  @ParameterizedTest
  @EnumSource(names = "SQLITE", mode = EnumSource.Mode.EXCLUDE)
  void missingSchema(TestDatabase database) {
    assertRefused(
        onUrl(database.url(directory)).schema("missing_schema"),
        BackendConfigurationException.class,
        "does not exist",
        "option schema");
  }

  @ParameterizedTest
  @EnumSource(names = {"POSTGRESQL", "MARIADB"})
  void missingPermission(TestDatabase database) throws SQLException {
    database.store(directory, prefix).open().close();
    String user = prefix + "user";
    String grant =
        database == TestDatabase.POSTGRESQL
            ? "CREATE ROLE %1$s LOGIN"
            : "CREATE USER %1$s@'%%';GRANT SELECT ON test.* TO %1$s@'%%'";
    database.execute(directory, grant.formatted(user).replace(";", ";\n"));
    String url = database.url(directory).replaceFirst("user=[^&]*", "user=" + user);
    try {
      assertThat(
              failure(
                  () -> {
                    try (JdbcBackendStorage store = onUrl(url).schemaMode(SchemaMode.NONE).open()) {
                      store.put(CHECKPOINT, Expectation.any());
                    }
                  }))
          .as("a put without permission")
          .isInstanceOf(StorageAccessDeniedException.class)
          .hasMessageContainingAll("lacks a permission", "INSERT");
    } finally {
      database.execute(
          directory,
          database == TestDatabase.POSTGRESQL ? "DROP ROLE " + user : "DROP USER " + user + "@'%'");
    }
  }

  @Test
  void poolWithoutAFreeConnection() throws SQLException {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(TestDatabase.H2.url(directory));
    config.setMaximumPoolSize(1);
    config.setConnectionTimeout(300);
    try (HikariDataSource pool = new HikariDataSource(config);
        JdbcBackendStorage store =
            JdbcBackendStorage.builder().dataSource(pool).codec(TestCodec.INSTANCE).open();
        Connection held = pool.getConnection()) {
      assertThat(held.isClosed()).as("whether the connection is closed").isFalse();
      assertThat(failure(() -> store.put(CHECKPOINT, Expectation.any())))
          .as("a put without a connection")
          .isInstanceOf(StorageUnavailableException.class)
          .hasMessageContainingAll("no connection became free", "nothing was changed");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "jdbc:postgresql://127.0.0.1:1/x?schemaMode=create, schemaMode",
    "jdbc:postgresql://127.0.0.1:1/x?user=a&tableprefix=b_, tablePrefix",
    "jdbc:postgresql://127.0.0.1:1/x?schema=app, schema",
    "jdbc:mariadb://127.0.0.1:1/x?poolSize=3, poolSize",
    "jdbc:sqlite:x.db?tablePrefix=a_, tablePrefix",
    "jdbc:h2:mem:x;CALLTIMEOUT=PT1S, callTimeout"
  })
  void optionOfTheStoreInTheUrl(String url, String option) {
    assertRefused(
        onUrl(url),
        BackendConfigurationException.class,
        option + " is an option of the store",
        "beside the URL");
  }

  @Test
  void schemaInAUrlOfH2IsASettingOfH2() {
    try (JdbcBackendStorage store =
        onUrl(TestDatabase.H2.url(directory) + ";SCHEMA=PUBLIC").open()) {
      store.put(CHECKPOINT, Expectation.any());
      assertThat(store.getBySession(CHECKPOINT.sessionKey())).contains(CHECKPOINT);
    }
  }
}
