package dev.checkpoint4j.tck;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Runs tasks at the same moment, each on a thread of its own, and waits no longer than allowed. */
final class Race {

  /** The longest any wait of the TCK takes; a medium far away may need more. */
  static final long WAIT_SECONDS = Long.getLong("checkpoint.tck.patience", 60);

  /**
   * How a task ended.
   *
   * @param result what it returned; {@code null} if it failed
   * @param failure what it threw; {@code null} if it did not
   */
  record Attempt<T>(@Nullable T result, @Nullable Throwable failure) {

    boolean failedWith(Class<? extends Throwable> type) {
      return type.isInstance(failure);
    }

    boolean succeeded() {
      return failure == null;
    }

    /** The result; fails with what the task threw if it threw. */
    T orThrow(String what) {
      if (failure != null) {
        throw new AssertionError(what + " failed: " + failure, failure);
      }
      return Objects.requireNonNull(result, "result");
    }
  }

  private Race() {}

  /** How each of the tasks ended, in their order; {@code what} names them if they hang. */
  static <T> List<Attempt<T>> run(String what, List<? extends Callable<T>> tasks) {
    return run(what, tasks, WAIT_SECONDS);
  }

  /** As {@link #run(String, List)}, with another limit. */
  static <T> List<Attempt<T>> run(String what, List<? extends Callable<T>> tasks, long seconds) {
    CyclicBarrier start = new CyclicBarrier(tasks.size());
    List<FutureTask<T>> futures = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    for (Callable<T> task : tasks) {
      FutureTask<T> future =
          new FutureTask<>(
              () -> {
                start.await(WAIT_SECONDS, TimeUnit.SECONDS);
                return task.call();
              });
      Thread thread = new Thread(future, "checkpoint-tck-race-" + threads.size());
      thread.setDaemon(true);
      futures.add(future);
      threads.add(thread);
    }
    threads.forEach(Thread::start);
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    List<Attempt<T>> attempts = new ArrayList<>();
    for (int i = 0; i < futures.size(); i++) {
      attempts.add(await(what, futures.get(i), threads, deadline, seconds));
    }
    return attempts;
  }

  /** What the tasks returned, in their order; fails if one of them threw. */
  static <T> List<T> results(String what, List<? extends Callable<T>> tasks) {
    return Race.<T>run(what, tasks).stream().map(attempt -> attempt.orThrow(what)).toList();
  }

  private static <T> Attempt<T> await(
      String what, FutureTask<T> future, List<Thread> threads, long deadline, long seconds) {
    try {
      T result = future.get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
      return new Attempt<>(result, null);
    } catch (ExecutionException e) {
      return new Attempt<>(null, e.getCause());
    } catch (TimeoutException e) {
      List<Thread> hanging = threads.stream().filter(Thread::isAlive).toList();
      AssertionError hung =
          new AssertionError(
              "%s did not end within %d s. %s"
                  .formatted(
                      what,
                      seconds,
                      hanging.stream().map(RuleThread::stack).collect(Collectors.joining("\n"))));
      hanging.forEach(Thread::interrupt);
      throw hung;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("the thread that waited for " + what + " was interrupted", e);
    }
  }
}
