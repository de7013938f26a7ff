package dev.checkpoint4j.store.jdbc;

import java.sql.Connection;
import java.sql.SQLException;

/** Makes connections, whose settings are their owner's, ready for the store. */
interface Preparation {

  /** Leaves connections as they are. */
  Preparation NONE =
      new Preparation() {
        @Override
        public void prepare(Connection connection) {}

        @Override
        public void restore(Connection connection) {}
      };

  /** Makes a connection ready that was just taken. */
  void prepare(Connection connection) throws SQLException;

  /** Makes it what it was before. */
  void restore(Connection connection) throws SQLException;
}
