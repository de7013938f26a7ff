package dev.checkpoint4j.store.jdbc;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.error.ErrorContext;
import dev.checkpoint4j.spi.DocumentCodec;
import dev.checkpoint4j.store.jdbc.FaultyDriver.Sent;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.sqlite.ProgressHandler;

/**
 * A database that tells how it executes the statements of a store: their plans, and how many rows
 * of an index or table they look at.
 */
abstract class ExplainedDatabase {

  private static final Pattern PARAMETER = Pattern.compile("\\?");

  /** What a database says of a statement: its plan, and how much work it was. */
  record Plan(String text, long work) {}

  private interface Sql<R> {
    R run() throws SQLException;
  }

  final JdbcDialect dialect;
  final Tables tables;
  private final String url;

  private ExplainedDatabase(JdbcDialect dialect, String url, Tables tables) {
    this.dialect = dialect;
    this.url = url;
    this.tables = tables;
  }

  static ExplainedDatabase of(JdbcDialect dialect, String url) {
    Tables tables = new Tables(null, "", TestDatabase.newPrefix());
    return switch (dialect) {
      case POSTGRESQL -> new Postgres(url, tables);
      case MARIADB -> new MariaDb(url, tables);
      case H2 -> new H2(url, tables);
      case SQLITE -> new Sqlite(url, tables);
      case MYSQL -> throw new IllegalArgumentException("no such database to be had");
    };
  }

  private String name() {
    return "explained-" + tables.prefix();
  }

  /** Stores checkpoints as the store would, but many at a time. */
  final void fill(Connection connection, Stream<Checkpoint> checkpoints) throws SQLException {
    Dialect dialect = this.dialect.make();
    connection.setAutoCommit(false);
    try (PreparedStatement insert =
        connection.prepareStatement(
            "INSERT INTO "
                + tables.history()
                + " ("
                + dialect.schema().historyColumns().stream()
                    .map(SchemaDialect.Column::name)
                    .collect(Collectors.joining(", "))
                + ") VALUES ("
                + String.join(
                    ", ", Collections.nCopies(dialect.schema().historyColumns().size(), "?"))
                + ")")) {
      DocumentCodec documents = new DocumentCodec(TestCodec.INSTANCE, Integer.MAX_VALUE);
      ErrorContext context = ErrorContext.of(JdbcBackendStorage.ID, "put");
      int batched = 0;
      for (Checkpoint checkpoint : (Iterable<Checkpoint>) checkpoints::iterator) {
        set(insert, dialect.statements().rowArguments(NewRow.of(checkpoint, documents, context)));
        insert.addBatch();
        if (++batched % 1_000 == 0) {
          insert.executeBatch();
        }
      }
      insert.executeBatch();
    }
    try (Statement statement = connection.createStatement()) {
      statement.executeUpdate("DELETE FROM " + tables.session());
      statement.executeUpdate(
          "INSERT INTO "
              + tables.session()
              + " SELECT namespace, session_id, version, id FROM (SELECT namespace, session_id,"
              + " version, id, ROW_NUMBER() OVER (PARTITION BY namespace, session_id"
              + " ORDER BY version DESC) AS place FROM "
              + tables.history()
              + ") r WHERE place = 1");
    }
    connection.commit();
    connection.setAutoCommit(true);
  }

  static void set(PreparedStatement statement, List<Object> arguments) throws SQLException {
    for (int i = 0; i < arguments.size(); i++) {
      DbSession.set(statement, i + 1, arguments.get(i));
    }
  }

  /** What must not be in a plan. */
  abstract Pattern fault();

  /** Has the database count what is in the tables. */
  abstract void analyze(Statement statement) throws SQLException;

  /** The plans of a statement, whose effects are undone. */
  abstract List<Plan> explain(Connection connection, Sent statement) throws SQLException;

  /** So much work, by the measure of the engine, is looking at so many rows. */
  long mostWork(int rows) {
    return rows;
  }

  List<String> faults(String sql, String plan) {
    return fault().matcher(plan).results().map(result -> result.group()).toList();
  }

  FaultyDriver.Line line() {
    return FaultyDriver.line(name());
  }

