package dev.checkpoint4j.store.jdbc;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.error.DuplicateCheckpointException;
import dev.checkpoint4j.error.ErrorContext;
import dev.checkpoint4j.error.VersionConflictException;
import dev.checkpoint4j.spi.DocumentCodec;
import dev.checkpoint4j.store.jdbc.StatementDialect.Condition;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * The statements that write. Every transaction locks the row of its session first, or the rows of
 * its sessions in one order, and keeps it in step with the session's checkpoints.
 */
final class CheckpointWriter {

  /** Most ids of a statement; less than the parameters that any of the databases takes. */
  static final int IDS_AT_ONCE = 512;

  /** Most checkpoints that are deleted by one transaction, so that none takes for long. */
  private static final int ROWS_AT_ONCE = 1_000;

  private final StatementDialect dialect;
  private final ErrorClassifier errors;
  private final Tables tables;
  private final CheckpointReader reader;
  private final DocumentCodec documents;
  private final Map<Expected, List<String>> insertSql = new EnumMap<>(Expected.class);

  CheckpointWriter(
      Dialect dialect, Tables tables, CheckpointReader reader, DocumentCodec documents) {
    this.dialect = dialect.statements();
    this.errors = dialect.errors();
    this.tables = tables;
    this.reader = reader;
    this.documents = documents;
    for (Expected expected : Expected.values()) {
      insertSql.put(expected, this.dialect.insertSql(tables, expected));
    }
  }

  /** Stores a checkpoint, or finds out why it is not stored. */
  void put(DbSession db, NewRow row, Expectation expectation, ErrorContext context)
      throws SQLException {
    if (insert(db, row, expectation)) {
      return;
    }
    Checkpoint checkpoint = row.checkpoint();
    CheckpointReader.State state = reader.state(db, checkpoint.sessionKey(), checkpoint.id());
    Optional<Row> sameId = state.sameId();
    if (sameId.isPresent()) {
      if (sameId.get().checkpoint(documents, context).equals(checkpoint)) {
        return;
      }
      throw new DuplicateCheckpointException(JdbcBackendStorage.ID, checkpoint);
    }
    if (state.latestVersion() >= checkpoint.version() || !expectation.isMetBy(state.latestId())) {
      throw new VersionConflictException(
          JdbcBackendStorage.ID, checkpoint, expectation, state.latestVersion());
    }
    throw contention("the checkpoint that conflicted with the put was deleted before it was read");
  }

  private boolean insert(DbSession db, NewRow row, Expectation expectation) throws SQLException {
    try {
      List<String> sql = Objects.requireNonNull(insertSql.get(Expected.by(expectation)));
      return dialect.insert(db, sql, row, expectation);
    } catch (SQLException e) {
      if (errors.kind(e) == FailureKind.DUPLICATE_KEY) {
        return false;
      }
      throw e;
    }
  }

  private static SQLException contention(String reason) {
    return new SQLException(reason, "40001");
  }

  /** Deletes at most {@link #IDS_AT_ONCE} checkpoints by their ids. */
  int delete(DbSession db, String namespace, List<String> ids) throws SQLException {
    Condition wanted = dialect.isOneOf("id", namespace, ids);
    List<String> found =
        db.query(
            row -> Objects.requireNonNull(dialect.id(row, "session_id")),
            // A LIMIT also where none is needed: on MariaDB, sql_select_limit counts without one.
            "SELECT session_id FROM "
                + tables.history()
                + " WHERE "
                + wanted.sql()
                + " LIMIT "
                + IDS_AT_ONCE,
            wanted.arguments().toArray());
    List<String> sessions = found.stream().distinct().toList();
    if (sessions.isEmpty()) {
      return 0;
    }
    return db.inTransaction(
        () -> {
          List<String> locked =
              dialect.lockSessions(db, tables, dialect.isOneOf("session_id", namespace, sessions));
          if (locked.isEmpty()) {
            return 0;
          }
          Condition ofLocked = dialect.isOneOf("session_id", locked);
          List<Object> both = new ArrayList<>(wanted.arguments());
          both.addAll(ofLocked.arguments());
          int deleted =
              db.update(
                  "DELETE FROM "
                      + tables.history()
                      + " WHERE "
                      + wanted.sql()
                      // No database shall look through the histories of the sessions instead.
                      + " AND CASE WHEN "
                      + ofLocked.sql()
                      + " THEN 1 ELSE 0 END = 1",
                  both.toArray());
          if (deleted != found.size()) {
            throw contention("some of the checkpoints were not there any more, or not deleted");
          }
          correctLatest(db, dialect.isOneOf("session_id", namespace, locked));
          return deleted;
        });
  }

