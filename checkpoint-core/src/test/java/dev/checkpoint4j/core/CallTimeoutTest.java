package dev.checkpoint4j.core;

import static dev.checkpoint4j.core.ScriptedStorage.unavailable;
import static dev.checkpoint4j.core.ScriptedStorage.unknown;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.checkpoint4j.AsyncCheckpointRepository;
import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.CheckpointRepository;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.Values;
import dev.checkpoint4j.error.BackendConfigurationException;
import dev.checkpoint4j.error.CheckpointException;
import dev.checkpoint4j.error.OutcomeUnknownException;
import dev.checkpoint4j.error.StorageUnavailableException;
import dev.checkpoint4j.error.VersionConflictException;
import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.CallDeadline;
import dev.checkpoint4j.tck.ReferenceBackend;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** No time is bounded: deadlines are far away, or are waited out by the storage. */
@Timeout(120)
class CallTimeoutTest {

  private static final Duration HOUR = Duration.ofHours(1);

  /** What is waited out, by looking at a deadline. */
  private static final Duration SOON = Duration.ofMillis(20);

  /** What the storage sees when it is called. */
  private record Seen(String operation, Duration left, long at) {

    /** How much of the deadline has gone by since; what the clock says is gone by. */
    Duration spentUntil(Seen later) {
      return left.minus(later.left);
    }

    Duration elapsedUntil(Seen later) {
      return Duration.ofNanos(later.at - at);
    }
  }

  private final ReferenceBackend reference = new ReferenceBackend();
  private final ScriptedStorage scripted = new ScriptedStorage(reference);
  private final List<Seen> seen = new ArrayList<>();
  private final List<Duration> slept = new ArrayList<>();
  private final CheckpointRepository repository = builder().callTimeout(HOUR).build();

  CallTimeoutTest() {
    scripted.before =
        operation ->
            seen.add(new Seen(operation, CallDeadline.current().remaining(), System.nanoTime()));
  }

  private CheckpointRepositoryBuilder builder() {
    RetryPolicy five =
        RetryPolicy.builder().initialDelay(Duration.ZERO).maxDelay(Duration.ZERO).build();
    return Checkpoints.builder().storage(scripted).retry(five).conflictRetry(five);
  }

  private static void waitUntilPassed(CallDeadline deadline) {
    assertThat(deadline.remaining()).as("a wait that ends").isLessThan(Duration.ofSeconds(10));
    while (!deadline.hasPassed()) {
      Thread.onSpinWait();
    }
  }

  static Stream<Arguments> calls() {
    return Stream.of(
        call("put", repo -> repo.put(Checkpoint.builder("s").build())),
        call("get", repo -> assertThat(repo.get("id")).isEmpty()),
        call("getBySession", repo -> assertThat(repo.getBySession("s")).isEmpty()),
        call("list", repo -> assertThat(repo.list(repo.query().build()).items()).isEmpty()),
        call(
            "listHeaders",
            repo -> assertThat(repo.listHeaders(repo.query().build()).items()).isEmpty()),
        call("listHeaders", repo -> repo.save("s", Map.of())),
        call("getBySession", repo -> repo.update("s", values -> values)),
        call("delete", repo -> repo.delete(List.of("id"))),
        call("deleteBySession", repo -> repo.deleteBySession("s")),
        call("list", repo -> assertThat(repo.stream(repo.query().build())).isEmpty()),
        call("list", repo -> assertThat(repo.history("s")).isEmpty()),
        call("get", repo -> assertThat(repo.lineage("id")).isEmpty()),
        call("listSessions", repo -> assertThat(repo.sessions()).isEmpty()));
  }

  private static Arguments call(String operation, Consumer<CheckpointRepository> call) {
    return Arguments.of(operation, call);
  }

  @ParameterizedTest(name = "{index} {0}")
  @MethodSource("calls")
  void everyCallHasTheDeadlineThatIsSet(String operation, Consumer<CheckpointRepository> call) {
    call.accept(repository);
    assertThat(seen).extracting(Seen::operation).as("operations").contains(operation);
    assertThat(seen)
        .as("time left at each operation")
        .allSatisfy(
            each -> assertThat(each.left()).isBetween(HOUR.minus(Duration.ofMinutes(2)), HOUR));
    assertThat(CallDeadline.current()).as("afterwards").isSameAs(CallDeadline.none());
  }

