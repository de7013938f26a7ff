package dev.checkpoint4j.tck;

import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.annotation.CanIgnoreReturnValue;
import dev.checkpoint4j.error.CheckpointException;
import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.Durability;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Lets threads, and processes, work on one store while things happen to some of them, and compares
 * what they were answered with what is stored.
 *
 * <p>Each thread works on sessions of its own and judges every answer by what was acknowledged to
 * it: what was acknowledged is there, what was refused is not, and what failed with an unknown
 * outcome may be either and is repeated. Every second thread is a bystander: nothing happens to it,
 * and none of its calls may fail. The others are interrupted or cancelled, have too little time,
 * meet exceptions and errors of the codec, and half of them have their handle closed. Further
 * disturbers are the caller's.
 *
 * <p>After each round other threads go on with every session, everything is read in every way there
 * is, on the handles of the round, on a new one, and after the store was opened again, and the
 * store is asked to verify itself. A verification that finds nothing where checkpoints are lost is
 * a finding by itself.
 *
 * <pre>{@code
 * @Tag("soak")
 * @Test
 * void losesNothing(@TempDir Path directory) {
 *   ChaosSuite.builder("mine", new MyChaosStore(directory.toString()))
 *       .threads(8)
 *       .rounds(20)
 *       .disturber("copying the directory", random -> copy(directory))
 *       .runAndAssertClean();
 * }
 * }</pre>
 *
 * <p>It takes the codec that {@link java.util.ServiceLoader} finds, as the rules do.
 */
public final class ChaosSuite {

  /** Something that happens while the workers of a round work. */
  @FunctionalInterface
  public interface Disturber {

    /**
     * Called again and again during a round, on a thread of its own. What it throws is a finding.
     *
     * @param random seeded
     */
    void disturb(Random random) throws Exception;
  }

  private static final String NAMESPACE = "chaos";
  private static final int STEADY_HANDLES = 2;
  private static final long MAX_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private final String name;
  private final ChaosStore store;
  private final Settings settings;
  private final Random random;
  private final ProbeCodec codec = new ProbeCodec(TckScope.findCodec());
  private final Tally tally = new Tally();
  private final List<SessionWorker> workers = new ArrayList<>();
  private final SessionWorker ballast;

  /** Of the round; the last one is closed and replaced all the time. */
  private final List<BackendStorage> handles = new CopyOnWriteArrayList<>();

  /** Sessions of child processes, by their names. */
  private final Map<String, SessionModel> ofChildren = new LinkedHashMap<>();

  /** What the builder says. */
  private record Settings(
      int threads,
      int rounds,
      int operations,
      int ballast,
      Duration roundTime,
      Duration patience,
      long seed,
      Tolerance tolerance,
      Set<Disturbance> disturbances,
      Map<String, Disturber> disturbers,
      int processes,
      String argument,
      boolean killed,
      Map<String, String> properties) {}

  private ChaosSuite(String name, ChaosStore store, Settings settings) {
    this.name = name;
    this.store = store;
    this.settings = settings;
    this.random = new Random(settings.seed());
    this.ballast = worker("ballast", 0, Set.of());
  }

  /** A suite for a store; the name is for the report. */
  public static Builder builder(String name, ChaosStore store) {
    return new Builder(name, store);
  }

  private ChaosReport run() {
    long start = System.nanoTime();
    AtomicInteger damage = new AtomicInteger();
    int rounds = 0;
    BackendStorage keeper = store.open(codec);
    if (keeper.descriptor().durability() != Durability.VOLATILE) {
      keeper.close();
    }
    // Else what is stored would be gone with the last handle.
    try {
      while (rounds < settings.rounds()) {
        String round = "round " + ++rounds;
        within(3, round, () -> round(round, damage));
      }
      within(1, "closing", keeper::close);
    } catch (AssertionError e) {
      // Handles stay open: who waits for one that hangs does not come back.
      tally.wrong(e.getMessage() == null ? e.toString() : e.getMessage());
    }
    return new ChaosReport(
        name,
        settings.seed(),
        rounds,
        tally.operations.get(),
        tally.disturbed.get(),
        tally.interrupts.get(),
        tally.failed.get(),
        tally.acknowledged.get(),
        tally.lost.get(),
        tally.wrong.get(),
        damage.get(),
        Duration.ofNanos(System.nanoTime() - start),
        tally.findings());
  }

