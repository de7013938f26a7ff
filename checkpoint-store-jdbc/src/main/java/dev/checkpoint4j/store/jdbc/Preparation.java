package dev.checkpoint4j.store.jdbc;

import java.sql.Connection;
import java.sql.SQLException;

/** Prepares connections, whose settings are their owner's, for the store. */
interface Preparation {

  /** Leaves connections as they are. */
  Preparation NONE =
      new Preparation() {
        @Override
        public void prepare(Connection connection) {}

        @Override
        public void restore(Connection connection) {}
      };

  /** Prepares a connection that was just taken. */
  void prepare(Connection connection) throws SQLException;

  /** Restores its settings. */
  void restore(Connection connection) throws SQLException;
}
