package dev.checkpoint4j.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointMetadata;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.CheckpointQuery.Order;
import dev.checkpoint4j.Page;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.annotation.CanIgnoreReturnValue;
import dev.checkpoint4j.spi.ListCursor;
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
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * With many sessions, and many checkpoints in one of them, each operation takes a bounded number of
 * statements, and a page of a listing makes the database look at hardly more rows than there are
 * from its first to its last, be it by any filter, in either order and from anywhere. What it took
 * is written to {@code target/listing-costs}, with the time of one call, which nothing depends on.
 */
class ListingCostTest {

  private static final String NAMESPACE = "default";
  private static final String COMMON = "common";
  private static final String RARE = "rare";
  private static final String NOWHERE = "nowhere";
  private static final int PAGE = 25;

  /**
   * The rest of a session, two for the sessions behind it, and as many to see whether there is
   * more.
   */
  private static final int MAX_STATEMENTS = 6;

  /** The oldest and the newest of a session, and once more to see whether there is more. */
  private static final int MAX_LOOKS_AT_A_ROW = 4;

  private static final int FEW_ROWS = 60;

  /** As many namespaces with a few sessions each as there are of one with all the others. */
  private static final int NAMESPACES = 2 * PAGE;

  private static final int ROWS_OF_A_TRANSACTION = 1_000;
  private static final int STATEMENTS_OF_A_TRANSACTION = 6;

  /**
   * How much there is.
   *
   * @param sessions those of two checkpoints each
   * @param longHistory the checkpoints of one more, in the middle of the others
   */
  private record Size(int sessions, int longHistory) {

    String longSession() {
      return session(sessions / 2) + "-long";
    }

    static String session(int number) {
      return "session-%06d".formatted(number);
    }

    Stream<Checkpoint> checkpoints() {
      return Stream.concat(
          IntStream.range(0, sessions)
              .boxed()
              .flatMap(
                  number ->
                      LongStream.rangeClosed(1, 2)
                          .mapToObj(version -> checkpoint(session(number), number, version))),
          LongStream.rangeClosed(1, longHistory)
              .mapToObj(version -> checkpoint(longSession(), (int) version, version)));
    }

    /** Of other namespaces, before and after the large one, where they are all but the listings. */
    Stream<Checkpoint> checkpointsElsewhere() {
      return IntStream.range(0, NAMESPACES)
          .boxed()
          .flatMap(
              number ->
                  IntStream.rangeClosed(0, number % 3)
                      .mapToObj(
                          session ->
                              checkpoint("session-" + session, number, 1).toBuilder()
                                  .namespace(namespace(number))
                                  .build()));
    }

    static String namespace(int number) {
      return (number < PAGE / 2 ? "a-%03d" : "e-%03d").formatted(number);
    }

    private Checkpoint checkpoint(String session, int number, long version) {
      // At the beginning, in the middle and at the end, and in the middle of the long session.
      boolean rare =
          session.equals(longSession())
              ? version == longHistory / 2
              : number == 1 || number == sessions / 2 || number == sessions - 1;
      return Checkpoint.builder(
              CheckpointMetadata.builder(session)
                  .taskId(rare ? RARE : number % 2 == 0 ? COMMON : "other")
                  .attribute("kind", rare ? RARE : number % 2 == 0 ? COMMON : "other")
                  .build())
          .namespace(NAMESPACE)
          .id(session + "-" + version)
          .version(version)
          .parentId(rare ? RARE : number % 2 == 0 ? COMMON : null)
          .ts(Instant.ofEpochSecond(rare ? 2_000_000_000 : 1_700_000_000 + number % 2))
          .values(Map.of("messages", version))
          .build();
    }
  }

  private static final Size SMALL = new Size(1_000, 1_000);
  private static final Size LARGE = new Size(100_000, 100_000);

  @Test
  void onH2(@TempDir Path directory) throws Exception {
    check(JdbcDialect.H2, "jdbc:h2:" + directory.resolve("db"), SMALL);
  }

