package dev.checkpoint4j.store.jdbc;

/** What an error of a database means to the store. */
enum FailureKind {
  /** A primary or unique key is taken. */
  DUPLICATE_KEY,
  /**
   * The transaction met another one and was undone: a deadlock, a serialization failure, a lock.
   */
  CONTENTION,
  /** The statement took longer than the query timeout and was undone. */
  TIMEOUT,
  /** No connection, or none any more. */
  UNREACHABLE,
  /** The pool or the server has no connection left. */
  NO_FREE_CONNECTION,
  /** The user is unknown, or the password is wrong. */
  WRONG_LOGIN,
  /** The user lacks a permission. */
  NO_PERMISSION,
  /** The database, or its medium, is read only. */
  READ_ONLY,
  /** No space, or a row or packet that is too large. */
  LIMIT_EXCEEDED,
  /** The driver does not accept the URL or a setting in it. */
  BAD_URL,
  /** The database is missing. */
  NO_DATABASE,
  /** The schema is missing. */
  NO_SCHEMA,
  /** A table or column is missing. */
  NO_TABLE,
  /** The database says that its own files are damaged. */
  DAMAGED,
  /** An error that the database reports of a statement, which was undone. */
  REFUSED,
  /** Anything else. */
  OTHER;

  /** Whether it is a failure to connect by itself, and not by what the failure means elsewhere. */
  boolean preventsConnecting() {
    return switch (this) {
      case NO_FREE_CONNECTION,
          WRONG_LOGIN,
          NO_PERMISSION,
          READ_ONLY,
          LIMIT_EXCEEDED,
          BAD_URL,
          NO_DATABASE,
          DAMAGED ->
          true;
      default -> false;
    };
  }

  /** Whether the connection may be of no use for what comes after. */
  boolean leavesConnectionInDoubt() {
    return this == UNREACHABLE || this == DAMAGED || this == OTHER;
  }
}
