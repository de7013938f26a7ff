package dev.checkpoint4j.benchmarks;

import dev.checkpoint4j.benchmarks.media.Backend;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** What the command line asks for. */
final class Arguments {

  private static final Set<Backend> DEFAULT =
      EnumSet.of(Backend.MEMORY, Backend.FILE, Backend.H2, Backend.POSTGRESQL, Backend.S3MOCK);

  private static final int FULL_ROUNDS = 5;
  private static final int QUICK_ROUNDS = 1;

  private final Set<Backend> backends = EnumSet.noneOf(Backend.class);
  private final Set<Operation> operations = EnumSet.noneOf(Operation.class);
  private boolean isQuick;
  private boolean isOfBudgetsOnly;
  private boolean isAgain;
  private boolean isReportOnly;
  private boolean withPeers;
  private int rounds;
  private String command = "./checkpoint-benchmarks/run";

  private Arguments() {}

  static Arguments parse(String... args) {
    Arguments arguments = new Arguments();
    Deque<String> left = new ArrayDeque<>(List.of(args));
    while (!left.isEmpty()) {
      String option = left.pop();
      switch (option) {
        case "--quick" -> arguments.isQuick = true;
        case "--budgets" -> arguments.isOfBudgetsOnly = true;
        case "--again" -> arguments.isAgain = true;
        case "--peers" -> arguments.withPeers = true;
        case "--operation" -> arguments.operations.add(operation(value(option, left)));
        case "--report-only" -> arguments.isReportOnly = true;
        case "--rounds" -> arguments.rounds = Integer.parseInt(value(option, left));
        case "--backend" -> {
          arguments.backends.add(backend(value(option, left)));
          while (!left.isEmpty() && !left.peek().startsWith("--")) {
            arguments.backends.add(backend(left.pop()));
          }
        }
        default -> throw new IllegalArgumentException("unknown option " + option);
      }
    }
    if (!arguments.isReportOnly) {
      arguments.command = String.join(" ", arguments.command, String.join(" ", args)).strip();
    }
    return arguments;
  }

  private static String value(String option, Deque<String> left) {
    if (left.isEmpty()) {
      throw new IllegalArgumentException(option + " needs a value");
    }
    return left.pop();
  }

  private static Backend backend(String name) {
    try {
      Backend backend = Backend.of(name);
      if (backend != Backend.JACKSON) {
        return backend;
      }
    } catch (IllegalArgumentException e) {
      // Told below.
    }
    throw new IllegalArgumentException(
        "unknown backend '"
            + name
            + "'; there are "
            + EnumSet.complementOf(EnumSet.of(Backend.JACKSON)));
  }

  private static Operation operation(String name) {
    for (Operation operation : Operation.values()) {
      if (operation.method().equals(name)) {
        return operation;
      }
    }
    throw new IllegalArgumentException(
        "unknown operation '"
            + name
            + "'; there are "
            + Stream.of(Operation.values()).map(Operation::method).toList());
  }

  /** Those that are measured; empty for all of them. */
  Set<Operation> operations() {
    return operations;
  }

  Set<Backend> backends() {
    return backends.isEmpty() ? DEFAULT : backends;
  }

  Effort effort() {
    return isQuick
        ? Effort.quick(rounds == 0 ? QUICK_ROUNDS : rounds)
        : Effort.full(rounds == 0 ? FULL_ROUNDS : rounds);
  }

  boolean isOfBudgetsOnly() {
    return isOfBudgetsOnly;
  }

  /** What is measured is put in place of what the results have of it, which are kept otherwise. */
  boolean isAgain() {
    return isAgain;
  }

  boolean isReportOnly() {
    return isReportOnly;
  }

  boolean withPeers() {
    return withPeers;
  }

  String command() {
    return command;
  }

  /** The module, in which the launcher starts this. */
  private static Path module() {
    return Path.of("").toAbsolutePath();
  }

  Path work() {
    return module().resolve("target").resolve("benchmarks");
  }

  /** Where the page is, and beside it a directory for the rest. */
  Path pageDirectory() {
    return isQuick ? work() : module().resolveSibling("docs");
  }

  Path output() {
    return pageDirectory().resolve("performance");
  }

  Path results() {
    return output().resolve("results.jsonl");
  }

  /** The class path of other libraries, with everything else, which the launcher gives. */
  String peersClassPath() {
    return System.getProperty(
        "checkpoint.benchmarks.peersClassPath", System.getProperty("java.class.path"));
  }

  /** Recorded runs of an agent, where they are. */
  Optional<String> trajectories() {
    Path file = module().resolve("../../shared/data/airline-agent-trajectories.jsonl").normalize();
    return Files.exists(file) ? Optional.of(file.toString()) : Optional.empty();
  }
}
