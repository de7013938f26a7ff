package dev.checkpoint4j.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.error.BackendConfigurationException;
import dev.checkpoint4j.error.CheckpointException;
import dev.checkpoint4j.error.OutcomeUnknownException;
import dev.checkpoint4j.error.StorageUnavailableException;
import dev.checkpoint4j.error.VersionConflictException;
import dev.checkpoint4j.spi.BackendStorage;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A DataSource that hands one connection to all its users: what a thread is told is saved must not
 * be undone by the rollback of another.
 */
@Timeout(120)
class SharedConnectionTest {

  private static final int THREADS = 5;
  private static final int SAVES = 63;

  @TempDir private Path directory;
  private final String prefix = TestDatabase.newPrefix();

  private interface Call {
    @Nullable Object of(Connection real, Method method, @Nullable Object @Nullable [] arguments)
        throws Throwable;
  }

  /** Wrappers around one connection, each of which can be closed. */
  private static DataSource sharing(Connection connection, Call call) {
    return dataSource(
        () -> {
          boolean[] closed = new boolean[1];
          return proxy(
              Connection.class,
              (method, arguments) ->
                  switch (method.getName()) {
                    case "close" -> {
                      closed[0] = true;
                      yield null;
                    }
                    case "isClosed" -> closed[0];
                    default -> call.of(connection, method, arguments);
                  });
        });
  }

  private static DataSource dataSource(Callable<Connection> connections) {
    return proxy(DataSource.class, (method, arguments) -> connections.call());
  }

  private interface Handler {
    @Nullable Object call(Method method, @Nullable Object @Nullable [] arguments) throws Throwable;
  }

  private static <T> T proxy(Class<T> type, Handler handler) {
    return type.cast(
        Proxy.newProxyInstance(
            SharedConnectionTest.class.getClassLoader(),
            new Class<?>[] {type},
            (self, method, arguments) ->
                switch (method.getName()) {
                  case "hashCode" -> System.identityHashCode(self);
                  case "equals" -> arguments != null && self == arguments[0];
                  default -> handler.call(method, arguments);
                }));
  }

