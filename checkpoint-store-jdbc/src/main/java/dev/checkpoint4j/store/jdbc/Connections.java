package dev.checkpoint4j.store.jdbc;

import dev.checkpoint4j.spi.CallDeadline;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.time.Duration;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import org.jdbi.v3.core.ConnectionFactory;

/**
 * Takes connections from their source, each for one attempt of one thread, and gives them back as
 * they were. One that is in use already, or that does not commit by itself, is refused: there the
 * transactions of two threads would be one, and the rollback of the one would undo what the other
 * has acknowledged.
 */
final class Connections implements ConnectionFactory {

  /** The server's own limit of a statement has this long to be reported before the network's. */
  private static final Duration NETWORK_GRACE = Duration.ofSeconds(2);

  /** Deeper than any wrapper of a wrapper. */
  private static final int MAX_WRAPPERS = 10;

  /** The physical connections that any store of this process uses at the moment. */
  private static final Set<Connection> IN_USE =
      Collections.synchronizedSet(Collections.newSetFromMap(new IdentityHashMap<>()));

  /** The source gave a connection that the store must not use. */
  static final class ForeignConnectionException extends SQLException {
    private static final long serialVersionUID = 1;

    ForeignConnectionException(String message) {
      super(message);
    }
  }

  /** A connection in use, and what is restored in the end. */
  private record Taken(Connection physical, int networkTimeoutMillis) {}

  private final ConnectionSource source;
  private final boolean limitsNetwork;
  private final Preparation preparation;
  private final Map<Connection, Taken> taken = Collections.synchronizedMap(new IdentityHashMap<>());

  /** The physical connections whose settings were checked. */
  private final Set<Connection> checked =
      Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

  Connections(ConnectionSource source, Dialect dialect, Preparation preparation) {
    this.source = source;
    this.limitsNetwork = !dialect.isEmbedded();
    this.preparation = preparation;
  }

  @Override
  public Connection openConnection() throws SQLException {
    Connection connection = source.factory().openConnection();
    Connection physical = physical(connection);
    if (!IN_USE.add(physical)) {
      connection.close();
      throw new ForeignConnectionException(
          "the DataSource hands out a connection that another thread is using at this moment;"
              + " nothing was changed. Give the store a pool, which hands each connection to one"
              + " thread at a time, not a DataSource that shares one connection");
    }
    try {
      if (!connection.getAutoCommit()) {
        throw new ForeignConnectionException(
            "the DataSource hands out a connection with a transaction under way, which the store"
                + " does not join; nothing was changed. Give the store the pool itself, not a"
                + " DataSource that binds connections to transactions");
      }
      taken.put(connection, new Taken(physical, limitNetwork(connection)));
      preparation.prepare(connection);
      return connection;
    } catch (Throwable e) {
      taken.remove(connection);
      IN_USE.remove(physical);
      connection.close();
      throw e;
    }
  }

  /** Checks the settings of a connection in use. */
  interface Check {
    void run() throws SQLException;
  }

  /** Runs a check unless one has succeeded before on the same physical connection. */
  void checkOnce(Connection connection, Check check) throws SQLException {
    Taken own = taken.get(connection);
    if (own != null && !checked.contains(own.physical())) {
      check.run();
      checked.add(own.physical());
    }
  }

  /** How long a driver waits for an answer in a call that has so much time left. */
  static Duration networkTimeout(Duration remaining) {
    Duration longest = Duration.ofMillis(Integer.MAX_VALUE);
    return remaining.compareTo(longest.minus(NETWORK_GRACE)) < 0
        ? remaining.plus(NETWORK_GRACE)
        : longest;
  }

  private int limitNetwork(Connection connection) throws SQLException {
    if (!limitsNetwork) {
      return 0;
    }
    int wanted = (int) networkTimeout(CallDeadline.current().remaining()).toMillis();
    try {
      int before = connection.getNetworkTimeout();
      if (before == 0 || before > wanted) {
        connection.setNetworkTimeout(Runnable::run, wanted);
      }
      return before;
    } catch (SQLFeatureNotSupportedException | AbstractMethodError e) {
      Database.LOG.log(System.Logger.Level.DEBUG, "the driver has no network timeout", e);
      return 0;
    }
  }

  @Override
  public void closeConnection(Connection connection) {
    Taken own = taken.remove(connection);
    if (own == null) {
      return;
    }
    try {
      if (!connection.isClosed()) {
        restore(connection, own);
      }
    } catch (SQLException | RuntimeException e) {
      Database.LOG.log(System.Logger.Level.DEBUG, "failed to restore the state of a connection", e);
      discard(connection, own);
    } finally {
      // Before it is closed: a pool may hand it to another thread at once.
      IN_USE.remove(own.physical());
      close(connection);
    }
  }

  private void restore(Connection connection, Taken own) throws SQLException {
    if (!connection.getAutoCommit()) {
      throw new SQLException("a transaction is left open");
    }
    preparation.restore(connection);
    if (limitsNetwork && connection.getNetworkTimeout() != own.networkTimeoutMillis()) {
      connection.setNetworkTimeout(Runnable::run, own.networkTimeoutMillis());
    }
  }

  /** Ends a connection whose state is unknown; its pool opens another one. */
  void discard(Connection connection) {
    Taken own = taken.get(connection);
    if (own != null) {
      discard(connection, own);
    }
  }

  private void discard(Connection connection, Taken own) {
    source.evict().accept(connection);
    try {
      own.physical().abort(Runnable::run);
    } catch (SQLException | RuntimeException | AbstractMethodError e) {
      Database.LOG.log(System.Logger.Level.DEBUG, "failed to abort a connection", e);
    }
    // Some drivers have no abort.
    close(own.physical());
  }

  private static void close(Connection connection) {
    try {
      connection.close();
    } catch (SQLException | RuntimeException e) {
      Database.LOG.log(System.Logger.Level.DEBUG, "failed to close a connection", e);
    }
  }

  /** The connection of the driver that a pool or a DataSource wraps. */
  static Connection physical(Connection connection) {
    Connection outer = connection;
    for (int depth = 0; depth < MAX_WRAPPERS; depth++) {
      Connection inner = unwrapped(outer);
      if (inner == outer) {
        return outer;
      }
      outer = inner;
    }
    return outer;
  }

  /** A wrapper may answer for itself, and its metadata, which are the driver's, for the driver. */
  @SuppressWarnings("ReferenceEquality") // Identity is what is asked for.
  private static Connection unwrapped(Connection connection) {
    try {
      Connection inner = connection.unwrap(Connection.class);
      if (inner == null || inner == connection) {
        inner = connection.getMetaData().getConnection();
      }
      return inner == null ? connection : inner;
    } catch (SQLException | RuntimeException e) {
      return connection;
    }
  }
}
