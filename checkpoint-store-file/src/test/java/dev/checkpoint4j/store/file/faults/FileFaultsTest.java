package dev.checkpoint4j.store.file.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.annotation.CanIgnoreReturnValue;
import dev.checkpoint4j.error.CheckpointException;
import dev.checkpoint4j.error.DuplicateCheckpointException;
import dev.checkpoint4j.error.OutcomeUnknownException;
import dev.checkpoint4j.error.StorageLimitExceededException;
import dev.checkpoint4j.error.StorageUnavailableException;
import dev.checkpoint4j.error.VersionConflictException;
import dev.checkpoint4j.spi.Durability;
import dev.checkpoint4j.store.file.FileBackendStorage;
import dev.checkpoint4j.store.file.faults.Faults.Failure;
import dev.checkpoint4j.store.file.faults.Faults.Target;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each operation of the file system fails once, in each way it can, and the store tells the truth.
 */
class FileFaultsTest extends QuietLogs {

  private static final String STORE = "path/to/store";

  /** What the application does after a step has failed. */
  private enum Reaction {
    RETRIES,
    REOPENS_AND_RETRIES,
    GOES_ON
  }

  @TempDir Path root;

  private static Stream<Arguments> faults() {
    return Stream.of(
        Arguments.of(Target.FORCE, Failure.IO_ERROR),
        Arguments.of(Target.FORCE_DIRECTORY, Failure.IO_ERROR),
        Arguments.of(Target.RENAME, Failure.IO_ERROR),
        Arguments.of(Target.DELETE, Failure.IO_ERROR),
        // What was written in part cannot be cut off either: nothing else truncates.
        Arguments.of(Target.WRITE, Failure.DEAD),
        Arguments.of(Target.MAKE_DIRECTORY, Failure.NO_SPACE),
        Arguments.of(Target.WRITE, Failure.SHORT_WRITE_THEN_NO_SPACE));
  }

  private static Stream<Arguments> allFaults() {
    return Stream.concat(
        faults(),
        Stream.of(
            Arguments.of(Target.OPEN, Failure.TOO_MANY_OPEN_FILES),
            Arguments.of(Target.WRITE, Failure.IO_ERROR),
            Arguments.of(Target.WRITE, Failure.NO_SPACE),
            Arguments.of(Target.WRITE, Failure.SHORT_WRITE),
            Arguments.of(Target.FORCE, Failure.DEAD),
            Arguments.of(Target.FORCE_DIRECTORY, Failure.DEAD)));
  }

  /** A log is rewritten after the deletion is done; the deletion does not fail if that fails. */
  @Test
  void aFailureToRewriteALogLosesNothing() throws IOException {
    assertThat(
            failEach(
                Scenarios.compacting(), Target.FORCE_DIRECTORY, Failure.IO_ERROR, Reaction.RETRIES))
        .as("directories that were not forced")
        .isPositive();
  }

  @ParameterizedTest
  @MethodSource("faults")
  void aFailureIsToldTruthfullyAndLosesNothing(Target target, Failure failure) throws IOException {
    for (Reaction reaction : Reaction.values()) {
      if (reaction == Reaction.RETRIES || leavesTraces(target)) {
        assertThat(failEach(Scenarios.everyday(), target, failure, reaction))
            .as("operations of the kind %s that failed", target)
            .isPositive();
      }
    }
  }

  /** Whether what was done before the failure may be half done on the disk. */
  private static boolean leavesTraces(Target target) {
    return Set.of(Target.FORCE, Target.FORCE_DIRECTORY, Target.RENAME, Target.DELETE)
        .contains(target);
  }

  @ParameterizedTest
  @MethodSource("allFaults")
  @Tag("soak")
  void aFailureInAnyStepsIsToldTruthfullyAndLosesNothing(Target target, Failure failure)
      throws IOException {
    for (Reaction reaction : Reaction.values()) {
      failEach(Scenarios.everyday(), target, failure, reaction);
      if (reaction == Reaction.GOES_ON) {
        // A deletion of unknown outcome may still be done at the next opening, which the
        // expectation
        // does not know of deletions, and only these scenarios show.
        continue;
      }
      failEach(Scenarios.compacting(), target, failure, reaction);
      for (long seed = 50; seed < 55; seed++) {
        failEach(Scenarios.random(seed, 12), target, failure, reaction);
      }
    }
  }

  private static Stream<Arguments> readFaults() {
    return Stream.of(Arguments.of(Target.READ, Failure.IO_ERROR));
  }

