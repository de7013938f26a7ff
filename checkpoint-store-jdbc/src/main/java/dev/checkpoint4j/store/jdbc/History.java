package dev.checkpoint4j.store.jdbc;

import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.CheckpointQuery.Order;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.error.ErrorContext;
import dev.checkpoint4j.spi.CheckpointCodec;
import dev.checkpoint4j.spi.ListCursor;
import dev.checkpoint4j.store.jdbc.Dialect.Condition;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The statements that read. */
final class History {

  /** Sessions that are looked for at a time where each is read by a statement of its own. */
  private static final int SESSIONS_AT_ONCE = 20;

  /** What is stored of a session and of an id at one moment. */
  record State(long latestVersion, Optional<Row> sameId) {}

  /** Whether documents are read. */
  enum Part {
    HEADERS,
    DOCUMENTS
  }

  private final Dialect dialect;
  private final Tables tables;
  private final CheckpointCodec codec;

  History(Dialect dialect, Tables tables, CheckpointCodec codec) {
    this.dialect = dialect;
    this.tables = tables;
    this.codec = codec;
  }

  /** The checkpoint with this id. */
  Optional<Row> byId(Connected connected, String namespace, String id) throws SQLException {
    return one(
        connected,
        namespace,
        " WHERE h.namespace = ? AND h.id = ?",
        dialect.id(namespace),
        dialect.id(id));
  }

  /** The checkpoint with the greatest version. */
  Optional<Row> latest(Connected connected, SessionKey session) throws SQLException {
    return one(
        connected,
        session.namespace(),
        " WHERE h.namespace = ? AND h.session_id = ?"
            + " ORDER BY h.namespace DESC, h.session_id DESC, h.version DESC LIMIT 1",
        dialect.id(session.namespace()),
        dialect.id(session.sessionId()));
  }

  private Optional<Row> one(
      Connected connected, String namespace, String where, Object... arguments)
      throws SQLException {
    while (true) {
      List<Row> rows =
          connected.query(
              row -> Row.read(row, dialect, namespace, true),
              select(Part.DOCUMENTS) + where,
              arguments);
      if (rows.isEmpty()) {
        return Optional.empty();
      }
      // One that is deleted while its parts are about to be read is looked for again.
      Optional<Row> complete = complete(connected, rows.get(0));
      if (complete.isPresent()) {
        return complete;
      }
    }
  }

  /** Why a put was refused: read by one statement, so that both are of one moment. */
  State state(Connected connected, SessionKey session, String id) throws SQLException {
    String namespace = session.namespace();
    record Found(long latestVersion, @Nullable Row row) {}
    Found found =
        connected
            .query(
                row ->
                    new Found(
                        row.getLong("latest_version"),
                        dialect.id(row, "id") == null
                            ? null
                            : Row.read(row, dialect, namespace, true)),
                "SELECT s.latest_version, "
                    + Row.HEADER
                    + ", "
                    + dialect.document()
                    + " AS document FROM (SELECT 1 AS one) o LEFT JOIN "
                    + tables.session()
                    + " s ON s.namespace = ? AND s.session_id = ? LEFT JOIN "
                    + tables.history()
                    + " h ON h.namespace = ? AND h.id = ?",
                dialect.id(namespace),
                dialect.id(session.sessionId()),
                dialect.id(namespace),
                dialect.id(id))
            .get(0);
    Row row = found.row();
    if (row == null) {
      return new State(found.latestVersion(), Optional.empty());
    }
    return new State(found.latestVersion(), complete(connected, row));
  }

  /** Rows with their documents; of those that are read in parts, some may be gone meanwhile. */
  private Optional<Row> complete(Connected connected, Row row) throws SQLException {
    if (row.document() != null) {
      return Optional.of(row);
    }
    byte[] document = dialect.documentInParts(connected, tables, row.primaryKey(dialect));
    return document == null ? Optional.empty() : Optional.of(row.withDocument(document));
  }

  /** So many of the rows behind a position that match a query, or all if there are fewer. */
  List<Row> rows(
      Connected connected,
      CheckpointQuery query,
      Optional<ListCursor> start,
      int count,
      Part part,
      ErrorContext context)
      throws SQLException {
    List<Row> found = new ArrayList<>();
    Optional<ListCursor> position = start;
    while (found.size() < count) {
      int wanted = count - found.size();
      List<Row> rows = next(connected, query, position, wanted, part);
      for (Row row : rows) {
        // The hashes of other attributes may be the same, if that is hard to find.
        if (query.attributes().isEmpty() || query.matches(row.header(codec, context))) {
          if (part == Part.HEADERS) {
            found.add(row);
          } else {
            complete(connected, row).ifPresent(found::add);
          }
        }
      }
      if (rows.size() < wanted) {
        return found;
      }
      position = Optional.of(rows.get(rows.size() - 1)).map(History::position);
    }
    return found;
  }

  static ListCursor position(Row row) {
    return new ListCursor(row.sessionId(), row.version());
  }

