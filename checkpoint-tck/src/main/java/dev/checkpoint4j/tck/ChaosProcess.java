package dev.checkpoint4j.tck;

import dev.checkpoint4j.spi.BackendStorage;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.lang.reflect.Constructor;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/**
 * A child process of a {@link ChaosSuite}: its threads work as those of the parent do. It says what
 * it does and is answered, a line each, before and after every change, so that the parent knows
 * what has to be stored however the process ends.
 */
final class ChaosProcess {

  private static final String WRONG = "wrong";
  private static final String FIGURES = "figures";

  /** What a child is to do, as it is passed on its command line. */
  record Order(
      String store,
      String argument,
      String namespace,
      String name,
      int threads,
      int operations,
      Duration time,
      long seed,
      Tolerance tolerance,
      Set<Disturbance> disturbances) {

    List<String> arguments() {
      return List.of(
          store,
          argument,
          namespace,
          name,
          Integer.toString(threads),
          Integer.toString(operations),
          time.toString(),
          Long.toString(seed),
          tolerance.name(),
          String.join(",", disturbances.stream().map(Enum::name).toList()));
    }

    static Order of(String[] arguments) {
      Set<Disturbance> disturbances = EnumSet.noneOf(Disturbance.class);
      Arrays.stream(arguments[9].split(",", -1))
          .map(Disturbance::valueOf)
          .forEach(disturbances::add);
      // Its handles are closed by its death.
      disturbances.remove(Disturbance.CLOSE);
      return new Order(
          arguments[0],
          arguments[1],
          arguments[2],
          arguments[3],
          Integer.parseInt(arguments[4]),
          Integer.parseInt(arguments[5]),
          Duration.parse(arguments[6]),
          Long.parseLong(arguments[7]),
          Tolerance.valueOf(arguments[8]),
          disturbances);
    }
  }

  private final Order order;
  private final Process process;
  private final Path errors;
  private final int killedAfter;
  private final Tally tally;
  private final Function<String, SessionModel> sessions;

  private ChaosProcess(
      Order order,
      Process process,
      Path errors,
      int killedAfter,
      Tally tally,
      Function<String, SessionModel> sessions) {
    this.order = order;
    this.process = process;
    this.errors = errors;
    this.killedAfter = killedAfter;
    this.tally = tally;
    this.sessions = sessions;
  }

  // ---- the parent's side

  /** Starts a child, to be killed after so many lines unless that is 0. */
  static ChaosProcess start(
      Order order,
      Map<String, String> properties,
      int killedAfter,
      Tally tally,
      Function<String, SessionModel> sessions) {
    List<String> command = ChildJvm.command();
    command.add("-Xmx256m");
    properties.forEach((key, value) -> command.add("-D%s=%s".formatted(key, value)));
    command.add(ChaosProcess.class.getName());
    command.addAll(order.arguments());
    try {
      Path errors = Files.createTempFile("checkpoint-chaos", ".txt");
      Process process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
      // A read from a process that hangs cannot be interrupted.
      CompletableFuture.delayedExecutor(
              order.time().plusSeconds(Race.WAIT_SECONDS).toSeconds(), TimeUnit.SECONDS)
          .execute(() -> process.toHandle().destroyForcibly());
      return new ChaosProcess(order, process, errors, killedAfter, tally, sessions);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Does to the models of its sessions what the process says, until it ends. */
  void follow() throws IOException, InterruptedException {
    boolean isKilled = false;
    boolean isComplete = false;
    try (BufferedReader lines = process.inputReader()) {
      int number = 0;
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        String[] words = line.split(" ", 2);
        switch (words[0]) {
          case WRONG -> tally.wrong(order.name() + ", a process: " + words[1]);
          case FIGURES -> {
            count(words[1].split(" ", -1));
            isComplete = true;
          }
          default -> follow(line.split(" ", -1));
        }
        if (++number == killedAfter) {
          // Process.destroyForcibly would close the stream that the last lines come from.
          isKilled = process.toHandle().destroyForcibly();
        }
      }
    }
    int code = process.waitFor();
    if (!isKilled && !isComplete) {
      tally.wrong(
          "%s, a process, ended with %d: %s"
              .formatted(
                  order.name(),
                  code,
                  Files.readString(errors).lines().limit(20).reduce("", (a, b) -> a + "\n" + b)));
    }
    Files.delete(errors);
  }

  private void follow(String[] words) {
    SessionModel session = sessions.apply(words[1]);
    session.replay(words);
    if (words[0].equals("applied")) {
      tally.acknowledged.incrementAndGet();
    }
  }

  private void count(String[] figures) {
    tally.operations.addAndGet(Long.parseLong(figures[0]));
    tally.disturbed.addAndGet(Long.parseLong(figures[1]));
    tally.interrupts.addAndGet(Long.parseLong(figures[2]));
    tally.failed.addAndGet(Long.parseLong(figures[3]));
  }

  // ---- the child's side

  /** Unbuffered: a line is out when the write returns, also if the process is killed then. */
  private static final FileOutputStream OUT = new FileOutputStream(FileDescriptor.out);

  /** Arguments: those of an {@link Order}. */
  public static void main(String[] args) throws ReflectiveOperationException {
    // What the backend prints is not what this process says.
    System.setOut(new PrintStream(System.err, true, StandardCharsets.UTF_8));
    Order order = Order.of(args);
    Tally tally = new Tally();
    ProbeCodec codec = new ProbeCodec(TckScope.findCodec());
    try (BackendStorage handle = store(order).open(codec)) {
      work(order, handle, codec, tally);
    }
    tally.findings().forEach(finding -> say(WRONG + " " + finding.replaceAll("\\s+", " ")));
    say(
        "%s %d %d %d %d"
            .formatted(
                FIGURES,
                tally.operations.get(),
                tally.disturbed.get(),
                tally.interrupts.get(),
                tally.failed.get()));
  }

  private static ChaosStore store(Order order) throws ReflectiveOperationException {
    Constructor<?> constructor = Class.forName(order.store()).getDeclaredConstructor(String.class);
    constructor.setAccessible(true);
    return (ChaosStore) constructor.newInstance(order.argument());
  }

  private static void work(Order order, BackendStorage handle, ProbeCodec codec, Tally tally) {
    Random random = new Random(order.seed());
    List<SessionWorker> workers = new ArrayList<>();
    for (int i = 0; i < order.threads(); i++) {
      workers.add(
          new SessionWorker(
              order.name() + "-" + i,
              order.namespace(),
              () -> handle,
              i % 2 == 0 ? Set.of() : order.disturbances(),
              order.tolerance(),
              codec,
              tally,
              random.nextLong(),
              ChaosProcess::say));
    }
    SessionWorker.Budget budget = new SessionWorker.Budget(1, order.operations(), order.time());
    List<Callable<Boolean>> tasks =
        SessionWorker.tasks(workers, budget, new AtomicInteger(workers.size()));
    boolean unused =
        Race.<Boolean>run(
                "the threads of " + order.name(),
                tasks,
                order.time().toSeconds() + Race.WAIT_SECONDS)
            .stream()
            .allMatch(attempt -> attempt.orThrow("a thread"));
  }

  private static synchronized void say(String line) {
    try {
      OUT.write((line + "\n").getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
