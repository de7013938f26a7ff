package dev.checkpoint4j.tck;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.error.CheckpointException;
import dev.checkpoint4j.error.DuplicateCheckpointException;
import dev.checkpoint4j.error.VersionConflictException;
import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.CallDeadline;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Works on sessions of its own, on a thread of its own, and compares every answer with what it was
 * answered before. An undisturbed worker is a bystander: none of its calls may fail. A disturbed
 * one is made to fail, and has to fail as promised.
 */
final class SessionWorker {

  private static final int SESSIONS = 2;

  /** More than the frames of one call: any of them may be the one that is too many. */
  private static final int MAX_SPARE_FRAMES = 150;

  private static final long MAX_WAIT_NANOS = 100_000;

  /** What a call was answered, or how it failed. */
  private record Answer<T>(@Nullable T value, @Nullable Throwable failure) {}

  private final String name;
  private final String namespace;
  private final Supplier<BackendStorage> handle;
  private final Set<Disturbance> disturbances;
  private final Tolerance tolerance;
  private final @Nullable ProbeCodec codec;
  private final Tally tally;
  private final Random random;
  private final Consumer<String> journal;
  private final List<SessionModel> sessions = new ArrayList<>();
  private final List<SessionModel> retired = new ArrayList<>();
  private int begun;

  /** How long a call takes, for a disturbance to strike in its middle. */
  private long callNanos = 100_000;

  /** An interrupt of the next call. */
  private static final class Strike {
    /** After its beginning. */
    private final long nanos;

    private volatile boolean isReady;
    private volatile boolean hasBegun;
    private volatile boolean hasStruck;

    private Strike(long nanos) {
      this.nanos = nanos;
    }
  }

  private volatile @Nullable Strike strike;
  private volatile @Nullable Thread striker;
  private volatile boolean hasEnded;

  // The call under way; guarded by this.
  private @Nullable Thread caller;
  private @Nullable FutureTask<?> task;
  private boolean interrupted;

  /**
   * A worker.
   *
   * @param name no other worker of the store has it
   * @param handle the handle for the next call
   * @param disturbances what may happen to its calls
   * @param tolerance what is accepted of a call that nothing happened to
   * @param codec the codec of the handle; {@code null} if it has none that can be made to fail
   */
  SessionWorker(
      String name,
      String namespace,
      Supplier<BackendStorage> handle,
      Set<Disturbance> disturbances,
      Tolerance tolerance,
      @Nullable ProbeCodec codec,
      Tally tally,
      long seed,
      Consumer<String> journal) {
    this.name = name;
    this.namespace = namespace;
    this.handle = handle;
    this.disturbances = disturbances;
    this.tolerance = tolerance;
    this.codec = codec;
    this.tally = tally;
    this.random = new Random(seed);
    this.journal = journal;
    for (int i = 0; i < SESSIONS; i++) {
      sessions.add(newSession());
    }
  }

  private SessionModel newSession() {
    return new SessionModel(new SessionKey(namespace, name + "-" + ++begun), journal);
  }

  // ---- work

  /** Puts so many checkpoints to one of its sessions, before anything happens. */
  void fill(int checkpoints) {
    SessionModel session = sessions.get(0);
    for (int i = 0; i < checkpoints; i++) {
      boolean unused = change(session, new SessionModel.Put(next(session)), false);
    }
  }

  /** One call, of any kind. */
  void step() {
    int index = random.nextInt(sessions.size());
    if (sessions.get(index).isRetired()) {
      retired.add(sessions.set(index, newSession()));
    }
    SessionModel session = sessions.get(index);
    boolean right =
        session.open().isEmpty()
            ? callAnything(session)
            : random.nextInt(3) > 0 ? change(session, session.open().get(), true) : read(session);
    if (!right) {
      session.retire();
    }
  }

