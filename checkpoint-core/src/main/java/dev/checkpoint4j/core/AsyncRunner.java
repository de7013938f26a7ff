package dev.checkpoint4j.core;

import dev.checkpoint4j.error.ErrorContext;
import dev.checkpoint4j.error.StorageUnavailableException;
import dev.checkpoint4j.spi.CallDeadline;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the operations of asynchronous repositories, and knows whether the store is open: an
 * operation that was accepted before {@link #close} is waited for by it.
 */
final class AsyncRunner {

  private static final Logger LOG = LoggerFactory.getLogger(AsyncRunner.class);
  private static final int POOL_THREADS = 32;

  private final Object lock = new Object();
  private final String backendId;
  private final int maxInFlight;
  private final Duration closeTimeout;
  private final @Nullable Executor givenExecutor;
  private final Supplier<ExecutorService> makeExecutor;

  /** Accepted and not completed. Guarded by the lock. */
  private final Set<Task<?>> tasks = new HashSet<>();

  /** Accepted and not ended; a task ends before its future is completed. Guarded by the lock. */
  private int inFlight;

  /** Created when it is needed. Guarded by the lock. */
  private @Nullable ExecutorService ownExecutor;

  private volatile boolean closed;

  AsyncRunner(
      String backendId, int maxInFlight, Duration closeTimeout, @Nullable Executor givenExecutor) {
    this(
        backendId,
        maxInFlight,
        closeTimeout,
        givenExecutor,
        () -> newExecutor(Math.min(POOL_THREADS, maxInFlight)));
  }

  AsyncRunner(
      String backendId,
      int maxInFlight,
      Duration closeTimeout,
      @Nullable Executor givenExecutor,
      Supplier<ExecutorService> makeExecutor) {
    this.backendId = backendId;
    this.maxInFlight = maxInFlight;
    this.closeTimeout = closeTimeout;
    this.givenExecutor = givenExecutor;
    this.makeExecutor = makeExecutor;
  }

  /** Throws {@link IllegalStateException} after {@link #close}. */
  void checkOpen() {
    if (closed) {
      throw new IllegalStateException("the repository is closed");
    }
  }

  /**
   * Runs {@code work} on another thread, unless {@code deadline} passes before there is one. Every
   * failure, also to accept it, is in the future.
   */
  <T extends @Nullable Object> CompletableFuture<T> submit(
      String operation, CallDeadline deadline, Supplier<T> work) {
    Task<T> task = new Task<>(operation, deadline, work);
    Executor executor;
    try {
      executor = accept(task);
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
    try {
      executor.execute(task);
    } catch (RuntimeException | Error e) {
      task.refuse("the executor refused the operation; give it more room, or repeat it later", e);
    }
    return task.future;
  }

  private Executor accept(Task<?> task) {
    synchronized (lock) {
      checkOpen();
      if (inFlight >= maxInFlight) {
        throw unavailable(
            task.operation,
            maxInFlight
                + " asynchronous operations are under way; wait for some to complete, or raise"
                + " maxInFlight",
            null);
      }
      Executor executor = executor();
      inFlight++;
      tasks.add(task);
      return executor;
    }
  }

  private Executor executor() {
    if (givenExecutor != null) {
      return givenExecutor;
    }
    if (ownExecutor == null) {
      ownExecutor = makeExecutor.get();
    }
    return ownExecutor;
  }

  private static ExecutorService newExecutor(int poolThreads) {
    // Before 21 the method is absent, or a preview that throws.
    if (Runtime.version().feature() >= 21) {
      try {
        return (ExecutorService)
            MethodHandles.publicLookup()
                .findStatic(
                    Executors.class,
                    "newVirtualThreadPerTaskExecutor",
                    MethodType.methodType(ExecutorService.class))
                .invoke();
      } catch (Throwable e) {
        LOG.warn("Virtual threads cannot be used; falling back to a pool", e);
      }
    }
    return newPool(poolThreads);
  }

  static ExecutorService newPool(int threads) {
    AtomicInteger number = new AtomicInteger();
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            threads,
            threads,
            30,
            TimeUnit.SECONDS,
            // Bounded by the operations in flight.
            new LinkedBlockingQueue<>(),
            work -> {
              Thread thread = new Thread(work, "checkpoint-async-" + number.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
    pool.allowCoreThreadTimeOut(true);
    return pool;
  }

  /**
   * Accepts nothing more, waits for what was accepted, and gives back the threads. What is still
   * running when the time is over is interrupted, if the threads are its own. A task that closes
   * does not wait for itself.
   *
   * @return whether this was the first call
   */
  boolean close() {
    List<Task<?>> others;
    ExecutorService executor;
    synchronized (lock) {
      if (closed) {
        return false;
      }
      closed = true;
      others = tasks.stream().filter(task -> task.thread != Thread.currentThread()).toList();
      executor = ownExecutor;
    }
    boolean completed = await(others);
    if (executor != null) {
      if (completed) {
        executor.shutdown();
      } else {
        executor.shutdownNow().stream()
            .map(Task.class::cast)
            .forEach(task -> task.refuse("the repository was closed before it was started", null));
      }
    }
    return true;
  }

  private boolean await(List<Task<?>> others) {
    CompletableFuture<?>[] ends =
        others.stream().flatMap(Task::ends).toArray(CompletableFuture<?>[]::new);
    try {
      CompletableFuture.allOf(ends).get(closeTimeout.toNanos(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      // An operation failed, which its future reports; all of them ended.
    } catch (TimeoutException e) {
      LOG.warn("Closing the {} store although operations are still under way", backendId);
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
    return true;
  }

  private StorageUnavailableException unavailable(
      String operation, String message, @Nullable Throwable cause) {
    return new StorageUnavailableException(message, ErrorContext.of(backendId, operation), cause);
  }

  private final class Task<T extends @Nullable Object> implements Runnable {

    private final String operation;
    private final CallDeadline deadline;
    private final Supplier<T> work;
    private final CompletableFuture<T> future = new CompletableFuture<>();

    /** The user may complete or cancel the future; this one completes when the operation ended. */
    private final CompletableFuture<@Nullable Void> ended = new CompletableFuture<>();

    private final AtomicBoolean claimed = new AtomicBoolean();
    private volatile @Nullable Thread thread;

    Task(String operation, CallDeadline deadline, Supplier<T> work) {
      this.operation = operation;
      this.deadline = deadline;
      this.work = work;
    }

    Stream<CompletableFuture<?>> ends() {
      return Stream.of(ended, future);
    }

    @Override
    public void run() {
      if (deadline.hasPassed()) {
        refuse(
            "the operation waited for a thread until its time was over, and was not started;"
                + " repeat it when less is under way, or raise callTimeout",
            null);
        return;
      }
      if (!claimed.compareAndSet(false, true)) {
        return;
      }
      thread = Thread.currentThread();
      T result;
      try {
        result = work.get();
      } catch (Throwable e) {
        finish(() -> future.completeExceptionally(e));
        return;
      }
      finish(() -> future.complete(result));
    }

    void refuse(String reason, @Nullable Throwable cause) {
      if (claimed.compareAndSet(false, true)) {
        finish(() -> future.completeExceptionally(unavailable(operation, reason, cause)));
      }
    }

    private void finish(Runnable complete) {
      synchronized (lock) {
        // Before the future is completed: what follows on it finds room.
        inFlight--;
      }
      ended.complete(null);
      complete.run();
      synchronized (lock) {
        tasks.remove(this);
      }
      thread = null;
    }
  }
}
