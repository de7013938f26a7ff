package dev.checkpoint4j.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.error.StorageUnavailableException;
import dev.checkpoint4j.store.jdbc.FaultyDriver.Sent;
import dev.checkpoint4j.testsupport.MariaDbServer;
import dev.checkpoint4j.testsupport.PostgresServer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A foreign transaction conflicts with the store's: the database undoes one of them, or lets the
 * store wait for too long, and the store tries again.
 */
@Timeout(120)
class DeadlockTest {

  private static final String PREFIX = "dead_";

  /** By the primary key: MariaDB would lock whatever it looks at. */
  private static final String RAISE =
      "UPDATE "
          + PREFIX
          + "session SET latest_version = latest_version"
          + " WHERE namespace = 'default' AND session_id = '%s'";

  /** Asked outside of a transaction, in which the answer would stay the same. */
  private static final String WAITING_ON_POSTGRES =
      "SELECT COUNT(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
          + " AND query LIKE '%dead_session%'";

  private final String line = UUID.randomUUID().toString();
  private final Checkpoint inA = Checkpoint.empty("a-" + line);
  private final Checkpoint inB = Checkpoint.empty("b-" + line);

  @Test
  void deletionRepeatedAfterDeadlockOnPostgres() throws Exception {
    // The one of two that has waited for this long looks for a deadlock, and is undone.
    String url = PostgresServer.sharedUrl() + "&options=-c%20deadlock_timeout=";
    try (JdbcBackendStorage store = open(JdbcDialect.POSTGRESQL, url + "2s");
        Foreign foreign = new Foreign(url + "100s");
        Foreign observer = new Foreign(url + "100s")) {
      repeatsDeletionAfterDeadlock(store, foreign, observer, WAITING_ON_POSTGRES);
    }
  }

  @Test
  void deletionRepeatedAfterDeadlockOnMariaDb() throws Exception {
    try (JdbcBackendStorage store = open(JdbcDialect.MARIADB, MariaDbServer.sharedUrl());
        Foreign foreign = new Foreign(MariaDbServer.sharedUrl());
        Foreign observer = new Foreign(MariaDbServer.sharedUrl())) {
      foreign.run("CREATE TABLE IF NOT EXISTS dead_weight (n INT) ENGINE=InnoDB");
      foreign.begin();
      // Of two transactions, the one that has changed less is undone.
      foreign.run("INSERT INTO dead_weight SELECT seq FROM seq_1_to_1000");
      repeatsDeletionAfterDeadlock(
          store,
          foreign,
          observer,
          "SELECT variable_value FROM information_schema.global_status"
              + " WHERE variable_name = 'Innodb_row_lock_current_waits'");
    }
  }

  /** The store locks the rows of the sessions in their order, the foreign one in the other. */
  private void repeatsDeletionAfterDeadlock(
      JdbcBackendStorage store, Foreign foreign, Foreign observer, String howManyWait)
      throws SQLException {
    store.put(inA, Expectation.any());
    store.put(inB, Expectation.any());
    foreign.begin();
    foreign.run(RAISE.formatted(inB.sessionKey().sessionId()));
    CompletableFuture<List<Sent>> deletion =
        CompletableFuture.supplyAsync(
            () ->
                line()
                    .sentDuring(
                        () ->
                            assertThat(store.delete("default", List.of(inA.id(), inB.id())))
                                .as("how many are deleted")
                                .isEqualTo(2)));
    await(() -> deletion.isDone() || observer.ask(howManyWait) > 0);
    foreign.run(RAISE.formatted(inA.sessionKey().sessionId()));
    foreign.commit();

    assertThat(deletion.join())
        .as("what the store sends to lock the sessions, and again after the deadlock")
        .filteredOn(sent -> sent.sql().endsWith("FOR UPDATE"))
        .hasSizeGreaterThan(1);
    assertThat(store.getBySession(inA.sessionKey())).as("what is left of a").isEmpty();
    assertThat(store.getBySession(inB.sessionKey())).as("what is left of b").isEmpty();
    assertThat(Verified.checkpoints(store, inA.sessionKey())).as("verified of a").isEmpty();
  }