  /** Fails if it takes so many times as long as the builder says. */
  private void within(int patiences, String what, Runnable task) {
    Race.Attempt<Boolean> end =
        Race.<Boolean>run(
                what,
                List.of(
                    () -> {
                      task.run();
                      return true;
                    }),
                settings.roundTime().plus(settings.patience().multipliedBy(patiences)).toSeconds())
            .get(0);
    if (end.failure() != null) {
      throw new AssertionError("%s ended with %s".formatted(what, end.failure()), end.failure());
    }
  }

  private void round(String round, AtomicInteger damage) {
    long lostBefore = tally.lost.get();
    openAll();
    if (workers.isEmpty()) {
      addWorkers();
      ballast.fill(settings.ballast());
    }
    work(round);
    BackendStorage other = store.open(codec);
    try {
      settle(other);
      handles.subList(0, STEADY_HANDLES).forEach(handle -> compare(round, handle));
      compare(round + ", on a new handle", other);
    } finally {
      other.close();
    }
    closeAll();
    try (BackendStorage again = store.open(codec)) {
      compare(round + ", after the store was opened again", again);
    }
    verify(round, tally.lost.get() - lostBefore, damage);
  }

  // ---- handles

  private void openAll() {
    handles.clear();
    for (int i = 0; i <= STEADY_HANDLES; i++) {
      handles.add(store.open(codec));
    }
  }

  private void closeAll() {
    handles.forEach(BackendStorage::close);
    handles.clear();
  }

  private void closeOne() {
    try {
      handles.set(STEADY_HANDLES, store.open(codec)).close();
    } catch (CheckpointException e) {
      if (settings.tolerance() != Tolerance.FAILURES) {
        tally.wrong("a handle was not opened or not closed: " + e);
      }
    }
  }

  // ---- work

  private void addWorkers() {
    for (int i = 0; i < settings.threads(); i++) {
      boolean isBystander = i % 2 == 0;
      boolean isClosed = i % 4 == 3;
      Set<Disturbance> disturbances = EnumSet.copyOf(settings.disturbances());
      if (!isClosed) {
        disturbances.remove(Disturbance.CLOSE);
      }
      workers.add(
          worker(
              (isBystander ? "bystander-" : "disturbed-") + i,
              isClosed ? STEADY_HANDLES : i / 2 % STEADY_HANDLES,
              isBystander ? Set.of() : disturbances));
    }
  }

  private SessionWorker worker(String worker, int handle, Set<Disturbance> disturbances) {
    return new SessionWorker(
        worker,
        NAMESPACE,
        () -> handles.get(handle),
        disturbances,
        settings.tolerance(),
        codec,
        tally,
        random.nextLong(),
        line -> {});
  }

  private void work(String round) {
    SessionWorker.Budget budget =
        new SessionWorker.Budget(1, settings.operations(), settings.roundTime());
    AtomicInteger working = new AtomicInteger(workers.size() + settings.processes());
    List<Callable<Boolean>> tasks = SessionWorker.tasks(workers, budget, working);
    for (int i = 0; i < settings.processes(); i++) {
      ChaosProcess child = child("%s-p%d".formatted(round.replace(' ', '-'), i));
      tasks.add(
          () -> {
            try {
              child.follow();
              return true;
            } finally {
              working.decrementAndGet();
            }
          });
    }
    disturbers().forEach((what, disturber) -> tasks.add(() -> disturb(what, disturber, working)));
    List<Race.Attempt<Boolean>> ends =
        Race.run(
            round + " of the workers and disturbers",
            tasks,
            settings.roundTime().plus(settings.patience()).toSeconds());
    for (Race.Attempt<Boolean> end : ends) {
      if (end.failure() != null) {
        tally.wrong("%s: a thread ended with %s".formatted(round, end.failure()));
      }
    }
  }

  private Map<String, Disturber> disturbers() {
    Map<String, Disturber> all = new LinkedHashMap<>(settings.disturbers());
    if (settings.disturbances().contains(Disturbance.CLOSE)) {
      all.put(
          "closing a handle",
          choices -> {
            closeOne();
            LockSupport.parkNanos(choices.nextLong(MAX_PAUSE_NANOS));
          });
    }
    return all;
  }

