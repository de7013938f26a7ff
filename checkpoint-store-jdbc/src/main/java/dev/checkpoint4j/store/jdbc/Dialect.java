package dev.checkpoint4j.store.jdbc;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.spi.Durability;
import dev.checkpoint4j.store.jdbc.Connected.Null;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a kind of database does in its own way. Stateless. The statements that are the same
 * everywhere stand in {@link History} and in the methods below that are not abstract.
 */
abstract class Dialect {

  /** A column of a table, for the script and for its validation. */
  record Column(String name, String type, boolean nullable) {}

  /**
   * What the database of a connection promises.
   *
   * @param durability what an acknowledged checkpoint survives
   * @param maxDocumentBytes the largest document that it keeps
   * @param problems why the store cannot be opened on it
   */
  record Promises(Durability durability, long maxDocumentBytes, List<String> problems) {}

  /** A condition of a statement, and the arguments of its parameters. */
  record Condition(String sql, List<Object> arguments) {}

  // Connections

  /** A URL as it is given to the driver. */
  String url(String url) {
    return url;
  }

  /** What is told to the driver beside the URL. */
  Properties properties(String url) {
    return new Properties();
  }

  /** Whether the database lives in this process, and is made where it is missing. */
  boolean isEmbedded() {
    return false;
  }

  /** Whether a cursor needs a transaction for its rows to be fetched in parts. */
  boolean fetchesInTransactionOnly() {
    return false;
  }

  /** Held by whoever writes, where one writer at a time is all that the database takes. */
  Optional<ReentrantLock> writerLock(Connected connected) throws SQLException {
    return Optional.empty();
  }

  /** Looks at the settings of the database. */
  abstract Promises promises(Connected connected) throws SQLException;

  /** How the connections of a database are made ready, decided by the first of them. */
  Preparation preparation(Connection connection) throws SQLException {
    return Preparation.NONE;
  }

  // Errors

  /** What an error means. */
  abstract FailureKind kind(SQLException e);

  /** What else to say of an error, as a sentence with a space behind it. */
  String hint(SQLException e) {
    return "";
  }

  // Schema

  /** Whether a table may be there: it is asked for itself unless this tells that it is not. */
  boolean hasTable(Connected connected, Tables tables, String name) throws SQLException {
    return true;
  }

  /** The type of a column that holds ids of at most so many UTF-8 bytes, compared exactly. */
  abstract String idType(int bytes);

  /** The type of a column that holds bytes. */
  abstract String bytesType();

  /** The type of a column that holds up to 20,000 ASCII characters. */
  abstract String textType();

  /** What follows the closing parenthesis of a table. */
  String tableSuffix() {
    return "";
  }

  /** Further statements that make a new table of checkpoints what it should be. */
  List<String> historyTuning(Tables tables) {
    return List.of();
  }

  /** Whether the definition of a table holds its indexes as well. */
  boolean makesIndexesWithTable() {
    return false;
  }

  /** The name of an index where it is made. */
  String newIndexName(Tables tables, String name) {
    return tables.index(name);
  }

  /** The name of a column's type as the driver tells it, without its length. */
  String typeName(String type) {
    return type.replaceFirst("( COLLATE | CHARACTER SET |\\().*", "");
  }

  /** What JDBC does not tell of tables that are there. */
  List<String> furtherDifferences(Connected connected, Tables tables) throws SQLException {
    return List.of();
  }

  /** Whether what other databases call a schema is a database here. */
  boolean schemasAreCatalogs() {
    return false;
  }

  /** The columns of the sessions. */
  final List<Column> sessionColumns() {
    return List.of(
        new Column("namespace", idType(255), false),
        new Column("session_id", idType(512), false),
        new Column("latest_version", "BIGINT", false));
  }

  /** The columns of the checkpoints, those that are large last. */
  final List<Column> historyColumns() {
    return List.of(
        new Column("namespace", idType(255), false),
        new Column("session_id", idType(512), false),
        new Column("version", "BIGINT", false),
        new Column("id", idType(255), false),
        new Column("task_id", idType(512), true),
        new Column("parent_id", idType(255), true),
        new Column("ts", "BIGINT", false),
        new Column("attribute_hashes", textType(), true),
        new Column("attributes", bytesType(), true),
        new Column("document", bytesType(), false));
  }

