package dev.checkpoint4j.store.jdbc;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.error.DuplicateCheckpointException;
import dev.checkpoint4j.error.ErrorContext;
import dev.checkpoint4j.error.VersionConflictException;
import dev.checkpoint4j.spi.CheckpointCodec;
import dev.checkpoint4j.store.jdbc.Dialect.Condition;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * The statements that write. Every transaction locks the row of its session first, or the rows of
 * its sessions in one order, and keeps it in step with the session's checkpoints.
 */
final class Writes {

  /** Most ids of a statement; less than the parameters that any of the databases takes. */
  static final int IDS_AT_ONCE = 512;

  /** Most checkpoints that are deleted by one transaction, so that none takes for long. */
  private static final int ROWS_AT_ONCE = 1_000;

  private final Dialect dialect;
  private final Tables tables;
  private final History history;
  private final CheckpointCodec codec;
  private final List<String> putStatements;

  Writes(Dialect dialect, Tables tables, History history, CheckpointCodec codec) {
    this.dialect = dialect;
    this.tables = tables;
    this.history = history;
    this.codec = codec;
    this.putStatements = dialect.putStatements(tables);
  }

  /** Stores a checkpoint, or finds out why it is not stored. */
  void put(Connected connected, NewRow row, ErrorContext context) throws SQLException {
    if (insert(connected, row)) {
      return;
    }
    Checkpoint checkpoint = row.checkpoint();
    History.State state = history.state(connected, checkpoint.sessionKey(), checkpoint.id());
    Optional<Row> sameId = state.sameId();
    if (sameId.isPresent()) {
      if (sameId.get().checkpoint(codec, context).equals(checkpoint)) {
        return;
      }
      throw new DuplicateCheckpointException(JdbcBackendStorage.ID, checkpoint);
    }
    if (state.latestVersion() >= checkpoint.version()) {
      throw new VersionConflictException(JdbcBackendStorage.ID, checkpoint, state.latestVersion());
    }
    throw contention("what was in the way of the put has been deleted meanwhile");
  }

  private boolean insert(Connected connected, NewRow row) throws SQLException {
    try {
      return dialect.insert(connected, putStatements, row);
    } catch (SQLException e) {
      if (dialect.kind(e) == FailureKind.KEY_TAKEN) {
        return false;
      }
      throw e;
    }
  }

  private static SQLException contention(String reason) {
    return new SQLException(reason, "40001");
  }

