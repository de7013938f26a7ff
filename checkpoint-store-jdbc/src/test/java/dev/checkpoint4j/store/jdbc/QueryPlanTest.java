package dev.checkpoint4j.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.CheckpointMetadata;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.CheckpointQuery.Order;
import dev.checkpoint4j.Page;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.annotation.CanIgnoreReturnValue;
import dev.checkpoint4j.error.DuplicateCheckpointException;
import dev.checkpoint4j.store.jdbc.FaultyDriver.Sent;
import dev.checkpoint4j.store.jdbc.servers.MariaDbServer;
import dev.checkpoint4j.store.jdbc.servers.PostgresServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.assertj.core.api.Assertions;
import org.assertj.core.api.SoftAssertions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.ProgressHandler;

/**
 * With 100,000 checkpoints, half of them of one session, the statements of the store use indexes,
 * sort nothing and look at hardly more rows than they return. The statements and arguments are
 * those that the store sends; the plans are those of the database. They are written to {@code
 * target/query-plans}, for the documentation.
 */
class QueryPlanTest {

  private static final String NAMESPACE = "default";
  private static final String LONG_SESSION = "the-long-one";
  private static final int LONG_HISTORY = 50_000;
  private static final int SHORT_SESSIONS = 1_000;
  private static final int SHORT_HISTORY = 50;
  private static final int PAGE = 25;
  private static final int DEEP = 100;
  private static final int FEW_ROWS = 8;
  private static final Pattern PARAMETER = Pattern.compile("\\?");

  /** What a database says of a statement: its plan, and how much work it was. */
  private record Plan(String text, long work) {}

  /** Something that the store does, and the most rows of an index or table that it may look at. */
  private record Case(String name, int mostRows, Runnable action) {}

  private interface Sql<R> {
    R run() throws SQLException;
  }

  @Test
  void onPostgres() throws Exception {
    try (PostgresServer server = PostgresServer.start()) {
      check(new Postgres(server.url()));
    }
  }

  @Test
  void onMariaDb() throws Exception {
    try (MariaDbServer server = MariaDbServer.start()) {
      check(new MariaDb(server.url()));
    }
  }

  @Test
  void onH2(@TempDir Path directory) throws Exception {
    check(new H2("jdbc:h2:" + directory.resolve("db")));
  }

  @Test
  void onSqlite(@TempDir Path directory) throws Exception {
    check(new Sqlite("jdbc:sqlite:" + directory.resolve("db")));
  }

  private static void check(Engine engine) throws Exception {
    try (JdbcBackendStorage store = engine.open();
        Connection connection = engine.connect()) {
      fill(connection, engine.dialect.make(), allCheckpoints());
      SoftAssertions softly = new SoftAssertions();
      if (engine.dialect.make().isEmbedded()) {
        // Servers count by themselves before long; here nobody may ever do it.
        checkPlans(engine, store, connection, softly);
      }
      try (Statement statement = connection.createStatement()) {
        engine.analyze(statement);
      }
      List<String> report = checkPlans(engine, store, connection, softly);
      Files.write(
          Files.createDirectories(Path.of("target", "query-plans"))
              .resolve(engine.dialect + ".txt"),
          report);
      softly.assertAll();
    }
  }

  @CanIgnoreReturnValue
  private static List<String> checkPlans(
      Engine engine, JdbcBackendStorage store, Connection connection, SoftAssertions softly)
      throws SQLException {
    List<String> report = new ArrayList<>();
    for (Case made : cases(store)) {
      report.add("# " + made.name);
      List<Sent> sent = engine.line().sentDuring(made.action);
      assertThat(sent).as("the statements of: %s", made.name).isNotEmpty();
      if (made.name.equals("delete")) {
        fill(connection, engine.dialect.make(), deleted());
      }
      for (Sent statement : sent) {
        report.add(statement.sql());
        for (Plan plan : engine.explain(connection, statement)) {
          report.add(plan.text.indent(4) + "    = " + plan.work);
          softly
              .assertThat(engine.faults(statement.sql(), plan.text))
              .as("%s by %s\n%s", made.name, statement.sql(), plan.text)
              .isEmpty();
          softly
              .assertThat(plan.work)
              .as("the work of %s by %s\n%s", made.name, statement.sql(), plan.text)
              .isLessThanOrEqualTo(engine.mostWork(made.mostRows));
        }
      }
    }
    return report;
  }

