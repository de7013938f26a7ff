package dev.checkpoint4j.store.jdbc;

import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.spi.Durability;
import dev.checkpoint4j.store.jdbc.SchemaDialect.Column;
import java.io.ByteArrayOutputStream;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * PostgreSQL. A put is one statement that commits by itself: a single round trip. Nothing depends
 * on the state of a connection, so that a pooler may give each transaction another one.
 */
final class PostgresDialect extends Dialect {

  /** A message of the protocol, and a value, have at most 1 GiB less some bytes. */
  static final long MAX_DOCUMENT_BYTES = (1L << 30) - (1L << 20);

  PostgresDialect() {
    super(new PostgresSchema(), new PostgresStatements(), new PostgresErrors());
  }

  /** The driver asks for the end of a statement on a connection of its own, and waits for that. */
  @Override
  Map<String, String> defaults(Duration callTimeout) {
    String connect = Long.toString(Math.max(1, atMost(MAX_CONNECT, callTimeout).toSeconds()));
    return Map.of(
        "connectTimeout",
        connect,
        "loginTimeout",
        connect,
        "cancelSignalTimeout",
        "2",
        "socketTimeout",
        Long.toString(Connections.networkTimeout(callTimeout).toSeconds()));
  }

  @Override
  DatabaseGuarantees guarantees(DbSession db) throws SQLException {
    boolean forced =
        setting(db, "SHOW fsync").equals("on")
            && !setting(db, "SHOW synchronous_commit").equals("off");
    List<String> problems = new ArrayList<>();
    String encoding = setting(db, "SHOW server_encoding");
    if (!encoding.equals("UTF8") && !encoding.equals("SQL_ASCII")) {
      problems.add(
          "the encoding of the database is "
              + encoding
              + ", which has not all characters that ids may have; use one with the encoding UTF8");
    }
    return new DatabaseGuarantees(
        forced ? Durability.POWER_LOSS : Durability.PROCESS_CRASH, MAX_DOCUMENT_BYTES, problems);
  }

  @Override
  boolean fetchesInTransactionOnly() {
    return true;
  }

  @Override
  Preparation preparation(DbSession db) throws SQLException {
    Connection connection = db.connection();
    boolean isUsualDriver =
        connection.getMetaData().getDriverName().equals("PostgreSQL JDBC Driver");
    return isUsualDriver ? PostgresPooler.preparation(connection) : Preparation.NONE;
  }

  private static final class PostgresSchema extends SchemaDialect {

    @Override
    String foldedByDefault(String schema) {
      return schema.toLowerCase(Locale.ROOT);
    }

    /** Tables in the temporary schema of a connection, or in one of the system, are not kept. */
    @Override
    @Nullable String currentSchema(Connection connection) throws SQLException {
      String schema = super.currentSchema(connection);
      return schema == null || schema.startsWith("pg_") ? null : schema;
    }

    @Override
    String idType(int bytes) {
      return "TEXT COLLATE \"C\"";
    }

    @Override
    String bytesType() {
      return "BYTEA";
    }

    @Override
    String textType() {
      return "TEXT";
    }

    @Override
    String typeName(String type) {
      return switch (super.typeName(type)) {
        case "BIGINT" -> "int8";
        case "INTEGER" -> "int4";
        default -> super.typeName(type);
      };
    }

    @Override
    List<String> furtherDifferences(DbSession db, Tables tables) throws SQLException {
      List<String> differences = new ArrayList<>(rowSecurity(db, tables));
      differences.addAll(collations(db, tables));
      return differences;
    }

    private static List<String> rowSecurity(DbSession db, Tables tables) throws SQLException {
      return db.query(
          row ->
              "the table %s has row level security, which may hide rows from the store"
                  .formatted(row.getString(1)),
          "SELECT c.relname FROM pg_catalog.pg_class c"
              + " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
              + " WHERE n.nspname = ? AND c.relname IN (?, ?) AND c.relrowsecurity ORDER BY 1",
          tables.schema(),
          tables.prefix() + "session",
          tables.prefix() + "history");
    }