  private boolean callAnything(SessionModel session) {
    int kind = random.nextInt(100);
    if (kind < 45 || session.size() == 0) {
      return change(session, new SessionModel.Put(next(session)), false);
    }
    if (kind < 52) {
      return putStale(session);
    }
    if (kind < 56) {
      return putAgain(session);
    }
    if (kind < 63) {
      Set<Long> versions = new TreeSet<>();
      for (int i = random.nextInt(3); i >= 0; i--) {
        versions.add(any(session).version());
      }
      return change(session, new SessionModel.Delete(versions), false);
    }
    // Some sessions grow; those of disturbed workers come and go, for others to clean up after
    // them.
    int size = disturbances.isEmpty() ? 50 : 15;
    if (kind < (disturbances.isEmpty() ? 67 : 80)
        && session.size() > (random.nextBoolean() ? 3 : size)) {
      return change(session, new SessionModel.DeleteSession(), false);
    }
    return read(session);
  }

  private Checkpoint next(SessionModel session) {
    return session.make(session.latest() + 1 + random.nextInt(2));
  }

  private Checkpoint any(SessionModel session) {
    List<Checkpoint> stored = session.stored();
    return stored.get(random.nextInt(stored.size()));
  }

  private boolean change(SessionModel session, SessionModel.Change change, boolean isRepeated) {
    String what = change.getClass().getSimpleName() + " in " + session.key().sessionId();
    int doomed = session.deletedBy(change);
    if (!isRepeated) {
      session.begin(change);
    }
    Answer<Long> answer = call(what, () -> session.make(handle.get(), change));
    if (answer.failure() == null) {
      session.applied();
      tally.acknowledged.incrementAndGet();
      long deleted = answer.value() == null ? 0 : answer.value();
      boolean exact = !isRepeated && disturbances.isEmpty() && tolerance == Tolerance.NONE;
      if (deleted > doomed || (exact && deleted < doomed)) {
        return wrong("%s deleted %d of %d checkpoints".formatted(what, deleted, doomed));
      }
      return true;
    }
    if (answer.failure() instanceof VersionConflictException
        || answer.failure() instanceof DuplicateCheckpointException) {
      return wrong("%s was refused: %s".formatted(what, answer.failure()));
    }
    boolean isNotApplied =
        answer.failure() instanceof CheckpointException failure && !failure.mayHaveBeenApplied();
    boolean isToBeRepeated = change instanceof SessionModel.Put && random.nextBoolean();
    if (isNotApplied && !isRepeated && !isToBeRepeated) {
      session.refused();
    }
    return true;
  }

  /** A version that is not greater than the latest. */
  private boolean putStale(SessionModel session) {
    long version = random.nextBoolean() ? session.latest() : any(session).version();
    Checkpoint stale = session.make(version);
    Answer<Long> answer =
        call(
            "stale put in " + session.key().sessionId(),
            VersionConflictException.class,
            () -> {
              handle.get().put(stale, Expectation.any());
              return 0L;
            });
    if (answer.failure() instanceof VersionConflictException conflict) {
      return conflict.latestVersion() == session.latest()
          || wrong(
              "a put of version %d was refused because of version %d, but the latest is %d"
                  .formatted(version, conflict.latestVersion(), session.latest()));
    }
    return answer.failure() != null
        || wrong(
            "version %d of %s was accepted, but version %d was acknowledged before"
                .formatted(version, session.key().sessionId(), session.latest()));
  }

  private boolean putAgain(SessionModel session) {
    Checkpoint stored = any(session);
    Answer<Long> answer =
        call(
            "repeated put of version " + stored.version(),
            () -> {
              handle.get().put(stored, Expectation.any());
              return 0L;
            });
    return !(answer.failure() instanceof VersionConflictException
            || answer.failure() instanceof DuplicateCheckpointException)
        || wrong("a repeated put was refused: " + answer.failure());
  }

