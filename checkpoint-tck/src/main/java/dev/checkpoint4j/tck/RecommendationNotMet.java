package dev.checkpoint4j.tck;

import org.opentest4j.TestAbortedException;

/** A SHOULD rule does not hold: shown as a skip with the reason, reported as FAIL. */
final class RecommendationNotMet extends TestAbortedException {

  private static final long serialVersionUID = 1;

  RecommendationNotMet(String message, Throwable cause) {
    super(message, cause);
  }
}
