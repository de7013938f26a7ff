package dev.checkpoint4j.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.error.StorageUnavailableException;
import dev.checkpoint4j.spi.CallDeadline;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A call ends once, by the deadline of its caller, whatever it waits for. */
@Timeout(120)
@Execution(ExecutionMode.CONCURRENT)
class CallDeadlineTest {

  private static final Duration TIMEOUT = Duration.ofMillis(1_500);

  /** What each of the waits would take by itself is longer: a minute, or 30 s. */
  private static final Duration MAX_WAIT = Duration.ofSeconds(12);

  @TempDir private Path directory;
  private final String prefix = TestDatabase.newPrefix();
  private final Checkpoint first = Checkpoint.empty("s");

  private @Nullable TestDatabase used;

  @AfterEach
  void nothingIsDamaged() {
    TestDatabase database = Objects.requireNonNull(used, "the database of the test");
    try (JdbcBackendStorage store = database.store(directory, prefix).open()) {
      assertThat(Verified.checkpoints(store)).as("what is intact").contains(first);
    }
  }

  private JdbcBackendStorageBuilder store(TestDatabase database) {
    used = database;
    return database.store(directory, prefix).url(patientUrl(database));
  }

  /** With a time to wait for locks that is longer than the call may take. */
  private String patientUrl(TestDatabase database) {
    String url = database.url(directory);
    return switch (database) {
      case H2 -> url + ";LOCK_TIMEOUT=60000";
      case SQLITE -> url + "?busy_timeout=60000";
      case POSTGRESQL -> url;
      case MARIADB -> url + "&sessionVariables=innodb_lock_wait_timeout=60,lock_wait_timeout=60";
    };
  }

  private void lock(TestDatabase database, Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      switch (database) {
        case SQLITE -> statement.execute("BEGIN IMMEDIATE");
        case MARIADB -> statement.execute("LOCK TABLES " + prefix + "session WRITE");
        case POSTGRESQL -> {
          connection.setAutoCommit(false);
          statement.execute("LOCK TABLE " + prefix + "session IN ACCESS EXCLUSIVE MODE");
        }
        case H2 -> {
          connection.setAutoCommit(false);
          statement.execute("UPDATE " + prefix + "session SET latest_version = latest_version");
        }
      }
    }
  }

  private void assertEndsInTime(Runnable call) {
    long start = System.nanoTime();
    assertThatThrownBy(() -> CallDeadline.after(TIMEOUT).call(() -> run(call)))
        .as("a call that has to wait")
        .isInstanceOf(StorageUnavailableException.class)
        .hasMessageContaining("nothing was changed");
    assertThat(Duration.ofNanos(System.nanoTime() - start))
        .as("how long it took")
        .isGreaterThanOrEqualTo(TIMEOUT.dividedBy(2))
        .isLessThan(MAX_WAIT);
  }

  private static boolean run(Runnable call) {
    call.run();
    return true;
  }

  @ParameterizedTest
  @EnumSource
  void waitForALockEnds(TestDatabase database) throws Exception {
    try (JdbcBackendStorage store = store(database).open();
        Connection other = DriverManager.getConnection(database.url(directory))) {
      store.put(first, Expectation.any());
      lock(database, other);
      assertEndsInTime(() -> store.put(first.next().build(), Expectation.any()));
      assertEndsInTime(() -> store.deleteBySession(first.sessionKey()));
    }
  }

  @ParameterizedTest
  @EnumSource
  void waitForAConnectionEnds(TestDatabase database) throws Exception {
    used = database;
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(database.url(directory));
    config.setMaximumPoolSize(1);
    try (HikariDataSource pool = new HikariDataSource(config);
        JdbcBackendStorage store =
            JdbcBackendStorage.builder()
                .dataSource(pool)
                .tablePrefix(prefix)
                .schemaMode(SchemaMode.CREATE)
                .codec(TestCodec.INSTANCE)
                .open()) {
      try (Connection only = pool.getConnection()) {
        assertThat(only.isClosed()).as("whether the only connection is in use").isFalse();
        assertEndsInTime(() -> assertThat(store.get("default", first.id())).isEmpty());
        assertEndsInTime(() -> store.put(first, Expectation.any()));
      }
      store.put(first, Expectation.any());
    }
  }

  /** Where writers queue in the process, the second one waits for the first, not for the lock. */
  @ParameterizedTest
  @EnumSource(names = {"H2", "SQLITE"})
  void waitForAnotherWriterEnds(TestDatabase database) throws Exception {
    try (JdbcBackendStorage store = store(database).open();
        Connection other = DriverManager.getConnection(database.url(directory))) {
      store.put(first, Expectation.any());
      lock(database, other);
      CountDownLatch begun = new CountDownLatch(1);
      CompletableFuture<Void> firstWriter =
          CompletableFuture.runAsync(
              () -> {
                begun.countDown();
                store.put(first.next().build(), Expectation.any());
              });
      begun.await();
      assertEndsInTime(() -> store.put(first.next().build(), Expectation.any()));
      assertThat(firstWriter).as("the writer that has more time").isNotDone();
      try (Statement statement = other.createStatement()) {
        statement.execute("ROLLBACK");
      }
      firstWriter.join();
    }
  }
}