    private static List<String> collations(DbSession db, Tables tables) throws SQLException {
      return db.query(
          row ->
              "the column %s.%s has the collation %s, where ids need \"C\""
                  .formatted(row.getString(1), row.getString(2), row.getString(3)),
          "SELECT table_name, column_name, COALESCE(collation_name, 'of the database')"
              + " FROM information_schema.columns"
              + " WHERE table_schema = ?"
              + " AND table_name IN (?, ?)"
              + " AND column_name IN ('namespace', 'session_id', 'latest_id', 'id', 'task_id',"
              + " 'parent_id')"
              + " AND collation_name IS DISTINCT FROM 'C' ORDER BY 1, ordinal_position",
          tables.schema(),
          tables.prefix() + "session",
          tables.prefix() + "history");
    }

    @Override
    List<String> historyTuning(Tables tables) {
      return List.of(
          "ALTER TABLE " + tables.history() + " ALTER COLUMN document SET STORAGE EXTERNAL");
    }

    @Override
    void migrating(DbSession db, Tables tables, DbSession.TransactionCallback<?> work)
        throws SQLException {
      db.inTransaction(
          () -> {
            // Stricter, it would go on seeing what was there when it began to wait for the lock.
            db.update("SET TRANSACTION ISOLATION LEVEL READ COMMITTED");
            db.query(
                row -> true,
                "SELECT pg_advisory_xact_lock(hashtext(?))",
                "checkpoint4j " + tables.migration());
            return work.run();
          });
    }
  }

  private static final class PostgresStatements extends StatementDialect {

    /**
     * A larger document is read in parts: as text, a value has twice its size, which is limited.
     */
    private static final int PART_BYTES = 64 << 20;

    PostgresStatements() {
      super(new PostgresSchema());
    }

    @Override
    List<String> insertSql(Tables tables, Expected expected) {
      return List.of(
          "WITH raised AS ("
              + advanceLatest(tables, expected)
              + " RETURNING 1) "
              + insertSelected(tables)
              + "raised");
    }

    @Override
    boolean insert(DbSession db, List<String> insertSql, NewRow row, Expectation expectation)
        throws SQLException {
      List<Object> arguments =
          new ArrayList<>(advanceLatestArguments(row.checkpoint(), expectation));
      arguments.addAll(rowArguments(row));
      return db.update(insertSql.get(0), arguments.toArray()) == 1;
    }

    @Override
    String parameter(Column column) {
      return typedParameter(column);
    }

    @Override
    String document() {
      return "CASE WHEN octet_length(h.document) <= " + PART_BYTES + " THEN h.document END";
    }

    /** One statement, so that all parts are of one row. */
    @Override
    byte @Nullable [] documentInParts(DbSession db, Tables tables, List<Object> primaryKey)
        throws SQLException {
      List<byte[]> parts =
          db.query(
              row -> row.getBytes("part"),
              "SELECT substring(h.document FROM n * "
                  + PART_BYTES
                  + " + 1 FOR "
                  + PART_BYTES
                  + ") AS part FROM "
                  + tables.history()
                  + " h, generate_series(0, (octet_length(h.document) - 1) / "
                  + PART_BYTES
                  + ") n WHERE h.namespace = ? AND h.session_id = ? AND h.version = ? ORDER BY n",
              primaryKey.toArray());
      if (parts.isEmpty()) {
        return null;
      }
      ByteArrayOutputStream document = new ByteArrayOutputStream(parts.size() * PART_BYTES);
      parts.forEach(document::writeBytes);
      return document.toByteArray();
    }
  }

  private static final class PostgresErrors extends ErrorClassifier {

    @Override
    FailureKind kind(SQLException e) {
      String state = Objects.requireNonNullElse(e.getSQLState(), "");
      return switch (state) {
        // The server ends the connection, or starts or stops.
        case "57P01", "57P02", "57P03", "57P04", "57P05" -> FailureKind.UNREACHABLE;
        case "53300" -> FailureKind.NO_FREE_CONNECTION;
        case "55P03" -> FailureKind.CONTENTION;
        case "42P01", "42703" -> FailureKind.NO_TABLE;
        case "XX001", "XX002" -> FailureKind.DAMAGED;
        default -> standardKind(e);
      };
    }
  }
}
