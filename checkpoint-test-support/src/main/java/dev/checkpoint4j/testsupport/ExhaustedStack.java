package dev.checkpoint4j.testsupport;

import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;

/** Runs an operation at the end of a stack, and at each level above until it succeeds. */
public final class ExhaustedStack {

  private static final long SMALL = 1 << 18;
  private static final long MAX_WAIT_SECONDS = 60;

  private final IntConsumer operation;
  private int failed;
  private boolean succeeded;

  private ExhaustedStack(IntConsumer operation) {
    this.operation = operation;
  }

  /**
   * Runs it on a thread of its own.
   *
   * @param more bytes of the stack, for it to end at another place
   * @param operation takes the number of failures so far; its classes are to be initialized, since
   *     a class that meets the end of the stack then is of no use any more
   * @return how often it ended with a {@link StackOverflowError}
   */
  public static int run(long more, IntConsumer operation) throws Exception {
    ExhaustedStack stack = new ExhaustedStack(operation);
    return inAThread(
        SMALL + more,
        () -> {
          stack.dive();
          return stack.failed;
        });
  }

  /** Runs a task on another thread, which has a whole stack. */
  public static <T> T onAnotherThread(Callable<T> task) throws Exception {
    return inAThread(0, task);
  }

  private static <T> T inAThread(long stackSize, Callable<T> task) throws Exception {
    FutureTask<T> future = new FutureTask<>(task);
    Thread thread = new Thread(null, future, "exhausted", stackSize);
    thread.setDaemon(true);
    thread.start();
    return future.get(MAX_WAIT_SECONDS, TimeUnit.SECONDS);
  }

  private void dive() {
    if (succeeded) {
      return;
    }
    try {
      dive();
    } catch (StackOverflowError e) {
      // The end of the stack.
    }
    if (!succeeded) {
      try {
        operation.accept(failed);
        succeeded = true;
      } catch (StackOverflowError e) {
        failed++;
      }
    }
  }
}
