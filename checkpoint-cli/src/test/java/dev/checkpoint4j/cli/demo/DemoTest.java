package dev.checkpoint4j.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.checkpoint4j.cli.CheckpointCli;
import dev.checkpoint4j.cli.CliRun;
import dev.checkpoint4j.cli.support.CommandFailedException;
import dev.checkpoint4j.cli.support.ExitCode;
import dev.checkpoint4j.cli.support.StoreAddress;
import dev.checkpoint4j.testsupport.ChildJvm;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** With real worker processes and a real store. */
@Timeout(60)
class DemoTest {

  private static final long SHIPPED_MESSAGES =
      Transcripts.read(null).stream().mapToLong(each -> each.messages().size()).sum();

  @TempDir private Path folder;

  private String store() {
    return "file:" + folder.resolve("a store");
  }

  private Path transcripts(int sessions, int messages) throws IOException {
    StringBuilder lines = new StringBuilder();
    for (int session = 1; session <= sessions; session++) {
      lines.append("{\"session_id\":\"s").append(session).append("\",\"messages\":[");
      for (int message = 1; message <= messages; message++) {
        lines.append(message == 1 ? "" : ",").append("{\"role\":\"user\",\"content\":\"x\"}");
      }
      lines.append("]}\n");
    }
    return Files.writeString(folder.resolve("transcripts.jsonl"), lines);
  }