  /** Does work while no other process migrates the same tables. */
  abstract void migrating(Connected connected, Tables tables, Connected.Work<?> work)
      throws SQLException;

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

  /** Makes the latest version of a session greater; changes nothing if it is as great already. */
  String raiseLatest(Tables tables) {
    return "INSERT INTO "
        + tables.session()
        + " AS s (namespace, session_id, latest_version) VALUES (?, ?, ?)"
        + " ON CONFLICT (namespace, session_id) DO UPDATE"
        + " SET latest_version = excluded.latest_version"
        + " WHERE s.latest_version < excluded.latest_version";
  }

  /** The arguments of {@link #raiseLatest}. */
  List<Object> raiseLatestArguments(Checkpoint checkpoint) {
    return List.of(
        id(checkpoint.namespace()), id(checkpoint.sessionKey().sessionId()), checkpoint.version());
  }

  /**
   * The statements of {@link #insert}: for the row of the session, which every other writer of the
   * session waits for, and for that of the checkpoint, if the row of the session says that this is
   * the latest version. They are the same for each put.
   */
  List<String> putStatements(Tables tables) {
    return List.of(
        raiseLatest(tables),
        insertSelected(tables)
            + tables.session()
            + " WHERE namespace = ? AND session_id = ? AND latest_version = ?");
  }

  /**
   * Stores a row if its version is greater than the latest of its session, in one transaction.
   *
   * @return whether it is stored; if not, nothing is changed
   * @throws SQLException of the kind {@link FailureKind#KEY_TAKEN} if the id or the version is
   *     stored
   */
  boolean insert(Connected connected, List<String> putStatements, NewRow row) throws SQLException {
    Checkpoint checkpoint = row.checkpoint();
    List<Object> arguments = new ArrayList<>(rowArguments(row));
    arguments.add(id(checkpoint.namespace()));
    arguments.add(id(checkpoint.sessionKey().sessionId()));
    arguments.add(checkpoint.version());
    return connected.commitIf(
        () -> {
          connected.update(putStatements.get(0), raiseLatestArguments(checkpoint).toArray());
          return connected.update(putStatements.get(1), arguments.toArray()) == 1;
        });
  }

  /** Inserts a row, whose values are parameters, for each that is found in what follows. */
  final String insertSelected(Tables tables) {
    List<Column> columns = historyColumns();
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
    return "CAST(? AS " + typeName(column.type()) + ")";
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
   * Locks the rows of sessions, in one order, until the transaction ends, and tells those that are
   * there. The first statement of its transaction.
   */
  List<String> lockSessions(Connected connected, Tables tables, Condition sessions)
      throws SQLException {
    return selectSessions(connected, tables, sessions, " FOR UPDATE");
  }

  final List<String> selectSessions(
      Connected connected, Tables tables, Condition sessions, String suffix) throws SQLException {
    return connected.query(
        row -> Objects.requireNonNull(id(row, "session_id")),
        "SELECT session_id FROM "
            + tables.session()
            + " WHERE "
            + sessions.sql()
            + " ORDER BY namespace, session_id"
            + suffix,
        sessions.arguments().toArray());
  }

  // Reading

  /** The document in a list of selected columns; {@code NULL} if it has to be read in parts. */
  String document() {
    return "h.document";
  }

  /** Reads a document in parts; {@code null} if the row is gone. */
  byte @Nullable [] documentInParts(Connected connected, Tables tables, List<Object> primaryKey)
      throws SQLException {
    throw new IllegalStateException("no document of this database is read in parts");
  }

  /** That a row is of a session behind this one, in the order of listings. */
  Condition isBehind(String session) {
    return new Condition("session_id > ?", List.of(id(session)));
  }

  /** Whether a deletion or correction may say that it is done when it was interrupted. */
  boolean takesInterruptionsForSuccess() {
    return false;
  }

  /**
   * Whether the newest checkpoints of many sessions are read by a statement for each session, which
   * costs little within the process, and not by an index, which costs something at every put.
   */
  final boolean walksSessions() {
    return isEmbedded();
  }

  /** Asks for a setting by a statement of one row whose first column has it. */
  static String setting(Connected connected, String sql, Object... arguments) throws SQLException {
    return connected.query(row -> String.valueOf(row.getString(1)), sql, arguments).stream()
        .findFirst()
        .orElse("");
  }
}
