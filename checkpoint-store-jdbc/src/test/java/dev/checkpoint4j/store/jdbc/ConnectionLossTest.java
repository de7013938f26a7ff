package dev.checkpoint4j.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.CheckpointQuery.Order;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.error.CheckpointException;
import dev.checkpoint4j.error.OutcomeUnknownException;
import dev.checkpoint4j.error.StorageUnavailableException;
import dev.checkpoint4j.testsupport.TcpProxy;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The network between the store and a server is cut: what the exception says of the put is true,
 * its repetition stores it once, and the handle goes on working.
 */
@Timeout(120)
class ConnectionLossTest {

  private static final String PREFIX = "loss_";

  private static JdbcBackendStorage open(ServerEngine engine, int atPort) {
    return engine
        .store(PREFIX)
        .url(engine.urlAt(atPort))
        // One connection, and no other that the pool may open during the test.
        .poolSize(1)
        .schemaMode(SchemaMode.CREATE)
        .open();
  }

  /** What is known of a put when the connection is lost. */
  private enum Outcome {
    NOT_APPLIED,
    NOT_APPLIED_AS_FAR_AS_IT_CAN_BE_TOLD,
    APPLIED
  }

  static Stream<Arguments> lossesDuringPut() {
    Stream<Arguments> onPostgres =
        Stream.of(
            lossOfRequest(
                ServerEngine.POSTGRESQL,
                "WITH raised",
                Outcome.NOT_APPLIED_AS_FAR_AS_IT_CAN_BE_TOLD),
            lossOfAnswer(ServerEngine.POSTGRESQL, "WITH raised", Outcome.APPLIED));
    return Stream.concat(
        onPostgres,
        Stream.of(ServerEngine.MARIADB, ServerEngine.MYSQL_DRIVER)
            .flatMap(ConnectionLossTest::ofTransaction));
  }

  private static Stream<Arguments> ofTransaction(ServerEngine engine) {
    String session = "INSERT INTO `test`." + PREFIX + "session";
    String history = "INSERT INTO `test`." + PREFIX + "history";
    return Stream.of(
        lossOfRequest(engine, session, Outcome.NOT_APPLIED),
        lossOfAnswer(engine, session, Outcome.NOT_APPLIED),
        lossOfRequest(engine, history, Outcome.NOT_APPLIED),
        lossOfAnswer(engine, history, Outcome.NOT_APPLIED),
        lossOfRequest(engine, "COMMIT", Outcome.NOT_APPLIED_AS_FAR_AS_IT_CAN_BE_TOLD),
        lossOfAnswer(engine, "COMMIT", Outcome.APPLIED));
  }

  private static Arguments lossOfRequest(ServerEngine engine, String text, Outcome outcome) {
    Consumer<TcpProxy> loss = proxy -> proxy.loseRequest(text);
    return argumentSet(engine + ": " + text + " does not arrive", engine, loss, outcome);
  }

  private static Arguments lossOfAnswer(ServerEngine engine, String text, Outcome outcome) {
    Consumer<TcpProxy> loss = proxy -> proxy.loseAnswer(text);
    return argumentSet(engine + ": the answer to " + text + " is lost", engine, loss, outcome);
  }

  @ParameterizedTest
  @MethodSource("lossesDuringPut")
  void duringPut(ServerEngine engine, Consumer<TcpProxy> loss, Outcome outcome) {
    try (Scene scene = new Scene(engine)) {
      loss.accept(scene.proxy);
      Checkpoint second = scene.checkpoint(2);
      CheckpointException failure =
          catchThrowableOfType(
              CheckpointException.class, () -> scene.store.put(second, Expectation.any()));

      assertThat(scene.proxy.hasLost()).as("whether the connection was lost").isTrue();
      assertThat(failure)
          .as("the failure of the put")
          .isInstanceOf(
              outcome == Outcome.NOT_APPLIED
                  ? StorageUnavailableException.class
                  : OutcomeUnknownException.class);
      assertThat(failure.mayHaveBeenApplied())
          .as("whether the put may have been applied, by: %s", failure)
          .isEqualTo(outcome != Outcome.NOT_APPLIED);
      assertThat(scene.direct.get("default", second.id()).isPresent())
          .as("whether the put was applied")
          .isEqualTo(outcome == Outcome.APPLIED);

      scene.store.put(second, Expectation.any());
      scene.assertWorksWith(second);
    }
  }

