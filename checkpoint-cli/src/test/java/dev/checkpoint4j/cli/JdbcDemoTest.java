package dev.checkpoint4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.checkpoint4j.store.jdbc.servers.MariaDbServer;
import dev.checkpoint4j.store.jdbc.servers.PostgresServer;
import java.nio.file.Path;
import java.util.ArrayList;
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

  private static final long SHIPPED_MESSAGES =
      Transcripts.read(null).stream().mapToLong(each -> each.messages().size()).sum();

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
    List<String> store = List.of("--store", url, "--option", "tablePrefix=demo_");

    CliRun run =
        run(
            "demo",
            store,
            "--option",
            "schemaMode=create",
            "--namespace",
            "n",
            "--crashes",
            Integer.toString(crashes),
            "--json");

    assertThat(run.exitCode()).as("exit code; stderr: %s", run.err()).isEqualTo(ExitCode.OK);
    assertThat(run.err().lines())
        .as("lines on stderr")
        .allMatch(line -> line.matches("(store|namespace|transcripts|crashes) .*"));
    JsonNode outcome = run.outObject();
    assertThat(outcome.get("crashes").asInt()).as("crashes").isEqualTo(crashes);
    assertThat(outcome.get("checkpoints").asLong()).as("checkpoints").isEqualTo(SHIPPED_MESSAGES);
    assertThat(outcome.get("acknowledged").asLong())
        .as("a kill may hide an acknowledgement for each thread of the worker")
        .isBetween(SHIPPED_MESSAGES - crashes * 2L, SHIPPED_MESSAGES);
    assertThat(outcome.get("lost").asLong()).as("lost").isZero();
    assertThat(outcome.get("mismatched").asLong()).as("mismatched").isZero();
    assertThat(outcome.get("bytesStored").asLong())
        .as("bytes stored")
        .isGreaterThan(SHIPPED_MESSAGES * 100);
    assertThat(run("sessions", store, "--namespace", "n").outLines())
        .as("the sessions that are in the store afterwards")
        .containsExactlyInAnyOrderElementsOf(
            Transcripts.read(null).stream().map(Transcript::sessionId).toList());
  }

  private static CliRun run(String command, List<String> store, String... args) {
    List<String> all = new ArrayList<>(List.of(command));
    all.addAll(store);
    all.addAll(List.of(args));
    return CliRun.of(all.toArray(String[]::new));
  }
}
