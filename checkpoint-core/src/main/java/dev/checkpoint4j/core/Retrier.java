package dev.checkpoint4j.core;

import dev.checkpoint4j.error.CheckpointException;
import dev.checkpoint4j.error.DuplicateCheckpointException;
import dev.checkpoint4j.error.VersionConflictException;
import dev.checkpoint4j.spi.CallDeadline;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Repeats an operation as a {@link RetryPolicy} says. */
final class Retrier {

  /** Waits, in tests without waiting. */
  @FunctionalInterface
  interface Sleeper {
    void sleep(Duration delay) throws InterruptedException;
  }

  private final RetryPolicy policy;
  private final Sleeper sleeper;

  Retrier(RetryPolicy policy, Sleeper sleeper) {
    this.policy = policy;
    this.sleeper = sleeper;
  }

  static Retrier of(RetryPolicy policy) {
    return new Retrier(
        policy, delay -> Thread.sleep(delay.toMillis(), delay.toNanosPart() % 1_000_000));
  }

  /**
   * Calls {@code operation} until it succeeds, fails with what {@code retryable} refuses, or was
   * tried often enough. Interruption ends it too; the flag stays set. So does the deadline of the
   * call: no attempt starts after it, and no pause that would reach it is begun.
   *
   * <p>Throws the last failure, with those before it as suppressed, unless an earlier attempt may
   * have been applied and the last failure does not exclude it: then that earlier one is thrown.
   */
  <T extends @Nullable Object> T call(
      Predicate<CheckpointException> retryable, Supplier<T> operation) {
    return call(retryable, operation, CallDeadline::current);
  }

  /** As {@link #call(Predicate, Supplier)}, with a deadline that may move between the attempts. */
  <T extends @Nullable Object> T call(
      Predicate<CheckpointException> retryable,
      Supplier<T> operation,
      Supplier<CallDeadline> deadline) {
    try {
      return operation.get();
    } catch (RuntimeException e) {
      return callAgain(retryable, operation, deadline, e);
    }
  }

  /** As {@link #call(Predicate, Supplier)} goes on after a first attempt that failed. */
  <T extends @Nullable Object> T callAgain(
      Predicate<CheckpointException> retryable, Supplier<T> operation, RuntimeException first) {
    return callAgain(retryable, operation, CallDeadline::current, first);
  }

  private <T extends @Nullable Object> T callAgain(
      Predicate<CheckpointException> retryable,
      Supplier<T> operation,
      Supplier<CallDeadline> deadline,
      RuntimeException first) {
    List<RuntimeException> failures = new ArrayList<>();
    failures.add(first);
    while (isToBeRepeated(failures, retryable, deadline)) {
      try {
        return operation.get();
      } catch (RuntimeException e) {
        failures.add(e);
      }
    }
    throw summary(failures);
  }

  private boolean isToBeRepeated(
      List<RuntimeException> failures,
      Predicate<CheckpointException> retryable,
      Supplier<CallDeadline> deadline) {
    return failures.get(failures.size() - 1) instanceof CheckpointException last
        && retryable.test(last)
        && failures.size() < policy.maxAttempts()
        && pause(failures.size(), deadline.get());
  }

  /** Whether there is to be another attempt, after a pause. */
  private boolean pause(int failures, CallDeadline deadline) {
    if (Thread.currentThread().isInterrupted()) {
      return false;
    }
    Duration delay = policy.delayAfter(failures, ThreadLocalRandom.current());
    if (delay.compareTo(deadline.remaining()) >= 0) {
      // Waiting would be in vain: no attempt could follow.
      return false;
    }
    if (delay.isZero()) {
      return true;
    }
    try {
      sleeper.sleep(delay);
      return !deadline.hasPassed();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static RuntimeException summary(List<RuntimeException> failures) {
    RuntimeException thrown = failures.get(failures.size() - 1);
    if (!showsThatNothingWasApplied(thrown)) {
      for (RuntimeException failure : failures) {
        if (mayHaveBeenApplied(failure) && !mayHaveBeenApplied(thrown)) {
          thrown = failure;
        }
      }
    }
    for (RuntimeException failure : failures) {
      if (failure != thrown) {
        thrown.addSuppressed(failure);
      }
    }
    return thrown;
  }

  /** A put checks the id first: with these answers no earlier attempt of it is stored. */
  private static boolean showsThatNothingWasApplied(RuntimeException failure) {
    return failure instanceof VersionConflictException
        || failure instanceof DuplicateCheckpointException;
  }

  private static boolean mayHaveBeenApplied(RuntimeException failure) {
    return failure instanceof CheckpointException e && e.mayHaveBeenApplied();
  }
}
