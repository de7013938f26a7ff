package dev.checkpoint4j.store.jdbc;

import java.sql.Connection;

/**
 * The isolation of transactions. What the store promises holds with each of them; a stricter one
 * costs more and has more transactions repeated.
 */
public enum Isolation {
  /** Each statement sees what was committed when it began. */
  READ_COMMITTED(Connection.TRANSACTION_READ_COMMITTED),
  /** Each transaction sees what was committed when it began. */
  REPEATABLE_READ(Connection.TRANSACTION_REPEATABLE_READ),
  /** Transactions are as if one ran after the other. */
  SERIALIZABLE(Connection.TRANSACTION_SERIALIZABLE);

  private final int level;

  Isolation(int level) {
    this.level = level;
  }

  /** The constant of {@link Connection}. */
  int level() {
    return level;
  }
}
