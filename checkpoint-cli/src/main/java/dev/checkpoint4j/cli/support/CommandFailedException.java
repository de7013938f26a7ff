package dev.checkpoint4j.cli.support;

/** Ends a command with a line on stderr and an exit code. */
public final class CommandFailedException extends RuntimeException {

  private static final long serialVersionUID = 1;

  private final int exitCode;

  public CommandFailedException(int exitCode, String message) {
    super(message);
    this.exitCode = exitCode;
  }

  public static CommandFailedException usage(String message) {
    return new CommandFailedException(ExitCode.USAGE, message);
  }

  public int exitCode() {
    return exitCode;
  }
}
