package dev.checkpoint4j.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.error.CheckpointException;
import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.CallDeadline;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** BYST: what happens to one thread changes nothing for another. */
abstract class BystanderRules extends FailureRules {

  /** Enough calls for each kind to be met; the time bounds those on a medium that is slow. */
  private static final SessionWorker.Budget BUDGET =
      new SessionWorker.Budget(40, 2_000, Duration.ofMillis(700));

  /** So many handles are closed, or fewer on a medium where the time is over before that. */
  private static final int CLOSES = 20;

  private static final int CALLS_PER_CLOSE = 50;

  private final List<SessionWorker> bystanders = new ArrayList<>();
  private final List<SessionWorker> disturbed = new ArrayList<>();
  private final Tally ofBystanders = new Tally();
  private final Tally ofDisturbed = new Tally();

  private SessionWorker worker(
      String name, Supplier<BackendStorage> handle, Tally tally, Set<Disturbance> disturbances) {
    return new SessionWorker(
        name,
        namespace(),
        handle,
        disturbances,
        Tolerance.NONE,
        scope().probe(),
        tally,
        random().nextLong(),
        line -> {});
  }

  private void addBystander(BackendStorage handle) {
    bystanders.add(worker("bystander-" + bystanders.size(), () -> handle, ofBystanders, Set.of()));
  }

  private void addDisturbed(Supplier<BackendStorage> handle, Disturbance disturbance) {
    disturbed.add(
        worker("disturbed-" + disturbed.size(), handle, ofDisturbed, Set.of(disturbance)));
  }

  private List<SessionWorker> workers() {
    List<SessionWorker> workers = new ArrayList<>(bystanders);
    workers.addAll(disturbed);
    return workers;
  }

  /** Lets the disturbed workers work, and the bystanders as long as they do. */
  private void work(String what) {
    AtomicInteger disturbedWorking = new AtomicInteger(disturbed.size());
    List<Callable<Boolean>> tasks = SessionWorker.tasks(disturbed, BUDGET, disturbedWorking);
    tasks.addAll(
        SessionWorker.tasks(
            bystanders,
            BUDGET,
            new AtomicInteger(bystanders.size()),
            () -> disturbedWorking.get() > 0));
    run(what, tasks);
  }

  /** Lets all workers work, and one more task that is repeated until they have ended. */
  private void work(String what, BooleanSupplier hasToGoOn, Runnable untilTheyEnd) {
    List<SessionWorker> workers = workers();
    AtomicInteger working = new AtomicInteger(workers.size());
    List<Callable<Boolean>> tasks = SessionWorker.tasks(workers, BUDGET, working, hasToGoOn);
    tasks.add(
        () -> {
          while (working.get() > 0) {
            untilTheyEnd.run();
          }
          return true;
        });
    run(what, tasks);
  }

  private static void run(String what, List<Callable<Boolean>> tasks) {
    assertThat(Race.results(what, tasks)).as("%s: how they ended", what).containsOnly(true);
  }

  /** Until the disturbed workers have made some more calls, or time has passed on a slow medium. */
  private void awaitCalls() {
    long start = System.nanoTime();
    long enough = ofDisturbed.operations.get() + CALLS_PER_CLOSE;
    while (ofDisturbed.operations.get() < enough
        && System.nanoTime() - start < BUDGET.time().toNanos() / 10) {
      LockSupport.parkNanos(10_000);
    }
  }

  /** Compares what the workers were answered with what is stored, on every handle there may be. */
  private void compareAll(List<SessionWorker> workers) {
    BackendStorage third = openHandle();
    workers.forEach(worker -> worker.compare("afterwards", storage()));
    workers.forEach(worker -> worker.compare("afterwards, on another handle", third));
    if (!isVolatile()) {
      closeHandles();
      workers.forEach(worker -> worker.compare("after the store was opened again", storage()));
    }
  }

  private static void assertNothingFound(String what, Tally tally) {
    assertThat(tally.findings())
        .as(
            "%s: what was wrong (%d answers and failures, %d acknowledged checkpoints lost)",
            what, tally.wrong.get(), tally.lost.get())
        .isEmpty();
  }

