package dev.checkpoint4j.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.CheckpointMetadata;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.CheckpointQuery.Order;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.Page;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.annotation.CanIgnoreReturnValue;
import dev.checkpoint4j.error.DuplicateCheckpointException;
import dev.checkpoint4j.store.jdbc.FaultyDriver.Sent;
import dev.checkpoint4j.testsupport.MariaDbServer;
import dev.checkpoint4j.testsupport.PostgresServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.assertj.core.api.Assertions;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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

  /** Something that the store does, and the most rows of an index or table that it may look at. */
  private record Case(String name, int mostRows, Runnable action) {}

  @Test
  void onPostgres() throws Exception {
    try (PostgresServer server = PostgresServer.start()) {
      check(ExplainedDatabase.of(JdbcDialect.POSTGRESQL, server.url()));
    }
  }

  @Test
  void onMariaDb() throws Exception {
    try (MariaDbServer server = MariaDbServer.start()) {
      check(ExplainedDatabase.of(JdbcDialect.MARIADB, server.url()));
    }
  }

  @Test
  void onH2(@TempDir Path directory) throws Exception {
    check(ExplainedDatabase.of(JdbcDialect.H2, "jdbc:h2:" + directory.resolve("db")));
  }

  @Test
  void onSqlite(@TempDir Path directory) throws Exception {
    check(ExplainedDatabase.of(JdbcDialect.SQLITE, "jdbc:sqlite:" + directory.resolve("db")));
  }

  private static void check(ExplainedDatabase engine) throws Exception {
    try (JdbcBackendStorage store = engine.open();
        Connection connection = engine.connect()) {
      engine.fill(connection, allCheckpoints());
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
      ExplainedDatabase engine,
      JdbcBackendStorage store,
      Connection connection,
      SoftAssertions softly)
      throws SQLException {
    List<String> report = new ArrayList<>();
    for (Case made : cases(store)) {
      report.add("# " + made.name);
      List<Sent> sent = engine.line().sentDuring(made.action);
      assertThat(sent).as("the statements of: %s", made.name).isNotEmpty();
      if (made.name.equals("delete")) {
        engine.fill(connection, deleted());
      }
      for (Sent statement : sent) {
        report.add(statement.sql());
        for (ExplainedDatabase.Plan plan : engine.explain(connection, statement)) {
          report.add(plan.text().indent(4) + "    = " + plan.work());
          softly
              .assertThat(engine.faults(statement.sql(), plan.text()))
              .as("%s by %s\n%s", made.name, statement.sql(), plan.text())
              .isEmpty();
          softly
              .assertThat(plan.work())
              .as("the work of %s by %s\n%s", made.name, statement.sql(), plan.text())
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
    return Stream.concat(checkpointsOfNamespace(), checkpointsElsewhere());
  }

  /** Before and after the large namespace. */
  private static Stream<Checkpoint> checkpointsElsewhere() {
    return IntStream.range(0, 3 * PAGE)
        .mapToObj(
            number ->
                checkpoint("session", 1).toBuilder()
                    .namespace((number < PAGE / 2 ? "a-%03d" : "e-%03d").formatted(number))
                    .build());
  }

  private static Stream<Checkpoint> checkpointsOfNamespace() {
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
                    .isThrownBy(
                        () ->
                            store.put(
                                middle.toBuilder().values(Map.of()).build(), Expectation.any()))));
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
    for (boolean second : new boolean[] {false, true}) {
      Optional<String> cursor =
          second ? store.listNamespaces(PAGE, Optional.empty()).nextCursor() : Optional.empty();
      cases.add(
          new Case(
              "listNamespaces" + (second ? ", second page" : ""),
              // PostgreSQL counts each that it finds three times: in the index, and in the walk.
              3 * PAGE + FEW_ROWS,
              () -> assertThat(store.listNamespaces(PAGE, cursor).items()).hasSize(PAGE)));
    }
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
}
