package dev.checkpoint4j.store.jdbc;

import dev.checkpoint4j.annotation.CanIgnoreReturnValue;
import dev.checkpoint4j.error.BackendConfigurationException;
import dev.checkpoint4j.store.jdbc.SchemaDialect.Column;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** The tables of a store: what creates them, and what they are when they are complete. */
final class Schema {

  /** A change of the tables, run once and in order of its number. */
  private record Migration(int version, String description, List<String> statements) {}

  /** An index beside the primary key. */
  record Index(String name, boolean unique, List<String> columns) {}

  /** The checkpoint of an id, and that no two have the same. */
  private static final Index ID = new Index("history_id", true, List.of("namespace", "id"));

  /** The newest first in each of many sessions; the oldest first come by the primary key. */
  private static final Index NEWEST =
      new Index("history_newest", false, List.of("namespace", "session_id", "version DESC"));

  static final List<String> SESSION_KEY = List.of("namespace", "session_id");
  static final List<String> HISTORY_KEY = List.of("namespace", "session_id", "version");
  static final List<String> MIGRATION_KEY = List.of("version");

  static final List<Column> MIGRATION_COLUMNS =
      List.of(
          new Column("version", "INTEGER", false),
          new Column("description", "VARCHAR(200)", false));

  private final SchemaDialect dialect;
  private final ErrorClassifier errors;
  private final Tables tables;
  private final List<Migration> migrations;

  Schema(Dialect dialect, Tables tables) {
    this.dialect = dialect.schema();
    this.errors = dialect.errors();
    this.tables = tables;
    this.migrations = List.of(new Migration(1, "sessions and checkpoints", firstTables()));
  }

  /** Each is written at every put. */
  static List<Index> historyIndexes(SchemaDialect dialect) {
    return dialect.hasIndexOfNewest() ? List.of(ID, NEWEST) : List.of(ID);
  }

  private List<String> firstTables() {
    List<String> statements = new ArrayList<>();
    statements.add(createTable(tables.session(), dialect.sessionColumns(), SESSION_KEY, List.of()));
    List<Index> within = dialect.makesIndexesWithTable() ? historyIndexes(dialect) : List.of();
    statements.add(createTable(tables.history(), dialect.historyColumns(), HISTORY_KEY, within));
    if (within.isEmpty()) {
      historyIndexes(dialect).forEach(index -> statements.add(createIndex(index)));
    }
    statements.addAll(dialect.historyTuning(tables));
    return statements;
  }

  private String createMigrationTable() {
    return createTable(tables.migration(), MIGRATION_COLUMNS, MIGRATION_KEY, List.of());
  }

  private String createTable(
      String table, List<Column> columns, List<String> key, List<Index> indexes) {
    List<String> lines = new ArrayList<>();
    columns.forEach(
        column ->
            lines.add(
                column.name() + " " + column.type() + (column.nullable() ? "" : " NOT NULL")));
    lines.add("PRIMARY KEY (" + String.join(", ", key) + ")");
    indexes.forEach(
        index ->
            lines.add(
                (index.unique() ? "UNIQUE KEY " : "KEY ")
                    + tables.index(index.name())
                    + " ("
                    + String.join(", ", index.columns())
                    + ")"));
    return "CREATE TABLE IF NOT EXISTS "
        + table
        + lines.stream().collect(Collectors.joining(",\n  ", " (\n  ", "\n)"))
        + dialect.tableSuffix();
  }

  private String createIndex(Index index) {
    return (index.unique() ? "CREATE UNIQUE INDEX" : "CREATE INDEX")
        + " IF NOT EXISTS "
        + dialect.newIndexName(tables, index.name())
        + " ON "
        + dialect.indexedTable(tables)
        + " ("
        + String.join(", ", index.columns())
        + ")";
  }

  private String record(Migration migration) {
    return "INSERT INTO "
        + tables.migration()
        + " (version, description) VALUES ("
        + migration.version()
        + ", '"
        + migration.description()
        + "')";
  }

  /** Everything, for a person to run or to copy into a migration of an application. */
  String script() {
    StringBuilder script = new StringBuilder();
    script.append("-- The tables of Checkpoint for Java, checkpoint-store-jdbc.\n");
    script.append("-- Run once; afterwards open the store with schemaMode=validate.\n\n");
    append(script, createMigrationTable());
    for (Migration migration : migrations) {
      script.append("\n-- Migration ").append(migration.version()).append(": ");
      script.append(migration.description()).append('\n');
      migration.statements().forEach(statement -> append(script, statement));
      append(script, record(migration));
    }
    return script.toString();
  }

  private static void append(StringBuilder script, String statement) {
    script.append(statement).append(";\n");
  }

  private int latestVersion() {
    return migrations.get(migrations.size() - 1).version();
  }

  /** Whether the last migration was run. */
  boolean isComplete(DbSession db) throws SQLException {
    int version = version(db);
    if (version > latestVersion()) {
      throw new BackendConfigurationException(JdbcBackendStorage.ID, newer(version));
    }
    return version == latestVersion();
  }

  /** Creates what is missing. */
  @CanIgnoreReturnValue
  boolean create(DbSession db) throws SQLException {
    createMigrationTable(db);
    dialect.migrating(db, tables, () -> migrate(db));
    return isComplete(db);
  }

  /** If several processes create one table at a time, databases let some of them fail. */
  private void createMigrationTable(DbSession db) throws SQLException {
    try {
      db.update(createMigrationTable());
    } catch (SQLException e) {
      if (!migrationTableExists(db)) {
        throw e;
      }
    }
  }

  private Integer migrate(DbSession db) throws SQLException {
    int version = version(db);
    for (Migration migration : migrations) {
      if (migration.version() > version) {
        for (String statement : migration.statements()) {
          db.update(statement);
        }
        db.update(record(migration));
      }
    }
    return version;
  }

  /** The number of the last migration that was run; 0 if there is no table of them. */
  private int version(DbSession db) throws SQLException {
    if (!dialect.hasTable(db, tables, tables.prefix() + "migration")) {
      return 0;
    }
    try {
      return db.query(
              row -> row.getInt(1), "SELECT COALESCE(MAX(version), 0) FROM " + tables.migration())
          .get(0);
    } catch (SQLException e) {
      if (errors.kind(e) == FailureKind.NO_TABLE) {
        return 0;
      }
      throw e;
    }
  }

  private boolean migrationTableExists(DbSession db) {
    try {
      return !db.query(row -> true, "SELECT COUNT(*) FROM " + tables.migration()).isEmpty();
    } catch (SQLException e) {
      return false;
    }
  }

  /** Compares the tables with those that the script creates. */
  @CanIgnoreReturnValue
  boolean validate(DbSession db) throws SQLException {
    boolean complete = isComplete(db);
    List<String> differences = new SchemaDifferences(db, dialect, tables).all();
    if (!complete) {
      differences.add(
          "the last migration in "
              + tables.migration()
              + " is "
              + version(db)
              + ", where it has to be "
              + latestVersion());
    }
    if (!differences.isEmpty()) {
      differences.add(
          "to create the tables, open the store once with schemaMode=create, or run the script of"
              + " JdbcBackendStorageBuilder.schemaScript()");
      throw new BackendConfigurationException(JdbcBackendStorage.ID, differences, null);
    }
    return true;
  }

  private String newer(int version) {
    return "the tables "
        + tables.prefix()
        + "... are those of a newer version (migration "
        + version
        + ", where "
        + latestVersion()
        + " is the last that is known); use that version of checkpoint-store-jdbc";
  }
}
