package dev.checkpoint4j.store.jdbc;

import dev.checkpoint4j.spi.CallDeadline;
import dev.checkpoint4j.spi.Durability;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * MariaDB and MySQL. Ids are bytes there: no collation of both compares characters exactly with
 * trailing spaces, and in bytes the longest keys keep within the limit of an index, 3072.
 */
final class MySqlDialect extends Dialect {

  private static final String NO_SELECT_LIMIT = "18446744073709551615";

  /** What a packet holds beside the document. */
  private static final long PACKET_OVERHEAD = 128 << 10;

  MySqlDialect() {
    super(new MySqlSchema(), new MySqlStatements(), new MySqlErrors());
  }

  @Override
  Map<String, String> defaults(Duration callTimeout) {
    return Map.of(
        "connectTimeout",
        Long.toString(atMost(MAX_CONNECT, callTimeout).toMillis()),
        "socketTimeout",
        Long.toString(Connections.networkTimeout(callTimeout).toMillis()));
  }

  @Override
  DatabaseGuarantees guarantees(DbSession db) throws SQLException {
    List<String> problems = new ArrayList<>();
    // First, since without a LIMIT of its own no other question may be answered.
    if (!setting(db, "SELECT @@sql_select_limit LIMIT 1").equals(NO_SELECT_LIMIT)) {
      problems.add(
          "sql_select_limit is set, which leaves out rows that are there; set it to DEFAULT for the"
              + " connections of the store");
      return new DatabaseGuarantees(Durability.VOLATILE, 1, problems);
    }
    if (!setting(db, "SELECT @@unique_checks").equals("1")) {
      problems.add(
          "unique_checks is off, with which an id may be stored twice; set it to 1 for the"
              + " connections of the store");
    }
    boolean forced = setting(db, "SELECT @@innodb_flush_log_at_trx_commit").equals("1");
    long packet = Long.parseLong(setting(db, "SELECT @@max_allowed_packet"));
    // The text of a statement has two bytes for some of the document's.
    return new DatabaseGuarantees(
        forced ? Durability.POWER_LOSS : Durability.PROCESS_CRASH,
        Math.max(1, (packet - PACKET_OVERHEAD) / 2),
        problems);
  }

  private static final class MySqlSchema extends SchemaDialect {

    private static final int MAX_LOCK_SECONDS = 3_600;

    @Override
    String idType(int bytes) {
      return "VARBINARY(" + bytes + ")";
    }

    @Override
    String typeName(String type) {
      return super.typeName(type).replaceFirst("^INTEGER$", "INT");
    }

    @Override
    String bytesType() {
      return "LONGBLOB";
    }

    @Override
    String textType() {
      return "VARCHAR(20000) CHARACTER SET ascii COLLATE ascii_bin";
    }

    @Override
    String tableSuffix() {
      return " ENGINE=InnoDB ROW_FORMAT=DYNAMIC";
    }

    @Override
    @Nullable String currentSchema(Connection connection) throws SQLException {
      String catalog = connection.getCatalog();
      return catalog == null || catalog.isEmpty() ? null : catalog;
    }

    @Override
    String quoted(String schema) {
      return '`' + schema.replace("`", "``") + '`';
    }

    @Override
    boolean schemasAreCatalogs() {
      return true;
    }

    @Override
    List<String> furtherDifferences(DbSession db, Tables tables) throws SQLException {
      return db.query(
          row ->
              "the table %s is of the engine %s, where InnoDB has transactions"
                  .formatted(row.getString(1), row.getString(2)),
          "SELECT table_name, engine FROM information_schema.tables"
              + " WHERE table_schema = ? AND table_name IN (?, ?, ?)"
              + " AND LOWER(engine) <> 'innodb'",
          tables.schema(),
          tables.prefix() + "session",
          tables.prefix() + "history",
          tables.prefix() + "migration");
    }

    /** MySQL has no {@code CREATE INDEX IF NOT EXISTS}: indexes are created with their table. */
    @Override
    boolean makesIndexesWithTable() {
      return true;
    }

    @Override
    void migrating(DbSession db, Tables tables, DbSession.TransactionCallback<?> work)
        throws SQLException {
      String lock = "checkpoint4j." + tables.prefix();
      long seconds = Math.min(MAX_LOCK_SECONDS, CallDeadline.current().remaining().toSeconds());
      if (!setting(db, "SELECT GET_LOCK(?, " + seconds + ")", lock).equals("1")) {
        throw new SQLException(
            "another process has been migrating for " + seconds + " s", "HYT00", 1205);
      }
      try {
        work.run();
      } finally {
        release(db, lock);
      }
    }

