package dev.checkpoint4j.tck;

/**
 * What became of one rule.
 *
 * @param rule the rule
 * @param status what became of it
 * @param detail why, unless it passed; empty otherwise
 */
record RuleResult(Rule rule, Status status, String detail) {

  /** In the order in which a reader wants to see them. */
  enum Status {
    FAIL("FAIL"),
    DEVIATION("DEVIATION"),
    UNTESTED("UNTESTED"),
    NOT_APPLICABLE("N/A"),
    PASS("PASS");

    private final String label;

    Status(String label) {
      this.label = label;
    }

    String label() {
      return label;
    }
  }

  boolean is(Status wanted) {
    return status == wanted;
  }

  boolean isMust() {
    return rule.level() == Level.MUST;
  }
}
