package dev.checkpoint4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointMetadata;
import dev.checkpoint4j.CheckpointRepository;
import dev.checkpoint4j.cli.support.ExitCode;
import dev.checkpoint4j.cli.support.StoreCommand;
import dev.checkpoint4j.core.Checkpoints;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CommandsTest {

  private final String store = "memory:" + UUID.randomUUID();
  private CheckpointRepository repository;

  @BeforeEach
  void open() {
    repository = Checkpoints.open(store);
  }

  @AfterEach
  void close() {
    repository.close();
  }

  private CliRun run(String command, String... args) {
    String[] all = new String[args.length + 3];
    all[0] = command;
    all[1] = "--store";
    all[2] = store;
    System.arraycopy(args, 0, all, 3, args.length);
    return CliRun.of(all);
  }

  private static void assertFails(CliRun run, int exitCode, String... message) {
    assertThat(run.exitCode()).as("exit code; stderr: %s", run.err()).isEqualTo(exitCode);
    assertThat(run.out()).as("stdout").isEmpty();
    assertThat(run.err().lines()).as("lines on stderr").hasSize(1);
    assertThat(run.err()).startsWith("checkpoint: ").contains(message);
  }

  @Test
  void sessionsAreListedOneALine() {
    repository.save("a", Map.of());
    repository.save("b", Map.of());
    repository.save("b", Map.of("step", 2));
    repository.namespace("other").save("c", Map.of());

    CliRun run = run("sessions");

    assertThat(run.exitCode()).isEqualTo(ExitCode.OK);
    assertThat(run.outLines()).containsExactlyInAnyOrder("a", "b");
    assertThat(run.err()).isEmpty();
    assertThat(run("sessions", "--namespace", "other").outLines()).containsExactly("c");
  }

  @Test
  void sessionsOfAnEmptyNamespaceAreNone() {
    CliRun run = run("sessions");

    assertThat(run).isEqualTo(new CliRun(ExitCode.OK, "", ""));
  }

  @Test
  void idsThatWouldDeceiveATerminalAreEscaped() {
    String hostile = "a\u202Eevil\u2066\u200B";
    repository.save(hostile, Map.of());

    assertThat(run("sessions").outLines()).containsExactly("a\\u202eevil\\u2066\\u200b");
    assertThat(run("history", hostile, "--json").out())
        .as("JSON is escaped, too, and keeps its meaning")
        .contains("a\\u202eevil");
    assertThat(run("sessions", "--json").outObject().get("sessionId").asText()).isEqualTo(hostile);
  }

  @Test
  void historyIsATableOfHeadersNewestFirst() {
    Checkpoint first = repository.save(CheckpointMetadata.of("s", "task-1"), Map.of("step", 1));
    Checkpoint second = repository.save("s", Map.of("step", 2));

    CliRun run = run("history", "s");

    assertThat(run.exitCode()).isEqualTo(ExitCode.OK);
    assertThat(run.outLines()).hasSize(3);
    assertThat(run.outLines().get(0)).matches("VERSION +ID +TS +PARENT +TASK");
    assertThat(run.outLines().get(1).split(" +"))
        .startsWith("2", second.id(), second.ts().toString(), first.id());
    assertThat(run.outLines().get(2).split(" +"))
        .containsExactly("1", first.id(), first.ts().toString(), "-", "task-1");
  }

  @Test
  void historyAsJsonHasEveryFieldOfTheHeader() {
    Checkpoint first =
        repository.save(
            CheckpointMetadata.builder("s").taskId("t").attribute("reward", 0.5).build(),
            Map.of("step", 1));
    repository.save("s", Map.of("step", 2));

    List<JsonNode> headers = run("history", "s", "--json").outObjects();

    assertThat(headers).extracting(header -> header.get("version").asInt()).containsExactly(2, 1);
    assertThat(headers.get(0).get("parentId").asText()).isEqualTo(first.id());
    JsonNode header = headers.get(1);
    assertThat(header.fieldNames())
        .toIterable()
        .containsExactly(
            "namespace", "sessionId", "version", "id", "ts", "parentId", "taskId", "attributes");
    assertThat(header.get("parentId").isNull()).isTrue();
    assertThat(header.get("taskId").asText()).isEqualTo("t");
    assertThat(header.get("attributes").get("reward").asDouble()).isEqualTo(0.5);
  }

  @Test
  void historyEndsAtTheLimit() {
    for (int step = 1; step <= 30; step++) {
      repository.save("s", Map.of("step", step));
    }

    assertThat(run("history", "s", "--limit", "3", "--json").outObjects())
        .extracting(header -> header.get("version").asInt())
        .containsExactly(30, 29, 28);
    assertFails(run("history", "s", "--limit", "0"), ExitCode.USAGE, "at least 1");
  }

  @Test
  void showPrintsTheLatestCheckpointOfASession() {
    repository.save("s", Map.of("step", 1));
    Checkpoint latest = repository.save("s", Map.of("step", 2));

    CliRun run = run("show", "s");

    assertThat(run.outLines()).as("pretty JSON").hasSizeGreaterThan(5);
    assertThat(run.outObject().get("id").asText()).isEqualTo(latest.id());
    assertThat(run.outObject().get("values").get("step").asInt()).isEqualTo(2);
    assertThat(run("show", "s", "--json").outLines()).hasSize(1);
  }

  @Test
  void showFindsACheckpointByVersionAndById() {
    Checkpoint first = repository.save("s", Map.of("step", 1));
    repository.save("s", Map.of("step", 2));

    assertThat(run("show", "s", "--version", "1").outObject().get("id").asText())
        .isEqualTo(first.id());
    assertThat(run("show", "--id", first.id()).outObject().get("version").asInt()).isEqualTo(1);
  }

  @Test
  void showMakesValuesReadableThatJsonDoesNotHave() {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("z", null);
    values.put("at", Instant.parse("2026-11-24T01:02:03.000004Z"));
    values.put("bytes", new byte[] {1, 2, 3});
    values.put("nan", Double.NaN);
    values.put("infinities", List.of(Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY));
    values.put("big", new BigInteger("123456789012345678901234567890"));
    values.put("decimal", new BigDecimal("1.50"));
    values.put("text", "bell\u0007 nul\u0000 half \uD800 line\nbreak csi\u009B");
    repository.save("s", values);

    CliRun run = run("show", "s");

    JsonNode shown = run.outObject().get("values");
    assertThat(shown.fieldNames()).toIterable().containsExactlyElementsOf(values.keySet());
    assertThat(shown.get("at").asText()).isEqualTo("2026-11-24T01:02:03.000004Z");
    assertThat(shown.get("bytes").asText()).isEqualTo("AQID");
    assertThat(shown.get("nan").asText()).isEqualTo("NaN");
    assertThat(shown.get("infinities").get(1).asText()).isEqualTo("-Infinity");
    assertThat(shown.get("big").asText()).isEqualTo("123456789012345678901234567890");
    assertThat(run.out()).contains("1.50");
    assertThat(shown.get("text").asText()).isEqualTo(values.get("text"));
    assertThat(run.out()).doesNotContain("\u0007", "\u0000", "\uD800", "\u009B");
  }

  @Test
  void whatIsNotThereIsNotFound() {
    repository.save("s", Map.of());

    assertFails(run("history", "x"), ExitCode.NOT_FOUND_OR_UNVERIFIED, "session 'x'", "'default'");
    assertFails(run("show", "x"), ExitCode.NOT_FOUND_OR_UNVERIFIED, "session 'x'");
    assertFails(run("show", "s", "--version", "2"), ExitCode.NOT_FOUND_OR_UNVERIFIED, "version 2");
    assertFails(run("show", "--id", "x"), ExitCode.NOT_FOUND_OR_UNVERIFIED, "id 'x'");
    assertFails(
        run("show", "s", "--namespace", "n"), ExitCode.NOT_FOUND_OR_UNVERIFIED, "namespace 'n'");
  }

  @Test
  void wrongArgumentsAreWrongUsage() {
    assertFails(run("show"), ExitCode.USAGE, "SESSION", "checkpoint show --help");
    assertFails(run("show", "s", "--id", "i"), ExitCode.USAGE, "--id");
    assertFails(run("show", "s", "--version", "0"), ExitCode.USAGE, "at least 1");
    assertFails(run("show", "s", "--version", "two"), ExitCode.USAGE, "two");
    assertFails(run("history"), ExitCode.USAGE, "SESSION");
    assertFails(run("history", "s\u0007"), ExitCode.USAGE, "control character");
    assertFails(run("sessions", "--namespace", ""), ExitCode.USAGE, "namespace is empty");
    assertFails(run("sessions", "--colour"), ExitCode.USAGE, "--colour");
    assertFails(CliRun.of("sesions"), ExitCode.USAGE, "sesions");
    assertFails(CliRun.of(), ExitCode.USAGE, "a command is missing");
  }

  @Test
  void aStoreThatCannotBeOpenedIsAnErrorOfTheStore() {
    assertFails(CliRun.of("sessions", "--store", "mongodb://somewhere"), ExitCode.STORE, "mongodb");
    assertFails(
        CliRun.of("sessions", "--store", "memory:x?sise=3"), ExitCode.STORE, "'sise' is unknown");
  }

  @Test
  void lookingForAFileStoreDoesNotMakeOne(@TempDir Path folder) {
    Path missing = folder.resolve("missing");

    assertFails(
        CliRun.of("sessions", "--store", "file:" + missing + "?durability=process-crash"),
        ExitCode.STORE,
        "there is no store: '" + missing + "' does not exist");
    assertThat(missing).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource({"jdbc:h2:, .mv.db", "jdbc:sqlite:, .sqlite"})
  void lookingForADatabaseMakesNeitherItNorItsTables(
      String prefix, String suffix, @TempDir Path folder) throws SQLException {
    String url = prefix + folder.resolve("db") + (prefix.contains("sqlite") ? suffix : "");
    Path file = folder.resolve("db" + suffix);

    assertFails(CliRun.of("sessions", "--store", url), ExitCode.STORE, "'" + file + "' does not");
    assertThat(folder).as("where the database could be").isEmptyDirectory();

    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE TABLE other (id INTEGER)");
    }
    for (int i = 0; i < 2; i++) {
      assertFails(
          CliRun.of("sessions", "--store", url), ExitCode.STORE, "checkpoint_session is missing");
    }
    assertThat(CliRun.of("sessions", "--store", url, "--option", "schemaMode=create"))
        .as("the sessions of a store that is to be made")
        .isEqualTo(new CliRun(ExitCode.OK, "", ""));
    assertThat(CliRun.of("sessions", "--store", url))
        .as("the sessions of a store that was made")
        .isEqualTo(new CliRun(ExitCode.OK, "", ""));
  }

  /** In place of {folder} stands a new one, and of {relative} the same from where the JVM runs. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "jdbc:h2:{folder}/db",
        "JDBC:h2:{folder}/db",
        "jdbc:h2:file:{folder}/db",
        "jdbc:h2:nio:{folder}/db",
        "jdbc:h2:nioMapped:{folder}/db",
        "jdbc:h2:split:{folder}/db",
        "jdbc:h2:retry:{folder}/db",
        "jdbc:h2:./{relative}/db",
        "jdbc:h2:{folder}/missing/db",
        "jdbc:h2:{folder}/db;IFEXISTS=FALSE",
        "jdbc:h2:{folder}/db;MODE=PostgreSQL;ifExists=false;DB_CLOSE_DELAY=-1",
        "jdbc:h2:~/{name}/db",
        "jdbc:sqlite:{folder}/x.db",
        "JDBC:SQLITE:{folder}/x.db",
        "jdbc:sqlite:{relative}/x.db",
        "jdbc:sqlite:{folder}/missing/x.db",
        "jdbc:sqlite:{folder}/x.db?open_mode=6",
        "jdbc:sqlite:{folder}/x.db?journal_mode=DELETE",
        "jdbc:sqlite:file:{folder}/x.db",
        "jdbc:sqlite:file:{folder}/x.db?mode=rwc",
        "jdbc:sqlite:file:{folder}/x.db?mode=rwc&open_mode=6",
        "jdbc:sqlite:file:{relative}/x.db?cache=private&mode=rwc",
        "jdbc:sqlite:file://{folder}/x.db",
        "file:{folder}",
        "FILE:{folder}",
        "file:{folder}/missing",
        "file:./{relative}",
        "file:{folder}?durability=process-crash"
      })
  void lookingCreatesNothingHoweverAUrlIsSpelled(String spelling, @TempDir Path folder)
      throws IOException {
    Path here = Path.of("").toAbsolutePath();
    String url =
        spelling
            .replace("{folder}", folder.toString())
            .replace("{relative}", here.relativize(folder).toString())
            .replace("{name}", folder.getFileName().toString());
    for (String[] command :
        new String[][] {{"sessions"}, {"history", "s"}, {"show", "s"}, {"show", "--id", "i"}}) {
      List<String> arguments = new ArrayList<>(List.of(command));
      arguments.addAll(List.of("--store", url));
      assertThat(CliRun.of(arguments.toArray(String[]::new)))
          .as("%s --store %s", command[0], url)
          .satisfies(run -> assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.STORE));
      assertThat(folder).as("where %s could be", url).isEmptyDirectory();
    }
    assertThat(Path.of(System.getProperty("user.home")).resolve(folder.getFileName()))
        .as("in the home directory")
        .doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "jdbc:h2:{folder}/db",
        "jdbc:h2:file:{folder}/db;IFEXISTS=FALSE",
        "jdbc:sqlite:{folder}/x.db",
        "jdbc:sqlite:file:{folder}/x.db?mode=rwc",
        "file:{folder}"
      })
  void whatIsThereIsShownHoweverAUrlIsSpelled(String spelling, @TempDir Path folder) {
    String url = spelling.replace("{folder}", folder.toString());
    try (CheckpointRepository made = Checkpoints.open(url)) {
      made.save("s", Map.of());
    }
    assertThat(CliRun.of("sessions", "--store", url).outLines()).containsExactly("s");
  }

  @Test
  void aStackTraceShowsNoControlCharacters() {
    CliRun run = CliRun.of("sessions", "--store", "nowhere:\u202e\u001b[2J", "--stack-trace");
    assertThat(run.err()).contains("\tat ").doesNotContain("\u202e", "\u001b");
  }

  @Test
  void aStackTraceIsPrintedOnlyWhenAskedFor() {
    assertThat(run("history", "x").err()).doesNotContain("\tat ");
    assertThat(run("history", "x", "--stack-trace").err()).contains("\tat ");
  }

  @Test
  void aMissingStoreIsWrongUsage() {
    assertThat(System.getenv(StoreCommand.STORE_VARIABLE)).isNull();
    assertFails(CliRun.of("sessions"), ExitCode.USAGE, "--store", "CHECKPOINT_STORE");
  }

  @Test
  void idsMayStartWithWhatOptionsStartWith() {
    repository.save("@s", Map.of());
    repository.save("--s", Map.of());

    assertThat(run("show", "@s").exitCode()).isEqualTo(ExitCode.OK);
    assertThat(run("show", "--", "--s").exitCode()).isEqualTo(ExitCode.OK);
  }

  @ParameterizedTest
  @ValueSource(strings = {"demo", "sessions", "history", "show", "schema", "verify"})
  void everyCommandHasHelpAndAStore(String command) {
    CliRun run = CliRun.of(command, "--help");

    assertThat(run.exitCode()).isEqualTo(ExitCode.OK);
    assertThat(run.out()).contains("Usage: checkpoint " + command, "--store", "--option");
    assertThat(run.err()).isEmpty();
  }

  @Test
  void helpListsCommandsAndExitCodes() {
    CliRun run = CliRun.of("--help");

    assertThat(run.exitCode()).isEqualTo(ExitCode.OK);
    assertThat(run.out())
        .contains(
            "demo",
            "sessions",
            "history",
            "show",
            "schema",
            "verify",
            "Exit codes:",
            "file:./state",
            "jdbc:postgresql:")
        .doesNotContain("demo-worker");
  }

  @Test
  void versionIsPrinted() {
    assertThat(CliRun.of("--version").outLines().get(0)).startsWith("checkpoint ");
  }

  @Test
  void aReaderThatHasSeenEnoughEndsAListingQuietly() {
    for (int step = 1; step <= 50; step++) {
      repository.save("s" + step, Map.of());
    }
    AtomicInteger written = new AtomicInteger();
    Writer brokenPipe =
        new Writer() {
          @Override
          public void write(char[] buffer, int offset, int length) throws IOException {
            if (written.addAndGet(length) > 10) {
              throw new IOException("Broken pipe");
            }
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    StringWriter err = new StringWriter();

    int exitCode =
        CheckpointCli.execute(
            new PrintWriter(brokenPipe), new PrintWriter(err), "sessions", "--store", store);

    assertThat(exitCode).isEqualTo(ExitCode.OK);
    assertThat(err.toString()).isEmpty();
    assertThat(written.get()).as("the listing went on for nobody").isLessThan(100);
  }

  @Test
  void valuesOfAnyDepthAreShown() {
    Object nested = Arrays.asList(1, null);
    for (int depth = 0; depth < 490; depth++) {
      nested = depth % 2 == 0 ? Map.of("k", nested) : List.of(nested);
    }
    repository.save("s", Map.of("deep", nested));

    assertThat(run("show", "s", "--json").exitCode()).isEqualTo(ExitCode.OK);
  }
}
