package dev.checkpoint4j.store.jdbc;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.spi.Durability;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * MariaDB and MySQL. Ids are bytes there: no collation of both compares characters exactly with
 * trailing spaces, and in bytes the longest keys keep within the limit of an index, 3072.
 */
final class MySqlDialect extends Dialect {

  private static final int LOCK_SECONDS = 60;

  /** What a packet holds beside the document. */
  private static final long PACKET_OVERHEAD = 128 << 10;

  @Override
  Promises promises(Connected connected) throws SQLException {
    boolean forced = setting(connected, "SELECT @@innodb_flush_log_at_trx_commit").equals("1");
    long packet = Long.parseLong(setting(connected, "SELECT @@max_allowed_packet"));
    // The text of a statement has two bytes for some of the document's.
    return new Promises(
        forced ? Durability.POWER_LOSS : Durability.PROCESS_CRASH,
        Math.max(1, (packet - PACKET_OVERHEAD) / 2),
        List.of());
  }

  @Override
  FailureKind kind(SQLException e) {
    return switch (e.getErrorCode()) {
      case 1062 -> FailureKind.KEY_TAKEN;
      case 1020, 1205, 1213 -> FailureKind.CONTENTION;
      case 1317, 1969, 3024 -> FailureKind.TIMEOUT;
      case 1040, 1053, 1203, 1927, 2006, 2013 -> FailureKind.UNREACHABLE;
      case 1044, 1045, 1142, 1143, 1227, 1290, 1792, 1836 -> FailureKind.DENIED;
      case 1021, 1114, 1118, 1153 -> FailureKind.FULL;
      case 1049, 1054, 1146 -> FailureKind.NO_TABLE;
      case 1034, 1194, 1712 -> FailureKind.DAMAGED;
      default ->
          String.valueOf(e.getMessage()).contains("max_allowed_packet")
              ? FailureKind.FULL
              : SqlErrors.standardKind(e);
    };
  }

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
  boolean schemasAreCatalogs() {
    return true;
  }

  @Override
  List<String> furtherDifferences(Connected connected, Tables tables) throws SQLException {
    return connected.query(
        row ->
            "the table %s is of the engine %s, where InnoDB has transactions"
                .formatted(row.getString(1), row.getString(2)),
        "SELECT table_name, engine FROM information_schema.tables"
            + " WHERE table_schema = COALESCE(?, DATABASE()) AND table_name IN (?, ?, ?)"
            + " AND LOWER(engine) <> 'innodb'",
        tables.schema(),
        tables.prefix() + "session",
        tables.prefix() + "history",
        tables.prefix() + "migration");
  }

  /** MySQL has no {@code CREATE INDEX IF NOT EXISTS}: indexes are made with their table. */
  @Override
  boolean makesIndexesWithTable() {
    return true;
  }

  @Override
  void migrating(Connected connected, Tables tables, Connected.Work<?> work) throws SQLException {
    String lock = "checkpoint4j." + tables.prefix();
    if (!setting(connected, "SELECT GET_LOCK(?, " + LOCK_SECONDS + ")", lock).equals("1")) {
      throw new SQLException(
          "another process has been migrating for " + LOCK_SECONDS + " s", "HYT00", 1205);
    }
    try {
      work.run();
    } finally {
      connected.query(row -> true, "SELECT RELEASE_LOCK(?)", lock);
    }
  }

  /**
   * MariaDB answers some of the UPDATE and DELETE statements that {@code KILL QUERY} meets with
   * success and no rows; MySQL's driver sends one when a query timeout has passed.
   */
  @Override
  boolean takesInterruptionsForSuccess() {
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
  String raiseLatest(Tables tables) {
    return "INSERT INTO "
        + tables.session()
        + " (namespace, session_id, latest_version) VALUES (?, ?, ?)"
        + " ON DUPLICATE KEY UPDATE latest_version = GREATEST(latest_version, ?)";
  }

  @Override
  List<Object> raiseLatestArguments(Checkpoint checkpoint) {
    List<Object> arguments = new ArrayList<>(super.raiseLatestArguments(checkpoint));
    arguments.add(Objects.requireNonNull(arguments.get(2)));
    return arguments;
  }
}
