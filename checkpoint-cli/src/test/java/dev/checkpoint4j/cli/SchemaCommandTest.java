package dev.checkpoint4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.cli.support.ExitCode;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SchemaCommandTest {

  @TempDir private Path folder;

  private static CliRun schema(String url, String... options) {
    String[] args = new String[3 + 2 * options.length];
    args[0] = "schema";
    args[1] = "--store";
    args[2] = url;
    for (int i = 0; i < options.length; i++) {
      args[3 + 2 * i] = "--option";
      args[4 + 2 * i] = options[i];
    }
    return CliRun.of(args);
  }

  private static void assertFails(CliRun run, int exitCode, String... message) {
    assertThat(run.exitCode()).as("exit code; stderr: %s", run.err()).isEqualTo(exitCode);
    assertThat(run.out()).as("stdout").isEmpty();
    assertThat(run.err().lines()).as("lines on stderr").hasSize(1);
    assertThat(run.err()).as("stderr").contains(message);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "jdbc:postgresql://unreachable.invalid/db",
        "jdbc:mariadb://unreachable.invalid/db",
        "jdbc:mysql://unreachable.invalid/db",
        "jdbc:h2:FOLDER/db",
        "jdbc:sqlite:FOLDER/db"
      })
  void theScriptOfEveryDatabaseIsPrintedWithoutConnecting(String url) {
    CliRun run =
        schema(url.replace("FOLDER", folder.toString()), "tablePrefix=cp_", "password=hidden");

    assertThat(run.exitCode()).as("exit code; stderr: %s", run.err()).isEqualTo(ExitCode.OK);
    assertThat(run.err()).as("stderr").isEmpty();
    assertThat(run.out())
        .as("the script")
        .startsWith("--")
        .contains("CREATE TABLE IF NOT EXISTS cp_")
        .endsWith(";\n")
        .doesNotContain("checkpoint_", "hidden");
    assertThat(folder).as("where a database could be").isEmptyDirectory();
  }

  @Test
  void theScriptMayNameASchema() {
    assertThat(schema("jdbc:postgresql://h/db", "schema=app").out())
        .as("the script")
        .contains("CREATE TABLE IF NOT EXISTS \"app\".checkpoint_");
  }

  @ParameterizedTest
  @ValueSource(strings = {"jdbc:h2:", "jdbc:sqlite:"})
  void whatTheScriptMakesIsTheStore(String prefix) throws SQLException {
    String url = prefix + folder.resolve("db");
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement()) {
      for (String each : statements(schema(url, "tablePrefix=cp_").out())) {
        statement.execute(each);
      }
    }

    CliRun sessions = CliRun.of("sessions", "--store", url, "--option", "tablePrefix=cp_");

    assertThat(sessions).as("the sessions").isEqualTo(new CliRun(ExitCode.OK, "", ""));
  }

  private static List<String> statements(String script) {
    return Pattern.compile(";\n").splitAsStream(script).toList();
  }

  @Test
  void onlyJdbcStoresHaveASchema() {
    assertFails(schema("file:./state"), ExitCode.USAGE, "only JDBC stores have a schema", "jdbc:");
    assertFails(schema("no URL"), ExitCode.USAGE, "only JDBC stores have a schema");
    assertFails(CliRun.of("schema"), ExitCode.USAGE, "--store", "CHECKPOINT_STORE");
  }

  @Test
  void anUnknownDatabaseAndIllegalOptionsAreErrors() {
    assertFails(schema("jdbc:unheard-of:x"), ExitCode.STORE, "postgresql");
    assertFails(
        schema("jdbc:postgresql://h/db", "tablePrefx=cp_"),
        ExitCode.STORE,
        "'tablePrefx' is unknown; did you mean 'tablePrefix'?");
    assertFails(
        schema("jdbc:postgresql://h/db", "tablePrefix=; DROP TABLE"), ExitCode.STORE, "prefix");
  }
}