    /** The lock belongs to the connection, and would stay with it in the pool. */
    private static void release(DbSession db, String lock) throws SQLException {
      try {
        db.query(row -> true, "SELECT RELEASE_LOCK(?)", lock);
      } catch (SQLException e) {
        db.doubt();
        throw e;
      }
    }
  }

  private static final class MySqlStatements extends StatementDialect {

    MySqlStatements() {
      super(new MySqlSchema());
    }

    /**
     * MariaDB answers some of the UPDATE and DELETE statements that {@code KILL QUERY} meets with
     * success and no rows; MySQL's driver sends one when a query timeout has passed.
     */
    @Override
    boolean reportsKilledStatementAsSuccess() {
      return true;
    }

    @Override
    Object id(String id) {
      return id.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    @Nullable String id(ResultSet row, String column) throws SQLException {
      byte[] bytes = row.getBytes(column);
      return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
    }

    @Override
    String startOrAdvance(Tables tables) {
      return upsert(
          tables,
          "latest_id = IF(latest_version < ?, ?, latest_id),"
              + " latest_version = GREATEST(latest_version, ?)");
    }

    @Override
    List<Object> startOrAdvanceArguments(
        Object namespace, Object session, long version, Object id) {
      return List.of(namespace, session, version, id, version, id, version);
    }

    @Override
    String start(Tables tables) {
      return upsert(
          tables,
          "latest_id = IF(latest_version = 0, ?, latest_id),"
              + " latest_version = IF(latest_version = 0, ?, latest_version)");
    }

    @Override
    List<Object> startArguments(Object namespace, Object session, long version, Object id) {
      return List.of(namespace, session, version, id, id, version);
    }

    /**
     * Columns are set in the order in which they stand: the version, which decides, is the last.
     */
    private static String upsert(Tables tables, String change) {
      return "INSERT INTO "
          + tables.session()
          + " (namespace, session_id, latest_version, latest_id) VALUES (?, ?, ?, ?)"
          + " ON DUPLICATE KEY UPDATE "
          + change;
    }

    /**
     * MariaDB finds the start of a range in an index by a constant only: a recursive statement
     * would read the index from its start at each step. So each statement reads a few rows from the
     * last namespace on, twice as many as the one before has found namespaces: together at most
     * three times as many as are wanted.
     */
    @Override
    List<String> namespaces(DbSession db, Tables tables, String after, int count)
        throws SQLException {
      List<String> found = new ArrayList<>();
      String last = after;
      int rows = count;
      while (true) {
        List<String> read =
            db.query(
                row -> Objects.requireNonNull(id(row, "namespace")),
                "SELECT namespace FROM "
                    + tables.session()
                    + " WHERE namespace > ? ORDER BY namespace, session_id LIMIT ?",
                id(last),
                rows);
        List<String> distinct = read.stream().distinct().toList();
        found.addAll(distinct);
        if (read.size() < rows || found.size() == count) {
          return found;
        }
        last = distinct.get(distinct.size() - 1);
        rows = Math.min(count - found.size(), 2 * distinct.size());
      }
    }
  }

  private static final class MySqlErrors extends ErrorClassifier {

    @Override
    FailureKind kind(SQLException e) {
      return switch (e.getErrorCode()) {
        case 1062 -> FailureKind.DUPLICATE_KEY;
        case 1020, 1205, 1213 -> FailureKind.CONTENTION;
        case 1317, 1969, 3024 -> FailureKind.TIMEOUT;
        case 1053, 1927, 2006, 2013 -> FailureKind.UNREACHABLE;
        case 1040, 1203 -> FailureKind.NO_FREE_CONNECTION;
        case 1045 -> FailureKind.WRONG_LOGIN;
        case 1044, 1142, 1143, 1227 -> FailureKind.NO_PERMISSION;
        case 1290, 1792, 1836 -> FailureKind.READ_ONLY;
        case 1021, 1114, 1118, 1153 -> FailureKind.LIMIT_EXCEEDED;
        case 1049 -> FailureKind.NO_DATABASE;
        case 1054, 1146 -> FailureKind.NO_TABLE;
        case 1034, 1194, 1712 -> FailureKind.DAMAGED;
        default ->
            String.valueOf(e.getMessage()).contains("max_allowed_packet")
                ? FailureKind.LIMIT_EXCEEDED
                : standardKind(e);
      };
    }
  }
}
