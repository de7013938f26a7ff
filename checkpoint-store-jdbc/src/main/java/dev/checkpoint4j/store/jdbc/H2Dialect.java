package dev.checkpoint4j.store.jdbc;

import dev.checkpoint4j.spi.CallDeadline;
import dev.checkpoint4j.spi.Durability;
import dev.checkpoint4j.store.jdbc.SchemaDialect.Column;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/** H2. Its files are written when a transaction commits, but not forced to the disk. */
final class H2Dialect extends Dialect {

  /** The limit of a value that is given as an array. */
  private static final long MAX_DOCUMENT_BYTES = 1_000_000_000;

  /**
   * How long H2 may compact its file when it is closed. {@link H2Compaction} leaves up to 16 MB of
   * garbage in a file that is open; the 200 ms that H2 takes by default are too little for that.
   */
  private static final int MAX_COMPACT_MILLIS = 1_000;

  /** Those of its compatibility modes that do not understand the statements of a listing. */
  private static final Set<String> MODES_WITHOUT_LIMIT =
      Set.of("Derby", "MSSQLServer", "Oracle", "STRICT");

  private static final int ADMIN_RIGHTS_REQUIRED = 90040;

  /**
   * A process that is killed some milliseconds after its last commit has lost that commit, with
   * WRITE_DELAY=0 and nothing but JDBC in about one of a hundred runs.
   */
  private static final String FORGETFUL_VERSION = "2.5.252";

  /** By the path of a database, for all the stores of this process that write to it. */
  private static final Map<String, ReentrantLock> WRITERS = new ConcurrentHashMap<>();

  H2Dialect() {
    super(new H2Schema(), new H2Statements(), new H2Errors());
  }

  /**
   * The interruption of a thread that reads or writes a file closes the file, and H2 its database
   * with it; the file system {@code async:} of H2 is not interruptible.
   */
  @Override
  String url(String url) {
    String survivingInterrupts =
        url.replaceFirst("^(?i)(jdbc:h2:)(?:file:)?(?=[./~\\\\]|[a-z]:[/\\\\])", "$1async:");
    return withSetting(
        withSetting(
            withSetting(survivingInterrupts, "WRITE_DELAY", 0), "MAX_LENGTH_INPLACE_LOB", 4096),
        "MAX_COMPACT_TIME",
        MAX_COMPACT_MILLIS);
  }

  private static String withSetting(String url, String name, int value) {
    return url.toUpperCase(Locale.ROOT).contains(";" + name + "=")
        ? url
        : url + ";" + name + "=" + value;
  }

  @Override
  boolean isEmbedded() {
    return true;
  }

  /** Its limit of a statement is a setting of the connection, and costs a statement to set. */
  @Override
  boolean limitsStatements() {
    return false;
  }

  @Override
  Preparation preparation(DbSession db) throws SQLException {
    return new LockTimeout(
        Long.parseLong(setting(db, "SELECT LOCK_TIMEOUT()")), "SET LOCK_TIMEOUT ");
  }

  /**
   * A commit writes the tables to the file one after the other, as they are at that moment, and may
   * so write the half of a transaction that is under way; which stays there if the process ends
   * before that one commits (https://github.com/h2database/h2database/issues/2080).
   */
  @Override
  Optional<ReentrantLock> writerLock(DbSession db) throws SQLException {
    String path = databasePath(db);
    return isInMemory(path)
        ? Optional.empty()
        : Optional.of(WRITERS.computeIfAbsent(path, file -> new ReentrantLock(true)));
  }

  @Override
  Consumer<Connection> afterWrite() {
    return new H2Compaction()::afterWrite;
  }

  @Override
  boolean beforeClose(Connection connection) {
    return H2Compaction.beforeClose(connection);
  }

  private static String databasePath(DbSession db) throws SQLException {
    return setting(db, "SELECT DATABASE_PATH()");
  }

  private static boolean isInMemory(String databasePath) {
    return databasePath.equals("null");
  }