  JdbcBackendStorage open() {
    return JdbcBackendStorage.builder()
        .url(FaultyDriver.url(name(), url))
        .dialect(dialect)
        .tablePrefix(tables.prefix())
        .schemaMode(SchemaMode.CREATE)
        .codec(TestCodec.INSTANCE)
        .open();
  }

  Connection connect() throws SQLException {
    return DriverManager.getConnection(url);
  }

  static <R> R undone(Connection connection, Sql<R> work) throws SQLException {
    connection.setAutoCommit(false);
    try {
      return work.run();
    } finally {
      connection.rollback();
      connection.setAutoCommit(true);
    }
  }

  static String explained(Connection connection, String explain, Sent sent, String... columns)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(explain + sent.sql())) {
      set(statement, sent.arguments());
      try (ResultSet rows = statement.executeQuery()) {
        return text(rows, columns);
      }
    }
  }

  /** A line for each row, of these columns, or else of the first. */
  static String text(ResultSet rows, String... columns) throws SQLException {
    List<String> lines = new ArrayList<>();
    while (rows.next()) {
      List<String> cells = new ArrayList<>();
      for (String column : columns.length == 0 ? new String[] {"1"} : columns) {
        cells.add(column.equals("1") ? rows.getString(1) : column + "=" + rows.getString(column));
      }
      lines.add(String.join(" ", cells));
    }
    return String.join("\n", lines);
  }

  static long sum(Pattern number, String plan) {
    Matcher matcher = number.matcher(plan);
    double sum = 0;
    while (matcher.find()) {
      sum += Double.parseDouble(matcher.group(1));
    }
    return Math.round(sum);
  }

  /**
   * Each plan twice: with the values of the arguments, and without, as for a prepared statement
   * that has been used often.
   */
  private static final class Postgres extends ExplainedDatabase {

    private static final Pattern SCANNED =
        Pattern.compile("Scan.*\\(actual rows=([0-9.]+) loops=([0-9]+)\\)");
    private static final Pattern REMOVED = Pattern.compile("Rows Removed by .*: ([0-9]+)");

    Postgres(String url, Tables tables) {
      super(JdbcDialect.POSTGRESQL, url, tables);
    }

    @Override
    Pattern fault() {
      return Pattern.compile("Seq Scan|\\bSort\\b");
    }

    @Override
    void analyze(Statement statement) throws SQLException {
      statement.execute("VACUUM ANALYZE");
    }

    @Override
    List<Plan> explain(Connection connection, Sent sent) throws SQLException {
      List<Plan> plans = new ArrayList<>();
      for (String mode : List.of("force_custom_plan", "force_generic_plan")) {
        plans.add(undone(connection, () -> explain(connection, sent, mode)));
      }
      return plans;
    }

    private static Plan explain(Connection connection, Sent sent, String mode) throws SQLException {
      String types =
          sent.arguments().stream().map(Postgres::type).collect(Collectors.joining(", ", "(", ")"));
      String values =
          sent.arguments().stream()
              .map(Postgres::literal)
              .collect(Collectors.joining(", ", "(", ")"));
      AtomicInteger number = new AtomicInteger();
      String numbered =
          PARAMETER
              .matcher(sent.sql())
              .replaceAll(match -> Matcher.quoteReplacement("$" + number.incrementAndGet()));
      try (Statement statement = connection.createStatement()) {
        statement.execute("SET plan_cache_mode = " + mode);
        statement.execute("PREPARE explained " + types + " AS " + numbered);
        try (ResultSet rows =
            statement.executeQuery(
                "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF, BUFFERS OFF) EXECUTE explained "
                    + values)) {
          String text = text(rows);
          return new Plan(text, looked(text));
        } finally {
          statement.execute("DEALLOCATE explained");
        }
      }
    }

    private static long looked(String text) {
      double looked = sum(REMOVED, text);
      Matcher scanned = SCANNED.matcher(text);
      while (scanned.find()) {
        looked += Double.parseDouble(scanned.group(1)) * Double.parseDouble(scanned.group(2));
      }
      return Math.round(looked);
    }

    private static String type(@Nullable Object argument) {
      return argument instanceof Long ? "bigint" : argument instanceof Integer ? "int" : "varchar";
    }

    private static String literal(@Nullable Object argument) {
      return argument instanceof Number
          ? argument.toString()
          : "'" + String.valueOf(argument).replace("'", "''") + "'";
    }
  }

  private static final class MariaDb extends ExplainedDatabase {

    private static final Pattern LOOKED = Pattern.compile("r_rows=([0-9.]+)");

    MariaDb(String url, Tables tables) {
      super(JdbcDialect.MARIADB, url, tables);
    }

    @Override
    Pattern fault() {
      return Pattern.compile("type=ALL|Using filesort|Using temporary");
    }

    @Override
    void analyze(Statement statement) throws SQLException {
      statement.execute("ANALYZE TABLE " + tables.history() + ", " + tables.session());
    }

    @Override
    List<Plan> explain(Connection connection, Sent sent) throws SQLException {
      if (sent.sql().contains(" VALUES ")) {
        return List.of();
      }
      String text =
          undone(
              connection,
              () ->
                  explained(
                      connection,
                      "ANALYZE ",
                      sent,
                      "table",
                      "type",
                      "key",
                      "ref",
                      "r_rows",
                      "Extra"));
      return List.of(new Plan(text, sum(LOOKED, text)));
    }
  }

  private static final class H2 extends ExplainedDatabase {

    private static final Pattern LOOKED = Pattern.compile("scanCount: ([0-9]+)");

    H2(String url, Tables tables) {
      super(JdbcDialect.H2, url, tables);
    }

    @Override
    Pattern fault() {
      return Pattern.compile("tableScan");
    }

    @Override
    List<String> faults(String sql, String plan) {
      List<String> faults = new ArrayList<>(super.faults(sql, plan));
      // What is locked are the rows of the sessions that a deletion names.
      boolean returnsInOrder = sql.contains("ORDER BY") && !sql.endsWith("FOR UPDATE");
      if (returnsInOrder && !plan.contains("index sorted")) {
        faults.add("ORDER BY without an index");
      }
      return faults;
    }

    @Override
    void analyze(Statement statement) throws SQLException {
      statement.execute("ANALYZE");
    }

    @Override
    List<Plan> explain(Connection connection, Sent sent) throws SQLException {
      String text = undone(connection, () -> explained(connection, "EXPLAIN ANALYZE ", sent));
      return List.of(new Plan(text, sum(LOOKED, text)));
    }
  }

  /** The work is the number of instructions, of which a row takes some dozens. */
  private static final class Sqlite extends ExplainedDatabase {

    private static final int INSTRUCTIONS_OF_A_ROW = 100;

    Sqlite(String url, Tables tables) {
      super(JdbcDialect.SQLITE, url, tables);
    }

    @Override
    Pattern fault() {
      return Pattern.compile("SCAN (?!CONSTANT|o\\b|one\\b|walk\\b).*|USE TEMP B-TREE.*");
    }

    @Override
    void analyze(Statement statement) throws SQLException {
      statement.execute("ANALYZE");
    }

    @Override
    long mostWork(int rows) {
      return (long) rows * INSTRUCTIONS_OF_A_ROW;
    }

    @Override
    List<Plan> explain(Connection connection, Sent sent) throws SQLException {
      String text = explained(connection, "EXPLAIN QUERY PLAN ", sent, "detail");
      return List.of(new Plan(text, undone(connection, () -> instructions(connection, sent))));
    }

    private static long instructions(Connection connection, Sent sent) throws SQLException {
      AtomicLong instructions = new AtomicLong();
      ProgressHandler.setHandler(
          connection,
          1,
          new ProgressHandler() {
            @Override
            protected int progress() {
              instructions.incrementAndGet();
              return 0;
            }
          });
      try (PreparedStatement statement = connection.prepareStatement(sent.sql())) {
        set(statement, sent.arguments());
        if (statement.execute()) {
          try (ResultSet rows = statement.getResultSet()) {
            while (rows.next()) {
              // Reading it is the work.
            }
          }
        }
      } finally {
        ProgressHandler.clearHandler(connection);
      }
      return instructions.get();
    }
  }
}