  /** The latest is the greatest version that is left; a session without checkpoints is none. */
  private void correctLatest(DbSession db, Condition sessions) throws SQLException {
    db.update(
        "UPDATE "
            + tables.session()
            + " SET latest_version = "
            + CheckpointReader.greatestVersion(tables)
            + ", latest_id = "
            + CheckpointReader.idOfGreatestVersion(tables)
            + " WHERE "
            + sessions.sql(),
        sessions.arguments().toArray());
    db.update(
        "DELETE FROM " + tables.session() + " WHERE " + sessions.sql() + " AND latest_version = 0",
        sessions.arguments().toArray());
    if (dialect.reportsKilledStatementAsSuccess()) {
      checkLatest(db, sessions);
    }
  }

  private void checkLatest(DbSession db, Condition sessions) throws SQLException {
    List<Boolean> wrong =
        db.query(
            row -> true,
            "SELECT 1 FROM "
                + tables.session()
                + " WHERE "
                + sessions.sql()
                + " AND (latest_version = 0 OR latest_version <> "
                + CheckpointReader.greatestVersion(tables)
                + " OR latest_id <> "
                + CheckpointReader.idOfGreatestVersion(tables)
                + ") LIMIT 1",
            sessions.arguments().toArray());
    if (!wrong.isEmpty()) {
      throw contention("the latest checkpoint of a session was not corrected");
    }
  }

  /**
   * Deletes the oldest checkpoints of a session, all of them if there are few.
   *
   * @param after the last version that the call has deleted so far, 0 at its start. A search from
   *     the first version on would pass all deleted rows that the database has not purged yet
   */
  Deleted deleteOldest(DbSession db, SessionKey session, long after) throws SQLException {
    List<Object> key = List.of(dialect.id(session.namespace()), dialect.id(session.sessionId()));
    Condition row =
        dialect.isOneOf("session_id", session.namespace(), List.of(session.sessionId()));
    return db.inTransaction(
        () -> {
          if (dialect.lockSessions(db, tables, row).isEmpty()) {
            return Deleted.everything(0);
          }
          Optional<Long> lastOfMany = lastOfMany(db, key, after);
          String ofSession = " WHERE namespace = ? AND session_id = ?";
          if (lastOfMany.isPresent()) {
            List<Object> arguments = new ArrayList<>(key);
            arguments.add(after);
            arguments.add(lastOfMany.get());
            int deleted =
                db.update(
                    "DELETE FROM "
                        + tables.history()
                        + ofSession
                        + " AND version > ? AND version <= ?",
                    arguments.toArray());
            if (deleted != ROWS_AT_ONCE) {
              throw contention("not all of the oldest checkpoints were deleted");
            }
            return new Deleted(deleted, lastOfMany);
          }
          int deleted = db.update("DELETE FROM " + tables.history() + ofSession, key.toArray());
          int sessions = db.update("DELETE FROM " + tables.session() + ofSession, key.toArray());
          if (sessions != 1 || isLeft(db, ofSession, key)) {
            throw contention("not all of the session was deleted");
          }
          return Deleted.everything(deleted);
        });
  }

  private boolean isLeft(DbSession db, String ofSession, List<Object> key) throws SQLException {
    return dialect.reportsKilledStatementAsSuccess()
        && !db.query(
                row -> true,
                "SELECT 1 FROM " + tables.history() + ofSession + " LIMIT 1",
                key.toArray())
            .isEmpty();
  }

  /**
   * What a transaction has deleted.
   *
   * @param lastVersion the greatest version that was deleted, if the session has further ones
   */
  record Deleted(int count, Optional<Long> lastVersion) {
    static Deleted everything(int count) {
      return new Deleted(count, Optional.empty());
    }
  }

  /** Where to stop so that something is left, and the latest version stays what it is. */
  private Optional<Long> lastOfMany(DbSession db, List<Object> key, long after)
      throws SQLException {
    List<Object> arguments = new ArrayList<>(key);
    arguments.add(after);
    List<Long> versions =
        db.query(
            row -> row.getLong("version"),
            "SELECT version FROM "
                + tables.history()
                + " WHERE namespace = ? AND session_id = ? AND version > ?"
                + " ORDER BY namespace, session_id, version LIMIT 2 OFFSET "
                + (ROWS_AT_ONCE - 1),
            arguments.toArray());
    return versions.size() < 2 ? Optional.empty() : Optional.of(versions.get(0));
  }
}
