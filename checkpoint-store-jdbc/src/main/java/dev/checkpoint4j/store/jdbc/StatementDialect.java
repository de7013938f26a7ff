package dev.checkpoint4j.store.jdbc;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.store.jdbc.DbSession.Null;
import dev.checkpoint4j.store.jdbc.SchemaDialect.Column;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The statements of a kind of database on the tables of a store. Stateless. What is the same
 * everywhere stands in {@link CheckpointWriter}, in {@link CheckpointReader} and in the methods
 * below that no database overrides.
 */
abstract class StatementDialect {

  /** A condition of a statement, and the arguments of its parameters. */
  record Condition(String sql, List<Object> arguments) {}

  private final SchemaDialect schema;

  StatementDialect(SchemaDialect schema) {
    this.schema = schema;
  }

  // Ids

  /** An id as an argument of a statement. */
  Object id(String id) {
    return id;
  }

  /** An id in a row. */
  @Nullable String id(ResultSet row, String column) throws SQLException {
    return row.getString(column);
  }

  // Putting

  /**
   * Sets a checkpoint as the latest of its session; changes nothing if its version is not greater,
   * or the session does not meet the expectation. The condition is part of the statement that locks
   * the row of the session, so that it holds until the transaction ends.
   */
  final String advanceLatest(Tables tables, Expected expected) {
    return switch (expected) {
      case ANY -> startOrAdvance(tables);
      case NO_SESSION -> start(tables);
      case LATEST ->
          "UPDATE "
              + tables.session()
              + " SET latest_version = ?, latest_id = ?"
              + " WHERE namespace = ? AND session_id = ? AND latest_version < ? AND latest_id = ?";
    };
  }

  /** Inserts the row of a session, or changes one whose version is smaller. */
  String startOrAdvance(Tables tables) {
    return upsert(tables, "s.latest_version < excluded.latest_version");
  }

  /** Inserts the row of a session, or changes one that says that nothing is stored. */
  String start(Tables tables) {
    return upsert(tables, "s.latest_version = 0");
  }

  private static String upsert(Tables tables, String condition) {
    return "INSERT INTO "
        + tables.session()
        + " AS s (namespace, session_id, latest_version, latest_id) VALUES (?, ?, ?, ?)"
        + " ON CONFLICT (namespace, session_id) DO UPDATE"
        + " SET latest_version = excluded.latest_version, latest_id = excluded.latest_id"
        + " WHERE "
        + condition;
  }

  /** The arguments of {@link #advanceLatest}. */
  final List<Object> advanceLatestArguments(Checkpoint checkpoint, Expectation expectation) {
    Object namespace = id(checkpoint.namespace());
    Object session = id(checkpoint.sessionKey().sessionId());
    long version = checkpoint.version();
    Object id = id(checkpoint.id());
    return switch (Expected.by(expectation)) {
      case ANY -> startOrAdvanceArguments(namespace, session, version, id);
      case NO_SESSION -> startArguments(namespace, session, version, id);
      case LATEST ->
          List.of(
              version, id, namespace, session, version, id(expectation.latestId().orElseThrow()));
    };
  }

  /** The arguments of {@link #startOrAdvance}. */
  List<Object> startOrAdvanceArguments(Object namespace, Object session, long version, Object id) {
    return List.of(namespace, session, version, id);
  }

  /** The arguments of {@link #start}. */
  List<Object> startArguments(Object namespace, Object session, long version, Object id) {
    return List.of(namespace, session, version, id);
  }

  /**
   * The statements of {@link #insert}: for the row of the session, which every other writer of the
   * session waits for, and for that of the checkpoint, if the row of the session says that this is
   * the latest. They are the same for each put of a kind.
   */
  List<String> insertSql(Tables tables, Expected expected) {
    return List.of(
        advanceLatest(tables, expected),
        insertSelected(tables)
            + tables.session()
            + " WHERE namespace = ? AND session_id = ? AND latest_version = ? AND latest_id = ?");
  }

  /**
   * Stores a row if its session meets the expectation and its version is greater than the latest,
   * in one transaction.
   *
   * @return whether it is stored; if not, nothing is changed
   * @throws SQLException of the kind {@link FailureKind#DUPLICATE_KEY} if the id or the version is
   *     stored
   */
  boolean insert(DbSession db, List<String> insertSql, NewRow row, Expectation expectation)
      throws SQLException {
    Checkpoint checkpoint = row.checkpoint();
    List<Object> arguments = new ArrayList<>(rowArguments(row));
    arguments.add(id(checkpoint.namespace()));
    arguments.add(id(checkpoint.sessionKey().sessionId()));
    arguments.add(checkpoint.version());
    arguments.add(id(checkpoint.id()));
    return db.commitIf(
        () -> {
          db.update(insertSql.get(0), advanceLatestArguments(checkpoint, expectation).toArray());
          return db.update(insertSql.get(1), arguments.toArray()) == 1;
        });
  }

  /** Inserts a row, whose values are parameters, for each that is found in what follows. */
  final String insertSelected(Tables tables) {
    List<Column> columns = schema.historyColumns();
    return "INSERT INTO "
        + tables.history()
        + columns.stream().map(Column::name).collect(Collectors.joining(", ", " (", ") SELECT "))
        + columns.stream().map(this::parameter).collect(Collectors.joining(", "))
        + " FROM ";
  }