  private boolean read(SessionModel session) {
    long from = session.size() == 0 ? 1 : any(session).version();
    return switch (random.nextInt(7)) {
      case 0, 1 ->
          check(
              "getBySession", () -> handle.get().getBySession(session.key()), session::wrongLatest);
      case 2 -> {
        Checkpoint asked = session.size() == 0 ? session.make(1) : any(session);
        yield check(
            "get",
            () -> handle.get().get(namespace, asked.id()),
            answer -> session.wrongGet(asked, answer));
      }
      case 3 ->
          check(
              "list",
              () -> handle.get().list(session.window(from)).map(Checkpoint::header),
              page -> session.wrongPage(from, page));
      case 4 ->
          check(
              "listHeaders",
              () -> handle.get().listHeaders(session.window(from)),
              page -> session.wrongPage(from, page));
      case 5 ->
          check(
              "listSessions",
              () -> Reads.listSessions(handle.get(), namespace, 100),
              session::wrongSessions);
      default ->
          check(
              "listNamespaces",
              () ->
                  Reads.allPages(
                      "listNamespaces", 1000, cursor -> handle.get().listNamespaces(1000, cursor)),
              session::wrongNamespaces);
    };
  }

  private interface Judge<T> {
    Optional<String> wrong(T answer);
  }

  private <T> boolean check(String what, Supplier<T> call, Judge<T> judge) {
    Answer<T> answer = call(what, call);
    if (answer.value() == null) {
      return true;
    }
    Optional<String> wrong = judge.wrong(answer.value());
    return wrong.isEmpty() || wrong(what + ": " + wrong.get());
  }

  private boolean wrong(String problem) {
    tally.wrong(name + ": " + problem);
    return false;
  }

  // ---- a call, and what happens in the middle of it

  private <T> Answer<T> call(String what, Supplier<T> call) {
    return call(what, null, call);
  }

  private <T> Answer<T> call(
      String what, @Nullable Class<? extends Throwable> expected, Supplier<T> call) {
    tally.operations.incrementAndGet();
    Disturbance disturbance = choose();
    long start = System.nanoTime();
    Answer<T> answer =
        disturbance == null
            ? answer(call)
            : switch (disturbance) {
              case INTERRUPT -> interruptibly(what, call);
              case CODEC -> withBrokenCodec(call);
              case DEEP_STACK -> deepInTheStack(call);
              case DEADLINE -> withDeadline(call);
              case CLOSE -> throw new IllegalStateException();
            };
    if (disturbance == null) {
      callNanos = 1 + (7 * callNanos + (System.nanoTime() - start)) / 8;
    }
    Throwable failure = answer.failure();
    if (failure != null && (expected == null || !expected.isInstance(failure))) {
      tally.failed.incrementAndGet();
      if (!isAllowed(failure, disturbance)) {
        wrong(
            "%s failed%s: %s%s"
                .formatted(
                    what,
                    disturbance == null ? "" : " untyped, disturbed by " + disturbance,
                    failure,
                    where(failure)));
      }
    }
    return answer;
  }

  /** Most calls of a disturbed worker are disturbed; those that are not may still not fail. */
  private @Nullable Disturbance choose() {
    if (disturbances.isEmpty() || random.nextInt(4) == 0) {
      return null;
    }
    Set<Disturbance> candidates = EnumSet.copyOf(disturbances);
    // That one comes from outside.
    candidates.remove(Disturbance.CLOSE);
    if (candidates.isEmpty()) {
      return null;
    }
    tally.disturbed.incrementAndGet();
    return candidates.contains(Disturbance.INTERRUPT) && random.nextBoolean()
        ? Disturbance.INTERRUPT
        : List.copyOf(candidates).get(random.nextInt(candidates.size()));
  }

  private boolean isAllowed(Throwable failure, @Nullable Disturbance disturbance) {
    if (failure instanceof VersionConflictException
        || failure instanceof DuplicateCheckpointException) {
      // Judged by the one who put.
      return true;
    }
    boolean mayBeClosed = disturbances.contains(Disturbance.CLOSE);
    if (failure instanceof CheckpointException) {
      return tolerance == Tolerance.FAILURES || mayBeClosed || disturbance != null;
    }
    return disturbance == Disturbance.CODEC
        || disturbance == Disturbance.DEEP_STACK
        || (mayBeClosed && failure instanceof IllegalStateException);
  }