  @Test
  void nothingAcknowledgedIsLostInThreeCrashes() {
    CliRun run = CliRun.of("demo", "--store", store(), "--crashes", "3", "--json");

    assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.OK);
    assertThat(run.outLines()).as("nothing but the outcome on stdout").hasSize(1);
    JsonNode outcome = run.outObject();
    assertThat(outcome.fieldNames())
        .toIterable()
        .containsExactly(
            "sessions",
            "checkpoints",
            "acknowledged",
            "crashes",
            "lost",
            "mismatched",
            "putMicrosP50",
            "putMicrosP99",
            "bytesStored");
    assertThat(outcome.get("sessions").asLong()).isEqualTo(Transcripts.read(null).size());
    assertThat(outcome.get("checkpoints").asLong()).isEqualTo(SHIPPED_MESSAGES);
    assertThat(outcome.get("acknowledged").asLong())
        .as("a kill may hide an acknowledgement for each thread of the worker")
        .isBetween(SHIPPED_MESSAGES - 3 * 2, SHIPPED_MESSAGES);
    assertThat(outcome.get("crashes").asLong()).isEqualTo(3);
    assertThat(outcome.get("lost").asLong()).isZero();
    assertThat(outcome.get("mismatched").asLong()).isZero();
    assertThat(outcome.get("putMicrosP50").asLong())
        .isBetween(1L, outcome.get("putMicrosP99").asLong());
    assertThat(outcome.get("bytesStored").asLong()).isGreaterThan(SHIPPED_MESSAGES * 100);
  }

  @Test
  void theOutcomeAHistoryAndAForkAreShownAndStayInTheUsersStore() throws IOException {
    Path transcripts = transcripts(2, 8);

    CliRun run =
        CliRun.of(
            "demo",
            "--store",
            store(),
            "--namespace",
            "mine",
            "--transcripts",
            transcripts.toString(),
            "--crashes",
            "1");

    assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.OK);
    assertThat(run.out())
        .containsPattern("namespace +mine\n")
        .containsPattern("checkpoints +16\n")
        .containsPattern("lost +0\n")
        .contains("No acknowledged checkpoint was lost")
        .contains("History of session s1")
        .containsPattern("Fork of it after step 4, as session fork-1")
        .containsPattern("\nfork-1 +1 ")
        .containsPattern("\ns1 +4 ");
    assertThat(CliRun.of("sessions", "--store", store(), "--namespace", "mine").outLines())
        .containsExactlyInAnyOrder("s1", "s2", "fork-1");
    JsonNode fork =
        CliRun.of("show", "fork-1", "--store", store(), "--namespace", "mine").outObject();
    JsonNode parent =
        CliRun.of("show", "s1", "--version", "4", "--store", store(), "--namespace", "mine")
            .outObject();
    assertThat(fork.get("parentId")).isEqualTo(parent.get("id"));
    assertThat(fork.get("values").get("step").asInt()).isEqualTo(5);
    assertThat(parent.get("values").get("step").asInt()).isEqualTo(4);

    CliRun again = CliRun.of("demo", "--store", store(), "--namespace", "mine");
    assertThat(again.exitCode()).as("a namespace in use is left alone").isEqualTo(ExitCode.USAGE);
    assertThat(again.err()).contains("'mine' has sessions already");
  }

  @Test
  void asManyCrashesAsThereIsWorkFor() throws IOException {
    CliRun run =
        CliRun.of(
            "demo", "--transcripts", transcripts(1, 3).toString(), "--crashes", "2", "--json");

    assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.OK);
    assertThat(run.outObject().get("crashes").asInt()).isEqualTo(2);
    assertThat(run.outObject().get("checkpoints").asInt()).isEqualTo(3);
  }

  @Test
  void theTemporaryStoreIsDeletedAtTheEndUnlessItIsToBeKept() throws IOException {
    String transcripts = transcripts(1, 2).toString();

    CliRun run = CliRun.of("demo", "--transcripts", transcripts, "--crashes", "0");
    assertThat(storeOf(run)).doesNotExist();

    CliRun kept = CliRun.of("demo", "--transcripts", transcripts, "--crashes", "0", "--keep");
    assertThat(storeOf(kept)).isDirectory();
    assertThat(kept.err()).contains("The store is kept: file:" + storeOf(kept));
    DemoStore.temporaryIn(storeOf(kept)).deleteIfTemporary();
    assertThat(storeOf(kept)).doesNotExist();
  }

  private static Path storeOf(CliRun run) {
    String line = run.outLines().get(0);
    assertThat(line).startsWith("store ");
    return Path.of(line.substring(line.indexOf("file:") + "file:".length()));
  }

  @Test
  void aStoreThatCannotSurviveIsRefused() {
    CliRun run = CliRun.of("demo", "--store", "memory:");

    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err().lines()).hasSize(1);
    assertThat(run.err()).contains("'memory'", "VOLATILE", "--store file:");
  }

  @Test
  void wrongArgumentsAreRefusedBeforeAnythingStarts() throws IOException {
    String transcripts = transcripts(1, 3).toString();

    assertUsage("need more than the 3 messages", "--transcripts", transcripts, "--crashes", "3");
    assertUsage("must not be negative", "--crashes", "-1");
    assertUsage("does not exist", "--transcripts", folder.resolve("none").toString());
    Files.writeString(Path.of(transcripts), "{\"session_id\":\"s\",\"messages\":[{}]}\n{]");
    assertUsage("transcripts.jsonl, line 2: ", "--transcripts", transcripts);
  }

  private static void assertUsage(String message, String... args) {
    String[] all = new String[args.length + 1];
    all[0] = "demo";
    System.arraycopy(args, 0, all, 1, args.length);
    CliRun run = CliRun.of(all);
    assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.USAGE);
    assertThat(run.out()).isEmpty();
    assertThat(run.err().lines()).hasSize(1);
    assertThat(run.err()).contains(message);
  }

  @Test
  void aWorkerEndsWithItsParent() throws IOException, InterruptedException {
    Process worker =
        new ProcessBuilder(ChildJvm.command(List.of(), CheckpointCli.class, "demo-worker"))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (var stdin = worker.outputWriter();
        var stdout = worker.inputReader()) {
      stdin.write(new WorkerSpec(StoreAddress.of(store()), "n", null).toLine() + "\n1\n");
      stdin.flush();
      assertThat(stdout.readLine()).isEqualTo(new WorkerMessage.Resumed(0).toLine());
      assertThat(WorkerMessage.parse(stdout.readLine()))
          .as("it stores the one checkpoint it may store")
          .get()
          .isInstanceOf(WorkerMessage.Acknowledged.class);
    }
    assertThat(worker.waitFor(20, TimeUnit.SECONDS)).as("the end of stdin ends it").isTrue();
  }

  @Test
  void aFailingWorkerSaysWhy() {
    DemoRun run =
        new DemoRun(
            new WorkerSpec(StoreAddress.of("nowhere:x"), "n", null),
            1,
            0,
            1,
            Progress.on(new PrintWriter(Writer.nullWriter())));

    assertThatThrownBy(run::run)
        .isInstanceOf(CommandFailedException.class)
        .hasMessageStartingWith("the worker failed: ")
        .hasMessageContaining("nowhere");
  }

  @Test
  void anAbortedRunStartsNoWorker() {
    DemoRun run =
        new DemoRun(
            new WorkerSpec(StoreAddress.of(store()), "n", null),
            1,
            0,
            1,
            Progress.on(new PrintWriter(Writer.nullWriter())));
    run.abort();

    assertThatThrownBy(run::run).hasMessage("interrupted");
    assertThat(folder).isEmptyDirectory();
  }
}
