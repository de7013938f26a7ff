package dev.checkpoint4j.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.checkpoint4j.cli.CliRun;
import dev.checkpoint4j.cli.support.ExitCode;
import java.util.ArrayList;
import java.util.List;

/** The demo with crashes on a store, in a namespace of its own. */
final class CrashingDemo {

  private static final long SHIPPED_MESSAGES =
      Transcripts.read(null).stream().mapToLong(each -> each.messages().size()).sum();

  private CrashingDemo() {}

  /**
   * Runs it.
   *
   * @param store the options that name the store
   * @param opening further ones that the demo needs
   */
  static void assertNothingIsLost(int crashes, List<String> store, List<String> opening) {
    List<String> options = new ArrayList<>(opening);
    options.addAll(List.of("--namespace", "n", "--crashes", Integer.toString(crashes), "--json"));
    CliRun run = run("demo", store, options);

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
    assertThat(run("sessions", store, List.of("--namespace", "n")).outLines())
        .as("the sessions that are in the store afterwards")
        .containsExactlyInAnyOrderElementsOf(
            Transcripts.read(null).stream().map(Transcript::sessionId).toList());
  }

  private static CliRun run(String command, List<String> store, List<String> options) {
    List<String> all = new ArrayList<>(List.of(command));
    all.addAll(store);
    all.addAll(options);
    return CliRun.of(all.toArray(String[]::new));
  }
}
