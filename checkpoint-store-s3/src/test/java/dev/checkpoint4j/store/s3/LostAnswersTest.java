package dev.checkpoint4j.store.s3;

import static dev.checkpoint4j.store.s3.Samples.SESSION;
import static dev.checkpoint4j.store.s3.Samples.assertSound;
import static dev.checkpoint4j.store.s3.Samples.checkpoint;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.error.CheckpointException;
import dev.checkpoint4j.error.OutcomeUnknownException;
import dev.checkpoint4j.error.StorageUnavailableException;
import dev.checkpoint4j.error.VersionConflictException;
import dev.checkpoint4j.testsupport.FaultProxy;
import dev.checkpoint4j.testsupport.FaultProxy.Fault;
import dev.checkpoint4j.testsupport.HttpRequest;
import dev.checkpoint4j.testsupport.S3MockServer;
import dev.checkpoint4j.testsupport.S3Server;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.retries.api.BackoffStrategy;
import software.amazon.awssdk.services.s3.S3Client;

/** The store behind a network that loses requests and answers, and cuts them short. */
class LostAnswersTest {

  private static boolean slot(HttpRequest request) {
    return request.isCreate() && request.path().contains("/sessions/");
  }

  private static boolean document(HttpRequest request) {
    return request.isCreate() && request.path().contains("/checkpoints/");
  }

  private static boolean either(HttpRequest request) {
    return slot(request) || document(request);
  }

  private final String prefix = "lost-" + UUID.randomUUID();
  private final FaultProxy proxy = FaultProxy.to(S3MockServer.sharedInMemory().endpoint());
  private final S3Client client =
      S3Server.clientBuilder(proxy.endpoint())
          .overrideConfiguration(
              configuration ->
                  configuration.retryStrategy(
                      retries -> retries.backoffStrategy(BackoffStrategy.retryImmediately())))
          .build();
  private final S3BackendStorage store = open(client);
  private final S3Client direct = S3MockServer.sharedInMemory().newClient();
  private final S3BackendStorage other = open(direct);

  private S3BackendStorage open(S3Client by) {
    return S3BackendStorage.builder().client(by).bucket(S3Server.BUCKET).prefix(prefix).open();
  }

  @AfterEach
  void close() {
    store.close();
    other.close();
    client.close();
    direct.close();
    proxy.close();
    assertSound(prefix);
  }

  private void assertHolds(long... versions) {
    assertThat(other.list(CheckpointQuery.builder(SESSION).build()).items())
        .extracting(Checkpoint::version)
        .containsExactly(Arrays.stream(versions).boxed().toArray(Long[]::new));
  }

  private static Arguments arguments(Object name, Predicate<HttpRequest> which, Object... others) {
    List<Object> all = new ArrayList<>(List.of(name, which));
    all.addAll(List.of(others));
    return Arguments.of(all.toArray());
  }

