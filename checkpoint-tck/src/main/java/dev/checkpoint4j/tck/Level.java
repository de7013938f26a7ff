package dev.checkpoint4j.tck;

/** How binding a rule is. */
public enum Level {
  /** A backend that breaks the rule does not conform. */
  MUST,
  /** A backend may break the rule for a good reason; the report shows it. */
  SHOULD
}
