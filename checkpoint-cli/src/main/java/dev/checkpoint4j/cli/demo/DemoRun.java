package dev.checkpoint4j.cli.demo;

import dev.checkpoint4j.cli.support.CommandFailedException;
import dev.checkpoint4j.cli.support.ExitCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Lets workers replay all transcripts, one after the other, killing all but the last. */
public final class DemoRun {

  private final WorkerSpec order;
  private final long checkpoints;
  private final int crashes;
  private final CrashPlan plan;
  private final Progress progress;
  private final List<WorkerMessage.Acknowledged> acknowledged = new ArrayList<>();
  private int crashed;
  private @Nullable WorkerProcess worker;
  private boolean aborted;

  public DemoRun(WorkerSpec order, long checkpoints, int crashes, long seed, Progress progress) {
    this.order = order;
    this.checkpoints = checkpoints;
    this.crashes = crashes;
    this.plan = new CrashPlan(crashes, seed);
    this.progress = progress;
  }

  /** Runs to the end of all sessions; what was acknowledged is in the order it was heard of. */
  public List<WorkerMessage.Acknowledged> run() {
    boolean finished = false;
    while (!finished) {
      try (WorkerProcess started = start()) {
        finished = runUntilCrashOrEnd(started);
      }
    }
    return acknowledged;
  }

  public int crashes() {
    return crashed;
  }

  /** Ends the worker for good; {@link #run} fails then. */
  public synchronized void abort() {
    aborted = true;
    if (worker != null) {
      worker.close();
    }
  }

  public synchronized boolean isAborted() {
    return aborted;
  }

  private synchronized WorkerProcess start() {
    if (aborted) {
      throw interrupted();
    }
    worker = WorkerProcess.start(order);
    return worker;
  }

  private boolean runUntilCrashOrEnd(WorkerProcess running) {
    long work = checkpoints - stored(running);
    Optional<CrashPlan.Crash> crash = plan.next(work);
    running.allow(crash.map(CrashPlan.Crash::allowed).orElse(work));
    if (crash.isPresent()) {
      crash(running, crash.get());
      return false;
    }
    boolean finished = false;
    while (!finished) {
      finished = note(hear(running)) instanceof WorkerMessage.Finished;
    }
    return true;
  }

  private long stored(WorkerProcess running) {
    if (note(hear(running)) instanceof WorkerMessage.Resumed resumed) {
      return resumed.stored();
    }
    throw new IllegalStateException("a worker says first where it stands");
  }

  private void crash(WorkerProcess running, CrashPlan.Crash crash) {
    for (long i = 0; i < crash.afterAcknowledged(); i++) {
      note(hear(running));
    }
    LockSupport.parkNanos(crash.delayNanos());
    running.kill();
    crashed++;
    // What the worker said before its end still is in the pipe, and counts.
    for (Optional<WorkerMessage> message = running.hear();
        message.isPresent();
        message = running.hear()) {
      note(message.get());
    }
  }

  private WorkerMessage note(WorkerMessage message) {
    if (message instanceof WorkerMessage.Acknowledged ack) {
      acknowledged.add(ack);
      progress.show(
          "checkpoints, killed " + crashed + " of " + crashes + " times",
          acknowledged.size(),
          checkpoints);
    } else if (message instanceof WorkerMessage.Failed failed) {
      throw new CommandFailedException(ExitCode.STORE, "the worker failed: " + failed.message());
    }
    return message;
  }

  private WorkerMessage hear(WorkerProcess running) {
    return running.hear().orElseThrow(() -> endedByItself(running));
  }

  private synchronized CommandFailedException endedByItself(WorkerProcess running) {
    return aborted
        ? interrupted()
        : new CommandFailedException(
            ExitCode.INTERNAL, "the worker ended by itself, with exit code " + running.awaitExit());
  }

  private static CommandFailedException interrupted() {
    return new CommandFailedException(ExitCode.INTERRUPTED, "interrupted");
  }
}
