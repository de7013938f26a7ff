package dev.checkpoint4j.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.spi.BackendStorage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/** BYST: what happens to one thread changes nothing for another. */
abstract class BystanderRules extends FailureRules {

  /** Enough calls for each kind to be met; the time bounds those on a medium that is slow. */
  private static final SessionWorker.Budget BUDGET =
      new SessionWorker.Budget(40, 2_000, Duration.ofMillis(700));

  /** Opening a handle is dear on some media. */
  private static final int CLOSES = 4;

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
        false,
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

  /** Lets all workers work, and one more task that goes on until they have ended. */
  private void work(String what, Runnable untilTheyEnd) {
    List<SessionWorker> workers = workers();
    AtomicInteger working = new AtomicInteger(workers.size());
    List<Callable<Boolean>> tasks = SessionWorker.tasks(workers, BUDGET, working);
    tasks.add(
        () -> {
          while (working.get() > 0) {
            untilTheyEnd.run();
          }
          return true;
        });
    assertThat(Race.results(what, tasks)).as("%s: how they ended", what).containsOnly(true);
  }

  private static void pause() {
    LockSupport.parkNanos(BUDGET.time().toNanos() / 10);
  }

  /** Compares what the workers were told with what is stored, on every handle there may be. */
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
    work(what, BystanderRules::pause);
    compareAll(bystanders);
    assertNothingFound(what, ofBystanders);
  }

  @Rule(id = "BYST-02", level = Level.MUST)
  protected final void interruptedThreadKeepsWhatWasAcknowledged() {
    BackendStorage other = openHandle();
    addDisturbed(() -> storage(), Disturbance.INTERRUPT);
    String what = "a thread that is interrupted in the middle of its calls";
    work(what, BystanderRules::pause);
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
    work(what, BystanderRules::pause);
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
        () -> {
          if (closed.getAndIncrement() < CLOSES) {
            closing.getAndSet(openHandle()).close();
          }
          pause();
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
    work(what, BystanderRules::pause);
    assertGoesOn(what, other);
    compareAll(workers());
    assertNothingFound(what, ofBystanders);
    assertNothingFound(what, ofDisturbed);
  }
}
