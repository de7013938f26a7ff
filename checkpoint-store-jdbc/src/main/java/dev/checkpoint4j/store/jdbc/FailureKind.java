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
  /** A missing permission, wrong credentials, a database that is read only. */
  DENIED,
  /** No space, or a row or packet that is too large. */
  LIMIT_EXCEEDED,
  /** A table or column is missing. */
  NO_TABLE,
  /** The database says that its own files are damaged. */
  DAMAGED,
  /** An error that the database reports of a statement, which was undone. */
  REFUSED,
  /** Anything else. */
  OTHER;

  /** Whether the connection may be of no use for what comes after. */
  boolean leavesConnectionInDoubt() {
    return this == UNREACHABLE || this == DAMAGED || this == OTHER;
  }
}
