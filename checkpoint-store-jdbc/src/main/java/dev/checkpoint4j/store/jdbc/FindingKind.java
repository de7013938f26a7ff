package dev.checkpoint4j.store.jdbc;

/** What the verification of a JDBC store can find, all of it damage; docs/jdbc.md lists it. */
enum FindingKind {
  /** A document cannot be decoded: it was changed, cut off, or written in a newer format. */
  DOCUMENT,
  /** A document is not that of its row: of another namespace, session, id or version. */
  MISPLACED_DOCUMENT,
  /** A column of a checkpoint differs from its document, so that listings are wrong. */
  HEADER,
  /** The latest checkpoint of a session is missing; something else than the store removed it. */
  MISSING_LATEST,
  /** A session has checkpoints of greater versions than its latest version. */
  STALE_LATEST,
  /** The id that a session has for its latest checkpoint is not that of its greatest version. */
  WRONG_LATEST_ID,
  /** A session has no checkpoints; something else than the store removed them. */
  EMPTY_SESSION,
  /** Checkpoints whose session is missing: it is not listed, and puts ignore its versions. */
  MISSING_SESSION,
  /** The id of a checkpoint is stored more than once in its namespace. */
  DUPLICATE_ID,
  /** A version is stored more than once in its session. */
  DUPLICATE_VERSION
}
