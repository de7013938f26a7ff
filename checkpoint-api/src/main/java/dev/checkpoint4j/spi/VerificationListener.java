package dev.checkpoint4j.spi;

import dev.checkpoint4j.Checkpoint;

/**
 * Receives what a verification reads while it runs: for progress, to copy what is intact, or to
 * keep more findings than the report does. Called by the thread that verifies. An exception ends
 * the verification and reaches its caller.
 */
public interface VerificationListener {

  /**
   * An intact stored checkpoint. Those of a session come together in the order of their versions,
   * those of a namespace together. If an id is stored twice, both come. Does nothing unless it is
   * overridden.
   */
  default void onIntact(Checkpoint checkpoint) {}

  /** A finding. Does nothing unless it is overridden. */
  default void onFinding(Finding finding) {}
}