  @Override
  DatabaseGuarantees guarantees(DbSession db) throws SQLException {
    boolean inMemory = isInMemory(databasePath(db));
    List<String> problems = new ArrayList<>();
    if (!doesNotReuseResults(db)) {
      problems.add(
          "the user is no administrator of H2, and only those turn off OPTIMIZE_REUSE_RESULTS, with"
              + " which reads may return an older checkpoint than the latest; connect as an"
              + " administrator");
    }
    if (!inMemory && !h2Setting(db, "WRITE_DELAY").equals("0")) {
      problems.add(
          "H2 delays the write of a commit (WRITE_DELAY), so that a crash loses acknowledged"
              + " checkpoints; add ;WRITE_DELAY=0 to the URL of the DataSource");
    }
    if (inMemory && setting(db, "SELECT DATABASE()").equalsIgnoreCase("unnamed")) {
      problems.add(
          "each connection to an in-memory database of H2 without a name has its own; give it a"
              + " name, as in jdbc:h2:mem:name");
    }
    if (h2Setting(db, "IGNORECASE").equals("1")) {
      problems.add(
          "H2 ignores case in the columns of new tables (IGNORECASE), but the store needs exact"
              + " comparison; use a database without SET IGNORECASE");
    }
    if (setting(db, "SELECT LOCK_MODE()").equals("0")) {
      problems.add(
          "H2 takes no locks (LOCK_MODE 0), so that transactions are not isolated; use a database"
              + " without SET LOCK_MODE");
    }
    String mode = h2Setting(db, "MODE");
    if (MODES_WITHOUT_LIMIT.contains(mode)) {
      problems.add("H2 has no LIMIT in its mode " + mode + "; use another MODE, or none");
    }
    String collation = h2Setting(db, "COLLATION");
    if (!collation.isEmpty() && !collation.equals("OFF")) {
      problems.add(
          "H2 compares texts by the collation "
              + collation
              + ", where the store needs exact comparison; use a database without SET COLLATION");
    }
    String version = setting(db, "SELECT H2VERSION()");
    return new DatabaseGuarantees(
        inMemory ? Durability.VOLATILE : durabilityOfFiles(version), MAX_DOCUMENT_BYTES, problems);
  }

  /**
   * Turns off what makes reads stale: a connection that runs a query again returns its earlier
   * result, although another one has read what was committed since, because H2 compares the time of
   * a change and not that of its commit. The setting is that of the open database, and cannot be
   * read.
   */
  private static boolean doesNotReuseResults(DbSession db) throws SQLException {
    try (Statement statement = db.connection().createStatement()) {
      statement.execute("SET OPTIMIZE_REUSE_RESULTS 0");
      return true;
    } catch (SQLException e) {
      if (e.getErrorCode() == ADMIN_RIGHTS_REQUIRED) {
        return false;
      }
      throw e;
    }
  }

  static Durability durabilityOfFiles(String version) {
    if (!version.equals(FORGETFUL_VERSION)) {
      return Durability.PROCESS_CRASH;
    }
    Database.LOG.log(
        System.Logger.Level.WARNING,
        "H2 {0} was seen to lose commits when its process is killed; use 2.4.240",
        version);
    return Durability.VOLATILE;
  }

  private static String h2Setting(DbSession db, String name) throws SQLException {
    return setting(
        db, "SELECT SETTING_VALUE FROM INFORMATION_SCHEMA.SETTINGS WHERE SETTING_NAME = ?", name);
  }

  private static final class H2Schema extends SchemaDialect {

    @Override
    String foldedByDefault(String schema) {
      return schema.toUpperCase(Locale.ROOT);
    }

    /**
     * Statements that create tables end a transaction, so that no transaction can keep others out.
     */
    private static final ReentrantLock MIGRATING = new ReentrantLock();

    /** Asked for, since H2 writes a trace file when a statement names a table that is missing. */
    @Override
    boolean hasTable(DbSession db, Tables tables, String name) throws SQLException {
      return !db.query(
              row -> true,
              // H2 can be configured to keep names as they are written, or in lower case.
              "SELECT 1 FROM INFORMATION_SCHEMA.TABLES WHERE UPPER(TABLE_NAME) = ?"
                  + " AND TABLE_SCHEMA = ?",
              name.toUpperCase(Locale.ROOT),
              tables.schema())
          .isEmpty();
    }

    @Override
    String idType(int bytes) {
      return "CHARACTER VARYING(" + bytes + ")";
    }

    @Override
    String typeName(String type) {
      return super.typeName(type).replaceFirst("^VARCHAR$", "CHARACTER VARYING");
    }

    @Override
    String bytesType() {
      return "BINARY LARGE OBJECT";
    }

    @Override
    String textType() {
      return "CHARACTER VARYING(20000)";
    }

