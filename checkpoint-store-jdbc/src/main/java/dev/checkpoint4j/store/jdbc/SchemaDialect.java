package dev.checkpoint4j.store.jdbc;

import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * How a kind of database defines tables, and where it looks for them. Stateless. What is the same
 * everywhere stands in {@link Schema}.
 */
abstract class SchemaDialect {

  /** A column of a table, for the script and for its validation. */
  record Column(String name, String type, boolean nullable) {}

  /**
   * The schema in which the connection creates tables, as the database keeps its name; {@code null}
   * if there is none. Every statement names it: what it means without depends on the connection,
   * and may be a table elsewhere on a search path.
   */
  @Nullable String currentSchema(Connection connection) throws SQLException {
    return connection.getSchema();
  }

  /** A schema that was named without quotes, as the database keeps it. */
  final String folded(Connection connection, String schema) throws SQLException {
    DatabaseMetaData metadata = connection.getMetaData();
    if (metadata.storesUpperCaseIdentifiers()) {
      return schema.toUpperCase(Locale.ROOT);
    }
    return metadata.storesLowerCaseIdentifiers() ? schema.toLowerCase(Locale.ROOT) : schema;
  }

  /**
   * A schema that was named without quotes, as a database with default settings keeps it: for a
   * script, which no connection belongs to.
   */
  String foldedByDefault(String schema) {
    return schema;
  }

  /** The name of a schema, exactly as it is kept; so it may be a reserved word. */
  String quoted(String schema) {
    return '"' + schema.replace("\"", "\"\"") + '"';
  }

  /** Whether a table may exist. If this is false, the table itself is not queried. */
  boolean hasTable(DbSession db, Tables tables, String name) throws SQLException {
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

  /** Further statements that complete a new table of checkpoints. */
  List<String> historyTuning(Tables tables) {
    return List.of();
  }

  /** Whether the definition of a table holds its indexes as well. */
  boolean makesIndexesWithTable() {
    return false;
  }

  /** The name of an index in the statement that creates it. */
  String newIndexName(Tables tables, String name) {
    return tables.index(name);
  }

  /** The table of an index in the statement that creates it. */
  String indexedTable(Tables tables) {
    return tables.history();
  }

  /** The name of a column's type as the driver reports it, without its length. */
  String typeName(String type) {
    return type.replaceFirst("( COLLATE | CHARACTER SET |\\().*", "");
  }

  /** Differences of existing tables that JDBC does not report. */
  List<String> furtherDifferences(DbSession db, Tables tables) throws SQLException {
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
        new Column("latest_version", "BIGINT", false),
        new Column("latest_id", idType(255), false));
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
  abstract void migrating(DbSession db, Tables tables, DbSession.TransactionCallback<?> work)
      throws SQLException;

  /**
   * Whether an index has sessions ascending and versions descending: the newest of many sessions
   * are one statement then. It costs something at every put, so that only servers have it, where a
   * second statement is a second way to the server.
   */
  boolean hasIndexOfNewest() {
    return true;
  }
}
