package dev.checkpoint4j.cli.support;

/** The exit codes of the command; {@code checkpoint --help} explains them. */
public final class ExitCode {

  public static final int OK = 0;
  public static final int NOT_FOUND_OR_UNVERIFIED = 1;
  public static final int USAGE = 2;
  public static final int STORE = 3;
  public static final int INTERNAL = 4;

  /** As a shell has it for SIGINT. */
  public static final int INTERRUPTED = 130;

  private ExitCode() {}
}