  /** First what is left of the session of the position, then the sessions behind it. */
  private List<Row> next(
      Connected connected,
      CheckpointQuery query,
      Optional<ListCursor> position,
      int count,
      Part part)
      throws SQLException {
    String ofSession = query.sessionId().orElse(null);
    if (position.isEmpty()) {
      return behind(connected, query, part, count, ofSession, null);
    }
    ListCursor at = position.get();
    List<Row> rows = new ArrayList<>();
    if (ofSession == null || ofSession.equals(at.session())) {
      rows.addAll(select(connected, query, part, count, at.session(), null, at.version()));
    }
    if (rows.size() < count && !Objects.equals(ofSession, at.session())) {
      rows.addAll(behind(connected, query, part, count - rows.size(), ofSession, at.session()));
    }
    return rows;
  }

  /** The rows of the sessions behind one, or of all; of one session only if it is named. */
  private List<Row> behind(
      Connected connected,
      CheckpointQuery query,
      Part part,
      int count,
      @Nullable String inSession,
      @Nullable String behindSession)
      throws SQLException {
    if (inSession != null || query.order() == Order.OLDEST_FIRST || !dialect.walksSessions()) {
      return select(connected, query, part, count, inSession, behindSession, null);
    }
    List<Row> rows = new ArrayList<>();
    Optional<String> last = Optional.ofNullable(behindSession);
    List<String> sessions;
    do {
      sessions = sessions(connected, query.namespace(), last, SESSIONS_AT_ONCE);
      for (String session : sessions) {
        rows.addAll(select(connected, query, part, count - rows.size(), session, null, null));
        if (rows.size() == count) {
          return rows;
        }
        last = Optional.of(session);
      }
    } while (sessions.size() == SESSIONS_AT_ONCE);
    return rows;
  }

  private List<Row> select(
      Connected connected,
      CheckpointQuery query,
      Part part,
      int count,
      @Nullable String inSession,
      @Nullable String behindSession,
      @Nullable Long behindVersion)
      throws SQLException {
    boolean newestFirst = query.order() == Order.NEWEST_FIRST;
    Conditions where = new Conditions();
    where.add("h.namespace = ?", dialect.id(query.namespace()));
    if (inSession != null) {
      where.add("h.session_id = ?", dialect.id(inSession));
    }
    if (behindSession != null) {
      where.add(dialect.isBehind(behindSession));
    }
    if (behindVersion != null) {
      where.add(newestFirst ? "h.version < ?" : "h.version > ?", behindVersion);
    }
    if (query.minVersion() > 1) {
      where.add("h.version >= ?", query.minVersion());
    }
    if (query.maxVersion() < Long.MAX_VALUE) {
      where.add("h.version <= ?", query.maxVersion());
    }
    query.taskId().ifPresent(task -> where.add("h.task_id = ?", dialect.id(task)));
    query.parentId().ifPresent(parent -> where.add("h.parent_id = ?", dialect.id(parent)));
    query.tsFrom().ifPresent(from -> where.add("h.ts >= ?", Micros.of(from)));
    query.tsBefore().ifPresent(before -> where.add("h.ts < ?", Micros.of(before)));
    query
        .attributes()
        .forEach(
            (name, value) ->
                where.add(
                    "(h.attribute_hashes LIKE ? OR h.attribute_hashes = '"
                        + AttributeHashes.MANY
                        + "')",
                    "%" + AttributeHashes.of(name, value) + "%"));
    where.arguments.add(count);
    // Walks an index backwards where one session is asked for, and one made for it otherwise.
    boolean backwards = newestFirst && inSession != null;
    String sql =
        select(part)
            + " WHERE "
            + String.join(" AND ", where.conditions)
            + " ORDER BY h.namespace"
            + (backwards ? " DESC" : "")
            + ", h.session_id"
            + (backwards ? " DESC" : "")
            + ", h.version"
            + (newestFirst ? " DESC" : "")
            + " LIMIT ?";
    return connected.query(
        row -> Row.read(row, dialect, query.namespace(), part == Part.DOCUMENTS),
        sql,
        where.arguments.toArray());
  }

  private String select(Part part) {
    return "SELECT "
        + Row.HEADER
        + (part == Part.DOCUMENTS ? ", " + dialect.document() + " AS document" : "")
        + " FROM "
        + tables.history()
        + " h";
  }

  /** The sessions of a namespace behind one of them. */
  List<String> sessions(Connected connected, String namespace, Optional<String> behind, int count)
      throws SQLException {
    Conditions where = new Conditions();
    where.add("namespace = ?", dialect.id(namespace));
    behind.ifPresent(session -> where.add(dialect.isBehind(session)));
    where.arguments.add(count);
    return connected.query(
        row -> Objects.requireNonNull(dialect.id(row, "session_id")),
        "SELECT session_id FROM "
            + tables.session()
            + " WHERE "
            + String.join(" AND ", where.conditions)
            + " ORDER BY namespace, session_id LIMIT ?",
        where.arguments.toArray());
  }

  /** Conditions and their arguments, side by side. */
  private static final class Conditions {
    private final List<String> conditions = new ArrayList<>();
    private final List<Object> arguments = new ArrayList<>();

    void add(String condition, Object argument) {
      conditions.add(condition);
      arguments.add(argument);
    }

    void add(Condition condition) {
      conditions.add(condition.sql());
      arguments.addAll(condition.arguments());
    }
  }
}