  @Test
  void putRepeatedAfterSerializationFailure() throws Exception {
    try (JdbcBackendStorage store =
            open(
                JdbcDialect.POSTGRESQL,
                PostgresServer.sharedUrl(),
                builder -> builder.isolation(Isolation.REPEATABLE_READ));
        Foreign foreign = new Foreign(PostgresServer.sharedUrl());
        Foreign observer = new Foreign(PostgresServer.sharedUrl())) {
      store.put(inA, Expectation.any());
      foreign.begin();
      foreign.run(RAISE.formatted(inA.sessionKey().sessionId()));
      Checkpoint next = inA.next().build();
      CompletableFuture<List<Sent>> put =
          CompletableFuture.supplyAsync(
              () -> line().sentDuring(() -> store.put(next, Expectation.any())));
      await(() -> put.isDone() || observer.ask(WAITING_ON_POSTGRES) > 0);
      foreign.commit();

      assertThat(put.join())
          .as("what the store sends to put, and again")
          .filteredOn(sent -> sent.sql().startsWith("WITH raised"))
          .hasSize(2);
      assertThat(store.getBySession(inA.sessionKey())).as("the latest").contains(next);
      assertThat(Verified.checkpoints(store, inA.sessionKey()))
          .as("verified")
          .containsExactly(inA, next);
    }
  }

  @Test
  void putRepeatedAfterLockTimeoutOnMariaDb() throws Exception {
    try (JdbcBackendStorage store =
            open(
                JdbcDialect.MARIADB,
                MariaDbServer.sharedUrl() + "&sessionVariables=innodb_lock_wait_timeout=1");
        Foreign foreign = new Foreign(MariaDbServer.sharedUrl())) {
      store.put(inA, Expectation.any());
      foreign.begin();
      foreign.run(RAISE.formatted(inA.sessionKey().sessionId()));
      putsOnceReleased(store, foreign);
    }
  }

  @Test
  void putRepeatedWhileSqliteIsBusy(@TempDir Path directory) throws Exception {
    String url = "jdbc:sqlite:" + directory.resolve("db");
    try (JdbcBackendStorage store = openImpatient(JdbcDialect.SQLITE, url + "?busy_timeout=1");
        Foreign foreign = new Foreign(url)) {
      store.put(inA, Expectation.any());
      foreign.run("BEGIN IMMEDIATE");
      putsOnceReleased(store, foreign);
    }
  }

  /** Releases its lock when the store has been refused once. */
  private void putsOnceReleased(JdbcBackendStorage store, Foreign foreign) throws SQLException {
    Checkpoint next = inA.next().build();
    long sentBefore = line().statements.sum();
    CompletableFuture<Void> put =
        CompletableFuture.runAsync(() -> store.put(next, Expectation.any()));
    await(() -> put.isDone() || line().statements.sum() >= sentBefore + 2);
    assertThat(put).as("a put while the lock is held").isNotDone();
    foreign.run("COMMIT");

    put.join();
    assertThat(store.getBySession(inA.sessionKey())).as("the latest").contains(next);
    assertThat(Verified.checkpoints(store, inA.sessionKey()))
        .as("verified")
        .containsExactly(inA, next);
  }

  @Test
  void putWaitsWhileAnotherWritesOnSqlite(@TempDir Path directory) throws Exception {
    String url = "jdbc:sqlite:" + directory.resolve("db");
    try (JdbcBackendStorage store = open(JdbcDialect.SQLITE, url);
        Foreign foreign = new Foreign(url)) {
      foreign.run("BEGIN IMMEDIATE");
      long sentBefore = line().statements.sum();
      CompletableFuture<List<Sent>> put =
          CompletableFuture.supplyAsync(
              () -> line().sentDuring(() -> store.put(inA, Expectation.any())));
      await(() -> line().statements.sum() > sentBefore);
      assertThat(put).as("a put while another connection writes").isNotDone();
      foreign.run("COMMIT");

      assertThat(put.join()).as("what is sent by a put that waits").hasSize(2);
      assertThat(store.getBySession(inA.sessionKey())).as("the latest").contains(inA);
    }
  }