  // What is stored

  private static Checkpoint checkpoint(String session, long version) {
    return Checkpoint.builder(
            CheckpointMetadata.builder(session)
                .taskId("task-" + version % 10)
                .attribute("step", version % 7)
                .build())
        .namespace(NAMESPACE)
        .id(session + "-" + version)
        .version(version)
        .ts(Instant.ofEpochSecond(1_700_000_000 + version))
        .values(Map.of("messages", version))
        .build();
  }

  private static Stream<Checkpoint> history(String session, int length) {
    return LongStream.rangeClosed(1, length).mapToObj(version -> checkpoint(session, version));
  }

  private static Stream<Checkpoint> allCheckpoints() {
    return Stream.concat(
        history(LONG_SESSION, LONG_HISTORY),
        IntStream.range(0, SHORT_SESSIONS)
            .boxed()
            .flatMap(number -> history("session-%04d".formatted(number), SHORT_HISTORY)));
  }

  /** None of them is the latest of its session. */
  private static Stream<Checkpoint> deleted() {
    return Stream.of(
        checkpoint(LONG_SESSION, 20_000),
        checkpoint("session-0007", 7),
        checkpoint("session-0500", 1));
  }

  private static void fill(Connection connection, Dialect dialect, Stream<Checkpoint> checkpoints)
      throws SQLException {
    Tables tables = new Tables(null, Tables.DEFAULT_PREFIX);
    connection.setAutoCommit(false);
    try (PreparedStatement insert =
        connection.prepareStatement(
            "INSERT INTO "
                + tables.history()
                + " ("
                + dialect.historyColumns().stream()
                    .map(Dialect.Column::name)
                    .collect(Collectors.joining(", "))
                + ") VALUES ("
                + String.join(", ", Collections.nCopies(dialect.historyColumns().size(), "?"))
                + ")")) {
      int batched = 0;
      for (Checkpoint checkpoint : (Iterable<Checkpoint>) checkpoints::iterator) {
        set(insert, dialect.rowArguments(NewRow.of(checkpoint, TestCodec.INSTANCE)));
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
              + " SELECT namespace, session_id, MAX(version) FROM "
              + tables.history()
              + " GROUP BY namespace, session_id");
    }
    connection.commit();
    connection.setAutoCommit(true);
  }

  private static void set(PreparedStatement statement, List<Object> arguments) throws SQLException {
    for (int i = 0; i < arguments.size(); i++) {
      Connected.set(statement, i + 1, arguments.get(i));
    }
  }

  // What is done

  private static List<Case> cases(JdbcBackendStorage store) {
    SessionKey session = new SessionKey(NAMESPACE, LONG_SESSION);
    Checkpoint middle = checkpoint(LONG_SESSION, 25_000);
    List<Case> cases = new ArrayList<>();
    cases.add(
        new Case(
            "getBySession",
            FEW_ROWS,
            () ->
                assertThat(store.getBySession(session))
                    .contains(checkpoint(LONG_SESSION, LONG_HISTORY))));
    cases.add(
        new Case(
            "get", FEW_ROWS, () -> assertThat(store.get(NAMESPACE, middle.id())).contains(middle)));
    cases.add(
        new Case(
            "put of an id that is there",
            FEW_ROWS,
            () ->
                Assertions.assertThatExceptionOfType(DuplicateCheckpointException.class)
                    .isThrownBy(() -> store.put(middle.toBuilder().values(Map.of()).build()))));
    for (Order order : Order.values()) {
      for (Optional<String> of : List.of(Optional.of(LONG_SESSION), Optional.<String>empty())) {
        CheckpointQuery.Builder builder =
            CheckpointQuery.builder(NAMESPACE).order(order).limit(PAGE);
        of.ifPresent(builder::sessionId);
        CheckpointQuery first = builder.build();
        CheckpointQuery deep = first.toBuilder().cursor(cursorOfPage(store, first, DEEP)).build();
        String what =
            of.map(id -> " of a session, ").orElse(" of all sessions, ")
                + (order == Order.NEWEST_FIRST ? "newest first" : "oldest first");
        listing(store, cases, "first page" + what, first);
        listing(store, cases, "page " + DEEP + what, deep);
      }
    }
    cases.add(
        new Case(
            "listSessions",
            PAGE + FEW_ROWS,
            () ->
                assertThat(store.listSessions(NAMESPACE, PAGE, Optional.empty()).items())
                    .hasSize(PAGE)));
    cases.add(
        new Case(
            "listSessions, second page",
            PAGE + FEW_ROWS,
            () ->
                assertThat(
                        store
                            .listSessions(
                                NAMESPACE,
                                PAGE,
                                store.listSessions(NAMESPACE, PAGE, Optional.empty()).nextCursor())
                            .items())
                    .hasSize(PAGE)));
    cases.add(
        new Case(
            "delete",
            // The statement names three sessions and four ids, each of which may be looked for.
            4 * FEW_ROWS,
            () ->
                assertThat(store.delete(NAMESPACE, deleted().map(Checkpoint::id).toList()))
                    .isEqualTo(3)));
    return cases;
  }

