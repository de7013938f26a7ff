package dev.checkpoint4j.store.jdbc;

import dev.checkpoint4j.store.jdbc.SchemaDialect.Column;
import java.sql.DatabaseMetaData;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Compares the tables of a database with those that the store needs. */
final class SchemaDifferences {

  private static final Pattern LENGTH = Pattern.compile("\\((\\d+)\\)");

  /** A column as the driver reports it. */
  private record Found(String type, long size, boolean nullable, boolean hasDefault) {}

  private final DbSession db;
  private final SchemaDialect dialect;
  private final Tables tables;
  private final DatabaseMetaData metadata;
  private final @Nullable String catalog;
  private final @Nullable String schema;
  private final List<String> differences = new ArrayList<>();

  SchemaDifferences(DbSession db, SchemaDialect dialect, Tables tables) throws SQLException {
    this.db = db;
    this.dialect = dialect;
    this.tables = tables;
    this.metadata = db.connection().getMetaData();
    this.catalog = dialect.schemasAreCatalogs() ? tables.schema() : db.connection().getCatalog();
    // The driver of SQLite knows no schemas.
    this.schema =
        dialect.schemasAreCatalogs() || !metadata.supportsSchemasInTableDefinitions()
            ? null
            : tables.schema();
  }

  /** Every difference, in words. */
  List<String> all() throws SQLException {
    compare("session", dialect.sessionColumns(), Schema.SESSION_KEY, List.of());
    compare(
        "history", dialect.historyColumns(), Schema.HISTORY_KEY, Schema.historyIndexes(dialect));
    compare("migration", Schema.MIGRATION_COLUMNS, Schema.MIGRATION_KEY, List.of());
    differences.addAll(dialect.furtherDifferences(db, tables));
    return differences;
  }

  private void compare(
      String name, List<Column> columns, List<String> key, List<Schema.Index> indexes)
      throws SQLException {
    String table = tables.prefix() + name;
    Map<String, Found> found = columns(table);
    if (found.isEmpty()) {
      differences.add("the table " + tables.inSchema(table) + " is missing");
      return;
    }
    for (Column column : columns) {
      Found actual = found.remove(column.name());
      if (actual == null) {
        differences.add("the column %s.%s is missing".formatted(table, column.name()));
      } else {
        compare(table, column, actual);
      }
    }
    found.forEach(
        (column, actual) -> {
          if (!actual.nullable() && !actual.hasDefault()) {
            differences.add(
                "the column %s.%s, which the store does not know, needs a value"
                    .formatted(table, column));
          }
        });
    List<String> actualKey = primaryKey(table);
    if (!actualKey.equals(key)) {
      differences.add("the primary key of %s is %s, not %s".formatted(table, actualKey, key));
    }
    Map<Boolean, List<List<String>>> actualIndexes = indexes(table);
    for (Schema.Index index : indexes) {
      List<String> wanted =
          index.columns().stream().map(column -> column.replace(" DESC", "")).toList();
      if (!actualIndexes.getOrDefault(index.unique(), List.of()).contains(wanted)) {
        differences.add(
            "%s has no %s on %s"
                .formatted(table, index.unique() ? "unique index" : "index", index.columns()));
      }
    }
  }

  private void compare(String table, Column column, Found actual) {
    String type = dialect.typeName(column.type());
    Matcher length = LENGTH.matcher(column.type());
    long size = length.find() ? Long.parseLong(length.group(1)) : 0;
    if (!actual.type().equalsIgnoreCase(type) || actual.size() < size) {
      differences.add(
          "the column %s.%s is %s(%d), not %s"
              .formatted(table, column.name(), actual.type(), actual.size(), column.type()));
    }
    if (actual.nullable() != column.nullable()) {
      differences.add(
          "the column %s.%s must %sallow NULL"
              .formatted(table, column.name(), column.nullable() ? "" : "not "));
    }
  }

  private Map<String, Found> columns(String table) throws SQLException {
    Map<String, Found> found = new LinkedHashMap<>();
    try (ResultSet rows = metadata.getColumns(catalog, schema, stored(table), null)) {
      while (rows.next()) {
        if (isOf(table, rows)) {
          found.put(
              lower(rows.getString("COLUMN_NAME")),
              new Found(
                  rows.getString("TYPE_NAME"),
                  rows.getLong("COLUMN_SIZE"),
                  rows.getInt("NULLABLE") != DatabaseMetaData.columnNoNulls,
                  rows.getString("COLUMN_DEF") != null));
        }
      }
    }
    return found;
  }

  private List<String> primaryKey(String table) throws SQLException {
    Map<Integer, String> columns = new TreeMap<>();
    try (ResultSet rows = metadata.getPrimaryKeys(catalog, schema, stored(table))) {
      while (rows.next()) {
        columns.put(rows.getInt("KEY_SEQ"), lower(rows.getString("COLUMN_NAME")));
      }
    }
    return List.copyOf(columns.values());
  }

  /** The columns of the indexes that are unique, and of those that are not. */
  private Map<Boolean, List<List<String>>> indexes(String table) throws SQLException {
    Map<String, Map<Integer, String>> columns = new TreeMap<>();
    Map<String, Boolean> unique = new TreeMap<>();
    try (ResultSet rows = metadata.getIndexInfo(catalog, schema, stored(table), false, true)) {
      while (rows.next()) {
        String index = rows.getString("INDEX_NAME");
        if (index != null) {
          unique.put(index, !rows.getBoolean("NON_UNIQUE"));
          columns
              .computeIfAbsent(index, key -> new TreeMap<>())
              .put(rows.getInt("ORDINAL_POSITION"), lower(rows.getString("COLUMN_NAME")));
        }
      }
    }
    Map<Boolean, List<List<String>>> indexes = new LinkedHashMap<>();
    columns.forEach(
        (index, positions) ->
            indexes
                .computeIfAbsent(unique.getOrDefault(index, false), key -> new ArrayList<>())
                .add(List.copyOf(positions.values())));
    return indexes;
  }

  /** An underscore in a name stands for any character when columns are asked for. */
  private boolean isOf(String table, ResultSet row) throws SQLException {
    return lower(row.getString("TABLE_NAME")).equals(table)
        && (schema == null || schema.equals(row.getString("TABLE_SCHEM")));
  }

  /** A name that is not quoted, as the database keeps it. */
  private String stored(String name) throws SQLException {
    if (metadata.storesUpperCaseIdentifiers()) {
      return name.toUpperCase(Locale.ROOT);
    }
    return metadata.storesLowerCaseIdentifiers() ? lower(name) : name;
  }

  private static String lower(String name) {
    return name.toLowerCase(Locale.ROOT);
  }
}