  @Rule(id = "BYST-01", level = Level.MUST)
  protected final void interruptOfOneThreadIsNotNoticedByAnother() {
    BackendStorage other = openHandle();
    addBystander(storage());
    addBystander(other);
    addDisturbed(() -> storage(), Disturbance.INTERRUPT);
    addDisturbed(() -> other, Disturbance.INTERRUPT);
    String what = "threads with sessions of their own, while two others are interrupted";
    work(what);
    compareAll(bystanders);
    assertNothingFound(what, ofBystanders);
  }

  @Rule(id = "BYST-02", level = Level.MUST)
  protected final void interruptedThreadKeepsWhatWasAcknowledged() {
    BackendStorage other = openHandle();
    addDisturbed(() -> storage(), Disturbance.INTERRUPT);
    String what = "a thread that is interrupted in the middle of its calls";
    work(what);
    assertGoesOn(what, other);
    compareAll(disturbed);
    assertNothingFound(what, ofDisturbed);
  }

  /** Others go on with the sessions of the disturbed threads at once. */
  private void assertGoesOn(String what, BackendStorage other) {
    assertThat(
            Race.<Boolean>results(
                "putting to the sessions of " + what,
                List.of(
                    () -> {
                      disturbed.forEach(worker -> worker.settle(other));
                      return true;
                    })))
        .containsOnly(true);
  }

  @Rule(id = "BYST-03", level = Level.MUST)
  protected final void failureInTheCodecIsNotNoticedByAnotherThread() {
    put("s", 1);
    requireCodec();
    storage().deleteBySession(session("s"));
    BackendStorage other = openHandle();
    addBystander(storage());
    addBystander(other);
    addDisturbed(() -> storage(), Disturbance.CODEC);
    String what =
        "threads with sessions of their own, of which one meets exceptions and errors of the codec";
    work(what);
    assertGoesOn(what, other);
    compareAll(workers());
    assertNothingFound(what, ofBystanders);
    assertNothingFound(what, ofDisturbed);
  }

  @Rule(id = "BYST-04", level = Level.MUST)
  protected final void closingAHandleInUseIsNotNoticedOnAnother() {
    addBystander(storage());
    addBystander(openHandle());
    AtomicReference<BackendStorage> closing = new AtomicReference<>(openHandle());
    addDisturbed(closing::get, Disturbance.CLOSE);
    addDisturbed(closing::get, Disturbance.CLOSE);
    String what = "threads with sessions of their own, while the handle of two others is closed";
    AtomicInteger closed = new AtomicInteger();
    work(
        what,
        () -> closed.get() < CLOSES,
        () -> {
          awaitCalls();
          if (closed.get() < CLOSES) {
            closing.getAndSet(openHandle()).close();
            closed.incrementAndGet();
          }
        });
    assertGoesOn(what, storage());
    compareAll(workers());
    assertNothingFound(what, ofBystanders);
    assertNothingFound(what, ofDisturbed);
  }

  @Rule(id = "BYST-05", level = Level.MUST)
  protected final void deadlineOfOneThreadIsNotNoticedByAnother() {
    BackendStorage other = openHandle();
    addBystander(storage());
    addBystander(other);
    addDisturbed(() -> storage(), Disturbance.DEADLINE);
    String what = "threads with sessions of their own, of which one has too little time";
    work(what);
    assertReadsWithoutTimeAreTruthful();
    assertGoesOn(what, other);
    compareAll(workers());
    assertNothingFound(what, ofBystanders);
    assertNothingFound(what, ofDisturbed);
  }

  /** A read whose deadline has passed before it begins returns the right answer, or fails. */
  private void assertReadsWithoutTimeAreTruthful() {
    ReadSample sample = new ReadSample(namespace() + "-sample", storage(), this::draft);
    for (ReadSample.Read read : sample.reads()) {
      Object expected = sample.expected(read);
      Object answer;
      try {
        answer = CallDeadline.after(Duration.ZERO).call(() -> read.answer().apply(storage()));
      } catch (CheckpointException e) {
        continue;
      }
      assertThat(answer)
          .as("answer of %s whose deadline had passed", read.text())
          .isEqualTo(expected);
    }
  }
}
