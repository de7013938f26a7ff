package dev.checkpoint4j.tck;

import org.opentest4j.TestAbortedException;

/** A rule does not hold, as the test class declares: a visible skip, reported as DEVIATION. */
final class DeclaredDeviation extends TestAbortedException {

  private static final long serialVersionUID = 1;

  DeclaredDeviation(String message, Throwable cause) {
    super(message, cause);
  }
}
