package dev.checkpoint4j.store.jdbc;

import dev.checkpoint4j.spi.Durability;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.locks.ReentrantLock;

/**
 * SQLite. Any number of processes on one machine share a file; one of them writes at a time. Every
 * transaction begins with a statement that writes, and so waits for its turn instead of failing.
 */
final class SqliteDialect extends Dialect {

  /** The limit of a value and of a row, 1,000,000,000 bytes, less what a row holds beside it. */
  private static final long MAX_DOCUMENT_BYTES = 1_000_000_000L - (1L << 20);

  private static final int BUSY_TIMEOUT_MILLIS = 30_000;

  /** Everything is forced to the disk before a commit returns. */
  private static final int FULL = 2;

  private static final int EXTRA = 3;

  /** What stands in the URL is left alone: the driver would rather follow a property. */
  @Override
  Properties properties(String url) {
    Properties properties = new Properties();
    Map.of(
            "busy_timeout",
            Integer.toString(BUSY_TIMEOUT_MILLIS),
            "journal_mode",
            "WAL",
            "synchronous",
            "FULL")
        .forEach(
            (name, value) -> {
              if (!url.matches("(?is).*[?&]" + name + "=.*")) {
                properties.setProperty(name, value);
              }
            });
    return properties;
  }

  @Override
  boolean isEmbedded() {
    return true;
  }

  @Override
  Optional<ReentrantLock> writerLock(Connected connected) {
    return Optional.of(new ReentrantLock(true));
  }

  @Override
  Promises promises(Connected connected) throws SQLException {
    String journal = setting(connected, "PRAGMA journal_mode").toUpperCase(Locale.ROOT);
    int synchronous = Integer.parseInt(setting(connected, "PRAGMA synchronous"));
    List<String> problems = new ArrayList<>();
    if (setting(connected, "SELECT file FROM pragma_database_list WHERE name = 'main'").isEmpty()) {
      problems.add(
          "the URL names no file, so that each connection has a database of its own; use a file");
    } else if (journal.equals("MEMORY") || journal.equals("OFF")) {
      problems.add(
          "SQLite keeps its journal in memory or has none (journal_mode "
              + journal
              + "); use journal_mode=WAL");
    }
    boolean forced = journal.equals("WAL") ? synchronous >= FULL : synchronous >= EXTRA;
    return new Promises(
        forced ? Durability.POWER_LOSS : Durability.PROCESS_CRASH, MAX_DOCUMENT_BYTES, problems);
  }

  @Override
  FailureKind kind(SQLException e) {
    return switch (e.getErrorCode() & 0xff) {
      case 5, 6 -> FailureKind.CONTENTION;
      case 19 -> FailureKind.KEY_TAKEN;
      case 9 -> FailureKind.TIMEOUT;
      case 3, 8, 23 -> FailureKind.DENIED;
      case 13, 18 -> FailureKind.FULL;
      case 11, 26 -> FailureKind.DAMAGED;
      case 10, 14 -> FailureKind.UNREACHABLE;
      case 1 ->
          String.valueOf(e.getMessage()).contains("no such table")
              ? FailureKind.NO_TABLE
              : FailureKind.REFUSED;
      default -> SqlErrors.standardKind(e);
    };
  }

  @Override
  String idType(int bytes) {
    return "TEXT";
  }

  @Override
  String bytesType() {
    return "BLOB";
  }

  @Override
  String textType() {
    return "TEXT";
  }

  @Override
  List<String> furtherDifferences(Connected connected, Tables tables) throws SQLException {
    return connected.query(
        row ->
            "the table %s names a collation, where ids need the one that is used without"
                .formatted(row.getString(1)),
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name IN (?, ?)"
            + " AND UPPER(sql) LIKE '%COLLATE%'",
        tables.prefix() + "session",
        tables.prefix() + "history");
  }

  @Override
  void migrating(Connected connected, Tables tables, Connected.Work<?> work) throws SQLException {
    connected.inTransaction(
        () -> {
          // Takes the place of the one who writes.
          connected.update("DELETE FROM " + tables.migration() + " WHERE version < 0");
          return work.run();
        });
  }

  @Override
  List<String> lockSessions(Connected connected, Tables tables, Condition sessions)
      throws SQLException {
    connected.update(
        "UPDATE "
            + tables.session()
            + " SET latest_version = latest_version WHERE "
            + sessions.sql(),
        sessions.arguments().toArray());
    return selectSessions(connected, tables, sessions, "");
  }
}
