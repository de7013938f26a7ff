package dev.checkpoint4j.store.jdbc;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.error.DuplicateCheckpointException;
import dev.checkpoint4j.error.ErrorContext;
import dev.checkpoint4j.error.VersionConflictException;
import dev.checkpoint4j.spi.CheckpointCodec;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
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

  Writes(Dialect dialect, Tables tables, History history, CheckpointCodec codec) {
    this.dialect = dialect;
    this.tables = tables;
    this.history = history;
    this.codec = codec;
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
      return dialect.insert(connected, tables, row);
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
    List<Object> wanted = arguments(namespace, ids);
    String inIds = " WHERE namespace = ? AND id IN (" + parameters(wanted) + ")";
    List<String> sessions =
        connected.query(
            row -> Objects.requireNonNull(dialect.id(row, "session_id")),
            "SELECT DISTINCT session_id FROM " + tables.history() + inIds,
            wanted.toArray());
    if (sessions.isEmpty()) {
      return 0;
    }
    return connected.inTransaction(
        () -> {
          List<Object> found = arguments(namespace, sessions);
          List<String> locked = dialect.lockSessions(connected, tables, parameters(found), found);
          if (locked.isEmpty()) {
            return 0;
          }
          List<Object> ofSessions = arguments(namespace, locked);
          List<Object> both = new ArrayList<>(wanted);
          both.addAll(ofSessions.subList(1, ofSessions.size()));
          int deleted =
              connected.update(
                  "DELETE FROM "
                      + tables.history()
                      + inIds
                      + " AND session_id IN ("
                      + parameters(ofSessions)
                      + ")",
                  both.toArray());
          correctLatest(connected, ofSessions);
          return deleted;
        });
  }

  /** The latest version is the greatest that is left; a session without checkpoints is none. */
  private void correctLatest(Connected connected, List<Object> sessions) throws SQLException {
    String ofSessions = "namespace = ? AND session_id IN (" + parameters(sessions) + ")";
    connected.update(
        "UPDATE "
            + tables.session()
            + " SET latest_version = COALESCE((SELECT h.version FROM "
            + tables.history()
            + " h WHERE h.namespace = "
            + tables.session()
            + ".namespace AND h.session_id = "
            + tables.session()
            + ".session_id ORDER BY h.namespace DESC, h.session_id DESC, h.version DESC LIMIT 1),"
            + " 0) WHERE "
            + ofSessions,
        sessions.toArray());
    connected.update(
        "DELETE FROM " + tables.session() + " WHERE " + ofSessions + " AND latest_version = 0",
        sessions.toArray());
  }

  /**
   * Deletes the oldest checkpoints of a session, all of them if there are few.
   *
   * @return how many, and whether some are left
   */
  Deleted deleteOldest(Connected connected, SessionKey session) throws SQLException {
    List<Object> key = arguments(session.namespace(), List.of(session.sessionId()));
    return connected.inTransaction(
        () -> {
          if (dialect.lockSessions(connected, tables, parameters(key), key).isEmpty()) {
            return new Deleted(0, false);
          }
          Optional<Long> lastOfMany = lastOfMany(connected, key);
          String ofSession = " WHERE namespace = ? AND session_id = ?";
          if (lastOfMany.isPresent()) {
            List<Object> arguments = new ArrayList<>(key);
            arguments.add(lastOfMany.get());
            return new Deleted(
                connected.update(
                    "DELETE FROM " + tables.history() + ofSession + " AND version <= ?",
                    arguments.toArray()),
                true);
          }
          int deleted =
              connected.update("DELETE FROM " + tables.history() + ofSession, key.toArray());
          connected.update("DELETE FROM " + tables.session() + ofSession, key.toArray());
          return new Deleted(deleted, false);
        });
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

  private List<Object> arguments(String namespace, List<String> ids) {
    List<Object> arguments = new ArrayList<>();
    arguments.add(dialect.id(namespace));
    ids.forEach(id -> arguments.add(dialect.id(id)));
    // Few different statements for the database to prepare: the last id may stand several times.
    Object last = arguments.get(arguments.size() - 1);
    while (Integer.bitCount(arguments.size() - 1) > 1) {
      arguments.add(last);
    }
    return arguments;
  }

  /** As many as there are arguments behind the namespace. */
  private static String parameters(List<Object> arguments) {
    return String.join(", ", Collections.nCopies(arguments.size() - 1, "?"));
  }
}
