package dev.checkpoint4j.store.file.faults;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.error.CheckpointException;
import dev.checkpoint4j.spi.CheckpointCodec;
import dev.checkpoint4j.store.file.FileBackendStorage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;

/** A store on a faulty file system, what was done to it, and what it said about that. */
final class Run implements AutoCloseable {

  static final CheckpointCodec CODEC =
      ServiceLoader.load(CheckpointCodec.class).findFirst().orElseThrow();

  private enum Outcome {
    DONE,
    NOT_APPLIED,
    UNKNOWN
  }

  /** A step took the operations from {@code start} up to, not including, {@code end}. */
  private record Event(
      Step step, int start, int end, Outcome outcome, @Nullable List<Checkpoint> found) {}

  private final FaultyFileSystem fileSystem;
  private final Path directory;
  private final Expected initially;
  private final List<Event> events = new ArrayList<>();
  private @Nullable FileBackendStorage storage;

  Run(Path root, String directory, Expected initially, boolean failedForceDrops)
      throws IOException {
    this.fileSystem = new FaultyFileSystem(root, failedForceDrops);
    this.directory = fileSystem.root().resolve(directory);
    this.initially = initially;
  }

  Faults faults() {
    return fileSystem.faults();
  }

  Recording recording() {
    return fileSystem.recording();
  }

  /** Performs a step; returns how it failed. */
  Optional<CheckpointException> perform(Step step) {
    int start = recording().size();
    Outcome outcome = Outcome.DONE;
    @Nullable CheckpointException failure = null;
    @Nullable List<Checkpoint> found = null;
    try {
      found = run(step);
    } catch (CheckpointException e) {
      failure = e;
      outcome = e.mayHaveBeenApplied() ? Outcome.UNKNOWN : Outcome.NOT_APPLIED;
    }
    events.add(new Event(step, start, recording().size(), outcome, found));
    return Optional.ofNullable(failure);
  }

  private @Nullable List<Checkpoint> run(Step step) {
    if (step instanceof Step.Open) {
      storage = FileBackendStorage.open(directory, CODEC);
    } else if (step instanceof Step.Close) {
      close();
    } else if (step instanceof Step.Put put) {
      storage().put(put.checkpoint(), Expectation.any());
    } else if (step instanceof Step.Delete delete) {
      storage().delete(delete.namespace(), delete.ids());
    } else if (step instanceof Step.DeleteSession delete) {
      storage().deleteBySession(delete.session());
    } else {
      return expectedNow().check(storage(), "while the store is open");
    }
    return null;
  }

  FileBackendStorage storage() {
    return Objects.requireNonNull(storage, "the store is not open");
  }

  boolean isOpen() {
    return storage != null;
  }

  /** What the store has to hold now. */
  Expected expectedNow() {
    return expected(Integer.MAX_VALUE);
  }

  /** What the store has to hold if the machine crashes after so many operations. */
  Expected expected(int operations) {
    Expected expected = initially.copy();
    for (Event event : events) {
      if (event.end() <= operations) {
        switch (event.outcome()) {
          case DONE -> expected.done(event.step());
          case UNKNOWN -> expected.maybe(event.step());
          case NOT_APPLIED -> {}
        }
        if (event.found() != null) {
          expected.read(event.found());
        }
      } else if (event.start() < operations) {
        // While a step is under way nobody knows yet how it will end.
        expected.maybe(event.step());
      }
    }
    return expected;
  }

  /** After how many operations a step ended, for those that ended after {@code from}. */
  List<Integer> stepEnds(int from) {
    return events.stream().map(Event::end).filter(end -> end >= from).distinct().toList();
  }

  /** What was under way after so many operations. */
  String where(int operations) {
    List<Op> ops = recording().ops();
    String step =
        events.stream()
            .filter(event -> event.start() < operations && operations <= event.end())
            .map(event -> event.step() + " (" + event.outcome() + ")")
            .reduce("", (earlier, later) -> later);
    return "crash after operation %d, %s, of %s"
        .formatted(operations, operations == 0 ? "none" : ops.get(operations - 1), step);
  }

  @Override
  public void close() {
    FileBackendStorage open = storage;
    storage = null;
    if (open != null) {
      open.close();
    }
  }
}
