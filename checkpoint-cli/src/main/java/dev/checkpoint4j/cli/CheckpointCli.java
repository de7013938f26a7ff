package dev.checkpoint4j.cli;

import dev.checkpoint4j.cli.demo.DemoCommand;
import dev.checkpoint4j.cli.demo.DemoWorkerCommand;
import dev.checkpoint4j.cli.support.CommandFailedException;
import dev.checkpoint4j.cli.support.ExitCode;
import dev.checkpoint4j.cli.support.Printable;
import dev.checkpoint4j.error.CheckpointException;
import dev.checkpoint4j.spi.BackendConfig;
import java.io.BufferedWriter;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.logging.Level;
import java.util.logging.Logger;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** The {@code checkpoint} command. */
@Command(
    name = "checkpoint",
    description = "Looks into a store of checkpoints, and shows that one survives kill -9.",
    versionProvider = CheckpointCli.Version.class,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      DemoCommand.class,
      SessionsCommand.class,
      HistoryCommand.class,
      ShowCommand.class,
      SchemaCommand.class,
      VerifyCommand.class,
      DemoWorkerCommand.class
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      ExitCode.OK + ":done",
      ExitCode.NOT_FOUND_OR_UNVERIFIED
          + ":not found; the demo lost or changed a checkpoint; verify found damage",
      ExitCode.USAGE + ":wrong usage: an option, an argument or an input file",
      ExitCode.STORE + ":the store failed, could not be opened, or holds a damaged record",
      ExitCode.INTERNAL + ":a bug in this command"
    },
    footerHeading = "%nStores:%n",
    footer = {
      "  file:./state                    a folder",
      "  jdbc:h2:./state/db              an H2 database, in a file",
      "  jdbc:sqlite:./state.db          an SQLite database, in a file",
      "  jdbc:postgresql://host/db       PostgreSQL; likewise jdbc:mariadb://host/db",
      "Further ones by their URL when their jar is on the class path.",
      "",
      "Output is UTF-8; characters that do not show on a terminal are written as \\uXXXX."
    })
public final class CheckpointCli implements Callable<Integer> {

  @Spec
  @SuppressWarnings("NullAway.Init") // Set by picocli before anything reads it.
  private CommandSpec spec;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      scope = ScopeType.INHERIT,
      description = "Prints this help.")
  @SuppressWarnings("UnusedVariable") // Read by picocli.
  private boolean help;

  @Option(names = "--version", versionHelp = true, description = "Prints the version.")
  @SuppressWarnings("UnusedVariable") // Read by picocli.
  private boolean version;

  @Option(
      names = "--stack-trace",
      scope = ScopeType.INHERIT,
      description = "Prints the stack trace of an error as well.")
  private boolean stackTrace;

  /** Instances are created by {@link #main}. */
  private CheckpointCli() {}

  /** Runs the command and ends the JVM with its exit code. */
  public static void main(String[] args) {
    // What a store notes in passing is no output of a command.
    Logger.getLogger("").setLevel(Level.WARNING);
    PrintWriter out = utf8(FileDescriptor.out);
    PrintWriter err = utf8(FileDescriptor.err);
    int exitCode = execute(out, err, args);
    out.flush();
    err.flush();
    System.exit(exitCode);
  }

  /** Whatever the locale is, so that the output of a command can be the input of another. */
  private static PrintWriter utf8(FileDescriptor descriptor) {
    return new PrintWriter(
        new BufferedWriter(
            new OutputStreamWriter(new FileOutputStream(descriptor), StandardCharsets.UTF_8)));
  }

  public static int execute(PrintWriter out, PrintWriter err, String... args) {
    CheckpointCli root = new CheckpointCli();
    CommandLine commandLine =
        new CommandLine(root)
            .setOut(out)
            .setErr(err)
            // A session id may start with @.
            .setExpandAtFiles(false)
            .setUsageHelpWidth(100)
            .setExecutionExceptionHandler((failure, command, parsed) -> root.report(failure))
            .setParameterExceptionHandler((failure, arguments) -> root.report(failure));
    return commandLine.execute(args);
  }

  @Override
  public Integer call() {
    throw new ParameterException(spec.commandLine(), "a command is missing");
  }

  private int report(Exception failure) {
    PrintWriter err = spec.commandLine().getErr();
    err.println("checkpoint: " + Printable.line(message(failure)));
    if (stackTrace) {
      StringWriter trace = new StringWriter();
      failure.printStackTrace(new PrintWriter(trace));
      err.print(Printable.stackTrace(trace.toString()));
    }
    err.flush();
    return exitCode(failure);
  }

  private static String message(Exception failure) {
    String message = Objects.requireNonNullElse(failure.getMessage(), failure.toString());
    if (failure instanceof ParameterException wrong) {
      return (wrong instanceof UnmatchedArgumentException unmatched ? unknown(unmatched) : message)
          + " (see "
          + wrong.getCommandLine().getCommandSpec().qualifiedName()
          + " --help)";
    }
    if (exitCode(failure) == ExitCode.INTERNAL && !(failure instanceof CommandFailedException)) {
      return "unexpected error: " + failure + " (--stack-trace shows where)";
    }
    return message;
  }

  /** Shows the first one only: what follows a mistyped option may be a secret. */
  private static String unknown(UnmatchedArgumentException unmatched) {
    String first = BackendConfig.maskSecrets(unmatched.getUnmatched().get(0));
    return "there is no " + (first.startsWith("-") ? "option" : "argument") + " '" + first + "'";
  }

  private static int exitCode(Exception failure) {
    if (failure instanceof ParameterException) {
      return ExitCode.USAGE;
    }
    if (failure instanceof CheckpointException) {
      return ExitCode.STORE;
    }
    return failure instanceof CommandFailedException failed ? failed.exitCode() : ExitCode.INTERNAL;
  }

  /** Reads the version from the jar's manifest. */
  static final class Version implements IVersionProvider {

    @Override
    public String[] getVersion() {
      String version = CheckpointCli.class.getPackage().getImplementationVersion();
      return new String[] {
        "checkpoint " + Objects.requireNonNullElse(version, "(not packaged)"),
        "Java " + Runtime.version()
      };
    }
  }
}