  @Test
  void onSqlite(@TempDir Path directory) throws Exception {
    check(JdbcDialect.SQLITE, "jdbc:sqlite:" + directory.resolve("db"), SMALL);
  }

  @Test
  void onPostgres() throws Exception {
    check(JdbcDialect.POSTGRESQL, PostgresServer.sharedUrl(), SMALL);
  }

  @Test
  void onMariaDb() throws Exception {
    check(JdbcDialect.MARIADB, MariaDbServer.sharedUrl(), SMALL);
  }

  @Test
  @Tag("soak")
  void onH2WithManySessions(@TempDir Path directory) throws Exception {
    check(JdbcDialect.H2, "jdbc:h2:" + directory.resolve("db"), LARGE);
  }

  @Test
  @Tag("soak")
  void onH2InMemoryWithManySessions() throws Exception {
    check(JdbcDialect.H2, "jdbc:h2:mem:listing-costs", LARGE);
  }

  @Test
  @Tag("soak")
  void onSqliteWithManySessions(@TempDir Path directory) throws Exception {
    check(JdbcDialect.SQLITE, "jdbc:sqlite:" + directory.resolve("db"), LARGE);
  }

  @Test
  @Tag("soak")
  void onPostgresWithManySessions() throws Exception {
    check(JdbcDialect.POSTGRESQL, PostgresServer.sharedUrl(), LARGE);
  }

  @Test
  @Tag("soak")
  void onMariaDbWithManySessions() throws Exception {
    check(JdbcDialect.MARIADB, MariaDbServer.sharedUrl(), LARGE);
  }

  private static void check(JdbcDialect dialect, String url, Size size) throws Exception {
    ExplainedDatabase database = ExplainedDatabase.of(dialect, url);
    try (JdbcBackendStorage store = database.open();
        Connection connection = database.connect()) {
      database.fill(connection, Stream.concat(size.checkpoints(), size.checkpointsElsewhere()));
      try (Statement statement = connection.createStatement()) {
        database.analyze(statement);
      }
      Costs costs = new Costs(database, store, connection, size);
      costs.ofListings();
      costs.ofTheRest();
      Files.write(
          Files.createDirectories(Path.of("target", "listing-costs"))
              .resolve(
                  url.replaceFirst("^jdbc:(\\w+(:mem)?).*", "$1").replace(':', '-')
                      + "-"
                      + size.sessions()
                      + ".txt"),
          costs.report);
      costs.softly.assertAll();
    }
  }

  private static Map<String, UnaryOperator<CheckpointQuery.Builder>> filters(Size size) {
    Instant early = Instant.ofEpochSecond(1_700_000_001);
    Instant late = Instant.ofEpochSecond(2_000_000_000);
    Map<String, UnaryOperator<CheckpointQuery.Builder>> filters = new LinkedHashMap<>();
    filters.put("everything", query -> query);
    filters.put("task of many", query -> query.taskId(COMMON));
    filters.put("task of few", query -> query.taskId(RARE));
    filters.put("task of none", query -> query.taskId(NOWHERE));
    filters.put("parent of many", query -> query.parentId(COMMON));
    filters.put("parent of few", query -> query.parentId(RARE));
    filters.put("time of many", query -> query.tsBefore(early));
    filters.put("time of few", query -> query.tsFrom(late));
    filters.put("attribute of many", query -> query.attribute("kind", COMMON));
    filters.put("attribute of few", query -> query.attribute("kind", RARE));
    filters.put("attribute of none", query -> query.attribute("kind", NOWHERE));
    filters.put("first versions", query -> query.versions(1, 1));
    filters.put("late versions", query -> query.versions(size.longHistory() - 5, Long.MAX_VALUE));
    filters.put(
        "task, time, version and attribute",
        query ->
            query
                .taskId(COMMON)
                .tsBefore(late)
                .versions(2, Long.MAX_VALUE)
                .attribute("kind", COMMON));
    return filters;
  }

  /** What each operation takes. */
  private static final class Costs {