  @ParameterizedTest
  @MethodSource("readFaults")
  @Tag("soak")
  void aFailureToReadIsToldTruthfullyAndLosesNothing(Target target, Failure failure)
      throws IOException {
    failEach(Scenarios.everyday(), target, failure, Reaction.RETRIES);
  }

  /** Returns how many operations there were to fail. */
  @CanIgnoreReturnValue
  private int failEach(List<Step> steps, Target target, Failure failure, Reaction reaction)
      throws IOException {
    int passes = 0;
    while (fail(steps, target, failure, passes, reaction)) {
      passes++;
    }
    return passes;
  }

  /** Lets one operation fail; returns whether there was such an operation. */
  private boolean fail(
      List<Step> steps, Target target, Failure failure, int passes, Reaction reaction)
      throws IOException {
    String where =
        "%s of %s number %d, application %s".formatted(failure, target, passes, reaction);
    Path disk = Files.createTempDirectory(root, "disk");
    try (Run run = new Run(disk, STORE, new Expected(), true)) {
      run.faults().arm(target, failure, passes);
      int failedAt = Integer.MAX_VALUE;
      int hitAt = Integer.MAX_VALUE;
      for (Step step : steps) {
        Optional<CheckpointException> problem = run.perform(step);
        if (hitAt == Integer.MAX_VALUE && run.faults().hits() > 0) {
          hitAt = run.recording().size();
        }
        if (problem.isPresent() && failedAt == Integer.MAX_VALUE) {
          run.faults().disarm();
          failedAt = run.recording().size();
          checkType(step, problem.get(), failure, where);
          react(run, step, reaction, where + ", after the failure of " + step);
        } else {
          problem.ifPresent(
              later ->
                  assertThat(later)
                      .as("%s: what %s fails with, later", where, step)
                      .matches(e -> reaction == Reaction.GOES_ON)
                      .isInstanceOfAny(
                          DuplicateCheckpointException.class, VersionConflictException.class));
        }
      }
      boolean hit = run.faults().hits() > 0;
      run.faults().disarm();
      try (FileBackendStorage storage =
          FileBackendStorage.builder()
              .directory(disk.resolve(STORE))
              .codec(Run.CODEC)
              .durability(Durability.PROCESS_CRASH)
              .open()) {
        run.expectedNow().check(storage, where + ", after reopening");
      }
      if (hit) {
        // Right after the step that failed, or that passed over the failure, after what was done
        // about it, and at the end.
        List<Integer> ends = run.stepEnds(Math.min(failedAt, hitAt));
        Set<Integer> crashes = new HashSet<>(ends.subList(0, Math.min(4, ends.size())));
        crashes.add(run.recording().size());
        try {
          new Crashes(root, STORE, passes)
              .check(
                  run,
                  crashes::contains,
                  new Crashes.Effort(Crashes.Extremes.NOTHING_UNFORCED, 1, 0));
        } catch (AssertionError e) {
          throw new AssertionError(where, e);
        }
      }
      return hit;
    } finally {
      Crashes.delete(disk);
    }
  }

  private static void checkType(
      Step step, CheckpointException problem, Failure failure, String where) {
    boolean full = failure == Failure.NO_SPACE || failure == Failure.SHORT_WRITE_THEN_NO_SPACE;
    Class<?> notApplied =
        full ? StorageLimitExceededException.class : StorageUnavailableException.class;
    assertThat(problem)
        .as("%s: what %s fails with", where, step)
        .isInstanceOfAny(notApplied, OutcomeUnknownException.class);
    if (step instanceof Step.Read || step instanceof Step.Open) {
      assertThat(problem)
          .as("%s: what %s fails with, which writes nothing", where, step)
          .isInstanceOf(notApplied);
    }
  }

  private static void react(Run run, Step failed, Reaction reaction, String where) {
    if (run.isOpen()) {
      run.expectedNow().check(run.storage(), where + ", on the same handle");
    }
    if (reaction == Reaction.REOPENS_AND_RETRIES && run.isOpen()) {
      run.close();
      assertThat(run.perform(new Step.Open())).as("%s: opening again", where).isEmpty();
      assertThat(run.perform(new Step.Read())).as("%s: reading again", where).isEmpty();
    }
    if (reaction != Reaction.GOES_ON || failed instanceof Step.Open) {
      assertThat(run.perform(failed)).as("%s: the retry", where).isEmpty();
    }
  }
}
