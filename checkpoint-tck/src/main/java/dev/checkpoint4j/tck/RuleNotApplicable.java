package dev.checkpoint4j.tck;

import org.opentest4j.TestAbortedException;

/** A rule says nothing about this backend: a visible skip, never a pass. */
final class RuleNotApplicable extends TestAbortedException {

  private static final long serialVersionUID = 1;

  RuleNotApplicable(String reason) {
    super(reason);
  }
}
