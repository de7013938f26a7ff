package dev.checkpoint4j.store.s3.internal.client;

import dev.checkpoint4j.annotation.CanIgnoreReturnValue;
import dev.checkpoint4j.spi.CallDeadline;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import software.amazon.awssdk.core.exception.SdkClientException;

/**
 * Runs requests on a bounded number of threads of its own. Nobody interrupts these threads: a
 * request that was started completes, whatever happens to the thread that waits for it. A request
 * inherits the deadline of the call, and the caller waits no longer than that.
 */
public final class RequestExecutor implements AutoCloseable {

  private static final Duration IDLE = Duration.ofSeconds(30);

  private final ThreadPoolExecutor executor;

  public RequestExecutor(int parallelism) {
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
  public <R> R invoke(Supplier<R> request) {
    return invokeAll(List.of(request)).get(0);
  }

  /**
   * Runs all requests at once, as far as threads are free, and waits for all of them. Throws the
   * failure of the first one that failed. A thread of this pool runs them one after the other.
   */
  @CanIgnoreReturnValue
  public <R> List<R> invokeAll(List<? extends Supplier<R>> requests) {
    List<R> results = new ArrayList<>();
    if (Thread.currentThread() instanceof RequestThread) {
      requests.forEach(request -> results.add(request.get()));
      return results;
    }
    CallDeadline deadline = CallDeadline.current();
    List<Future<R>> futures = new ArrayList<>();
    RuntimeException failure = null;
    try {
      requests.forEach(request -> futures.add(executor.submit(() -> deadline.call(request))));
    } catch (RejectedExecutionException e) {
      failure = new NotSentException("the handle was closed during the request");
    }
    for (Future<R> future : futures) {
      try {
        results.add(result(future, deadline));
      } catch (RuntimeException e) {
        failure = failure == null ? e : failure;
      }
    }
    if (failure != null) {
      throw failure;
    }
    return results;
  }

  private static <R> R result(Future<R> future, CallDeadline deadline) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return future.get(deadline.remaining().toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
          interrupted = true;
        } catch (TimeoutException e) {
          // A request still in the queue is not sent any more; one that was sent may still arrive.
          future.cancel(false);
          throw SdkClientException.create("the server did not answer in time", e);
        } catch (ExecutionException e) {
          if (e.getCause() instanceof RuntimeException failure) {
            throw failure;
          }
          throw SdkClientException.create("a request failed", e.getCause());
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