  private boolean disturb(String what, Disturber disturber, AtomicInteger working) {
    Random choices = new Random(settings.seed() ^ what.hashCode());
    while (working.get() > 0) {
      try {
        disturber.disturb(choices);
      } catch (Throwable e) {
        tally.wrong("%s failed: %s".formatted(what, e));
        return false;
      }
    }
    return true;
  }

  // ---- children

  private ChaosProcess child(String child) {
    int killedAfter = settings.killed() && random.nextBoolean() ? 1 + random.nextInt(500) : 0;
    return ChaosProcess.start(
        new ChaosProcess.Order(
            store.getClass().getName(),
            settings.argument(),
            NAMESPACE,
            child,
            2,
            settings.operations(),
            settings.roundTime(),
            random.nextLong(),
            settings.tolerance(),
            settings.disturbances()),
        settings.properties(),
        killedAfter,
        tally,
        this::ofChild);
  }

  private SessionModel ofChild(String session) {
    synchronized (ofChildren) {
      return ofChildren.computeIfAbsent(
          session, id -> new SessionModel(new SessionKey(NAMESPACE, id), line -> {}));
    }
  }

  // ---- judging

  /** On another thread than those of the workers. */
  private void settle(BackendStorage other) {
    workers.forEach(worker -> worker.settle(other));
    ofChildren.values().forEach(session -> SessionWorker.settle(session, other, tally));
  }

  private void compare(String where, BackendStorage handle) {
    ballast.compare(where, handle);
    workers.forEach(worker -> worker.compare(where, handle));
    ofChildren.values().forEach(session -> SessionWorker.compare(where, session, handle, tally));
  }

  private void verify(String round, long lost, AtomicInteger damage) {
    Optional<List<String>> found;
    try {
      found = store.verify();
    } catch (Exception e) {
      tally.wrong("%s: the verification failed: %s".formatted(round, e));
      return;
    }
    found.ifPresent(
        problems -> {
          damage.addAndGet(problems.size());
          problems.forEach(problem -> tally.note("%s: damaged: %s".formatted(round, problem)));
          if (lost > 0 && problems.isEmpty()) {
            tally.wrong(
                "%s: the verification was fooled: it found nothing, but %d checkpoints were lost"
                    .formatted(round, lost));
          }
        });
  }

  /** Sets up a suite. */
  public static final class Builder {

    private final String name;
    private final ChaosStore store;
    private int threads = 4;
    private int rounds = Integer.getInteger("checkpoint.chaos.rounds", 5);
    private int operations = 1_000;
    private int ballast;
    private Duration roundTime = Duration.ofSeconds(5);
    private Duration patience = Duration.ofSeconds(Race.WAIT_SECONDS);
    private long seed = Long.getLong("checkpoint.chaos.seed", System.nanoTime());
    private Tolerance tolerance = Tolerance.NONE;
    private final Set<Disturbance> disturbances =
        EnumSet.complementOf(EnumSet.of(Disturbance.DEEP_STACK));
    private final Map<String, Disturber> disturbers = new ConcurrentHashMap<>();
    private int processes;
    private String argument = "";
    private boolean killed;
    private Map<String, String> properties = Map.of();

    private Builder(String name, ChaosStore store) {
      this.name = Objects.requireNonNull(name, "name");
      this.store = Objects.requireNonNull(store, "store");
    }

    /** Sets the number of threads, at least 2. Defaults to 4. */
    @CanIgnoreReturnValue
    public Builder threads(int threads) {
      this.threads = atLeast(2, threads, "threads");
      return this;
    }

    /** Sets the number of rounds. Defaults to {@code -Dcheckpoint.chaos.rounds}, and else to 5. */
    @CanIgnoreReturnValue
    public Builder rounds(int rounds) {
      this.rounds = atLeast(1, rounds, "rounds");
      return this;
    }

    /** Sets the greatest number of calls of a thread in a round. Defaults to 1,000. */
    @CanIgnoreReturnValue
    public Builder operations(int operations) {
      this.operations = atLeast(1, operations, "operations");
      return this;
    }