  @Test
  void putRefusedWhileALockIsHeldOnH2(@TempDir Path directory) throws Exception {
    String url = "jdbc:h2:" + directory.resolve("db");
    try (JdbcBackendStorage store = openImpatient(JdbcDialect.H2, url + ";LOCK_TIMEOUT=1");
        Foreign foreign = new Foreign(url)) {
      store.put(inA, Expectation.any());
      foreign.begin();
      foreign.run(RAISE.formatted(inA.sessionKey().sessionId()));
      refusesPutWhileLocked(store, foreign);
    }
  }

  @Test
  void putRefusedWhileSqliteIsBusy(@TempDir Path directory) throws Exception {
    String url = "jdbc:sqlite:" + directory.resolve("db");
    try (JdbcBackendStorage store = openImpatient(JdbcDialect.SQLITE, url + "?busy_timeout=1");
        Foreign foreign = new Foreign(url)) {
      store.put(inA, Expectation.any());
      foreign.run("BEGIN IMMEDIATE");
      refusesPutWhileLocked(store, foreign);
    }
  }

  private void refusesPutWhileLocked(JdbcBackendStorage store, Foreign foreign)
      throws SQLException {
    Checkpoint next = inA.next().build();
    List<Sent> sent =
        line()
            .sentDuring(
                () ->
                    assertThatExceptionOfType(StorageUnavailableException.class)
                        .isThrownBy(() -> store.put(next, Expectation.any()))
                        .withMessageContaining("conflicts with other transactions"));
    assertThat(sent).as("the attempts").hasSizeGreaterThan(10);
    assertThat(store.getBySession(inA.sessionKey())).as("the latest meanwhile").contains(inA);

    foreign.run("COMMIT");
    store.put(next, Expectation.any());
    assertThat(store.getBySession(inA.sessionKey())).as("the latest").contains(next);
    assertThat(Verified.checkpoints(store, inA.sessionKey()))
        .as("verified")
        .containsExactly(inA, next);
  }

  private interface Condition {
    boolean holds() throws SQLException;
  }

  private static void await(Condition condition) throws SQLException {
    while (!condition.holds()) {
      assertThat(Thread.currentThread().isInterrupted()).as("whether it took too long").isFalse();
      Thread.onSpinWait();
    }
  }

  private FaultyDriver.Line line() {
    return FaultyDriver.line(line);
  }

  private JdbcBackendStorage openImpatient(JdbcDialect dialect, String url) {
    return open(dialect, url, builder -> builder.callTimeout(Duration.ofSeconds(3)));
  }

  private JdbcBackendStorage open(JdbcDialect dialect, String url) {
    return open(dialect, url, builder -> builder);
  }

  private JdbcBackendStorage open(
      JdbcDialect dialect, String url, UnaryOperator<JdbcBackendStorageBuilder> settings) {
    return settings
        .apply(
            JdbcBackendStorage.builder()
                .url(FaultyDriver.url(line, url))
                .dialect(dialect)
                .tablePrefix(PREFIX)
                .schemaMode(SchemaMode.CREATE)
                .codec(TestCodec.INSTANCE))
        .open();
  }

  /** A connection that is not the store's. */
  private record Foreign(Connection connection) implements AutoCloseable {

    Foreign(String url) throws SQLException {
      this(DriverManager.getConnection(url));
    }

    void begin() throws SQLException {
      connection.setAutoCommit(false);
    }

    void commit() throws SQLException {
      connection.commit();
    }

    void run(String sql) throws SQLException {
      try (Statement statement = connection.createStatement()) {
        statement.execute(sql);
      }
    }

    int ask(String sql) throws SQLException {
      try (Statement statement = connection.createStatement();
          ResultSet rows = statement.executeQuery(sql)) {
        return rows.next() ? rows.getInt(1) : 0;
      }
    }

    @Override
    public void close() throws SQLException {
      connection.close();
    }
  }
}