  /** Deletes at most {@link #IDS_AT_ONCE} checkpoints by their ids. */
  int delete(Connected connected, String namespace, List<String> ids) throws SQLException {
    Condition wanted = dialect.isOneOf("id", namespace, ids);
    List<String> found =
        connected.query(
            row -> Objects.requireNonNull(dialect.id(row, "session_id")),
            "SELECT session_id FROM " + tables.history() + " WHERE " + wanted.sql(),
            wanted.arguments().toArray());
    List<String> sessions = found.stream().distinct().toList();
    if (sessions.isEmpty()) {
      return 0;
    }
    return connected.inTransaction(
        () -> {
          List<String> locked =
              dialect.lockSessions(
                  connected, tables, dialect.isOneOf("session_id", namespace, sessions));
          if (locked.isEmpty()) {
            return 0;
          }
          Condition ofLocked = dialect.isOneOf("session_id", locked);
          List<Object> both = new ArrayList<>(wanted.arguments());
          both.addAll(ofLocked.arguments());
          int deleted =
              connected.update(
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
          correctLatest(connected, dialect.isOneOf("session_id", namespace, locked));
          return deleted;
        });
  }

  /** The latest version is the greatest that is left; a session without checkpoints is none. */
  private void correctLatest(Connected connected, Condition sessions) throws SQLException {
    connected.update(
        "UPDATE "
            + tables.session()
            + " SET latest_version = "
            + greatestVersion()
            + " WHERE "
            + sessions.sql(),
        sessions.arguments().toArray());
    connected.update(
        "DELETE FROM " + tables.session() + " WHERE " + sessions.sql() + " AND latest_version = 0",
        sessions.arguments().toArray());
    if (dialect.takesInterruptionsForSuccess()) {
      checkLatest(connected, sessions);
    }
  }

  private void checkLatest(Connected connected, Condition sessions) throws SQLException {
    List<Boolean> wrong =
        connected.query(
            row -> true,
            "SELECT 1 FROM "
                + tables.session()
                + " WHERE "
                + sessions.sql()
                + " AND (latest_version = 0 OR latest_version <> "
                + greatestVersion()
                + ")",
            sessions.arguments().toArray());
    if (!wrong.isEmpty()) {
      throw contention("the latest version of a session was not corrected");
    }
  }

  /** The greatest version in the history of a row's session; 0 if there is none. */
  private String greatestVersion() {
    return "COALESCE((SELECT h.version FROM "
        + tables.history()
        + " h WHERE h.namespace = "
        + tables.session()
        + ".namespace AND h.session_id = "
        + tables.session()
        + ".session_id ORDER BY h.namespace DESC, h.session_id DESC, h.version DESC LIMIT 1),"
        + " 0)";
  }

  /**
   * Deletes the oldest checkpoints of a session, all of them if there are few.
   *
   * @return how many, and whether some are left
   */
  Deleted deleteOldest(Connected connected, SessionKey session) throws SQLException {
    List<Object> key = List.of(dialect.id(session.namespace()), dialect.id(session.sessionId()));
    Condition row =
        dialect.isOneOf("session_id", session.namespace(), List.of(session.sessionId()));
    return connected.inTransaction(
        () -> {
          if (dialect.lockSessions(connected, tables, row).isEmpty()) {
            return new Deleted(0, false);
          }
          Optional<Long> lastOfMany = lastOfMany(connected, key);
          String ofSession = " WHERE namespace = ? AND session_id = ?";
          if (lastOfMany.isPresent()) {
            List<Object> arguments = new ArrayList<>(key);
            arguments.add(lastOfMany.get());
            int deleted =
                connected.update(
                    "DELETE FROM " + tables.history() + ofSession + " AND version <= ?",
                    arguments.toArray());
            if (deleted != ROWS_AT_ONCE) {
              throw contention("not all of the oldest checkpoints were deleted");
            }
            return new Deleted(deleted, true);
          }
          int deleted =
              connected.update("DELETE FROM " + tables.history() + ofSession, key.toArray());
          int sessions =
              connected.update("DELETE FROM " + tables.session() + ofSession, key.toArray());
          if (sessions != 1 || isLeft(connected, ofSession, key)) {
            throw contention("not all of the session was deleted");
          }
          return new Deleted(deleted, false);
        });
  }

  private boolean isLeft(Connected connected, String ofSession, List<Object> key)
      throws SQLException {
    return dialect.takesInterruptionsForSuccess()
        && !connected
            .query(
                row -> true,
                "SELECT 1 FROM " + tables.history() + ofSession + " LIMIT 1",
                key.toArray())
            .isEmpty();
  }

  /** How many checkpoints a transaction has deleted, and whether it left some. */
  record Deleted(int count, boolean someAreLeft) {}

  /** Where to stop so that something is left, and the latest version stays what it is. */
  private Optional<Long> lastOfMany(Connected connected, List<Object> key) throws SQLException {
    List<Long> versions =
        connected.query(
            row -> row.getLong("version"),
            "SELECT version FROM "
                + tables.history()
                + " WHERE namespace = ? AND session_id = ?"
                + " ORDER BY namespace, session_id, version LIMIT 2 OFFSET "
                + (ROWS_AT_ONCE - 1),
            key.toArray());
    return versions.size() < 2 ? Optional.empty() : Optional.of(versions.get(0));
  }
}
