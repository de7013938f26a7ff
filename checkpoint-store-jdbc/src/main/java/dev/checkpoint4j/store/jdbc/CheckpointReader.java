package dev.checkpoint4j.store.jdbc;

import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.CheckpointQuery.Order;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.error.ErrorContext;
import dev.checkpoint4j.spi.DocumentCodec;
import dev.checkpoint4j.spi.ListCursor;
import dev.checkpoint4j.store.jdbc.StatementDialect.Condition;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The statements that read. */
final class CheckpointReader {

  /** Most rows that are read at a time in place of those whose attributes did not match. */
  private static final int MOST_CANDIDATES = 256;

  /** What is stored of a session and of an id at one moment. */
  record State(long latestVersion, Optional<String> latestId, Optional<Row> sameId) {}

  /** Whether documents are read. */
  enum Part {
    HEADERS,
    DOCUMENTS
  }

  private final StatementDialect dialect;
  private final boolean hasIndexOfNewest;
  private final Tables tables;
  private final DocumentCodec documents;

  CheckpointReader(Dialect dialect, Tables tables, DocumentCodec documents) {
    this.dialect = dialect.statements();
    this.hasIndexOfNewest = dialect.schema().hasIndexOfNewest();
    this.tables = tables;
    this.documents = documents;
  }

  /** The checkpoint with this id. */
  Optional<Row> byId(DbSession db, String namespace, String id) throws SQLException {
    return one(
        db,
        namespace,
        " WHERE h.namespace = ? AND h.id = ?",
        dialect.id(namespace),
        dialect.id(id));
  }

  /** The checkpoint with the greatest version. */
  Optional<Row> latest(DbSession db, SessionKey session) throws SQLException {
    return one(
        db,
        session.namespace(),
        " WHERE h.namespace = ? AND h.session_id = ?"
            + " ORDER BY h.namespace DESC, h.session_id DESC, h.version DESC LIMIT 1",
        dialect.id(session.namespace()),
        dialect.id(session.sessionId()));
  }

  private Optional<Row> one(DbSession db, String namespace, String where, Object... arguments)
      throws SQLException {
    while (true) {
      List<Row> rows =
          db.query(
              row -> Row.read(row, dialect, namespace, true),
              select(Part.DOCUMENTS) + where,
              arguments);
      if (rows.isEmpty()) {
        return Optional.empty();
      }
      // A checkpoint that is deleted before its parts are read is searched again.
      Optional<Row> complete = complete(db, rows.get(0));
      if (complete.isPresent()) {
        return complete;
      }
    }
  }

