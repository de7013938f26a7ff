package dev.checkpoint4j.cli.demo;

import dev.checkpoint4j.CheckpointRepository;
import dev.checkpoint4j.cli.support.CommandFailedException;
import dev.checkpoint4j.cli.support.ExitCode;
import dev.checkpoint4j.cli.support.Printable;
import dev.checkpoint4j.cli.support.StoreCommand;
import dev.checkpoint4j.cli.support.TextTable;
import dev.checkpoint4j.spi.Durability;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Shows that a store survives the sudden end of the process that writes to it. */
@Command(
    name = "demo",
    description = {
      "Replays transcripts of agents, one session each, one checkpoint a message, in a worker"
          + " process that is killed (SIGKILL) at random moments, restarted, and resumes from what"
          + " is stored.",
      "Then verifies that every acknowledged checkpoint is there, that versions are 1 to n and"
          + " parents are chained, and that the final states are those of an uninterrupted run."
    },
    footer = {
      "",
      "Times are microseconds. The bytes stored are what a file store's folder has grown by; of any"
          + " other store, the sum of the stored documents."
    })
public final class DemoCommand extends StoreCommand {

  private static final int MAX_PROBLEMS_SHOWN = 10;

  @Option(
      names = "--namespace",
      paramLabel = "NAME",
      description = "A namespace without sessions (default: a new one for each run).")
  private @Nullable String givenNamespace;

  @Option(
      names = "--transcripts",
      paramLabel = "FILE",
      description =
          "Transcripts to replay: one JSON object per line with session_id, task_id and messages; other"
              + " fields become attributes (default: those that are shipped).")
  private @Nullable Path transcriptsFile;

  @Option(
      names = "--crashes",
      paramLabel = "N",
      defaultValue = "5",
      description = "How often to kill the worker (default: ${DEFAULT-VALUE}).")
  private int crashes;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Chooses the moments of the crashes, as far as machines repeat themselves.")
  private @Nullable Long givenSeed;

  @Option(names = "--keep", description = "Keeps the temporary folder.")
  private boolean keep;

  @Option(
      names = "--json",
      description = "Prints the outcome only, as one object; what else there is to say on stderr.")
  private boolean json;

  @Override
  public Integer call() {
    List<Transcript> transcripts = Transcripts.read(transcriptsFile);
    long checkpoints = transcripts.stream().mapToLong(each -> each.messages().size()).sum();
    if (crashes < 0) {
      throw wrongUsage("--crashes must not be negative; it is " + crashes);
    }
    if (!CrashPlan.isPossible(crashes, checkpoints)) {
      throw wrongUsage(
          "%d crashes need more than the %d messages of the transcripts; use less --crashes"
              .formatted(crashes, checkpoints));
    }
    DemoStore store =
        storeOfArguments()
            .map(address -> argument(() -> DemoStore.at(address)))
            .orElseGet(DemoStore::inTemporaryFolder);
    boolean good;
    try {
      good = run(store, transcripts, checkpoints);
    } catch (RuntimeException e) {
      if (e instanceof CommandFailedException failed && failed.exitCode() == ExitCode.INTERRUPTED) {
        // The JVM is about to end, and its shutdown hook cleans up.
        return ExitCode.INTERRUPTED;
      }
      leave(store, false);
      throw e;
    }
    leave(store, good);
    return good ? ExitCode.OK : ExitCode.NOT_FOUND_OR_UNVERIFIED;
  }

