package dev.checkpoint4j.cli.support;

/** What the command tells the shell; what it decides itself is in {@code checkpoint --help}. */
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
