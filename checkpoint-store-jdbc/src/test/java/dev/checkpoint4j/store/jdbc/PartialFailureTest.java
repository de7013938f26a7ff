package dev.checkpoint4j.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.error.OutcomeUnknownException;
import dev.checkpoint4j.tck.Fault;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What fails after a part was done says so, and leaves nothing behind that is in the way later. */
@Timeout(120)
class PartialFailureTest {

  @TempDir private Path directory;
  private final String prefix = TestDatabase.newPrefix();

  /** More ids than a transaction takes; the second transaction fails. */
  @Test
  void deletionThatFailsHalfWaySaysThatSomeAreDeleted() {
    String line = UUID.randomUUID().toString();
    try (JdbcBackendStorage store =
        JdbcBackendStorage.builder()
            .url(FaultyDriver.url(line, "jdbc:h2:mem:" + line))
            .dialect(JdbcDialect.H2)
            .codec(TestCodec.INSTANCE)
            .open()) {
      store.put(Checkpoint.builder("s").id("id-0").version(1).build(), Expectation.any());
      store.put(Checkpoint.builder("s").id("id-600").version(2).build(), Expectation.any());
      List<String> ids = IntStream.rangeClosed(0, 600).mapToObj(i -> "id-" + i).toList();
      // The first transaction: its history, the latest version, the empty session, its commit.
      FaultyDriver.line(line).arm(Fault.WRITE_REFUSED, 4);
      OutcomeUnknownException failure =
          catchThrowableOfType(OutcomeUnknownException.class, () -> store.delete("default", ids));
      FaultyDriver.line(line).disarm();
      assertThat(failure)
          .as("a deletion that fails half-way")
          .hasMessageContaining("1 checkpoints were deleted")
          .hasMessageNotContaining("nothing was changed");
      assertThat(store.get("default", "id-0")).as("what was deleted").isEmpty();
      assertThat(store.get("default", "id-600")).as("what was not").isPresent();
      assertThat(store.delete("default", ids)).as("what the repetition deletes").isEqualTo(1);
      assertThat(Verified.checkpoints(store)).as("what is left").isEmpty();
    } finally {
      FaultyDriver.forget(line);
    }
  }

  /** An error that a driver does not foresee, such as an OutOfMemoryError, in a transaction. */
  @ParameterizedTest
  @EnumSource
  void connectionOfAnErrorIsNotUsedAgain(TestDatabase database) {
    AtomicBoolean fails = new AtomicBoolean();
    HikariConfig config = new HikariConfig();
    config.setMaximumPoolSize(1);
    config.setDataSource(failing(database, fails));
    try (HikariDataSource pool = new HikariDataSource(config);
        JdbcBackendStorage store =
            JdbcBackendStorage.builder()
                .dataSource(pool)
                .tablePrefix(prefix)
                .schemaMode(SchemaMode.CREATE)
                .codec(TestCodec.INSTANCE)
                .open()) {
      Checkpoint first = Checkpoint.empty("s");
      store.put(first, Expectation.any());
      fails.set(true);
      assertThatThrownBy(() -> store.deleteBySession(first.sessionKey()))
          .as("a deletion in which the memory ends")
          .isInstanceOf(OutOfMemoryError.class);
      fails.set(false);
      Checkpoint second = first.next().build();
      store.put(second, Expectation.any());
      assertThat(store.getBySession(first.sessionKey())).as("the latest").contains(second);
      assertThat(Verified.checkpoints(store)).as("what is intact").containsExactly(first, second);
    }
  }

  /** Neither a commit nor a rollback ends, once it is told to fail. */
  private DataSource failing(TestDatabase database, AtomicBoolean fails) {
    return (DataSource)
        Proxy.newProxyInstance(
            PartialFailureTest.class.getClassLoader(),
            new Class<?>[] {DataSource.class},
            (self, method, arguments) -> {
              if (!method.getName().equals("getConnection")) {
                return method.getReturnType() == int.class ? 0 : null;
              }
              Connection real = DriverManager.getConnection(database.url(directory));
              return Proxy.newProxyInstance(
                  PartialFailureTest.class.getClassLoader(),
                  new Class<?>[] {Connection.class},
                  (connection, called, given) -> {
                    if (fails.get() && List.of("commit", "rollback").contains(called.getName())) {
                      throw new OutOfMemoryError("for a test");
                    }
                    try {
                      return called.invoke(real, given);
                    } catch (InvocationTargetException e) {
                      throw e.getCause();
                    }
                  });
            });
  }
}
