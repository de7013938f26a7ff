package dev.checkpoint4j.store.jdbc;

import dev.checkpoint4j.Expectation;

/** The kinds of expectations: the puts of each have the same statements. */
enum Expected {
  /** Nothing: the version alone decides. */
  ANY,
  /** That the session holds no checkpoint. */
  NO_SESSION,
  /** That the latest checkpoint of the session has some id. */
  LATEST;

  static Expected by(Expectation expectation) {
    if (expectation.isAny()) {
      return ANY;
    }
    return expectation.latestId().isEmpty() ? NO_SESSION : LATEST;
  }
}
