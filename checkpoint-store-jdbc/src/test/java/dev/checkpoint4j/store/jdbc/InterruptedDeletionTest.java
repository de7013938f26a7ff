package dev.checkpoint4j.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.SessionKey;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * MariaDB answers some of the statements that {@code KILL QUERY} meets with success and no rows. A
 * transaction that is committed then would leave checkpoints of a session that is not there, or a
 * latest version that no checkpoint has.
 */
class InterruptedDeletionTest {

  private static final SessionKey SESSION = new SessionKey("default", "s");

  @TempDir private Path directory;
  private final String prefix = TestDatabase.newPrefix();

  /** What the next statement begins with that is not executed, but answered with no rows. */
  private final AtomicReference<@Nullable String> interrupted = new AtomicReference<>();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "DELETE FROM `test`.%shistory",
        "UPDATE `test`.%ssession",
        "DELETE FROM `test`.%ssession"
      })
  void deletionByIdsIsRepeated(String statement) throws Exception {
    try (JdbcBackendStorage storage = open()) {
      storage.put(checkpoint(1), Expectation.any());
      storage.put(checkpoint(2), Expectation.any());
      interrupted.set(
          statement.startsWith("DELETE FROM `test`.%ss") ? null : statement.formatted(prefix));
      assertThat(storage.delete("default", List.of("id2"))).as("deleted").isEqualTo(1);
      assertThat(storage.getBySession(SESSION)).as("the latest").contains(checkpoint(1));
      storage.put(checkpoint(2), Expectation.any());
      interrupted.set(statement.formatted(prefix));
      assertThat(storage.delete("default", List.of("id1", "id2"))).as("deleted").isEqualTo(2);
      assertThat(storage.listSessions("default", 1, Optional.empty()).items())
          .as("sessions after all checkpoints were deleted")
          .isEmpty();
      assertThat(interrupted.get()).as("a statement that was to be interrupted").isNull();
      storage.put(checkpoint(1), Expectation.any());
      assertThat(Verified.checkpoints(storage))
          .as("what verify finds")
          .containsExactly(checkpoint(1));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"DELETE FROM `test`.%shistory", "DELETE FROM `test`.%ssession"})
  void deletionOfASessionIsRepeated(String statement) throws Exception {
    try (JdbcBackendStorage storage = open()) {
      storage.put(checkpoint(1), Expectation.any());
      storage.put(checkpoint(2), Expectation.any());
      interrupted.set(statement.formatted(prefix));
      assertThat(storage.deleteBySession(SESSION)).as("deleted").isEqualTo(2);
      assertThat(storage.getBySession(SESSION)).as("the latest").isEmpty();
      assertThat(storage.listSessions("default", 1, Optional.empty()).items())
          .as("sessions")
          .isEmpty();
      assertThat(interrupted.get()).as("a statement that was to be interrupted").isNull();
      assertThat(Verified.checkpoints(storage)).as("what verify finds").isEmpty();
    }
  }

  private static Checkpoint checkpoint(long version) {
    return Checkpoint.builder("s").id("id" + version).version(version).ts(Instant.EPOCH).build();
  }

  private JdbcBackendStorage open() {
    ConnectionSource source =
        new ConnectionSource(
            () ->
                proxy(
                    Connection.class,
                    DriverManager.getConnection(TestDatabase.MARIADB.url(directory)),
                    this::statement),
            () -> {});
    return JdbcBackendStorage.builder()
        .codec(TestCodec.INSTANCE)
        .tablePrefix(prefix)
        .schemaMode(SchemaMode.CREATE)
        .dialect(JdbcDialect.MARIADB)
        .opener()
        .open(source);
  }

  private @Nullable Object statement(
      Connection real, Method method, @Nullable Object @Nullable [] arguments) throws Throwable {
    Object result = call(real, method, arguments);
    String beginning = interrupted.get();
    if (beginning != null
        && result instanceof PreparedStatement statement
        && arguments != null
        && String.valueOf(arguments[0]).startsWith(beginning)) {
      interrupted.set(null);
      return proxy(PreparedStatement.class, statement, InterruptedDeletionTest::noRows);
    }
    return result;
  }

  private static @Nullable Object noRows(
      PreparedStatement real, Method method, @Nullable Object @Nullable [] arguments)
      throws Throwable {
    return switch (method.getName()) {
      case "execute" -> false;
      case "getUpdateCount" -> 0;
      default -> call(real, method, arguments);
    };
  }

  private interface Handler<T> {
    @Nullable Object call(T real, Method method, @Nullable Object @Nullable [] arguments)
        throws Throwable;
  }

  private static <T> T proxy(Class<T> type, T real, Handler<T> handler) {
    return type.cast(
        Proxy.newProxyInstance(
            InterruptedDeletionTest.class.getClassLoader(),
            new Class<?>[] {type},
            (self, method, arguments) -> handler.call(real, method, arguments)));
  }

  private static @Nullable Object call(
      Object real, Method method, @Nullable Object @Nullable [] arguments) throws Throwable {
    try {
      return method.invoke(real, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }
}