  private boolean run(DemoStore store, List<Transcript> transcripts, long checkpoints) {
    SecureRandom random = new SecureRandom();
    String namespace =
        givenNamespace == null ? "demo-%08x".formatted(random.nextInt()) : givenNamespace;
    long seed = givenSeed == null ? random.nextInt(1_000_000) : givenSeed;
    checkStore(store, namespace);
    long sizeBefore = store.size();
    PrintWriter notes = json ? err() : out();
    describe(notes, store, namespace, seed, transcripts.size(), checkpoints);

    Progress progress = Progress.on(err());
    DemoRun run =
        new DemoRun(
            new WorkerSpec(store.address(), namespace, transcriptsFile),
            checkpoints,
            crashes,
            seed,
            progress);
    List<WorkerMessage.Acknowledged> acknowledged = runToTheEnd(run, store);
    try (CheckpointRepository opened = store.address().open()) {
      CheckpointRepository repository = opened.namespace(namespace);
      Verifier.Result result =
          Verifier.verify(
              repository,
              transcripts,
              acknowledged,
              store.isMeasurable() ? checkpoint -> 0 : DemoStore.documentSize(),
              done -> progress.show("sessions verified", done, transcripts.size()));
      progress.clear();
      long[] micros =
          acknowledged.stream().mapToLong(WorkerMessage.Acknowledged::micros).sorted().toArray();
      DemoReport report =
          new DemoReport(
              transcripts.size(),
              result.checkpoints(),
              acknowledged.size(),
              run.crashes(),
              result.lost(),
              result.mismatched(),
              DemoReport.percentile(micros, 50),
              DemoReport.percentile(micros, 99),
              store.isMeasurable() ? store.size() - sizeBefore : result.bytes());
      result.problems().stream()
          .limit(MAX_PROBLEMS_SHOWN)
          .forEach(problem -> err().println(Printable.line(problem)));
      print(report, new DemoTour(repository, transcripts.get(0)));
      return report.isGood() && report.crashes() == crashes;
    }
  }

  /** A user who has enough (Ctrl-C) is left without a worker and without a temporary folder. */
  private List<WorkerMessage.Acknowledged> runToTheEnd(DemoRun run, DemoStore store) {
    Thread cleanUp =
        new Thread(
            () -> {
              run.abort();
              if (!keep) {
                store.deleteIfTemporary();
              }
            },
            "demo-clean-up");
    Runtime.getRuntime().addShutdownHook(cleanUp);
    try {
      return run.run();
    } finally {
      // While the JVM ends, hooks cannot be removed.
      if (!run.isAborted()) {
        Runtime.getRuntime().removeShutdownHook(cleanUp);
      }
    }
  }

  private void checkStore(DemoStore store, String namespace) {
    try (CheckpointRepository opened = argument(store.address()::open)) {
      if (opened.descriptor().durability() == Durability.VOLATILE) {
        throw wrongUsage(
            "the store '%s' keeps checkpoints no longer than its process lives (durability"
                    .formatted(opened.descriptor().id())
                + " VOLATILE), and the demo kills that process; leave out --store, or use"
                + " --store file:DIRECTORY");
      }
      CheckpointRepository repository = argument(() -> opened.namespace(namespace));
      try (Stream<String> sessions = repository.sessions()) {
        if (sessions.findAny().isPresent()) {
          throw wrongUsage(
              "the namespace '"
                  + namespace
                  + "' has sessions already; leave out --namespace, or choose another");
        }
      }
    }
  }

  private void describe(
      PrintWriter notes,
      DemoStore store,
      String namespace,
      long seed,
      int sessions,
      long checkpoints) {
    TextTable table = new TextTable(notes, "store", store.address().toString());
    table.row("namespace", namespace);
    table.row(
        "transcripts",
        "%d sessions, %d messages, %s"
            .formatted(
                sessions,
                checkpoints,
                transcriptsFile == null ? "shipped with the command" : transcriptsFile));
    table.row("crashes", "%d, at moments chosen by seed %d".formatted(crashes, seed));
    table.end();
    notes.flush();
  }

  private void print(DemoReport report, DemoTour tour) {
    if (json) {
      out().println(report.toJson());
      return;
    }
    report.print(out());
    if (report.isGood()) {
      tour.print(out());
    }
  }

  private void leave(DemoStore store, boolean good) {
    if (!store.isTemporary()) {
      return;
    }
    // What a failed demo has stored is what it takes to find out why.
    if (good && !keep) {
      store.deleteIfTemporary();
    } else {
      err().println("The store is kept: " + store.address());
    }
  }
}