  @ParameterizedTest
  @EnumSource
  void whileIdle(ServerEngine engine) {
    try (Scene scene = new Scene(engine)) {
      scene.proxy.cutAll();
      Checkpoint second = scene.checkpoint(2);
      // The pool notices it, if it looks.
      Throwable failure = catchThrowable(() -> scene.store.put(second, Expectation.any()));

      if (failure != null) {
        assertThat(failure)
            .as("the failure of the put")
            .isInstanceOfAny(StorageUnavailableException.class, OutcomeUnknownException.class);
        assertThat(scene.direct.get("default", second.id()))
            .as("what is stored of a put that did not arrive")
            .isEmpty();
      }
      scene.store.put(second, Expectation.any());
      scene.assertWorksWith(second);
    }
  }

  @ParameterizedTest
  @EnumSource
  void duringGet(ServerEngine engine) {
    try (Scene scene = new Scene(engine)) {
      scene.proxy.loseAnswer("h.namespace = ");
      CheckpointException failure =
          catchThrowableOfType(
              CheckpointException.class, () -> scene.store.get("default", scene.first.id()));

      assertThat(scene.proxy.hasLost()).as("whether the connection was lost").isTrue();
      assertThat(failure)
          .as("the failure of the get")
          .isInstanceOf(StorageUnavailableException.class);
      assertThat(scene.store.get("default", scene.first.id()))
          .as("what is read by repetition")
          .contains(scene.first);
    }
  }

  @ParameterizedTest
  @EnumSource
  void duringTheCommitOfADeletion(ServerEngine engine) {
    try (Scene scene = new Scene(engine)) {
      Checkpoint second = scene.checkpoint(2);
      scene.store.put(second, Expectation.any());
      scene.proxy.loseAnswer("COMMIT");
      CheckpointException failure =
          catchThrowableOfType(
              CheckpointException.class,
              () -> scene.store.delete("default", List.of(scene.first.id())));

      assertThat(scene.proxy.hasLost()).as("whether the connection was lost").isTrue();
      assertThat(failure)
          .as("the failure of the deletion")
          .isInstanceOf(OutcomeUnknownException.class);
      assertThat(scene.store.delete("default", List.of(scene.first.id())))
          .as("how many the repetition deletes")
          .isZero();
      assertThat(scene.stored()).as("what is left").containsExactly(second);
    }
  }

  /** A store that reaches its server by the proxy, another that does not, and a checkpoint. */
  private static final class Scene implements AutoCloseable {

    final TcpProxy proxy;
    final JdbcBackendStorage store;
    final JdbcBackendStorage direct;
    final String session = UUID.randomUUID().toString();
    final Checkpoint first = checkpoint(1);

    Scene(ServerEngine engine) {
      proxy = TcpProxy.to(engine.port());
      // This one makes the tables: on the connections of the other, no statement is prepared yet,
      // so that the proxy sees the text of the first of each.
      direct = open(engine, engine.port());
      store = open(engine, proxy.port());
      store.put(first, Expectation.any());
    }

    Checkpoint checkpoint(long version) {
      return Checkpoint.builder(session)
          .id(session + "-" + version)
          .version(version)
          .values(Map.of("state", version))
          .build();
    }

    void assertWorksWith(Checkpoint second) {
      Checkpoint third = checkpoint(3);
      store.put(third, Expectation.any());
      assertThat(stored()).as("what is stored in the end").containsExactly(first, second, third);
      assertThat(store.getBySession(third.sessionKey())).as("the latest").contains(third);
    }

    List<Checkpoint> stored() {
      List<Checkpoint> listed =
          direct
              .list(CheckpointQuery.builder(first.sessionKey()).order(Order.OLDEST_FIRST).build())
              .items();
      assertThat(Verified.checkpoints(direct, first.sessionKey()))
          .as("what verify finds of the session")
          .isEqualTo(listed);
      return listed;
    }

    @Override
    public void close() {
      store.close();
      direct.close();
      proxy.close();
    }
  }
}
