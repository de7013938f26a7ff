package dev.checkpoint4j.store.jdbc;

import dev.checkpoint4j.spi.Durability;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * SQLite. Any number of processes on one machine share a file; one of them writes at a time. Every
 * transaction begins with a statement that writes, and so waits for its turn instead of failing.
 */
final class SqliteDialect extends Dialect {

  /** The limit of a value and of a row, 1,000,000,000 bytes, less what a row holds beside it. */
  private static final long MAX_DOCUMENT_BYTES = 1_000_000_000L - (1L << 20);

  /** The store repeats what was busy for so long; so a call rarely has to set it shorter. */
  private static final Duration MAX_BUSY = Duration.ofSeconds(5);

  /** Everything is forced to the disk before a commit returns. */
  private static final int FULL = 2;

  private static final int EXTRA = 3;

  SqliteDialect() {
    super(new SqliteSchema(), new SqliteStatements(), new SqliteErrors());
  }

  @Override
  Map<String, String> defaults(Duration callTimeout) {
    return Map.of(
        "busy_timeout",
        Long.toString(atMost(MAX_BUSY, callTimeout).toMillis()),
        "journal_mode",
        "WAL",
        "synchronous",
        "FULL");
  }

  /** The driver would set the wait for locks to it, also where that is longer. */
  @Override
  boolean limitsStatements() {
    return false;
  }

  @Override
  Preparation preparation(DbSession db) throws SQLException {
    return new LockTimeout(
        Long.parseLong(setting(db, "PRAGMA busy_timeout")), "PRAGMA busy_timeout = ");
  }

  @Override
  boolean isEmbedded() {
    return true;
  }

  @Override
  Optional<ReentrantLock> writerLock(DbSession db) {
    return Optional.of(new ReentrantLock(true));
  }

  @Override
  DatabaseGuarantees guarantees(DbSession db) throws SQLException {
    String journal = setting(db, "PRAGMA journal_mode").toUpperCase(Locale.ROOT);
    int synchronous = Integer.parseInt(setting(db, "PRAGMA synchronous"));
    List<String> problems = new ArrayList<>();
    if (setting(db, "SELECT file FROM pragma_database_list WHERE name = 'main'").isEmpty()) {
      problems.add(
          "the URL names no file, so that each connection has a database of its own; use a file");
    } else if (journal.equals("MEMORY") || journal.equals("OFF")) {
      problems.add(
          "SQLite keeps its journal in memory or has none (journal_mode "
              + journal
              + "); use journal_mode=WAL");
    }
    if (setting(db, "PRAGMA count_changes").equals("1")) {
      problems.add(
          "count_changes is on, so that the driver does not return how many rows a statement has"
              + " changed; leave it off");
    }
    String encoding = setting(db, "PRAGMA encoding");
    if (!encoding.equals("UTF-8")) {
      problems.add(
          "the encoding of the database is "
              + encoding
              + ", which orders ids in another way; use a file with the encoding UTF-8");
    }
    boolean forced = journal.equals("WAL") ? synchronous >= FULL : synchronous >= EXTRA;
    return new DatabaseGuarantees(
        forced ? Durability.POWER_LOSS : Durability.PROCESS_CRASH, MAX_DOCUMENT_BYTES, problems);
  }

  private static final class SqliteSchema extends SchemaDialect {

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

    /** The file; not what is attached beside it, and not the temporary tables of a connection. */
    @Override
    String currentSchema(Connection connection) {
      return "main";
    }

    /** An index is created in a schema, on a table of the same one. */
    @Override
    String newIndexName(Tables tables, String name) {
      return tables.inSchema(tables.index(name));
    }

    @Override
    String indexedTable(Tables tables) {
      return tables.prefix() + "history";
    }

    @Override
    List<String> furtherDifferences(DbSession db, Tables tables) throws SQLException {
      return db.query(
          row ->
              "the table %s names a collation, where ids need the one that is used without"
                  .formatted(row.getString(1)),
          "SELECT name FROM main.sqlite_master WHERE type = 'table' AND name IN (?, ?)"
              + " AND UPPER(sql) LIKE '%COLLATE%'",
          tables.prefix() + "session",
          tables.prefix() + "history");
    }

    @Override
    void migrating(DbSession db, Tables tables, DbSession.TransactionCallback<?> work)
        throws SQLException {
      db.inTransaction(
          () -> {
            // Takes the place of the one who writes.
            db.update("DELETE FROM " + tables.migration() + " WHERE version < 0");
            return work.run();
          });
    }

    @Override
    boolean hasIndexOfNewest() {
      return false;
    }
  }

  private static final class SqliteStatements extends StatementDialect {

    SqliteStatements() {
      super(new SqliteSchema());
    }

    @Override
    List<String> lockSessions(DbSession db, Tables tables, Condition sessions) throws SQLException {
      db.update(
          "UPDATE "
              + tables.session()
              + " SET latest_version = latest_version WHERE "
              + sessions.sql(),
          sessions.arguments().toArray());
      return selectSessions(db, tables, sessions, "");
    }
  }

  private static final class SqliteErrors extends ErrorClassifier {

    @Override
    FailureKind kind(SQLException e) {
      return switch (e.getErrorCode() & 0xff) {
        case 5, 6 -> FailureKind.CONTENTION;
        case 19 -> FailureKind.DUPLICATE_KEY;
        case 9 -> FailureKind.TIMEOUT;
        case 3, 23 -> FailureKind.NO_PERMISSION;
        case 8 -> FailureKind.READ_ONLY;
        case 13, 18 -> FailureKind.LIMIT_EXCEEDED;
        case 11, 26 -> FailureKind.DAMAGED;
        case 10, 14 -> FailureKind.UNREACHABLE;
        case 1 ->
            String.valueOf(e.getMessage()).contains("no such table")
                ? FailureKind.NO_TABLE
                : FailureKind.REFUSED;
        default -> standardKind(e);
      };
    }

    @Override
    String hint(SQLException e) {
      return (e.getErrorCode() & 0xff) == 14
          ? "Check that the process may write to the file and its folder. "
          : "";
    }
  }
}
