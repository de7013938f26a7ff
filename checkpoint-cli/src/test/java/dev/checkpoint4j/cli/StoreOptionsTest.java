package dev.checkpoint4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.checkpoint4j.cli.demo.DemoRun;
import dev.checkpoint4j.cli.demo.Progress;
import dev.checkpoint4j.cli.demo.WorkerSpec;
import dev.checkpoint4j.cli.support.ExitCode;
import dev.checkpoint4j.cli.support.StoreAddress;
import dev.checkpoint4j.cli.support.StoreCommand;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Options beside the URL, on the command line and in the environment. */
class StoreOptionsTest {

  private static final String WRONG = "durability=surely";

  @TempDir private Path folder;
  private String store;

  @BeforeEach
  void makeStore() throws IOException {
    Path directory = Files.createDirectory(folder.resolve("store"));
    Files.writeString(directory.resolve("checkpoint-store"), "checkpoint-file-store 1\n");
    store = "file:" + directory;
  }

  private static void assertFails(CliRun run, int exitCode, String... message) {
    assertThat(run.exitCode()).as("exit code; stderr: %s", run.err()).isEqualTo(exitCode);
    assertThat(run.out()).as("stdout").isEmpty();
    assertThat(run.err().lines()).as("lines on stderr").hasSize(1);
    assertThat(run.err()).as("stderr").contains(message).doesNotContain("hidden");
  }

  @ParameterizedTest
  @ValueSource(strings = {"demo", "sessions", "history s", "show s"})
  void everyCommandGivesItsOptionsToTheStore(String command) {
    List<String> args = new ArrayList<>(List.of(command.split(" ")));
    args.addAll(List.of("--store", store, "--option", WRONG, "--option=lockTimeout=a=b"));

    assertFails(
        CliRun.of(args.toArray(String[]::new)),
        ExitCode.STORE,
        "'durability' must be",
        "'surely'",
        "'lockTimeout' must be",
        "'a=b'");
  }

  @Test
  void theWorkersOfTheDemoGetThem() {
    DemoRun run =
        new DemoRun(
            new WorkerSpec(
                new StoreAddress(store, Map.of("durability", "surely")),
                "n",
                /* transcripts= */ null),
            1,
            0,
            1,
            Progress.on(new PrintWriter(Writer.nullWriter())));

    assertThatThrownBy(run::run)
        .as("what the worker says of a wrong option")
        .hasMessageStartingWith("the worker failed: ")
        .hasMessageContaining("'durability' must be");
  }

  @Test
  void whatIsMalformedIsNotShown() {
    assertFails(
        CliRun.of("sessions", "--store", store, "--option", "hidden"),
        ExitCode.USAGE,
        "NAME=VALUE");
    assertFails(
        CliRun.of("sessions", "--store", store, "--option", "=hidden"),
        ExitCode.USAGE,
        "NAME=VALUE");
    for (String option : List.of("hidden", "=hidden", "password=hidden")) {
      CliRun typingError = CliRun.of("sessions", "--store", store, "--optoin", option);
      assertFails(typingError, ExitCode.USAGE, "there is no option '--optoin'");
    }
    assertThat(CliRun.of("sessions", "--store", store, "--optoin=password=hidden").err())
        .as("stderr of a typing error")
        .contains("--optoin=password=***")
        .doesNotContain("hidden");
  }

  @Test
  void theSameOptionTwiceIsWrongUsage() {
    CliRun run =
        CliRun.of("sessions", "--store", store, "--option", "password=x", "--option", "password=y");

    assertFails(run, ExitCode.USAGE, "an --option gives 'password' a second time");
  }

  @Test
  void optionsOfTheTemporaryStoreAreWrongUsage() {
    assertFails(CliRun.of("demo", "--option", WRONG), ExitCode.USAGE, "there is no --store");
  }

  @Test
  void theEnvironmentMayHoldTheStoreAndItsOptions() throws IOException, InterruptedException {
    Map<String, String> environment =
        Map.of(
            StoreCommand.STORE_VARIABLE,
            store,
            StoreCommand.OPTIONS_VARIABLE,
            "\n" + WRONG + "\n\nlockTimeout=PT5S\n");

    assertFails(runWith(environment, "sessions"), ExitCode.STORE, "'durability' must be");
    assertThat(runWith(environment, "sessions", "--option", "durability=process-crash"))
        .as("the option of the command line counts")
        .isEqualTo(new CliRun(ExitCode.OK, "", ""));
    assertThat(runWith(environment, "demo", "--crashes", "0", "--json").exitCode())
        .as("exit code of a demo, which makes a store of its own")
        .isEqualTo(ExitCode.OK);
    assertFails(
        runWith(Map.of(StoreCommand.OPTIONS_VARIABLE, "hidden"), "sessions", "--store", store),
        ExitCode.USAGE,
        "a line of CHECKPOINT_STORE_OPTIONS is not of the form NAME=VALUE");
  }

  /** In a process, since the environment of this one cannot be changed. */
  private CliRun runWith(Map<String, String> environment, String... args)
      throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                CheckpointCli.class.getName()));
    command.addAll(List.of(args));
    Path err = folder.resolve("stderr");
    ProcessBuilder builder = new ProcessBuilder(command).redirectError(err.toFile());
    builder.environment().putAll(environment);
    Process process = builder.start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new CliRun(process.waitFor(), out, Files.readString(err));
  }
}
