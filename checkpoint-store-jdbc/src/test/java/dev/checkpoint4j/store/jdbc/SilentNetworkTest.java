package dev.checkpoint4j.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.error.CheckpointException;
import dev.checkpoint4j.error.OutcomeUnknownException;
import dev.checkpoint4j.error.StorageUnavailableException;
import dev.checkpoint4j.spi.CallDeadline;
import dev.checkpoint4j.testsupport.TcpProxy;
import java.time.Duration;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The network goes silent: what is sent does not arrive, and nobody says so. A call ends with its
 * time-out all the same, and the handle goes on working when the network does.
 */
// In a thread of its own: nothing interrupts a driver that reads from a socket.
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@Execution(ExecutionMode.CONCURRENT)
class SilentNetworkTest {

  private static final String PREFIX = "silent_";

  private static final Duration CALL_TIMEOUT = Duration.ofSeconds(1);

  /** For the grace of the network time-out, and a machine that has other things to do. */
  private static final Duration SLACK = Duration.ofSeconds(15);

  private final Checkpoint first = Checkpoint.empty("silent-" + UUID.randomUUID());
  private final Checkpoint second = first.next().build();
  private TcpProxy proxy = TcpProxy.to(1);
  private ServerEngine server = ServerEngine.POSTGRESQL;

  /** The tables are made; the proxy between the store and its server lets everything pass. */
  private void connect(ServerEngine engine) {
    proxy.close();
    server = engine;
    engine.store(PREFIX).url(engine.url()).schemaMode(SchemaMode.CREATE).open().close();
    proxy = TcpProxy.to(engine.port());
  }

  @AfterEach
  void closeProxyAndVerify() {
    proxy.close();
    try (JdbcBackendStorage store = server.store(PREFIX).url(server.url()).open()) {
      assertThat(Verified.checkpoints(store, first.sessionKey()))
          .as("what is intact of %s and %s", first, second)
          .isSubsetOf(first, second);
    }
  }

  @ParameterizedTest
  @EnumSource
  void callsAndCloseEndOnAPoolOfTheStore(ServerEngine engine) {
    connect(engine);
    JdbcBackendStorage store = engine.store(PREFIX).url(engine.urlAt(proxy.port())).open();
    store.put(first, Expectation.any());
    proxy.goSilent();
    assertEndsInTime(store, SilentNetworkTest::withDeadline);
    ends("close", withDeadline(store::close));
    assertThat(proxy.hasLost()).as("whether the network was silent").isTrue();
  }

  /** Nobody sets a deadline but the store, by its own time-out. */
  @ParameterizedTest
  @EnumSource
  void callsAndCloseEndWithTheTimeoutOfTheStore(ServerEngine engine) {
    connect(engine);
    JdbcBackendStorage store =
        engine
            .store(PREFIX)
            .callTimeout(CALL_TIMEOUT.multipliedBy(3))
            .url(engine.urlAt(proxy.port()))
            .open();
    store.put(first, Expectation.any());
    proxy.goSilent();
    assertEndsInTime(store, UnaryOperator.identity());
    ends("close", store::close);
    assertThat(proxy.hasLost()).as("whether the network was silent").isTrue();
  }

  @ParameterizedTest
  @EnumSource
  void callsEndOnAPoolOfTheApplicationWhichWorksAgainLater(ServerEngine engine) {
    connect(engine);
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(engine.urlAt(proxy.port()));
    config.setConnectionTimeout(2_000);
    config.setValidationTimeout(1_000);
    // The driver has none of its own to help.
    if (engine == ServerEngine.POSTGRESQL) {
      config.addDataSourceProperty("cancelSignalTimeout", "1");
    }
    try (HikariDataSource pool = new HikariDataSource(config);
        JdbcBackendStorage store = engine.store(PREFIX).dataSource(pool).open()) {
      store.put(first, Expectation.any());
      proxy.goSilent();
      assertEndsInTime(store, SilentNetworkTest::withDeadline);
      proxy.allow();
      proxy.cutAll();
      store.put(second, Expectation.any());
      assertThat(store.getBySession(first.sessionKey())).as("the latest").contains(second);
    }
  }

  private void assertEndsInTime(JdbcBackendStorage store, UnaryOperator<Runnable> limited) {
    CheckpointException failure =
        catchThrowableOfType(
            CheckpointException.class,
            () -> ends("put", limited.apply(() -> store.put(second, Expectation.any()))));
    assertThat(failure)
        .as("the failure of a put in silence")
        .isInstanceOfAny(OutcomeUnknownException.class, StorageUnavailableException.class);
    assertThatThrownBy(
            () ->
                ends(
                    "get",
                    limited.apply(() -> assertThat(store.get("default", first.id())).isEmpty())))
        .as("a get in silence")
        .isInstanceOf(StorageUnavailableException.class);
  }

  @ParameterizedTest
  @EnumSource
  void openEnds(ServerEngine engine) {
    connect(engine);
    proxy.goSilent();
    assertThatThrownBy(
            () ->
                ends(
                    "open",
                    withDeadline(
                        () ->
                            engine
                                .store(PREFIX)
                                .callTimeout(CALL_TIMEOUT)
                                .url(engine.urlAt(proxy.port()))
                                .open()
                                .close())))
        .as("opening in silence")
        .isInstanceOf(StorageUnavailableException.class);
  }

  private static Runnable withDeadline(Runnable action) {
    return () ->
        CallDeadline.after(CALL_TIMEOUT)
            .call(
                () -> {
                  action.run();
                  return action;
                });
  }

  private static void ends(String what, Runnable action) {
    long start = System.nanoTime();
    try {
      action.run();
    } finally {
      assertThat(Duration.ofNanos(System.nanoTime() - start))
          .as("how long %s took", what)
          .isLessThan(CALL_TIMEOUT.plus(SLACK));
    }
  }
}