  private static String where(Throwable failure) {
    StackTraceElement[] trace = failure.getStackTrace();
    String cause = failure.getCause() == null ? "" : ", caused by " + failure.getCause();
    return (trace.length == 0 ? "" : " at " + trace[0]) + cause;
  }

  private static <T> Answer<T> answer(Supplier<T> call) {
    try {
      return new Answer<>(call.get(), null);
    } catch (Throwable failure) {
      return new Answer<>(null, failure);
    }
  }

  private <T> Answer<T> interruptibly(String what, Supplier<T> call) {
    List<Answer<T>> answers = new ArrayList<>();
    boolean before = random.nextInt(4) == 0;
    boolean asTask = random.nextBoolean();
    // As often in the first microsecond as in the last half of a long call.
    Strike next = new Strike((long) Math.pow((double) callNanos, random.nextDouble()));
    List<FutureTask<Boolean>> self = new ArrayList<>();
    FutureTask<Boolean> task =
        new FutureTask<>(
            () -> {
              // A task that is cancelled before it runs does not run.
              begin(asTask ? self.get(0) : null);
              if (before) {
                interrupt();
              }
              next.hasBegun = true;
              answers.add(answer(call));
              end();
              return true;
            });
    self.add(task);
    prepare(next);
    task.run();
    strike = null;
    boolean flag = Thread.interrupted();
    synchronized (this) {
      if (interrupted && !flag) {
        wrong(what + " cleared the interrupt flag of its thread");
      }
    }
    return answers.get(0);
  }

  /** Waits for the striker, but not for one that gets no processor. */
  private void prepare(Strike next) {
    strike = next;
    LockSupport.unpark(striker);
    long start = System.nanoTime();
    while (!next.isReady && System.nanoTime() - start < MAX_WAIT_NANOS) {
      Thread.onSpinWait();
    }
  }

  /** Strikes calls of this worker, on another thread, until it has ended. */
  private void strikeUntilItEnds() {
    striker = Thread.currentThread();
    while (!hasEnded) {
      Strike next = strike;
      if (next == null || next.hasStruck) {
        LockSupport.parkNanos(MAX_WAIT_NANOS);
        continue;
      }
      next.isReady = true;
      while (strike == next && !next.hasBegun) {
        Thread.onSpinWait();
      }
      long start = System.nanoTime();
      long left = next.nanos;
      while (strike == next && left > 0) {
        if (left > 2 * MAX_WAIT_NANOS) {
          LockSupport.parkNanos(left - MAX_WAIT_NANOS);
        } else {
          Thread.onSpinWait();
        }
        left = next.nanos - (System.nanoTime() - start);
      }
      if (strike == next) {
        next.hasStruck = true;
        interrupt();
      }
    }
  }

  private synchronized void begin(@Nullable FutureTask<?> next) {
    caller = Thread.currentThread();
    task = next;
    interrupted = false;
  }

  private synchronized void end() {
    caller = null;
  }

  /** Interrupts the call under way, once, if there is one that may be interrupted. */
  private synchronized void interrupt() {
    if (caller == null || interrupted) {
      return;
    }
    interrupted = true;
    tally.interrupts.incrementAndGet();
    if (task == null) {
      caller.interrupt();
    } else {
      task.cancel(true);
    }
  }

  private <T> Answer<T> withBrokenCodec(Supplier<T> call) {
    if (codec == null) {
      return answer(call);
    }
    ProbeCodec.Failure[] failures = ProbeCodec.Failure.values();
    codec.arm(failures[random.nextInt(failures.length)], random.nextInt(3));
    try {
      return answer(call);
    } finally {
      codec.disarm();
    }
  }

  private <T> Answer<T> withDeadline(Supplier<T> call) {
    Duration timeout = Duration.ofNanos(random.nextLong(2 * callNanos));
    return answer(() -> CallDeadline.after(timeout).call(call));
  }

  /** Makes the call where only so many frames are left; some calls are not made at all. */
  private <T> Answer<T> deepInTheStack(Supplier<T> call) {
    Descent descent = new Descent();
    descent.probe();
    int levels = descent.depth - random.nextInt(MAX_SPARE_FRAMES);
    return answer(() -> descent.descend(levels, call));
  }