    /**
     * Sets how many checkpoints are put to a session that is left alone afterwards, and has to be
     * there after every round. Defaults to 0.
     */
    @CanIgnoreReturnValue
    public Builder ballast(int ballast) {
      this.ballast = atLeast(0, ballast, "ballast");
      return this;
    }

    /** Sets the time after which a round ends, whatever is done by then. Defaults to 5 s. */
    @CanIgnoreReturnValue
    public Builder roundTime(Duration roundTime) {
      this.roundTime = Objects.requireNonNull(roundTime, "roundTime");
      return this;
    }

    /** Sets how much longer a round may take before it is said to hang. Defaults to 60 s. */
    @CanIgnoreReturnValue
    public Builder patience(Duration patience) {
      this.patience = Objects.requireNonNull(patience, "patience");
      return this;
    }

    /**
     * Sets the seed of all choices. Defaults to {@code -Dcheckpoint.chaos.seed}, and else to a new
     * one for each suite.
     */
    @CanIgnoreReturnValue
    public Builder seed(long seed) {
      this.seed = seed;
      return this;
    }

    /**
     * Adds something that happens while the workers work. If it makes the store fail for everyone,
     * {@link #everyoneMayFail()} has to be called too.
     */
    @CanIgnoreReturnValue
    public Builder disturber(String name, Disturber disturber) {
      disturbers.put(
          Objects.requireNonNull(name, "name"), Objects.requireNonNull(disturber, "disturber"));
      return this;
    }

    /** Lets calls of bystanders fail too, typed; what they are answered still has to be right. */
    @CanIgnoreReturnValue
    public Builder everyoneMayFail() {
      tolerance = Tolerance.FAILURES;
      return this;
    }

    /**
     * Says that the handles repeat a call whose outcome is unknown. A deletion may then report
     * fewer checkpoints than it deleted.
     */
    @CanIgnoreReturnValue
    public Builder callsAreRepeated() {
      tolerance = Tolerance.REPEATED_CALLS;
      return this;
    }

    /**
     * Makes some calls where the stack of the thread is nearly full, so that a {@link
     * StackOverflowError} may arise at any place. Not every driver survives this, nor does every
     * class that is initialized by then.
     */
    @CanIgnoreReturnValue
    public Builder deepStacks() {
      disturbances.add(Disturbance.DEEP_STACK);
      return this;
    }

    /** An interrupt storm: nothing but interrupts and cancellations, and what the disturbers do. */
    @CanIgnoreReturnValue
    public Builder onlyInterrupts() {
      disturbances.retainAll(Set.of(Disturbance.INTERRUPT));
      return this;
    }

    /**
     * Adds processes to each round, which work with two threads each on sessions of their own.
     *
     * @param argument what the constructor of the store is given there
     */
    @CanIgnoreReturnValue
    public Builder processes(int processes, String argument) {
      this.processes = atLeast(0, processes, "processes");
      this.argument = Objects.requireNonNull(argument, "argument");
      return this;
    }

    /** Kills every second process, on average, in the middle of its work. */
    @CanIgnoreReturnValue
    public Builder killingProcesses() {
      killed = true;
      return this;
    }

    /** Sets system properties of the processes. */
    @CanIgnoreReturnValue
    public Builder processProperties(Map<String, String> properties) {
      this.properties = Map.copyOf(properties);
      return this;
    }

    /**
     * Runs it and prints the report.
     *
     * @throws AssertionError if something was wrong; its message has the report and the findings
     */
    public void runAndAssertClean() {
      ChaosReport report = run();
      System.out.println(report);
      if (!report.findings().isEmpty()) {
        throw new AssertionError(report + "\n" + String.join("\n", report.findings()));
      }
    }

    /** Runs it. What is wrong is in the report, and nothing is thrown. */
    public ChaosReport run() {
      Settings settings =
          new Settings(
              threads,
              rounds,
              operations,
              ballast,
              roundTime,
              patience,
              seed,
              tolerance,
              EnumSet.copyOf(disturbances),
              Map.copyOf(disturbers),
              processes,
              argument,
              killed,
              properties);
      return new ChaosSuite(name, store, settings).run();
    }

    private static int atLeast(int least, int value, String name) {
      if (value < least) {
        throw new IllegalArgumentException("%s is %d, less than %d".formatted(name, value, least));
      }
      return value;
    }
  }
}
