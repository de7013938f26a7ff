package dev.checkpoint4j.spi;

/**
 * Receives every call that a repository makes to its backend: the hook for metrics, tracing and
 * logs. A call that is retried gives several events, one per attempt.
 *
 * <p>Called on the thread of the operation, after it ended and before its caller goes on: what a
 * listener does adds to the time of the operation. Safe for use by several threads. What it throws
 * is logged and does not reach the caller.
 */
@FunctionalInterface
public interface StorageListener {

  /** An operation ended, successfully or not. */
  void onEvent(StorageEvent event);

  /**
   * The backend has repaired something that a crash left. Called on the thread of the operation
   * that found it, or that opens the backend, in the middle of the operation and perhaps under a
   * lock: must not call the backend. Does nothing unless it is overridden.
   */
  default void onRecovery(RecoveryEvent event) {}
}