  @ParameterizedTest(name = "{index} {0}")
  @MethodSource("calls")
  void aStoreThatWaitsForAsLongAsItMayIsNotAskedAgain(
      String operation, Consumer<CheckpointRepository> call) {
    scripted.before = name -> waitUntilPassed(CallDeadline.current());
    CheckpointException failure = unavailable("waited in vain");
    for (int i = 0; i < 5; i++) {
      scripted.failBefore(operation, failure);
    }
    assertThatThrownBy(() -> call.accept(builder().callTimeout(SOON).build()))
        .as("failure: what the last attempt threw")
        .isSameAs(failure);
    assertThat(scripted.calls).as("attempts").containsExactly(operation);
  }

  @Test
  void aCallMayTakeThirtySecondsUnlessSetOtherwise() {
    assertThat(builder().build().get("id")).isEmpty();
    assertThat(seen.get(0).left())
        .as("time left")
        .isBetween(Duration.ofSeconds(1), Duration.ofSeconds(30));
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -1})
  void aTimeoutIsGreaterThanZero(long seconds) {
    assertThatThrownBy(() -> builder().callTimeout(Duration.ofSeconds(seconds)).build())
        .as("callTimeout of %s s", seconds)
        .isInstanceOf(BackendConfigurationException.class)
        .hasMessageContainingAll("callTimeout", "greater than zero");
  }

  @Test
  void allOfASaveHasOneDeadline() {
    raceWithPut();
    repository.save("s", Map.of());
    assertThat(seen)
        .as("two attempts")
        .extracting(Seen::operation)
        .containsExactly("listHeaders", "put", "listHeaders", "put");
    for (int i = 1; i < seen.size(); i++) {
      Seen before = seen.get(i - 1);
      // The deadline is read before the clock, so what it lost since is at least what was left out.
      assertThat(before.spentUntil(seen.get(i)))
          .as("time that counted between operations %s and %s", i - 1, i)
          .isPositive();
    }
    assertThat(seen.get(0).spentUntil(seen.get(3)))
        .as("time that counted in all")
        .isLessThanOrEqualTo(Duration.ofMinutes(2));
  }

  /** The first put of the session comes too late. */
  private void raceWithPut() {
    Consumer<String> record = scripted.before;
    scripted.before =
        operation -> {
          record.accept(operation);
          if (operation.equals("put") && reference.list(all()).items().isEmpty()) {
            reference.put(Checkpoint.builder("s").build(), Expectation.any());
          }
        };
  }

  private static CheckpointQuery all() {
    return CheckpointQuery.builder("default").build();
  }

  @Test
  void whatTheChangeOfAnUpdateTakesDoesNotCount() {
    raceWithPut();
    List<CallDeadline> deadlines = new ArrayList<>();
    List<Duration> taken = new ArrayList<>();
    repository.update(
        "s",
        values -> {
          long start = System.nanoTime();
          deadlines.add(CallDeadline.current());
          waitUntilPassed(CallDeadline.after(SOON));
          taken.add(Duration.ofNanos(System.nanoTime() - start));
          return Values.with(values, "mine", 1);
        });
    assertThat(deadlines)
        .as("deadlines of the change in two attempts")
        .containsExactly(CallDeadline.none(), CallDeadline.none());
    assertThat(seen)
        .extracting(Seen::operation)
        .containsExactly("getBySession", "put", "getBySession", "put");
    Seen first = seen.get(0);
    Seen last = seen.get(3);
    assertThat(first.spentUntil(last)).as("storage time of both attempts").isPositive();
    assertThat(first.spentUntil(last).plus(taken.get(0)).plus(taken.get(1)))
        .as("what counted, and what the change took, is no more than what went by")
        .isLessThanOrEqualTo(first.elapsedUntil(last).plus(Duration.ofMillis(1)));
  }

  @Test
  void aConflictIsNotRetriedWhenTheTimeIsOver() {
    scripted.before =
        operation -> {
          if (operation.equals("put")) {
            reference.put(Checkpoint.builder("s").build(), Expectation.any());
            waitUntilPassed(CallDeadline.current());
          }
        };
    CheckpointRepository hurried = builder().callTimeout(SOON).build();
    assertThatThrownBy(() -> hurried.update("s", values -> values))
        .as("update")
        .isInstanceOf(VersionConflictException.class);
    assertThat(scripted.calls).as("operations").containsExactly("getBySession", "put");
  }

  @Test
  void anEarlierDeadlineOfTheApplicationWins() {
    for (int i = 0; i < 5; i++) {
      scripted.failBefore("get", unavailable("down"));
    }
    assertThatThrownBy(() -> CallDeadline.after(Duration.ZERO).call(() -> repository.get("id")))
        .as("a call whose time is over already")
        .isInstanceOf(StorageUnavailableException.class);
    assertThat(scripted.calls).as("attempts").containsExactly("get");
    assertThat(seen.get(0).left()).as("time left").isZero();
  }

  @Test
  void noPauseIsBegunThatWouldReachTheDeadline() {
    RetryPolicy slow =
        RetryPolicy.builder().initialDelay(Duration.ofSeconds(10)).maxDelay(HOUR).jitter(0).build();
    BackendStorage storage = RetryingStorage.wrap(scripted, new Retrier(slow, slept::add));
    CheckpointException last = unavailable("three");
    scripted
        .failBefore("get", unavailable("one"))
        .failBefore("get", unavailable("two"))
        .failBefore("get", last);
    // The third pause, of 40 s, would reach it. The ones before are recorded, not waited for.
    CallDeadline deadline = CallDeadline.after(Duration.ofSeconds(30));
    assertThatThrownBy(() -> deadline.call(() -> storage.get("default", "id")))
        .as("failure")
        .isSameAs(last);
    assertThat(slept).as("pauses").containsExactly(Duration.ofSeconds(10), Duration.ofSeconds(20));
  }

  @Test
  void noAttemptFollowsAPauseThatTookTooLong() {
    CallDeadline deadline = CallDeadline.after(SOON);
    RetryPolicy policy = RetryPolicy.builder().initialDelay(Duration.ofNanos(1)).jitter(0).build();
    BackendStorage storage =
        RetryingStorage.wrap(scripted, new Retrier(policy, delay -> waitUntilPassed(deadline)));
    scripted.failBefore("get", unavailable("down"));
    assertThatThrownBy(() -> deadline.call(() -> storage.get("default", "id")))
        .as("failure")
        .hasMessageContaining("down");
    assertThat(scripted.calls).as("attempts").containsExactly("get");
  }

  @Test
  void aStoreWithoutARepositoryRetriesWithoutADeadline() {
    BackendStorage storage = RetryingStorage.wrap(scripted, RetryPolicy.standard());
    scripted.failBefore("get", unavailable("down"));
    assertThat(storage.get("default", "id")).as("second answer").isEmpty();
    assertThat(seen)
        .extracting(Seen::left)
        .as("time left")
        .containsOnly(CallDeadline.none().remaining());
  }

  @Test
  void anOutcomeThatIsUnknownStaysTheTruthWhenTheTimeIsOver() {
    CheckpointException lost = unknown("lost answer");
    scripted.failAfter("put", lost).failBefore("put", unavailable("down"));
    List<String> attempts = new ArrayList<>();
    scripted.before =
        operation -> {
          attempts.add(operation);
          if (attempts.size() == 3) {
            waitUntilPassed(CallDeadline.current());
          }
        };
    CheckpointRepository hurried = builder().callTimeout(Duration.ofMillis(200)).build();
    assertThatThrownBy(() -> hurried.save("s", Map.of()))
        .as("the put was applied; that it could not be repeated hides nothing")
        .isInstanceOf(OutcomeUnknownException.class)
        .isSameAs(lost);
    assertThat(attempts).as("operations").hasSizeLessThanOrEqualTo(3);
  }

  @Test
  void eachPageOfAStreamIsACall() {
    for (int i = 1; i <= 3; i++) {
      repository.save("s", Map.of("step", i));
    }
    List<CallDeadline> deadlines = new ArrayList<>();
    scripted.before = operation -> deadlines.add(CallDeadline.current());
    assertThat(repository.stream(repository.query().limit(1).build())).as("entries").hasSize(3);
    assertThat(deadlines).as("deadlines of the pages").hasSize(3).doesNotHaveDuplicates();
  }

  /** Runs tasks when it is told to. */
  private static final class Queued implements java.util.concurrent.Executor {
    private final Queue<Runnable> tasks = new ArrayDeque<>();

    @Override
    public void execute(Runnable task) {
      tasks.add(task);
    }

    void runAll() {
      for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
        task.run();
      }
    }
  }

  @Test
  void theTimeOfAnAsynchronousCallStartsWhenItIsSubmitted() throws Exception {
    Queued queue = new Queued();
    AsyncCheckpointRepository async = builder().callTimeout(HOUR).executor(queue).build().async();
    List<CompletableFuture<?>> futures =
        List.of(
            async.get("id"),
            async.save("s", Map.of()),
            async.update("s", values -> values),
            async.delete(List.of("id")));
    Seen submitted = new Seen("submitted", HOUR, System.nanoTime());
    waitUntilPassed(CallDeadline.after(SOON));
    queue.runAll();
    for (CompletableFuture<?> future : futures) {
      future.get(60, TimeUnit.SECONDS);
    }
    assertThat(seen)
        .as("operations: get, 2 of save, 2 of update, delete")
        .hasSize(6)
        .allSatisfy(
            each ->
                assertThat(submitted.spentUntil(each))
                    .as("time gone by at %s", each.operation())
                    .isGreaterThanOrEqualTo(SOON));
  }

  @Test
  void whatWaitsForAThreadUntilItsTimeIsOverIsNotStarted() {
    Queued queue = new Queued();
    AsyncCheckpointRepository async = builder().callTimeout(SOON).executor(queue).build().async();
    List<CompletableFuture<?>> futures =
        List.of(async.save("s", Map.of()), async.update("s", values -> values));
    waitUntilPassed(CallDeadline.after(SOON));
    queue.runAll();
    for (CompletableFuture<?> future : futures) {
      assertThatThrownBy(() -> future.get(60, TimeUnit.SECONDS))
          .as("the future")
          .isInstanceOf(ExecutionException.class)
          .cause()
          .isInstanceOf(StorageUnavailableException.class)
          .hasMessageContainingAll("not started", "callTimeout");
    }
    assertThat(scripted.calls).as("operations").isEmpty();
  }

  @Test
  void anAsynchronousCallKeepsTheDeadlineOfTheApplication() throws Exception {
    Queued queue = new Queued();
    AsyncCheckpointRepository async = builder().callTimeout(HOUR).executor(queue).build().async();
    Duration outer = Duration.ofMinutes(30);
    List<CompletableFuture<?>> futures =
        CallDeadline.after(outer)
            .call(
                () ->
                    List.of(
                        async.get("id"),
                        async.update("s", values -> values),
                        async.history("s", each -> {})));
    queue.runAll();
    for (CompletableFuture<?> future : futures) {
      future.get(60, TimeUnit.SECONDS);
    }
    assertThat(seen)
        .as("time left at get, 2 of update, history")
        .hasSize(4)
        .allSatisfy(each -> assertThat(each.left()).isLessThanOrEqualTo(outer));
  }

  @Test
  void whatAnAsynchronousUpdateAppliesHasNoDeadline() throws Exception {
    List<CallDeadline> deadlines = new ArrayList<>();
    Checkpoint saved =
        repository
            .async()
            .update(
                "s",
                values -> {
                  deadlines.add(CallDeadline.current());
                  return Values.with(values, "step", 1);
                })
            .get(60, TimeUnit.SECONDS);
    assertThat(deadlines).as("deadline of the change").containsExactly(CallDeadline.none());
    assertThat(repository.get(saved.id())).isEqualTo(Optional.of(saved));
  }
}
