package dev.checkpoint4j.store.jdbc;

/** What happens to the tables of a store when it is opened. */
public enum SchemaMode {
  /**
   * Tables that are missing are created, and migrations that are outstanding are run, each once,
   * also if many processes open the store at once. The default for H2 and SQLite.
   */
  CREATE,
  /**
   * Nothing is changed; every difference from what the store needs is reported, and the store does
   * not open. The default for servers.
   */
  VALIDATE,
  /** Checks nothing. */
  NONE
}