    private final SoftAssertions softly = new SoftAssertions();
    private final List<String> report = new ArrayList<>();
    private final ExplainedDatabase database;
    private final JdbcBackendStorage store;
    private final Connection connection;
    private final Size size;

    Costs(ExplainedDatabase database, JdbcBackendStorage store, Connection connection, Size size) {
      this.database = database;
      this.store = store;
      this.connection = connection;
      this.size = size;
    }

    void ofListings() throws SQLException {
      for (Order order : Order.values()) {
        Comparator<Checkpoint> versions = Comparator.comparingLong(Checkpoint::version);
        List<Checkpoint> all =
            size.checkpoints()
                .sorted(
                    Comparator.comparing((Checkpoint it) -> it.metadata().sessionId())
                        .thenComparing(
                            order == Order.NEWEST_FIRST ? versions.reversed() : versions))
                .toList();
        int firstOfLong = firstOf(all, size.longSession());
        Map<String, Integer> starts = new LinkedHashMap<>();
        starts.put("the beginning", 0);
        starts.put("the long session", firstOfLong);
        starts.put("the middle of the long session", firstOfLong + size.longHistory() / 2);
        starts.put("the end", all.size() - 4);
        for (var filter : filters(size).entrySet()) {
          CheckpointQuery query =
              filter
                  .getValue()
                  .apply(CheckpointQuery.builder(NAMESPACE).order(order).limit(PAGE))
                  .build();
          for (var start : starts.entrySet()) {
            ofListing(
                "%s, %s, from %s".formatted(filter.getKey(), order, start.getKey()),
                all,
                start.getValue(),
                query);
          }
        }
      }
    }

    private static int firstOf(List<Checkpoint> all, String session) {
      return IntStream.range(0, all.size())
          .filter(index -> all.get(index).metadata().sessionId().equals(session))
          .findFirst()
          .orElseThrow();
    }

    private void ofListing(String name, List<Checkpoint> all, int start, CheckpointQuery query)
        throws SQLException {
      CheckpointQuery from =
          start == 0 ? query : query.toBuilder().cursor(cursor(all.get(start - 1))).build();
      List<Checkpoint> expected = new ArrayList<>();
      int next = start;
      while (next < all.size() && expected.size() <= PAGE) {
        Checkpoint checkpoint = all.get(next++);
        if (query.matches(checkpoint.header())) {
          expected.add(checkpoint);
        }
      }
      int mustLook = next - start;
      boolean hasNext = expected.size() > PAGE;
      List<Checkpoint> shown = expected.subList(0, Math.min(PAGE, expected.size()));
      Page<?> headers =
          costOf("headers: " + name, MAX_STATEMENTS, mustLook, () -> store.listHeaders(from));
      softly
          .assertThat(headers.items())
          .as("the headers of: %s", name)
          .isEqualTo(shown.stream().map(Checkpoint::header).toList());
      softly
          .assertThat(headers.nextCursor().isPresent())
          .as("more of: %s", name)
          .isEqualTo(hasNext);
      // By the same plans.
      Page<?> documents =
          statementsOf("documents: " + name, MAX_STATEMENTS, () -> store.list(from));
      softly.assertThat(documents.items()).as("the checkpoints of: %s", name).isEqualTo(shown);
      softly
          .assertThat(documents.nextCursor().isPresent())
          .as("more of: %s", name)
          .isEqualTo(hasNext);
    }

    private static String cursor(Checkpoint last) {
      return new ListCursor(last.metadata().sessionId(), last.version()).encode();
    }