  private static @Nullable Object forward(
      Connection real, Method method, @Nullable Object @Nullable [] arguments) throws Throwable {
    try {
      return method.invoke(real, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  private JdbcBackendStorageBuilder on(DataSource dataSource) {
    return JdbcBackendStorage.builder()
        .dataSource(dataSource)
        .tablePrefix(prefix)
        .schemaMode(SchemaMode.CREATE)
        .codec(TestCodec.INSTANCE);
  }

  @ParameterizedTest
  @EnumSource
  void nothingAcknowledgedIsLost(TestDatabase database) throws Exception {
    try (JdbcBackendStorage direct = database.store(directory, prefix).open();
        Connection connection = DriverManager.getConnection(database.url(directory));
        BackendStorage first = on(sharing(connection, SharedConnectionTest::forward)).open();
        BackendStorage second = on(sharing(connection, SharedConnectionTest::forward)).open()) {
      List<String> acknowledged = saveInThreads(List.of(first, second));
      assertThat(acknowledged).as("saves that were acknowledged").isNotEmpty();
      assertThat(Verified.checkpoints(direct))
          .as("what is stored of them")
          .extracting(Checkpoint::id)
          .containsAll(acknowledged);

      Checkpoint alone = Checkpoint.empty("alone");
      first.put(alone, Expectation.any());
      assertThat(direct.getBySession(alone.sessionKey()))
          .as("what a single thread has put on the shared connection")
          .contains(alone);
    }
  }

  /** The ids of what was saved; every other save is refused, and so rolled back. */
  private static List<String> saveInThreads(List<BackendStorage> stores) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    try {
      List<Callable<List<String>>> tasks = new ArrayList<>();
      for (int thread = 0; thread < THREADS; thread++) {
        String session = "s" + thread;
        BackendStorage store = stores.get(thread % stores.size());
        tasks.add(() -> saves(store, session));
      }
      List<String> acknowledged = new ArrayList<>();
      for (Future<List<String>> done : threads.invokeAll(tasks)) {
        acknowledged.addAll(done.get());
      }
      return acknowledged;
    } finally {
      threads.shutdown();
    }
  }

  private static List<String> saves(BackendStorage store, String session) {
    List<String> acknowledged = new ArrayList<>();
    for (int version = 1; version <= SAVES; version++) {
      for (String attempt : List.of("", "-late")) {
        Checkpoint checkpoint =
            Checkpoint.builder(session)
                .id(session + "-" + version + attempt)
                .version(version)
                .build();
        try {
          store.put(checkpoint, Expectation.any());
          acknowledged.add(checkpoint.id());
        } catch (VersionConflictException
            | StorageUnavailableException
            | OutcomeUnknownException e) {
          // Refused, and not acknowledged.
        }
      }
    }
    return acknowledged;
  }

  @ParameterizedTest
  @EnumSource
  void connectionThatAnotherThreadIsUsingIsRefused(TestDatabase database) throws Exception {
    try (Connection connection = DriverManager.getConnection(database.url(directory))) {
      AtomicReference<@Nullable Throwable> refusal = new AtomicReference<>();
      AtomicReference<@Nullable Runnable> meanwhile = new AtomicReference<>();
      DataSource shared =
          sharing(
              connection,
              (real, method, arguments) -> {
                Runnable once =
                    method.getName().equals("prepareStatement") ? meanwhile.getAndSet(null) : null;
                if (once != null) {
                  once.run();
                }
                return forward(real, method, arguments);
              });
      try (JdbcBackendStorage store = on(shared).open();
          BackendStorage other = on(shared).open()) {
        Checkpoint kept = Checkpoint.empty("kept");
        meanwhile.set(
            () -> {
              try {
                other.put(Checkpoint.empty("refused"), Expectation.any());
              } catch (CheckpointException e) {
                refusal.set(e);
              }
            });
        store.put(kept, Expectation.any());
        assertThat(refusal.get())
            .as("the refusal of a put while another one uses the connection")
            .isInstanceOf(StorageUnavailableException.class)
            .hasMessageContaining("another thread is using")
            .hasMessageContaining("Give the store a pool");
        assertThat(Verified.checkpoints(store)).as("what was put").containsExactly(kept);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void dataSourceThatKeepsItsConnectionOpenIsRefused(TestDatabase database) throws Exception {
    try (Connection connection = DriverManager.getConnection(database.url(directory))) {
      DataSource single =
          dataSource(
              () ->
                  proxy(
                      Connection.class,
                      (method, arguments) ->
                          switch (method.getName()) {
                            case "close" -> null;
                            case "isClosed" -> false;
                            default -> forward(connection, method, arguments);
                          }));
      assertThatThrownBy(() -> on(single).open().close())
          .as("opening on a DataSource that suppresses close")
          .isInstanceOf(BackendConfigurationException.class)
          .hasMessageContaining("stays open after close()");
    }
  }

  /** What somebody else does to the connection between the statements of a put and its commit. */
  @ParameterizedTest
  @EnumSource
  void transactionThatSomebodyElseEndsIsNotAcknowledged(TestDatabase database) throws Exception {
    try (JdbcBackendStorage direct = database.store(directory, prefix).open();
        Connection connection = DriverManager.getConnection(database.url(directory))) {
      boolean[] armed = new boolean[1];
      DataSource shared =
          sharing(
              connection,
              (real, method, arguments) -> {
                Object result = forward(real, method, arguments);
                if (armed[0] && method.getName().equals("prepareStatement")) {
                  armed[0] = false;
                  if (real.getAutoCommit()) {
                    real.setAutoCommit(false);
                  } else {
                    real.rollback();
                    real.setAutoCommit(true);
                  }
                }
                return result;
              });
      try (BackendStorage store = on(shared).open()) {
        Checkpoint checkpoint = Checkpoint.empty("s");
        armed[0] = true;
        assertThatThrownBy(() -> store.put(checkpoint, Expectation.any()))
            .as("a put whose transaction somebody else has changed")
            .isInstanceOf(OutcomeUnknownException.class);
        direct.put(checkpoint, Expectation.any());
        assertThat(Verified.checkpoints(direct))
            .as("what its repetition stores")
            .containsExactly(checkpoint);
      }
    }
  }
}
