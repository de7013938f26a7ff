package dev.checkpoint4j.testsupport;

import org.junit.jupiter.api.Assumptions;

/** Where the servers of the tests can run. */
final class Platform {

  private Platform() {}

  /** Skips the test elsewhere; on Linux x86-64 what does not start fails. */
  static void requireLinuxX64(String server) {
    String system = System.getProperty("os.name");
    String architecture = System.getProperty("os.arch");
    boolean linux = system.startsWith("Linux");
    boolean x64 = architecture.equals("amd64") || architecture.equals("x86_64");
    if (!linux || !x64) {
      skip(
          "%s does not run on %s %s: its binaries are those for Linux x86-64"
              .formatted(server, system, architecture));
    }
  }

  static void skip(String reason) {
    System.err.println("SKIPPED TESTS: " + reason);
    Assumptions.<Void>abort(reason);
  }

  static boolean isRoot() {
    return System.getProperty("user.name").equals("root");
  }
}