    void ofTheRest() throws SQLException {
      SessionKey longOne = new SessionKey(NAMESPACE, size.longSession());
      Optional<String> middle =
          Optional.of(ListCursor.ofSession(Size.session(size.sessions() / 3)).encode());
      assertThat(
              costOf(
                      "listSessions",
                      1,
                      PAGE,
                      () -> store.listSessions(NAMESPACE, PAGE, Optional.empty()))
                  .items())
          .hasSize(PAGE);
      assertThat(
              costOf(
                      "listSessions, from the middle",
                      1,
                      PAGE,
                      () -> store.listSessions(NAMESPACE, PAGE, middle))
                  .items())
          .hasSize(PAGE);
      ofNamespaces();
      assertThat(costOf("getBySession", 1, 1, () -> store.getBySession(longOne))).isPresent();
      String inTheMiddle = size.longSession() + "-" + size.longHistory() / 2;
      assertThat(costOf("get", 1, 1, () -> store.get(NAMESPACE, inTheMiddle))).isPresent();
      List<String> ids =
          List.of(
              inTheMiddle,
              size.longSession() + "-" + size.longHistory(),
              Size.session(7) + "-1",
              Size.session(7) + "-2");
      // Afterwards, they are there no more: only the statements are counted.
      assertThat(statementsOf("delete", 8, () -> store.delete(NAMESPACE, ids))).isEqualTo(4);
      assertThat(
              statementsOf(
                  "deleteBySession",
                  STATEMENTS_OF_A_TRANSACTION * (size.longHistory() / ROWS_OF_A_TRANSACTION + 1),
                  () -> store.deleteBySession(longOne)))
          .isEqualTo(size.longHistory() - 2);
    }

    /** The first page passes all sessions of the large namespace. */
    private void ofNamespaces() throws SQLException {
      List<String> expected =
          Stream.concat(
                  Stream.of(NAMESPACE), IntStream.range(0, NAMESPACES).mapToObj(Size::namespace))
              .sorted()
              .toList();
      int mostStatements = database.dialect == JdbcDialect.MARIADB ? PAGE + 1 : 1;
      List<String> found = new ArrayList<>();
      Optional<String> cursor = Optional.empty();
      do {
        Optional<String> from = cursor;
        Page<String> page =
            costOf(
                "listNamespaces after " + found.size(),
                mostStatements,
                PAGE,
                () -> store.listNamespaces(PAGE, from));
        found.addAll(page.items());
        cursor = page.nextCursor();
      } while (cursor.isPresent());
      assertThat(found).isEqualTo(expected);
    }

    /** Does something, and looks at what it took. */
    private <R> R costOf(String name, int mostStatements, int mustLook, Supplier<R> action)
        throws SQLException {
      List<R> results = new ArrayList<>();
      long start = System.nanoTime();
      List<Sent> sent = database.line().sentDuring(() -> results.add(action.get()));
      long micros = TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - start);
      checkStatements(name, mostStatements, sent);
      long work = 0;
      StringBuilder plans = new StringBuilder();
      for (Sent statement : sent.subList(0, Math.min(sent.size(), mostStatements))) {
        List<ExplainedDatabase.Plan> explained = database.explain(connection, statement);
        explained.forEach(plan -> plans.append('\n').append(plan.text()));
        work += explained.stream().mapToLong(ExplainedDatabase.Plan::work).max().orElse(0);
      }
      softly
          .assertThat(work)
          .as("the work of: %s%s", name, plans)
          .isLessThanOrEqualTo(database.mostWork(MAX_LOOKS_AT_A_ROW * mustLook + FEW_ROWS));
      note(name, sent, Long.toString(work), micros);
      return results.get(0);
    }

    @CanIgnoreReturnValue
    private <R> R statementsOf(String name, int mostStatements, Supplier<R> action) {
      List<R> results = new ArrayList<>();
      long start = System.nanoTime();
      List<Sent> sent = database.line().sentDuring(() -> results.add(action.get()));
      long micros = TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - start);
      checkStatements(name, mostStatements, sent);
      note(name, sent, "-", micros);
      return results.get(0);
    }

    private void checkStatements(String name, int most, List<Sent> sent) {
      softly.assertThat(sent.size()).as("the statements of: %s", name).isBetween(1, most);
    }

    private void note(String name, List<Sent> sent, String work, long micros) {
      report.add(
          "%-90s %4d statements, work %8s, %9.2f ms"
              .formatted(name, sent.size(), work, micros / 1_000.0));
    }
  }
}