  /** The parameter of a column where a SELECT lists it. */
  String parameter(Column column) {
    return "?";
  }

  /** Such a parameter for a database that knows its type in a list of VALUES only. */
  final String typedParameter(Column column) {
    return "CAST(? AS " + schema.typeName(column.type()) + ")";
  }

  final List<Object> rowArguments(NewRow row) {
    Checkpoint checkpoint = row.checkpoint();
    List<Object> arguments = new ArrayList<>();
    arguments.add(id(checkpoint.namespace()));
    arguments.add(id(checkpoint.sessionKey().sessionId()));
    arguments.add(checkpoint.version());
    arguments.add(id(checkpoint.id()));
    arguments.add(checkpoint.metadata().taskId().map(this::id).orElse(Null.TEXT));
    arguments.add(checkpoint.parentId().map(this::id).orElse(Null.TEXT));
    arguments.add(row.ts());
    arguments.add(Objects.requireNonNullElse(row.attributeHashes(), Null.TEXT));
    arguments.add(Objects.requireNonNullElse(row.attributes(), Null.BYTES));
    arguments.add(row.document());
    return arguments;
  }

  // Deleting

  /** That an id is one of some, in rows of a namespace that an index finds by both. */
  Condition isOneOf(String column, String namespace, List<String> ids) {
    Condition condition = isOneOf(column, ids);
    List<Object> arguments = new ArrayList<>();
    arguments.add(id(namespace));
    arguments.addAll(condition.arguments());
    return new Condition("namespace = ? AND " + condition.sql(), arguments);
  }

  /** That an id is one of some, in rows that are found otherwise. */
  final Condition isOneOf(String column, List<String> ids) {
    List<Object> arguments = padded(ids).stream().map(this::id).toList();
    String parameters = String.join(", ", Collections.nCopies(arguments.size(), "?"));
    return new Condition(column + " IN (" + parameters + ")", arguments);
  }

  /** Few different statements for the database to prepare: the last id may stand several times. */
  static List<String> padded(List<String> ids) {
    List<String> padded = new ArrayList<>(ids);
    String last = ids.get(ids.size() - 1);
    while (Integer.bitCount(padded.size()) > 1) {
      padded.add(last);
    }
    return padded;
  }

  /**
   * Locks the rows of sessions, in one order, until the transaction ends, and returns those that
   * exist. The first statement of its transaction.
   */
  List<String> lockSessions(DbSession db, Tables tables, Condition sessions) throws SQLException {
    return selectSessions(db, tables, sessions, " FOR UPDATE");
  }

  final List<String> selectSessions(DbSession db, Tables tables, Condition sessions, String suffix)
      throws SQLException {
    return db.query(
        row -> Objects.requireNonNull(id(row, "session_id")),
        "SELECT session_id FROM "
            + tables.session()
            + " WHERE "
            + sessions.sql()
            + " ORDER BY namespace, session_id LIMIT "
            + CheckpointWriter.IDS_AT_ONCE
            + suffix,
        sessions.arguments().toArray());
  }

  // Reading

  /** The document in a list of selected columns; {@code NULL} if it has to be read in parts. */
  String document() {
    return "h.document";
  }

  /** Reads a document in parts; {@code null} if the row is gone. */
  byte @Nullable [] documentInParts(DbSession db, Tables tables, List<Object> primaryKey)
      throws SQLException {
    throw new IllegalStateException("no document of this database is read in parts");
  }

  /** That an id comes after another one in the order of listings. */
  Condition isAfter(String column, String id) {
    return new Condition(column + " > ?", List.of(id(id)));
  }

  /** That an id in a column comes after that of another column. */
  String isAfterColumn(String column, String other) {
    return column + " > " + other;
  }

  /**
   * Some of the namespaces after one of them, or after the empty text, in the order of their bytes.
   * A session exists only as long as it holds a checkpoint, and so does a namespace.
   */
  List<String> namespaces(DbSession db, Tables tables, String after, int count)
      throws SQLException {
    record Step(int number, String namespace) {}
    String from = "(SELECT s.namespace FROM " + tables.session() + " s WHERE ";
    String least = " ORDER BY s.namespace, s.session_id LIMIT 1)";
    Condition first = isAfter("s.namespace", after);
    List<Object> arguments = new ArrayList<>(first.arguments());
    arguments.add((long) count);
    // Each step finds the next namespace by the index, however many sessions are between.
    List<Step> steps =
        db.query(
            row -> new Step(row.getInt("step"), Objects.requireNonNull(id(row, "namespace"))),
            "WITH RECURSIVE walk (namespace, step) AS (SELECT "
                + from
                + first.sql()
                + least
                + ", 1 UNION ALL SELECT "
                + from
                + isAfterColumn("s.namespace", "walk.namespace")
                + least
                + ", walk.step + 1 FROM walk"
                + " WHERE walk.namespace IS NOT NULL AND walk.step < ?)"
                + " SELECT namespace, step FROM walk WHERE namespace IS NOT NULL",
            arguments.toArray());
    return steps.stream()
        .sorted(Comparator.comparingInt(Step::number))
        .map(Step::namespace)
        .toList();
  }

  /** Whether a deletion or correction may say that it is done when it was interrupted. */
  boolean reportsKilledStatementAsSuccess() {
    return false;
  }
}
