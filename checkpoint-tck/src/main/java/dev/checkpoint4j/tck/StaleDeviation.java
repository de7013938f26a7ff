package dev.checkpoint4j.tck;

/** A deviation is declared of a rule that holds, or says nothing about the backend. */
final class StaleDeviation extends AssertionError {

  private static final long serialVersionUID = 1;

  StaleDeviation(String message) {
    super(message);
  }
}