  private static void listing(
      JdbcBackendStorage store, List<Case> cases, String name, CheckpointQuery query) {
    cases.add(
        new Case(
            name + ", with values",
            PAGE + FEW_ROWS,
            () -> assertThat(store.list(query).items()).hasSize(PAGE)));
    cases.add(
        new Case(
            name + ", headers",
            PAGE + FEW_ROWS,
            () -> assertThat(store.listHeaders(query).items()).hasSize(PAGE)));
  }

  private static String cursorOfPage(JdbcBackendStorage store, CheckpointQuery query, int page) {
    Page<CheckpointHeader> shown = store.listHeaders(query);
    for (int number = 2; number < page; number++) {
      String cursor = shown.nextCursor().orElseThrow();
      shown = store.listHeaders(query.toBuilder().cursor(cursor).build());
    }
    return shown.nextCursor().orElseThrow();
  }

  // How the databases explain it

  private abstract static class Engine {

    final JdbcDialect dialect;
    private final String url;

    Engine(JdbcDialect dialect, String url) {
      this.dialect = dialect;
      this.url = url;
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
      return FaultyDriver.line("plans-" + dialect);
    }

    JdbcBackendStorage open() {
      return JdbcBackendStorage.builder()
          .url(FaultyDriver.url("plans-" + dialect, url))
          .dialect(dialect)
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
  }

  /**
   * Each plan twice: with the values of the arguments, and without, as for a prepared statement
   * that has been used often.
   */
  private static final class Postgres extends Engine {

    private static final Pattern SCANNED =
        Pattern.compile("Scan.*\\(actual rows=([0-9.]+) loops=([0-9]+)\\)");
    private static final Pattern REMOVED = Pattern.compile("Rows Removed by .*: ([0-9]+)");

    Postgres(String url) {
      super(JdbcDialect.POSTGRESQL, url);
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

  private static final class MariaDb extends Engine {

    private static final Pattern LOOKED = Pattern.compile("r_rows=([0-9.]+)");

    MariaDb(String url) {
      super(JdbcDialect.MARIADB, url);
    }

    @Override
    Pattern fault() {
      return Pattern.compile("type=ALL|Using filesort|Using temporary");
    }

    @Override
    void analyze(Statement statement) throws SQLException {
      statement.execute("ANALYZE TABLE checkpoint_history, checkpoint_session");
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

  private static final class H2 extends Engine {

    private static final Pattern LOOKED = Pattern.compile("scanCount: ([0-9]+)");

    H2(String url) {
      super(JdbcDialect.H2, url);
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
  private static final class Sqlite extends Engine {

    private static final int INSTRUCTIONS_OF_A_ROW = 100;

    Sqlite(String url) {
      super(JdbcDialect.SQLITE, url);
    }

    @Override
    Pattern fault() {
      return Pattern.compile("SCAN (?!CONSTANT|o\\b|one\\b).*|USE TEMP B-TREE.*");
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
