package dev.checkpoint4j.tck;

/** What a worker accepts of a call that nothing happened to. */
enum Tolerance {
  /** Nothing but the right answer. */
  NONE,

  /**
   * The handle repeats a call whose outcome is unknown. Therefore a deletion may report fewer
   * checkpoints than it deleted.
   */
  REPEATED_CALLS,

  /** The call may fail, as promised. A deletion may report fewer checkpoints than it deleted. */
  FAILURES
}