  private static final class Descent {
    private int depth;

    void probe() {
      try {
        int unused = descend(Integer.MAX_VALUE, () -> 0);
      } catch (StackOverflowError e) {
        // That is how deep it is.
      }
    }

    <T> T descend(int levels, Supplier<T> call) {
      depth++;
      return levels <= 0 ? call.get() : descend(levels - 1, call);
    }
  }

  // ---- running several

  /** When a worker stops: after so many calls, unless it has to go on, or when the time is over. */
  record Budget(int atLeast, int atMost, Duration time) {

    void spend(Runnable step, BooleanSupplier hasToGoOn) {
      long start = System.nanoTime();
      for (int i = 0;
          i < atLeast
              || ((i < atMost || hasToGoOn.getAsBoolean())
                  && System.nanoTime() - start <= time.toNanos());
          i++) {
        step.run();
      }
    }
  }

  /** What the threads of these workers do, and those that interrupt them. */
  static List<Callable<Boolean>> tasks(
      List<SessionWorker> workers, Budget budget, AtomicInteger working) {
    return tasks(workers, budget, working, () -> false);
  }

  /** As above; while the condition holds, each worker goes on until its time is over. */
  static List<Callable<Boolean>> tasks(
      List<SessionWorker> workers,
      Budget budget,
      AtomicInteger working,
      BooleanSupplier hasToGoOn) {
    List<Callable<Boolean>> tasks = new ArrayList<>();
    for (SessionWorker worker : workers) {
      worker.hasEnded = false;
      tasks.add(
          () -> {
            try {
              budget.spend(worker::step, hasToGoOn);
              return true;
            } finally {
              worker.hasEnded = true;
              working.decrementAndGet();
            }
          });
      if (worker.disturbances.contains(Disturbance.INTERRUPT)) {
        tasks.add(
            () -> {
              worker.strikeUntilItEnds();
              return true;
            });
      }
    }
    return tasks;
  }

  // ---- afterwards

  /** Goes on with all of its sessions, on another thread than that of the worker. */
  void settle(BackendStorage other) {
    sessions.forEach(session -> settle(session, other, tally));
  }

  /** Ends what is open, and puts once more, undisturbed. */
  static void settle(SessionModel session, BackendStorage other, Tally tally) {
    if (session.isRetired()) {
      return;
    }
    session.open().ifPresent(change -> settle(session, change, other, tally));
    if (session.open().isEmpty()) {
      SessionModel.Change put = new SessionModel.Put(session.make(session.latest() + 1));
      session.begin(put);
      settle(session, put, other, tally);
    }
  }

  private static void settle(
      SessionModel session, SessionModel.Change change, BackendStorage other, Tally tally) {
    Answer<Long> answer = answer(() -> session.make(other, change));
    tally.operations.incrementAndGet();
    if (answer.failure() == null) {
      tally.acknowledged.incrementAndGet();
      session.applied();
      return;
    }
    tally.wrong(
        "%s of %s, when another thread went on with it: %s%s"
            .formatted(
                change.getClass().getSimpleName(),
                session.key().sessionId(),
                answer.failure(),
                where(answer.failure())));
    session.retire();
  }

  /** Compares all of its sessions with what is stored. */
  void compare(String where, BackendStorage other) {
    sessions.forEach(session -> compare(where, session, other, tally));
    retired.forEach(session -> compare(where, session, other, tally));
  }

  /** What else is wrong with a session that is retired was found before. */
  static void compare(String where, SessionModel session, BackendStorage other, Tally tally) {
    List<String> wrong;
    try {
      wrong =
          session.compare(
              where, other, lost -> tally.lost("%s: %s is lost".formatted(where, lost.id())));
    } catch (RuntimeException | AssertionError e) {
      wrong = List.of("%s: %s: %s%s".formatted(where, session.key().sessionId(), e, where(e)));
    }
    if (!session.isRetired()) {
      wrong.forEach(tally::wrong);
      if (!wrong.isEmpty()) {
        session.retire();
      }
    }
  }
}