  /** Why a put was refused: read by one statement, so that both are of one moment. */
  State state(DbSession db, SessionKey session, String id) throws SQLException {
    String namespace = session.namespace();
    record Found(long latestVersion, @Nullable String latestId, @Nullable Row row) {}
    Found found =
        db.query(
                row ->
                    new Found(
                        row.getLong("latest_version"),
                        dialect.id(row, "latest_id"),
                        dialect.id(row, "id") == null
                            ? null
                            : Row.read(row, dialect, namespace, true)),
                "SELECT s.latest_version, s.latest_id, "
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
    return new State(
        found.latestVersion(),
        // Of a session that says that nothing is stored there is no latest checkpoint.
        Optional.ofNullable(found.latestId()).filter(latest -> found.latestVersion() > 0),
        row == null ? Optional.empty() : complete(db, row));
  }

  /** Rows with their documents; of those that are read in parts, some may be deleted by then. */
  Optional<Row> complete(DbSession db, Row row) throws SQLException {
    if (row.document() != null) {
      return Optional.of(row);
    }
    byte[] document = dialect.documentInParts(db, tables, row.primaryKey(dialect));
    return document == null ? Optional.empty() : Optional.of(row.withDocument(document));
  }

  /** So many of the rows after a position that match a query, or all if there are fewer. */
  List<Row> rows(
      DbSession db,
      CheckpointQuery query,
      Optional<ListCursor> start,
      int count,
      Part part,
      ErrorContext context)
      throws SQLException {
    List<Row> found = new ArrayList<>();
    Optional<ListCursor> position = start;
    int wanted = count;
    while (true) {
      List<Row> rows = next(db, query, position, wanted, part);
      for (Row row : rows) {
        // The hashes of other attributes may be the same, if that is hard to find.
        if (query.attributes().isEmpty() || query.matches(row.header(documents, context))) {
          if (part == Part.HEADERS) {
            found.add(row);
          } else {
            complete(db, row).ifPresent(found::add);
          }
        }
        if (found.size() == count) {
          return found;
        }
      }
      if (rows.size() < wanted) {
        return found;
      }
      position = Optional.of(rows.get(rows.size() - 1)).map(CheckpointReader::position);
      // Of rows that match by their hashes only there may be many: not a statement for each.
      wanted = Math.min(MOST_CANDIDATES, Math.max(2 * wanted, count - found.size()));
    }
  }

  static ListCursor position(Row row) {
    return new ListCursor(row.sessionId(), row.version());
  }

  /** First what is left of the session of the position, then the sessions after it. */
  private List<Row> next(
      DbSession db, CheckpointQuery query, Optional<ListCursor> position, int count, Part part)
      throws SQLException {
    String ofSession = query.sessionId().orElse(null);
    if (position.isEmpty()) {
      return after(db, query, part, count, ofSession, null);
    }
    ListCursor at = position.get();
    List<Row> rows = new ArrayList<>();
    if (ofSession == null || ofSession.equals(at.key())) {
      rows.addAll(select(db, query, query.order(), part, count, at.key(), null, at.position()));
    }
    if (rows.size() < count && !Objects.equals(ofSession, at.key())) {
      rows.addAll(after(db, query, part, count - rows.size(), ofSession, at.key()));
    }
    return rows;
  }

  /** The rows of the sessions after one, or of all; of one session only if it is named. */
  private List<Row> after(
      DbSession db,
      CheckpointQuery query,
      Part part,
      int count,
      @Nullable String inSession,
      @Nullable String behindSession)
      throws SQLException {
    if (inSession != null || query.order() == Order.OLDEST_FIRST || hasIndexOfNewest) {
      return select(db, query, query.order(), part, count, inSession, behindSession, null);
    }
    List<Row> rows = new ArrayList<>();
    String last = behindSession;
    while (rows.size() < count) {
      int wanted = count - rows.size();
      List<Row> oldest = select(db, query, Order.OLDEST_FIRST, part, wanted, null, last, null);
      if (oldest.size() < wanted) {
        rows.addAll(newestFirst(oldest));
        break;
      }
      // All that matches is known of each session but the last.
      last = oldest.get(wanted - 1).sessionId();
      String cut = last;
      oldest.removeIf(row -> row.sessionId().equals(cut));
      rows.addAll(newestFirst(oldest));
      // Fewer than before are found if somebody deletes at the same time: then other sessions
      // follow.
      rows.addAll(select(db, query, query.order(), part, count - rows.size(), last, null, null));
    }
    return rows;
  }

  /** Rows in the order of sessions and versions, with the versions of each session reversed. */
  private static List<Row> newestFirst(List<Row> rows) {
    List<Row> reversed = new ArrayList<>(rows);
    int start = 0;
    for (int end = 1; end <= rows.size(); end++) {
      if (end == rows.size() || !rows.get(end).sessionId().equals(rows.get(start).sessionId())) {
        Collections.reverse(reversed.subList(start, end));
        start = end;
      }
    }
    return reversed;
  }

  private List<Row> select(
      DbSession db,
      CheckpointQuery query,
      Order order,
      Part part,
      int count,
      @Nullable String inSession,
      @Nullable String behindSession,
      @Nullable Long behindVersion)
      throws SQLException {
    boolean newestFirst = order == Order.NEWEST_FIRST;
    Conditions where = new Conditions();
    where.add("h.namespace = ?", dialect.id(query.namespace()));
    if (inSession != null) {
      where.add("h.session_id = ?", dialect.id(inSession));
    }
    if (behindSession != null) {
      where.add(dialect.isAfter("h.session_id", behindSession));
    }
    // One bound on each side: given two, SQLite was seen to sort a whole session.
    long least = query.minVersion();
    long most = query.maxVersion();
    if (behindVersion != null) {
      if (newestFirst) {
        most = Math.min(most, behindVersion - 1);
      } else if (behindVersion < Long.MAX_VALUE) {
        least = Math.max(least, behindVersion + 1);
      } else {
        return List.of();
      }
    }
    if (least > most) {
      return List.of();
    }
    if (least > 1) {
      where.add("h.version >= ?", least);
    }
    if (most < Long.MAX_VALUE) {
      where.add("h.version <= ?", most);
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
                    // Not for a planner to guess how few rows match, and to sort them all.
                    "CASE WHEN h.attribute_hashes LIKE ? OR h.attribute_hashes = '"
                        + AttributeHashes.MANY
                        + "' THEN TRUE ELSE FALSE END",
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
    return db.query(
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

  /** The sessions of a namespace after one of them. */
  List<String> sessions(DbSession db, String namespace, Optional<String> previous, int count)
      throws SQLException {
    Conditions where = new Conditions();
    where.add("namespace = ?", dialect.id(namespace));
    previous.ifPresent(session -> where.add(dialect.isAfter("session_id", session)));
    where.arguments.add(count);
    return db.query(
        row -> Objects.requireNonNull(dialect.id(row, "session_id")),
        "SELECT session_id FROM "
            + tables.session()
            + " WHERE "
            + String.join(" AND ", where.conditions)
            + " ORDER BY namespace, session_id LIMIT ?",
        where.arguments.toArray());
  }

  /** The namespaces that hold a checkpoint, after one of them. */
  List<String> namespaces(DbSession db, Optional<String> after, int count) throws SQLException {
    return dialect.namespaces(db, tables, after.orElse(""), count);
  }

  /** The greatest version in the history of a row's session; 0 if there is none. */
  static String greatestVersion(Tables tables) {
    return "COALESCE(" + ofNewest("version", tables) + ", 0)";
  }

  /** The id of the greatest version of a row's session; the empty text if there is none. */
  static String idOfGreatestVersion(Tables tables) {
    return "COALESCE(" + ofNewest("id", tables) + ", '')";
  }

  private static String ofNewest(String column, Tables tables) {
    return "(SELECT h."
        + column
        + " FROM "
        + tables.history()
        + " h WHERE h.namespace = "
        + tables.session()
        + ".namespace AND h.session_id = "
        + tables.session()
        + ".session_id ORDER BY h.namespace DESC, h.session_id DESC, h.version DESC LIMIT 1)";
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
