package dev.checkpoint4j.tck;

/** What happens to a thread in the middle of a call. */
enum Disturbance {
  /** The thread is interrupted: before the call, during it, or as its task is cancelled. */
  INTERRUPT,

  /** The codec throws an exception or an error, a {@link StackOverflowError} among them. */
  CODEC,

  /** The stack of the thread ends, wherever the call is by then. */
  DEEP_STACK,

  /** The deadline of the call passes. */
  DEADLINE,

  /** The handle is closed. */
  CLOSE
}
