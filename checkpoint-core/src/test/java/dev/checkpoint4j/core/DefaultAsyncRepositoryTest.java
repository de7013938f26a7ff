package dev.checkpoint4j.core;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.AsyncCheckpointRepository;
import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.CheckpointMetadata;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.CheckpointRepository;
import dev.checkpoint4j.Values;
import dev.checkpoint4j.error.CheckpointException;
import dev.checkpoint4j.error.StorageUnavailableException;
import dev.checkpoint4j.error.UnsupportedValueException;
import dev.checkpoint4j.spi.CallDeadline;
import dev.checkpoint4j.tck.ReferenceBackend;
import java.time.Duration;
import java.util.AbstractMap;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class DefaultAsyncRepositoryTest {

  private final ScriptedStorage scripted = new ScriptedStorage(new ReferenceBackend());

  /** Operations wait for it once {@link #gate} was called. */
  private final CountDownLatch gate = new CountDownLatch(1);

  private final CheckpointRepository repository = builder().build();
  private final AsyncCheckpointRepository async = repository.async();

  private CheckpointRepositoryBuilder builder() {
    return Checkpoints.builder().storage(scripted).retry(RetryPolicy.none());
  }

  @AfterEach
  void openTheGate() {
    scripted.before = operation -> {};
    gate.countDown();
    repository.close();
  }

  /** Makes reads by id wait; the latch that is returned tells how many do. */
  private CountDownLatch closeTheGate(int expected) {
    CountDownLatch waiting = new CountDownLatch(expected);
    scripted.before =
        operation -> {
          if (operation.equals("get")) {
            waiting.countDown();
            awaitQuietly(gate);
          }
        };
    return waiting;
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      assertThat(latch.await(60, TimeUnit.SECONDS)).as("latch opened").isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw ScriptedStorage.unavailable("interrupted");
    }
  }

  private static <T> T resultOf(CompletableFuture<T> future)
      throws InterruptedException, ExecutionException, TimeoutException {
    return future.get(60, TimeUnit.SECONDS);
  }

  /** What the future fails with, as {@code whenComplete} sees it. */
  private static Throwable failureOf(CompletableFuture<?> future)
      throws InterruptedException, ExecutionException, TimeoutException {
    CompletableFuture<Optional<Throwable>> seen = new CompletableFuture<>();
    var unused =
        future.whenComplete((result, failure) -> seen.complete(Optional.ofNullable(failure)));
    return resultOf(seen).orElseThrow(() -> new AssertionError("the operation succeeded"));
  }

  @Test
  void everyOperationDoesWhatItsTwinDoes() throws Exception {
    Checkpoint first = Checkpoint.builder("s").id("first").build();
    assertThat(async.put(first).get(60, TimeUnit.SECONDS)).as("result of put").isNull();
    assertThat(resultOf(async.get("first"))).as("by id").contains(first);
    Checkpoint second = resultOf(async.save("s", Map.of("step", 2)));
    assertThat(second.parentId()).as("parent of what was saved").contains("first");
    Checkpoint third = resultOf(async.save(CheckpointMetadata.of("s", "task"), Map.of("step", 3)));
    assertThat(third.metadata().taskId()).as("task").contains("task");
    Checkpoint fourth = resultOf(async.update("s", values -> Values.with(values, "step", 4)));
    assertThat(resultOf(async.getBySession("s"))).as("latest").contains(fourth);
    CheckpointQuery query = repository.query().build();
    assertThat(resultOf(async.list(query)).items())
        .as("list")
        .containsExactly(fourth, third, second, first);
    assertThat(resultOf(async.listHeaders(query)).items()).as("headers").hasSize(4);
    assertThat(resultOf(async.delete(List.of("first", "none")))).as("deleted").isEqualTo(1);
    assertThat(resultOf(async.deleteBySession("s"))).as("deleted by session").isEqualTo(3);
    assertThat(resultOf(async.namespace("other").getBySession("s"))).as("elsewhere").isEmpty();
  }

  @Test
  void whatItsTwinStreamsIsHandedToAnActionInOrder() throws Exception {
    Checkpoint first = repository.save("s", Map.of("step", 1));
    Checkpoint second = repository.save("s", Map.of("step", 2));
    repository.save("t", Map.of());
    CheckpointQuery query = repository.query().sessionId("s").limit(1).build();

    List<Checkpoint> checkpoints = new ArrayList<>();
    resultOf(async.stream(query, checkpoints::add));
    assertThat(checkpoints).as("stream").containsExactly(second, first);
    checkpoints.clear();
    resultOf(async.history("s", checkpoints::add));
    assertThat(checkpoints).as("history").containsExactly(second, first);
    checkpoints.clear();
    resultOf(async.lineage(second.id(), checkpoints::add));
    assertThat(checkpoints).as("lineage").containsExactly(second, first);
    List<CheckpointHeader> headers = new ArrayList<>();
    resultOf(async.streamHeaders(query, headers::add));
    assertThat(headers).as("headers").containsExactly(second.header(), first.header());
    List<String> sessions = new ArrayList<>();
    resultOf(async.sessions(sessions::add));
    assertThat(sessions).as("sessions").containsExactly("s", "t");
  }

  @Test
  void whatAnActionThrowsEndsTheStream() throws Exception {
    repository.save("s", Map.of());
    repository.save("s", Map.of());
    List<Checkpoint> seen = new ArrayList<>();
    IllegalStateException failure = new IllegalStateException("enough");
    assertThat(
            failureOf(
                async.history(
                    "s",
                    checkpoint -> {
                      seen.add(checkpoint);
                      throw failure;
                    })))
        .as("failure")
        .isSameAs(failure);
    assertThat(seen).as("handed on before").hasSize(1);
    assertThat(failureOf(async.history("s", nothing())))
        .as("no action")
        .isInstanceOf(NullPointerException.class)
        .hasMessage("action");
  }

  @Test
  void aFailureIsTheVeryExceptionOfTheTwin() throws Exception {
    CheckpointException failure = ScriptedStorage.denied("no");
    scripted.failBefore("get", failure);
    assertThat(failureOf(async.get("id"))).as("failure").isSameAs(failure);
    Error error = new LinkageError("broken");
    scripted.before =
        operation -> {
          throw error;
        };
    assertThat(failureOf(async.get("id"))).as("an error").isSameAs(error);
  }

  @Test
  void wrongArgumentsCompleteTheFuture() throws Exception {
    assertThat(failureOf(async.get("")))
        .as("empty id")
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(failureOf(async.put(nothing())))
        .as("no checkpoint")
        .isInstanceOf(NullPointerException.class)
        .hasMessage("checkpoint");
    assertThat(failureOf(async.save("s", nothing())))
        .as("no values")
        .isInstanceOf(NullPointerException.class)
        .hasMessage("values");
    assertThat(failureOf(async.delete(DefaultAsyncRepositoryTest.<List<String>>nothing())))
        .as("no ids")
        .isInstanceOf(NullPointerException.class);
    assertThat(failureOf(async.save("s", Map.of("at", new Object()))))
        .as("a value that cannot be stored")
        .isInstanceOf(UnsupportedValueException.class);
    assertThat(failureOf(async.list(CheckpointQuery.builder("other").build())))
        .as("a foreign namespace")
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("repository.namespace(\"other\")");
    assertThat(scripted.calls).as("calls of the backend").isEmpty();
  }

  @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"}) // To see what a null does.
  private static <T> T nothing() {
    return null;
  }

  @Test
  void anErrorOfAnArgumentIsInTheFutureToo() throws Exception {
    Map<String, Object> broken =
        new AbstractMap<>() {
          @Override
          public Set<Entry<String, Object>> entrySet() {
            throw new StackOverflowError("of the map");
          }
        };
    assertThat(failureOf(async.save("s", broken)))
        .as("values that cannot be read")
        .isInstanceOf(StackOverflowError.class)
        .hasMessage("of the map");
  }

  @Test
  void argumentsAreCopiedBeforeTheMethodReturns() throws Exception {
    Checkpoint doomed = repository.save("doomed", Map.of());
    List<Runnable> held = new ArrayList<>();
    AsyncCheckpointRepository holding = builder().executor(held::add).build().async();
    Map<String, Object> values = new HashMap<>(Map.of("step", 1));
    List<String> ids = new ArrayList<>(List.of(doomed.id()));
    CompletableFuture<Checkpoint> saved = holding.save("s", values);
    CompletableFuture<Long> deleted = holding.delete(ids);
    values.put("step", 2);
    ids.clear();
    held.forEach(Runnable::run);
    assertThat(resultOf(saved).values()).as("values").isEqualTo(Map.of("step", 1));
    assertThat(resultOf(deleted)).as("deleted").isEqualTo(1);
  }

  @Test
  void tooManyOperationsUnderWayAreRefusedWithoutEffect() throws Exception {
    CheckpointRepository two = builder().maxInFlight(2).build();
    CountDownLatch waiting = closeTheGate(2);
    CompletableFuture<Optional<Checkpoint>> one = two.async().get("1");
    CompletableFuture<Optional<Checkpoint>> other = two.namespace("other").async().get("2");
    awaitQuietly(waiting);
    assertThat(failureOf(two.async().save("s", Map.of())))
        .as("a third operation")
        .isInstanceOf(StorageUnavailableException.class)
        .hasMessageContainingAll("2 asynchronous operations", "maxInFlight", "operation=save");
    assertThat(scripted.countOf("put")).as("puts").isZero();
    gate.countDown();
    assertThat(resultOf(one)).as("the first").isEmpty();
    assertThat(resultOf(other)).as("the second").isEmpty();
    assertThat(resultOf(two.async().save("s", Map.of())).version()).as("again").isEqualTo(1);
  }

  @Test
  void whatFollowsOnAFutureFindsRoom() throws Exception {
    CheckpointRepository one = builder().maxInFlight(1).build();
    CompletableFuture<Checkpoint> chain = one.async().save("s", Map.of());
    for (int i = 0; i < 20; i++) {
      chain = chain.thenCompose(saved -> one.async().save("s", Map.of()));
    }
    assertThat(resultOf(chain).version()).as("version after a chain").isEqualTo(21);
  }

  /** The twin refuses as soon as the close has begun. */
  private void awaitCloseToBegin() {
    awaitCloseToBegin(repository);
  }

  private static void awaitCloseToBegin(CheckpointRepository closing) {
    boolean isOpen = true;
    while (isOpen) {
      try {
        isOpen = closing.getBySession("absent").isEmpty();
        Thread.onSpinWait();
      } catch (IllegalStateException e) {
        isOpen = false;
      }
    }
  }

  @Test
  void closeWaitsForWhatIsUnderWay() throws Exception {
    CountDownLatch waiting = closeTheGate(1);
    CompletableFuture<Optional<Checkpoint>> reading = async.get("id");
    awaitQuietly(waiting);
    CompletableFuture<Boolean> doneAtClose =
        CompletableFuture.supplyAsync(
            () -> {
              repository.close();
              return reading.isDone();
            });
    awaitCloseToBegin();
    assertThat(scripted.countOf("close")).as("closes of the backend so far").isZero();
    assertThat(failureOf(async.get("late")))
        .as("an operation after the close began")
        .isInstanceOf(IllegalStateException.class);
    gate.countDown();
    assertThat(resultOf(doneAtClose)).as("the operation was complete when close returned").isTrue();
    assertThat(resultOf(reading)).as("answer of the operation").isEmpty();
    assertThat(scripted.countOf("close")).as("closes of the backend").isEqualTo(1);
  }

  @Test
  void anOperationOfSeveralStepsGoesOnWhileTheStoreIsClosing() throws Exception {
    CountDownLatch changing = new CountDownLatch(1);
    CompletableFuture<Checkpoint> update =
        async.update(
            "s",
            values -> {
              changing.countDown();
              awaitQuietly(gate);
              return Map.of("step", 1);
            });
    awaitQuietly(changing);
    CompletableFuture<Void> closing = CompletableFuture.runAsync(repository::close);
    awaitCloseToBegin();
    gate.countDown();
    assertThat(resultOf(update).version()).as("version").isEqualTo(1);
    assertThat(closing.get(60, TimeUnit.SECONDS)).as("close").isNull();
  }

  @Test
  void aStreamThatWasAcceptedIsReadWhileTheStoreIsClosing() throws Exception {
    List<Runnable> accepted = new ArrayList<>();
    CheckpointRepository later = builder().executor(accepted::add).build();
    String id = later.save("s", Map.of()).id();
    List<String> read = new ArrayList<>();
    List<CompletableFuture<Void>> streams =
        List.of(
            later.async().stream(later.query().build(), entry -> read.add("stream")),
            later.async().streamHeaders(later.query().build(), entry -> read.add("streamHeaders")),
            later.async().history("s", entry -> read.add("history")),
            later.async().lineage(id, entry -> read.add("lineage")),
            later.async().sessions(entry -> read.add("sessions")));
    CompletableFuture<Void> closing = CompletableFuture.runAsync(later::close);
    awaitCloseToBegin(later);
    accepted.forEach(Runnable::run);
    for (CompletableFuture<Void> stream : streams) {
      assertThat(resultOf(stream)).as("end of a stream").isNull();
    }
    assertThat(read).containsExactly("stream", "streamHeaders", "history", "lineage", "sessions");
    assertThat(closing.get(60, TimeUnit.SECONDS)).as("close").isNull();
  }

  @Test
  void anOperationThatClosesDoesNotWaitForItself() throws Exception {
    CompletableFuture<Checkpoint> suicidal =
        async.update(
            "s",
            values -> {
              repository.close();
              return values;
            });
    assertThat(failureOf(suicidal))
        .as("the put after the close")
        .isInstanceOf(IllegalStateException.class);
    CheckpointRepository other = builder().storage(new ReferenceBackend()).build();
    CompletableFuture<Void> closed = other.async().get("id").thenRun(other::close);
    assertThat(closed.get(60, TimeUnit.SECONDS)).as("close in what follows on a future").isNull();
  }

  @Test
  void closeGivesUpWaitingAfterItsTime() throws Exception {
    CheckpointRepository impatient = builder().closeTimeout(Duration.ofMillis(1)).build();
    CountDownLatch waiting = closeTheGate(1);
    CompletableFuture<Optional<Checkpoint>> stuck = impatient.async().get("id");
    awaitQuietly(waiting);
    impatient.close();
    assertThat(scripted.countOf("close")).as("closes of the backend").isEqualTo(1);
    assertThat(failureOf(stuck))
        .as("the operation, which was interrupted")
        .hasMessageContaining("interrupted");
  }

  @Test
  void anInterruptedCloseDoesNotWaitAndKeepsTheFlag() throws Exception {
    CountDownLatch waiting = closeTheGate(1);
    CompletableFuture<Optional<Checkpoint>> stuck = async.get("id");
    awaitQuietly(waiting);
    Thread.currentThread().interrupt();
    repository.close();
    assertThat(Thread.interrupted()).as("interrupt flag").isTrue();
    assertThat(scripted.countOf("close")).as("closes of the backend").isEqualTo(1);
    assertThat(failureOf(stuck)).as("the operation").isInstanceOf(CheckpointException.class);
  }

  @Test
  void cancellingAFutureDoesNotStopTheOperationAndCloseWaitsForIt() throws Exception {
    CountDownLatch waiting = closeTheGate(1);
    CompletableFuture<Optional<Checkpoint>> reading = async.get("id");
    awaitQuietly(waiting);
    assertThat(reading.cancel(true)).as("cancelled").isTrue();
    CompletableFuture<Void> closing = CompletableFuture.runAsync(repository::close);
    awaitCloseToBegin();
    assertThat(scripted.countOf("close")).as("closes while the operation runs").isZero();
    gate.countDown();
    assertThat(closing.get(60, TimeUnit.SECONDS)).as("close").isNull();
    assertThat(failureOf(reading)).as("the future").isInstanceOf(CancellationException.class);
  }

  @Test
  void aGivenExecutorIsUsedAndNotShutDown() throws Exception {
    ExecutorService executor = Executors.newSingleThreadExecutor();
    try (CheckpointRepository given = builder().executor(executor).build()) {
      AtomicReference<Thread> ranOn = new AtomicReference<>();
      scripted.before = operation -> ranOn.set(Thread.currentThread());
      assertThat(resultOf(given.async().get("id"))).as("answer").isEmpty();
      Thread expected = executor.submit(Thread::currentThread).get(60, TimeUnit.SECONDS);
      assertThat(ranOn.get()).as("thread").isSameAs(expected);
    }
    assertThat(executor.isShutdown()).as("shut down").isFalse();
    executor.shutdown();
  }

  @Test
  void anExecutorThatRefusesLeavesRoomForTheNextOperation() throws Exception {
    AtomicReference<Executor> executor =
        new AtomicReference<>(
            work -> {
              throw new RejectedExecutionException("full");
            });
    AsyncCheckpointRepository limited =
        builder()
            .maxInFlight(1)
            .executor(work -> requireNonNull(executor.get()).execute(work))
            .build()
            .async();
    assertThat(failureOf(limited.get("id")))
        .as("refused")
        .isInstanceOf(StorageUnavailableException.class)
        .hasCauseInstanceOf(RejectedExecutionException.class);
    executor.set(
        work -> {
          work.run();
          work.run();
          throw new RejectedExecutionException("too late");
        });
    assertThat(resultOf(limited.get("id"))).as("run at once, once").isEmpty();
    assertThat(scripted.countOf("get")).as("calls of the backend").isEqualTo(1);
  }

  @Test
  void operationsRunOnVirtualThreadsWhereThereAreSomeAndTheThreadsEndWithTheRepository()
      throws Exception {
    Thread thread = threadOf(async);
    assertThat(thread.toString().startsWith("VirtualThread"))
        .as("whether %s is virtual", thread)
        .isEqualTo(Runtime.version().feature() >= 21);
    assertThat(thread.isDaemon()).as("daemon").isTrue();
    repository.close();
    thread.join(60_000);
    assertThat(thread.isAlive()).as("alive after close").isFalse();
  }

  private Thread threadOf(AsyncCheckpointRepository repository) throws Exception {
    AtomicReference<Thread> ranOn = new AtomicReference<>();
    scripted.before = operation -> ranOn.compareAndSet(null, Thread.currentThread());
    assertThat(resultOf(repository.get("id"))).isEmpty();
    return requireNonNull(ranOn.get());
  }

  @Test
  void thePoolRefusesNothingAndWhatItNeverStartedFailsAtClose() throws Exception {
    ExecutorService pool = AsyncRunner.newPool(1);
    try {
      CountDownLatch done = new CountDownLatch(3);
      for (int i = 0; i < 3; i++) {
        pool.execute(done::countDown);
      }
      awaitQuietly(done);
    } finally {
      pool.shutdown();
    }
    assertThat(pool.awaitTermination(60, TimeUnit.SECONDS)).as("terminated").isTrue();

    AsyncRunner runner =
        new AsyncRunner("test", 10, Duration.ofMillis(1), null, () -> AsyncRunner.newPool(1));
    CountDownLatch running = new CountDownLatch(1);
    CompletableFuture<String> started =
        runner.submit(
            "get",
            CallDeadline.none(),
            () -> {
              running.countDown();
              awaitQuietly(gate);
              return "done";
            });
    awaitQuietly(running);
    CompletableFuture<String> queued = runner.submit("get", CallDeadline.none(), () -> "never");
    assertThat(runner.close()).as("first close").isTrue();
    assertThat(runner.close()).as("second close").isFalse();
    assertThat(failureOf(queued))
        .as("what was queued")
        .isInstanceOf(StorageUnavailableException.class)
        .hasMessageContaining("before it was started");
    assertThat(failureOf(started)).as("what was running").hasMessageContaining("interrupted");
  }
}
