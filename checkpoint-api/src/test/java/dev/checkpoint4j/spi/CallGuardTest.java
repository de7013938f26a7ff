package dev.checkpoint4j.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.checkpoint4j.annotation.CanIgnoreReturnValue;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class CallGuardTest {

  private static final Duration LONG = Duration.ofMinutes(5);

  private final CallGuard guard = new CallGuard("sample store");

  private static <T> FutureTask<T> start(Callable<T> task) {
    FutureTask<T> future = new FutureTask<>(task);
    Thread thread = new Thread(future);
    thread.setDaemon(true);
    thread.start();
    return future;
  }

  @CanIgnoreReturnValue
  private static <T> T join(FutureTask<T> task) throws Exception {
    return task.get(1, TimeUnit.MINUTES);
  }

  /** A call that is in flight until {@code end} is zero. */
  private FutureTask<String> callUntil(CountDownLatch end) throws InterruptedException {
    CountDownLatch begun = new CountDownLatch(1);
    FutureTask<String> call =
        start(
            () ->
                guard.call(
                    () -> {
                      begun.countDown();
                      try {
                        return end.await(1, TimeUnit.MINUTES) ? "ended" : "abandoned";
                      } catch (InterruptedException e) {
                        return "interrupted";
                      }
                    }));
    assertThat(begun.await(1, TimeUnit.MINUTES)).as("the call has begun").isTrue();
    return call;
  }

  @Test
  void aClosedGuardRunsNoCall() {
    assertThat(guard.call(() -> "answer")).isEqualTo("answer");
    assertThat(guard.close(LONG)).as("the first close").isTrue();
    assertThat(guard.close(LONG)).as("the second close").isFalse();
    assertThatThrownBy(() -> guard.call(() -> "answer"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("this handle of the sample store is closed");
  }

  @Test
  void closingWaitsForTheCallsInFlight() throws Exception {
    CountDownLatch end = new CountDownLatch(1);
    FutureTask<String> call = callUntil(end);
    FutureTask<Boolean> close = start(() -> guard.close(LONG));
    while (!refuses()) {
      Thread.onSpinWait();
    }
    assertThat(close).as("a call is in flight").isNotDone();
    end.countDown();
    assertThat(join(close)).isTrue();
    assertThat(call.isDone() || join(call).equals("ended")).isTrue();
  }

  private boolean refuses() {
    try {
      return guard.call(() -> false);
    } catch (IllegalStateException e) {
      return true;
    }
  }

  @Test
  void closingDoesNotWaitForEver() throws Exception {
    CountDownLatch end = new CountDownLatch(1);
    FutureTask<String> call = callUntil(end);
    assertThat(guard.close(Duration.ZERO)).isTrue();
    assertThat(call).isNotDone();
    end.countDown();
    assertThat(join(call)).isEqualTo("ended");
  }

  @Test
  void aCallThatFailsIsNotInFlight() {
    assertThatThrownBy(
            () ->
                guard.call(
                    () -> {
                      throw new UnsupportedOperationException("refused");
                    }))
        .hasMessage("refused");
    assertThat(guard.close(LONG)).isTrue();
  }

  @Test
  void anInterruptDoesNotEndTheWait() throws Exception {
    CountDownLatch end = new CountDownLatch(1);
    FutureTask<String> call = callUntil(end);
    FutureTask<Boolean> close =
        start(
            () -> {
              Thread.currentThread().interrupt();
              return guard.close(LONG) && Thread.currentThread().isInterrupted();
            });
    while (!refuses()) {
      Thread.onSpinWait();
    }
    assertThat(close).as("a call is in flight").isNotDone();
    end.countDown();
    assertThat(join(close)).as("the flag of the thread").isTrue();
    assertThat(join(call)).isEqualTo("ended");
  }

  @Test
  void aCallAtTheEndOfTheStackIsNotRun() throws Exception {
    AtomicInteger run = new AtomicInteger();
    // Made here: at the end of the stack it could not be linked.
    Supplier<Integer> call = run::incrementAndGet;
    assertThat(guard.call(call)).isEqualTo(1);
    FutureTask<Integer> diver = new FutureTask<>(() -> dive(call, run));
    Thread thread = new Thread(null, diver, "diver", 1 << 18);
    thread.start();
    assertThat(join(diver)).as("calls that were refused").isPositive();
    assertThat(run).as("calls that were run").hasValue(2);
    assertThat(guard.close(LONG)).isTrue();
  }

  /** Calls at the end of the stack, and at each level above until the call is run. */
  private int dive(Supplier<Integer> call, AtomicInteger run) {
    int refused = 0;
    if (run.get() > 1) {
      return refused;
    }
    try {
      refused = dive(call, run);
    } catch (StackOverflowError e) {
      // The end of the stack.
    }
    if (run.get() == 1) {
      try {
        guard.call(call);
      } catch (StackOverflowError e) {
        refused++;
      }
    }
    return refused;
  }
}
