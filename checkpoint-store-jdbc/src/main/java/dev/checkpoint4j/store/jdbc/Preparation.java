package dev.checkpoint4j.store.jdbc;

import java.sql.Connection;
import java.sql.SQLException;

/** Makes a connection, whose settings are its owner's, ready for the store. */
interface Preparation {

  /** Gives a connection back as it was. */
  interface Undo {
    Undo NOTHING = () -> {};

    void undo() throws SQLException;
  }

  Preparation NONE = connection -> Undo.NOTHING;

  Undo prepare(Connection connection) throws SQLException;
}
