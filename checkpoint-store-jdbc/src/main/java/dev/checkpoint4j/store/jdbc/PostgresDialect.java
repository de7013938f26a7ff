package dev.checkpoint4j.store.jdbc;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.spi.Durability;
import java.io.ByteArrayOutputStream;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * PostgreSQL. A put is one statement that commits by itself: a single round trip. Nothing depends
 * on the state of a connection, so that a pooler may give each transaction another one.
 */
final class PostgresDialect extends Dialect {

  /** A message of the protocol, and a value, have at most 1 GiB less some bytes. */
  static final long MAX_DOCUMENT_BYTES = (1L << 30) - (1L << 20);

  /** A larger document is read in parts: as text, a value has twice its size, which is limited. */
  private static final int PART_BYTES = 64 << 20;

  @Override
  Promises promises(Connected connected) throws SQLException {
    boolean forced =
        setting(connected, "SHOW fsync").equals("on")
            && !setting(connected, "SHOW synchronous_commit").equals("off");
    List<String> problems = new ArrayList<>();
    String encoding = setting(connected, "SHOW server_encoding");
    if (!encoding.equals("UTF8") && !encoding.equals("SQL_ASCII")) {
      problems.add(
          "the encoding of the database is "
              + encoding
              + ", which has not all characters that ids may have; use one with the encoding UTF8");
    }
    return new Promises(
        forced ? Durability.POWER_LOSS : Durability.PROCESS_CRASH, MAX_DOCUMENT_BYTES, problems);
  }

  @Override
  FailureKind kind(SQLException e) {
    String state = Objects.requireNonNullElse(e.getSQLState(), "");
    return switch (state) {
      // The server ends the connection, or has too many, or starts or stops.
      case "57P01", "57P02", "57P03", "57P04", "57P05", "53300" -> FailureKind.UNREACHABLE;
      case "55P03" -> FailureKind.CONTENTION;
      case "42P01", "42703", "3F000" -> FailureKind.NO_TABLE;
      case "XX001", "XX002" -> FailureKind.DAMAGED;
      default -> SqlErrors.standardKind(e);
    };
  }

  @Override
  boolean fetchesInTransactionOnly() {
    return true;
  }

  @Override
  Preparation preparation(Connection connection) throws SQLException {
    boolean isUsualDriver =
        connection.getMetaData().getDriverName().equals("PostgreSQL JDBC Driver");
    return isUsualDriver ? PostgresPooler.preparation(connection) : Preparation.NONE;
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
  List<String> furtherDifferences(Connected connected, Tables tables) throws SQLException {
    return connected.query(
        row ->
            "the column %s.%s has the collation %s, where ids need \"C\""
                .formatted(row.getString(1), row.getString(2), row.getString(3)),
        "SELECT table_name, column_name, COALESCE(collation_name, 'of the database')"
            + " FROM information_schema.columns"
            + " WHERE table_schema = COALESCE(LOWER(?), current_schema())"
            + " AND table_name IN (?, ?)"
            + " AND column_name IN ('namespace', 'session_id', 'id', 'task_id', 'parent_id')"
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
  void migrating(Connected connected, Tables tables, Connected.Work<?> work) throws SQLException {
    connected.inTransaction(
        () -> {
          // Stricter, it would go on seeing what was there when it began to wait for the lock.
          connected.update("SET TRANSACTION ISOLATION LEVEL READ COMMITTED");
          connected.query(
              row -> true,
              "SELECT pg_advisory_xact_lock(hashtext(?))",
              "checkpoint4j " + tables.migration());
          return work.run();
        });
  }

  @Override
  List<String> putStatements(Tables tables) {
    return List.of(
        "WITH raised AS ("
            + raiseLatest(tables)
            + " RETURNING 1) "
            + insertSelected(tables)
            + "raised");
  }

  @Override
  boolean insert(Connected connected, List<String> putStatements, NewRow row) throws SQLException {
    Checkpoint checkpoint = row.checkpoint();
    List<Object> arguments = new ArrayList<>(raiseLatestArguments(checkpoint));
    arguments.addAll(rowArguments(row));
    return connected.update(putStatements.get(0), arguments.toArray()) == 1;
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
  byte @Nullable [] documentInParts(Connected connected, Tables tables, List<Object> primaryKey)
      throws SQLException {
    List<byte[]> parts =
        connected.query(
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
