package dev.checkpoint4j.core;

import static dev.checkpoint4j.core.ScriptedStorage.denied;
import static dev.checkpoint4j.core.ScriptedStorage.unavailable;
import static dev.checkpoint4j.core.ScriptedStorage.unknown;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.error.CheckpointException;
import dev.checkpoint4j.error.OutcomeUnknownException;
import dev.checkpoint4j.error.VersionConflictException;
import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.tck.ReferenceBackend;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class RetryingStorageTest {

  private static final SessionKey SESSION = new SessionKey("default", "s");
  private static final Checkpoint FIRST =
      Checkpoint.builder("s").id("first").values(Map.of("step", 1)).build();

  private final ReferenceBackend reference = new ReferenceBackend();
  private final ScriptedStorage scripted = new ScriptedStorage(reference);
  private final List<Duration> slept = new ArrayList<>();
  private final RetryPolicy policy =
      RetryPolicy.builder().maxAttempts(3).initialDelay(Duration.ofMillis(10)).jitter(0).build();
  private final BackendStorage storage =
      RetryingStorage.wrap(scripted, new Retrier(policy, slept::add));

  @AfterEach
  void clearInterrupt() {
    boolean unused = Thread.interrupted();
  }

  static Stream<Arguments> operations() {
    return Stream.of(
        operation("put", storage -> storage.put(FIRST, Expectation.any())),
        operation("get", storage -> assertThat(storage.get("default", "first")).isEmpty()),
        operation("getBySession", storage -> assertThat(storage.getBySession(SESSION)).isEmpty()),
        operation("list", storage -> assertThat(storage.list(all()).items()).isEmpty()),
        operation(
            "listHeaders", storage -> assertThat(storage.listHeaders(all()).items()).isEmpty()),
        operation(
            "listSessions",
            storage ->
                assertThat(storage.listSessions("default", 1, Optional.empty()).items()).isEmpty()),
        operation("delete", storage -> storage.delete("default", List.of("first"))),
        operation("deleteBySession", storage -> storage.deleteBySession(SESSION)));
  }

  private static Arguments operation(String name, Consumer<BackendStorage> call) {
    return Arguments.of(name, call);
  }

  private static CheckpointQuery all() {
    return CheckpointQuery.builder("default").build();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("operations")
  void everyOperationIsRepeatedWhileTheStoreIsUnavailable(
      String name, Consumer<BackendStorage> call) {
    scripted.failBefore(name, unavailable("one")).failBefore(name, unavailable("two"));
    call.accept(storage);
    assertThat(scripted.calls).as("calls of the backend").containsExactly(name, name, name);
    assertThat(slept)
        .as("delays between the attempts")
        .containsExactly(Duration.ofMillis(10), Duration.ofMillis(20));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("operations")
  void onlyWritesAreRepeatedWhenTheOutcomeIsUnknown(String name, Consumer<BackendStorage> call) {
    scripted.failAfter(name, unknown("lost answer"));
    Throwable thrown = catchThrowable(() -> call.accept(storage));
    if (List.of("put", "delete", "deleteBySession").contains(name)) {
      assertThat(thrown).as("failure of a write that was repeated").isNull();
      assertThat(scripted.calls).as("calls of the backend").hasSize(2);
    } else {
      assertThat(thrown).as("failure of a read").isInstanceOf(OutcomeUnknownException.class);
      assertThat(scripted.calls).as("calls of the backend").hasSize(1);
    }
  }

  @Test
  void aPutThatWasAppliedAlthoughItsAnswerWasLostIsStoredOnce() {
    scripted.failAfter("put", unknown("lost answer"));
    storage.put(FIRST, Expectation.any());
    assertThat(reference.list(all()).items()).as("stored").containsExactly(FIRST);
  }

  @Test
  void aRepeatedDeleteCountsWhatItsLastAttemptFound() {
    reference.put(FIRST, Expectation.any());
    scripted.failAfter("delete", unknown("lost answer"));
    assertThat(storage.delete("default", List.of("first"))).as("count").isZero();
    assertThat(reference.get("default", "first")).as("what was deleted").isEmpty();
  }

  @Test
  void otherFailuresArePassedOnAtOnce() {
    CheckpointException failure = denied("no");
    scripted.failBefore("put", failure);
    assertThatThrownBy(() -> storage.put(FIRST, Expectation.any())).as("failure").isSameAs(failure);
    assertThat(scripted.calls).as("calls of the backend").containsExactly("put");
    assertThat(slept).as("delays").isEmpty();
  }

  @Test
  void givingUpThrowsTheLastFailureWithTheEarlierOnesSuppressed() {
    CheckpointException one = unavailable("one");
    CheckpointException two = unavailable("two");
    CheckpointException three = unavailable("three");
    scripted.failBefore("get", one).failBefore("get", two).failBefore("get", three);
    assertThatThrownBy(() -> storage.get("default", "first"))
        .as("after three attempts")
        .isSameAs(three)
        .hasSuppressedException(one)
        .hasSuppressedException(two);
    assertThat(slept).as("delays: none after the last attempt").hasSize(2);
  }

  @Test
  void aFailureThatMayHaveBeenAppliedIsNotHiddenByLaterOnes() {
    CheckpointException lost = unknown("lost answer");
    CheckpointException refused = denied("no");
    scripted.failAfter("put", lost).failBefore("put", refused);
    assertThatThrownBy(() -> storage.put(FIRST, Expectation.any()))
        .as("the put was applied, so it must not be reported as not applied")
        .isSameAs(lost)
        .hasSuppressedException(refused);
  }

  @Test
  void aFailureThatMayHaveBeenAppliedIsNotHiddenByTheCloseOfTheStore() {
    CheckpointException lost = unknown("lost answer");
    scripted.failAfter("put", lost).failBefore("put", new IllegalStateException("closed"));
    assertThatThrownBy(() -> storage.put(FIRST, Expectation.any())).as("failure").isSameAs(lost);
  }

  @Test
  void aDeletionThatStoppedHalfWayIsNotReportedAsIfNothingWasChanged() {
    CheckpointException half = unknown("18 of 20 are deleted");
    scripted
        .failAfter("delete", half)
        .failBefore("delete", unavailable("down"))
        .failBefore("delete", denied("no"));
    assertThatThrownBy(() -> storage.delete("default", List.of("first")))
        .as("failure of the deletion")
        .isInstanceOfSatisfying(
            CheckpointException.class,
            e -> assertThat(e.mayHaveBeenApplied()).as("may have been applied").isTrue())
        .isSameAs(half);
  }

  @Test
  void aConflictTellsThatNoAttemptWasApplied() {
    reference.put(FIRST, Expectation.any());
    Checkpoint late = Checkpoint.builder("s").id("late").build();
    CheckpointException lost = unknown("lost answer");
    scripted.failBefore("put", lost);
    assertThatThrownBy(() -> storage.put(late, Expectation.any()))
        .as("the id was checked first, so the conflict is the truth")
        .isInstanceOf(VersionConflictException.class)
        .hasSuppressedException(lost);
  }

  @Test
  void theSameExceptionThrownTwiceIsNotItsOwnSuppressed() {
    CheckpointException same = unavailable("same");
    scripted.failBefore("get", same).failBefore("get", same).failBefore("get", same);
    assertThatThrownBy(() -> storage.get("default", "first")).as("failure").isSameAs(same);
  }

  @Test
  void anInterruptedThreadDoesNotRetryAndKeepsItsFlag() {
    CheckpointException failure = unavailable("interrupted");
    scripted.failBefore("get", failure);
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> storage.get("default", "first")).as("failure").isSameAs(failure);
    assertThat(Thread.currentThread().isInterrupted()).as("interrupt flag").isTrue();
    assertThat(scripted.calls).as("calls of the backend").hasSize(1);
  }

  @Test
  void interruptionDuringTheDelayEndsTheRetry() {
    Retrier interrupted =
        new Retrier(
            policy,
            delay -> {
              throw new InterruptedException();
            });
    scripted.failBefore("get", unavailable("down"));
    BackendStorage waiting = RetryingStorage.wrap(scripted, interrupted);
    assertThatThrownBy(() -> waiting.get("default", "first"))
        .as("failure")
        .hasMessageContaining("down");
    assertThat(Thread.currentThread().isInterrupted()).as("interrupt flag").isTrue();
    assertThat(scripted.calls).as("calls of the backend").hasSize(1);
  }

  @Test
  void aZeroDelayRetriesWithoutWaiting() {
    RetryPolicy eager =
        RetryPolicy.builder().initialDelay(Duration.ZERO).maxDelay(Duration.ZERO).build();
    scripted.failBefore("get", unavailable("down"));
    assertThat(
            RetryingStorage.wrap(scripted, new Retrier(eager, slept::add)).get("default", "first"))
        .as("answer of the second attempt")
        .isEmpty();
    assertThat(slept).as("delays").isEmpty();
  }

  @Test
  void theRealDelayIsWaited() {
    RetryPolicy shortDelay =
        RetryPolicy.builder()
            .initialDelay(Duration.ofNanos(1_500_000))
            .maxDelay(Duration.ofMillis(2))
            .jitter(0)
            .build();
    scripted.failBefore("get", unavailable("down"));
    long start = System.nanoTime();
    assertThat(RetryingStorage.wrap(scripted, shortDelay).get("default", "first")).isEmpty();
    assertThat(Duration.ofNanos(System.nanoTime() - start))
        .as("time that two attempts took")
        .isGreaterThanOrEqualTo(Duration.ofNanos(1_500_000));
  }

  @Test
  void closeIsPassedOnAndNotRepeated() {
    scripted.failBefore("close", unavailable("down"));
    assertThatThrownBy(storage::close).as("failure").hasMessageContaining("down");
    assertThat(scripted.calls).as("calls of the backend").containsExactly("close");
  }
}
