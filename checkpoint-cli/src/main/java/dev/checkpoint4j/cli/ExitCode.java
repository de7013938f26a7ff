package dev.checkpoint4j.cli;

/** What the command tells the shell; what it decides itself is in {@code checkpoint --help}. */
final class ExitCode {

  static final int OK = 0;
  static final int NOT_FOUND_OR_UNVERIFIED = 1;
  static final int USAGE = 2;
  static final int STORE = 3;
  static final int INTERNAL = 4;

  /** As a shell has it for SIGINT. */
  static final int INTERRUPTED = 130;

  private ExitCode() {}
}
