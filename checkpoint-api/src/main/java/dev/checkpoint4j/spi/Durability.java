package dev.checkpoint4j.spi;

/** What an acknowledged checkpoint survives. Each class includes those before it. */
public enum Durability {
  /** Nothing: checkpoints are gone with the process, or with the last handle. */
  VOLATILE,
  /** The sudden end of the process, for example by {@code kill -9}. */
  PROCESS_CRASH,
  /** The sudden end of the machine, for example by a loss of power. */
  POWER_LOSS
}
