package dev.checkpoint4j.cli.demo;

import dev.checkpoint4j.testsupport.MariaDbServer;
import dev.checkpoint4j.testsupport.PostgresServer;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** With real worker processes and real databases. */
@Timeout(180)
class JdbcDemoTest {

  @TempDir private Path folder;

  private String inFolder(String url) {
    return url.replace("FOLDER", folder.toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"jdbc:h2:FOLDER/db", "jdbc:sqlite:FOLDER/db"})
  void nothingIsLostInAFileInTwoCrashes(String url) {
    assertNothingIsLost(2, inFolder(url));
  }

  @Test
  @Tag("soak")
  void nothingIsLostInSqliteInTenCrashes() {
    assertNothingIsLost(10, inFolder("jdbc:sqlite:FOLDER/db"));
  }

  @Test
  @Tag("soak")
  void nothingIsLostInH2InTenCrashes() {
    assertNothingIsLost(10, inFolder("jdbc:h2:FOLDER/db"));
  }

  @Test
  @Tag("soak")
  void nothingIsLostInPostgresInTenCrashes() {
    assertNothingIsLost(10, PostgresServer.shared().url());
  }

  @Test
  @Tag("soak")
  void nothingIsLostInMariaDbInTenCrashes() {
    assertNothingIsLost(10, MariaDbServer.shared().url());
  }

  private static void assertNothingIsLost(int crashes, String url) {
    CrashingDemo.assertNothingIsLost(
        crashes,
        List.of("--store", url, "--option", "tablePrefix=demo_"),
        List.of("--option", "schemaMode=create"));
  }
}