  static Stream<Arguments> faultsThatPass() {
    return Stream.of(
        arguments("the slot's request is lost", LostAnswersTest::slot, Fault.loseRequest()),
        arguments("the slot's answer is lost", LostAnswersTest::slot, Fault.loseAnswer()),
        arguments("the slot's answer is cut short", LostAnswersTest::slot, Fault.truncateAnswer()),
        arguments(
            "the slot's request fails", LostAnswersTest::slot, Fault.refuse(500, "InternalError")),
        arguments(
            "it is done and said to fail",
            LostAnswersTest::slot,
            Fault.applyButFail(500, "InternalError")),
        arguments("the server is busy", LostAnswersTest::slot, Fault.slowDown()),
        arguments("the slot is being written", LostAnswersTest::slot, Fault.conflict()),
        arguments("the document's request is lost", LostAnswersTest::document, Fault.loseRequest()),
        arguments("the document's answer is lost", LostAnswersTest::document, Fault.loseAnswer()),
        arguments(
            "the document's answer is cut short",
            LostAnswersTest::document,
            Fault.truncateAnswer()),
        arguments(
            "it is done and said to fail",
            LostAnswersTest::document,
            Fault.applyButFail(500, "Internal")),
        arguments("the document is being written", LostAnswersTest::document, Fault.conflict()));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("faultsThatPass")
  void putSucceedsWhenOneAttemptFails(
      String name, Predicate<HttpRequest> which, FaultProxy.Fault fault) {
    store.put(checkpoint(1), Expectation.any());
    FaultProxy.Armed armed = proxy.armNth(1, which, fault);
    store.put(checkpoint(2), Expectation.any());
    assertThat(armed.hits()).as("requests that failed").isEqualTo(1);
    assertHolds(2, 1);
    store.put(checkpoint(3), Expectation.any());
    other.put(checkpoint(4), Expectation.any());
    assertHolds(4, 3, 2, 1);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("faultsThatPass")
  void putThatExpectsTheLatestSucceedsWhenOneAttemptFails(
      String name, Predicate<HttpRequest> which, FaultProxy.Fault fault) {
    store.put(checkpoint(1), Expectation.noSession());
    FaultProxy.Armed armed = proxy.armNth(1, which, fault);
    store.put(checkpoint(2), Expectation.latestIs("id-1"));
    assertThat(armed.hits()).as("requests that failed").isEqualTo(1);
    assertHolds(2, 1);
    store.put(checkpoint(3), Expectation.latestIs("id-2"));
    other.put(checkpoint(4), Expectation.latestIs("id-3"));
    assertHolds(4, 3, 2, 1);
  }

  @Test
  void putSucceedsWhenAllAnswersAreLostAndItCanBeReadBack() {
    store.put(checkpoint(1), Expectation.any());
    FaultProxy.Armed armed = proxy.arm(LostAnswersTest::either, Fault.loseAnswer());
    store.put(checkpoint(2), Expectation.any());
    armed.disarm();
    assertHolds(2, 1);
  }

  static Stream<Arguments> faultsThatStay() {
    return Stream.of(
        arguments(
            "no slot", LostAnswersTest::slot, Fault.loseRequest(), OutcomeUnknownException.class),
        arguments(
            "no document",
            LostAnswersTest::document,
            Fault.loseRequest(),
            OutcomeUnknownException.class),
        arguments(
            "neither", LostAnswersTest::either, Fault.loseRequest(), OutcomeUnknownException.class),
        arguments(
            "refused",
            LostAnswersTest::slot,
            Fault.refuse(403, "AccessDenied"),
            CheckpointException.class),
        arguments(
            "in the way",
            LostAnswersTest::slot,
            Fault.conflict(),
            StorageUnavailableException.class));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("faultsThatStay")
  void putThatFailsChangesNothingAndCanBeRepeated(
      String name,
      Predicate<HttpRequest> which,
      FaultProxy.Fault fault,
      Class<? extends CheckpointException> expected) {
    store.put(checkpoint(1), Expectation.any());
    FaultProxy.Armed armed = proxy.arm(which, fault);
    assertThatThrownBy(() -> store.put(checkpoint(2), Expectation.any())).isInstanceOf(expected);
    armed.disarm();
    assertHolds(1);
    store.put(checkpoint(2), Expectation.any());
    assertHolds(2, 1);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("faultsThatStay")
  void putThatExpectsTheLatestAndFailsChangesNothingAndIsNotInTheWayOfOthers(
      String name, Predicate<HttpRequest> which, FaultProxy.Fault fault) {
    store.put(checkpoint(1), Expectation.any());
    for (String expected : List.of("id-1", "id-2")) {
      Checkpoint next = checkpoint(expected.equals("id-1") ? 2 : 3);
      FaultProxy.Armed armed = proxy.arm(which, fault);
      assertThatThrownBy(() -> store.put(next, Expectation.latestIs(expected)))
          .isInstanceOf(CheckpointException.class);
      armed.disarm();
      assertThat(other.getBySession(SESSION).map(Checkpoint::id)).contains(expected);
      S3BackendStorage repeating = expected.equals("id-1") ? store : other;
      repeating.put(next, Expectation.latestIs(expected));
    }
    Checkpoint overtaking = checkpoint(4).toBuilder().id("overtaking").build();
    FaultProxy.Armed armed = proxy.arm(which, fault);
    assertThatThrownBy(() -> store.put(checkpoint(4), Expectation.latestIs("id-3")))
        .isInstanceOf(CheckpointException.class);
    armed.disarm();
    other.put(overtaking, Expectation.latestIs("id-3"));
    assertThatThrownBy(() -> store.put(checkpoint(4), Expectation.latestIs("id-3")))
        .isInstanceOf(VersionConflictException.class);
    assertThat(other.getBySession(SESSION)).contains(overtaking);
    assertHolds(4, 3, 2, 1);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("faultsThatStay")
  void halfAPutIsNotInTheWayOfOthers(
      String name,
      Predicate<HttpRequest> which,
      FaultProxy.Fault fault,
      Class<? extends CheckpointException> expected) {
    store.put(checkpoint(1), Expectation.any());
    FaultProxy.Armed armed = proxy.arm(which, fault);
    assertThatThrownBy(() -> store.put(checkpoint(2), Expectation.any())).isInstanceOf(expected);
    armed.disarm();
    Checkpoint overtaking = checkpoint(2).toBuilder().id("overtaking").build();
    other.put(overtaking, Expectation.any());
    assertThat(other.getBySession(SESSION)).contains(overtaking);
    store.put(checkpoint(2).toBuilder().version(3).build(), Expectation.any());
    assertHolds(3, 2, 1);
    assertThat(other.deleteBySession(SESSION)).as("deleted").isEqualTo(3);
  }

  @Test
  void answerThatIsCutShortIsAFailure() {
    store.put(checkpoint(1), Expectation.any());
    assertFailsWhenCutShort(
        request -> request.method().equals("GET") && request.path().contains("/checkpoints/"),
        () -> store.get("default", "id-1"));
    assertFailsWhenCutShort(
        request -> request.method().equals("GET") && request.path().contains("/sessions/"),
        () -> store.get("default", "id-1"));
    assertFailsWhenCutShort(
        request -> request.method().equals("GET") && request.path().contains("/checkpoints/"),
        () -> store.getBySession(SESSION));
    try (S3BackendStorage remembersNothing = open(client)) {
      assertFailsWhenCutShort(
          request -> request.query().contains("list-type"),
          () -> remembersNothing.getBySession(SESSION));
    }
    assertFailsWhenCutShort(
        request -> request.method().equals("GET") && request.path().contains("/checkpoints/"),
        () -> store.listSessions("default", 10, Optional.empty()));
  }

  private void assertFailsWhenCutShort(Predicate<HttpRequest> which, Callable<?> call) {
    FaultProxy.Armed armed = proxy.arm(which, Fault.truncateAnswer());
    assertThatThrownBy(call::call).isInstanceOf(StorageUnavailableException.class);
    assertThat(armed.hits()).as("answers that were cut short").isPositive();
    armed.disarm();
  }

  @Test
  void nothingAcknowledgedIsLostAmongRandomFaults() {
    Random random = new Random(20261124);
    proxy.armRandom(
        random.nextLong(),
        0.2,
        request -> true,
        List.of(
            Fault.loseRequest(),
            Fault.loseAnswer(),
            Fault.truncateAnswer(),
            Fault.slowDown(),
            Fault.conflict(),
            Fault.refuse(500, "InternalError"),
            Fault.applyButFail(500, "InternalError")));
    SortedSet<Long> acknowledged = new TreeSet<>();
    Set<Long> unknown = new HashSet<>();
    for (long version = 1; version <= 100; version++) {
      try {
        store.put(checkpoint(version), Expectation.any());
        acknowledged.add(version);
      } catch (CheckpointException e) {
        if (e.mayHaveBeenApplied()) {
          unknown.add(version);
        }
      }
    }
    proxy.disarmAll();
    List<Long> stored =
        other.list(CheckpointQuery.builder(SESSION).limit(1000).build()).items().stream()
            .map(Checkpoint::version)
            .toList();
    assertThat(stored).as("versions stored").containsAll(acknowledged);
    assertThat(stored)
        .as("versions stored, but for those acknowledged and of unknown outcome")
        .allMatch(version -> acknowledged.contains(version) || unknown.contains(version));
    assertThat(acknowledged).as("acknowledged").hasSizeGreaterThan(50);
  }
}