    /** Without the schema an index of this name in another schema would do. */
    @Override
    String newIndexName(Tables tables, String name) {
      return tables.inSchema(tables.index(name));
    }

    @Override
    void migrating(DbSession db, Tables tables, DbSession.TransactionCallback<?> work)
        throws SQLException {
      try {
        if (!MIGRATING.tryLock(
            CallDeadline.current().remaining().toNanos(), TimeUnit.NANOSECONDS)) {
          throw new SQLTimeoutException("other threads kept migrating");
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new SQLTimeoutException("interrupted while others migrate");
      }
      try {
        work.run();
      } finally {
        MIGRATING.unlock();
      }
    }

    @Override
    boolean hasIndexOfNewest() {
      return false;
    }
  }

  private static final class H2Statements extends StatementDialect {

    H2Statements() {
      super(new H2Schema());
    }

    @Override
    String startOrAdvance(Tables tables) {
      return merge(tables, "s.latest_version < n.version");
    }

    @Override
    String start(Tables tables) {
      return merge(tables, "s.latest_version = 0");
    }

    private static String merge(Tables tables, String condition) {
      return "MERGE INTO "
          + tables.session()
          + " s USING (VALUES (CAST(? AS CHARACTER VARYING), CAST(? AS CHARACTER VARYING),"
          + " CAST(? AS BIGINT), CAST(? AS CHARACTER VARYING)))"
          + " n (namespace, session_id, version, id)"
          + " ON s.namespace = n.namespace AND s.session_id = n.session_id"
          + " WHEN MATCHED AND "
          + condition
          + " THEN UPDATE SET latest_version = n.version, latest_id = n.id"
          + " WHEN NOT MATCHED THEN INSERT (namespace, session_id, latest_version, latest_id)"
          + " VALUES (n.namespace, n.session_id, n.version, n.id)";
    }

    @Override
    String parameter(Column column) {
      return typedParameter(column);
    }

    /** With another condition beside it, H2 would scan all rows of the namespace. */
    @Override
    Condition isOneOf(String column, String namespace, List<String> ids) {
      List<String> padded = padded(ids);
      List<Object> arguments = new ArrayList<>();
      for (String id : padded) {
        arguments.add(namespace);
        arguments.add(id);
      }
      return new Condition(
          "(namespace, "
              + column
              + ") IN ("
              + String.join(", ", Collections.nCopies(padded.size(), "(?, ?)"))
              + ")",
          arguments);
    }

    /**
     * H2 walks along the rows of the id itself to find greater ones. No id has a control character,
     * so what is not less than the id and one of these is greater than the id.
     */
    @Override
    Condition isAfter(String column, String id) {
      return new Condition(column + " >= ?", List.of(id + '\u0001'));
    }

    /** As {@link #isAfter}. */
    @Override
    String isAfterColumn(String column, String other) {
      return column + " >= CONCAT(" + other + ", CHAR(1))";
    }
  }

  private static final class H2Errors extends ErrorClassifier {

    @Override
    FailureKind kind(SQLException e) {
      return switch (e.getErrorCode()) {
        // A timeout of a lock, a row that another transaction changed, a value that one deleted.
        case 50200, 90131, 90039 -> FailureKind.CONTENTION;
        case 90007, 90020, 90028, 90067, 90098, 90121, 90135 -> FailureKind.UNREACHABLE;
        case 90011, 90046, 90066, 90088, 90113, 90138 -> FailureKind.BAD_URL;
        case 90013, 90146, 90149 -> FailureKind.NO_DATABASE;
        case 90030, 90034 -> FailureKind.DAMAGED;
        case ADMIN_RIGHTS_REQUIRED, 90096 -> FailureKind.NO_PERMISSION;
        case 90097 -> FailureKind.READ_ONLY;
        case 42102, 42103, 42104, 42122 -> FailureKind.NO_TABLE;
        case 90079 -> FailureKind.NO_SCHEMA;
        default -> standardKind(e);
      };
    }

    @Override
    String hint(SQLException e) {
      return switch (e.getErrorCode()) {
        case 90011 -> "Write the path of the database as ./path, ~/path or an absolute one. ";
        case 90020 ->
            "Another process, or this one by another URL, has the file open: add ;AUTO_SERVER=TRUE"
                + " to the URL of all of them, or run H2 as a server. ";
        default -> "";
      };
    }
  }
}
