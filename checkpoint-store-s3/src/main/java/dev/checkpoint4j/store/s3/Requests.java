package dev.checkpoint4j.store.s3;

import dev.checkpoint4j.annotation.CanIgnoreReturnValue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Runs requests on a bounded number of threads of its own, which nobody interrupts: a request that
 * was begun comes to its end, whatever happens to the thread that waits for it.
 */
final class Requests implements AutoCloseable {

  private static final Duration IDLE = Duration.ofSeconds(30);

  private final ThreadPoolExecutor executor;

  Requests(int parallelism) {
    executor =
        new ThreadPoolExecutor(
            parallelism,
            parallelism,
            IDLE.toMillis(),
            TimeUnit.MILLISECONDS,
            new LinkedBlockingQueue<>(),
            RequestThread::new);
    executor.allowCoreThreadTimeOut(true);
  }

  private static final class RequestThread extends Thread {
    RequestThread(Runnable task) {
      super(task, "checkpoint-s3");
      setDaemon(true);
    }
  }

  @CanIgnoreReturnValue
  <R> R run(Supplier<R> request) {
    return all(List.of(request)).get(0);
  }

  /**
   * Runs all at once, as far as threads are free, and waits for all; then throws what the first one
   * that failed threw. On a thread of this pool, one after the other.
   */
  @CanIgnoreReturnValue
  <R> List<R> all(List<? extends Supplier<R>> requests) {
    List<R> results = new ArrayList<>();
    if (Thread.currentThread() instanceof RequestThread) {
      requests.forEach(request -> results.add(request.get()));
      return results;
    }
    List<Future<R>> futures = new ArrayList<>();
    requests.forEach(request -> futures.add(executor.submit(request::get)));
    RuntimeException failure = null;
    for (Future<R> future : futures) {
      try {
        results.add(result(future));
      } catch (RuntimeException e) {
        failure = failure == null ? e : failure;
      }
    }
    if (failure != null) {
      throw failure;
    }
    return results;
  }

  private static <R> R result(Future<R> future) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return future.get();
        } catch (InterruptedException e) {
          interrupted = true;
        } catch (ExecutionException e) {
          if (e.getCause() instanceof RuntimeException failure) {
            throw failure;
          }
          throw new IllegalStateException("a request failed", e.getCause());
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Override
  public void close() {
    executor.shutdown();
  }
}
