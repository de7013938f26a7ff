package dev.checkpoint4j.store.jdbc;

import dev.checkpoint4j.spi.CallDeadline;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * Ends the wait for a lock with the call, where it would last longer.
 *
 * @param millis how long the connections wait
 * @param setting the statement that sets it, but for the number at its end
 */
record LockTimeout(long millis, String setting) implements Preparation {

  @Override
  public void prepare(Connection connection) throws SQLException {
    if (isTooLong()) {
      set(connection, CallDeadline.current().remaining().toMillis());
    }
  }

  /** What was too long when the connection was taken is too long now. */
  @Override
  public void restore(Connection connection) throws SQLException {
    if (isTooLong()) {
      set(connection, millis);
    }
  }

  private boolean isTooLong() {
    return CallDeadline.current().remaining().toMillis() < millis;
  }

  private void set(Connection connection, long wanted) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(setting + wanted);
    }
  }
}
