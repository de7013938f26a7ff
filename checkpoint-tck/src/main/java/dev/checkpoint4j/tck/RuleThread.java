package dev.checkpoint4j.tck;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Runs a rule on a thread of its own, so that one that hangs can be reported and left behind. */
final class RuleThread {

  /** Part of a rule. */
  interface Task {
    void run() throws Throwable;
  }

  /** A rule did not end in time; its thread may still run. */
  static final class HangException extends AssertionError {
    private static final long serialVersionUID = 1;

    HangException(String message) {
      super(message);
    }
  }

  private RuleThread() {}

  /**
   * Runs a task, and throws what it throws.
   *
   * @param limit how long it may take
   * @throws HangException if it takes longer; the message says where its thread is
   */
  static void run(String rule, Duration limit, Task task) throws Throwable {
    AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                task.run();
              } catch (Throwable e) {
                failure.set(e);
              }
            },
            "checkpoint-tck-" + rule);
    // Threads that the backend starts inherit it, and CLOSE-04 looks for those that are no daemons.
    thread.setDaemon(false);
    thread.start();
    try {
      thread.join(limit.toMillis());
    } catch (InterruptedException e) {
      thread.interrupt();
      throw e;
    }
    if (thread.isAlive()) {
      HangException hang = new HangException(describe(thread, limit));
      thread.interrupt();
      throw hang;
    }
    Throwable thrown = failure.get();
    if (thrown != null) {
      throw thrown;
    }
  }

  private static String describe(Thread thread, Duration limit) {
    return "the rule did not end within %d s. %s%s"
        .formatted(limit.toSeconds(), stack(thread), deadlock());
  }

  /** Where a thread is. */
  static String stack(Thread thread) {
    return "Thread %s is at%n%s".formatted(thread.getName(), frames(thread.getStackTrace()));
  }

  private static String deadlock() {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long[] ids = threads.findDeadlockedThreads();
    return ids == null
        ? ""
        : Arrays.stream(threads.getThreadInfo(ids, true, true))
            .map(RuleThread::describe)
            .collect(Collectors.joining());
  }

  private static String describe(ThreadInfo info) {
    return "%nA deadlock: thread %s waits for %s, which thread %s holds, at%n%s"
        .formatted(
            info.getThreadName(),
            info.getLockName(),
            info.getLockOwnerName(),
            frames(info.getStackTrace()));
  }

  private static String frames(StackTraceElement[] trace) {
    return Arrays.stream(Frames.first(trace))
        .map(frame -> "    " + frame)
        .collect(Collectors.joining("\n"));
  }
}
