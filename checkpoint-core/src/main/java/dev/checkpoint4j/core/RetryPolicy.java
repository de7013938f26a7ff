package dev.checkpoint4j.core;

import dev.checkpoint4j.annotation.CanIgnoreReturnValue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.random.RandomGenerator;

/**
 * How often an operation is tried and how long is waited in between: the delay doubles from {@link
 * #initialDelay()} up to {@link #maxDelay()} (zero stays zero), and a random part of it, at most
 * {@link #jitter()} of the whole, is left out so that writers that met once do not meet again.
 * Immutable.
 */
public final class RetryPolicy {

  private static final RetryPolicy NONE = builder().maxAttempts(1).build();
  private static final RetryPolicy STANDARD = builder().build();

  private final int maxAttempts;
  private final Duration initialDelay;
  private final Duration maxDelay;
  private final double jitter;

  private RetryPolicy(Builder builder) {
    this.maxAttempts = builder.maxAttempts;
    this.initialDelay = builder.initialDelay;
    this.maxDelay = builder.maxDelay;
    this.jitter = builder.jitter;
  }

  /** One attempt, no retry. */
  public static RetryPolicy none() {
    return NONE;
  }

  /** What {@link #builder()} builds by default. */
  public static RetryPolicy standard() {
    return STANDARD;
  }

  /** Starts a policy of 5 attempts, 50 ms to 2 s apart, with full jitter. */
  public static Builder builder() {
    return new Builder();
  }

  /** Most attempts, the first one included. */
  public int maxAttempts() {
    return maxAttempts;
  }

  /** The delay before the second attempt, before jitter. */
  public Duration initialDelay() {
    return initialDelay;
  }

  /** The longest delay. */
  public Duration maxDelay() {
    return maxDelay;
  }

  /** The part of a delay that is left to chance: 0 for none of it, 1 for all of it. */
  public double jitter() {
    return jitter;
  }

  /** How long to wait after {@code failures} failed attempts, of which there is at least one. */
  Duration delayAfter(int failures, RandomGenerator random) {
    Duration delay = initialDelay;
    for (int i = 1; i < failures && delay.compareTo(maxDelay) < 0; i++) {
      delay = delay.plus(delay);
    }
    long nanos = (delay.compareTo(maxDelay) < 0 ? delay : maxDelay).toNanos();
    return Duration.ofNanos(nanos - (long) (nanos * jitter * random.nextDouble()));
  }

  @Override
  public String toString() {
    return "RetryPolicy[maxAttempts="
        + maxAttempts
        + ", initialDelay="
        + initialDelay
        + ", maxDelay="
        + maxDelay
        + ", jitter="
        + jitter
        + "]";
  }

  /** Creates a policy. Not safe for use by several threads. */
  @CanIgnoreReturnValue
  public static final class Builder {

    private static final Duration LONGEST_DELAY = Duration.ofHours(1);

    private int maxAttempts = 5;
    private Duration initialDelay = Duration.ofMillis(50);
    private Duration maxDelay = Duration.ofSeconds(2);
    private double jitter = 1;

    private Builder() {}

    /** Sets the most attempts, the first one included: at least 1. Defaults to 5. */
    public Builder maxAttempts(int maxAttempts) {
      this.maxAttempts = maxAttempts;
      return this;
    }

    /** Sets the delay before the second attempt: zero or more. Defaults to 50 ms. */
    public Builder initialDelay(Duration initialDelay) {
      this.initialDelay = Objects.requireNonNull(initialDelay, "initialDelay");
      return this;
    }

    /** Sets the longest delay: from the initial one to an hour. Defaults to 2 s. */
    public Builder maxDelay(Duration maxDelay) {
      this.maxDelay = Objects.requireNonNull(maxDelay, "maxDelay");
      return this;
    }

    /** Sets the part of a delay that is random: 0 to 1. Defaults to 1 ("full jitter"). */
    public Builder jitter(double jitter) {
      this.jitter = jitter;
      return this;
    }

    /**
     * Creates the policy.
     *
     * @throws IllegalArgumentException listing everything that is out of range
     */
    public RetryPolicy build() {
      List<String> problems = new ArrayList<>();
      if (maxAttempts < 1) {
        problems.add("maxAttempts " + maxAttempts + " is less than 1");
      }
      if (initialDelay.isNegative()) {
        problems.add("initialDelay " + initialDelay + " is negative");
      }
      if (maxDelay.compareTo(initialDelay) < 0 || maxDelay.compareTo(LONGEST_DELAY) > 0) {
        problems.add("maxDelay " + maxDelay + " is not " + initialDelay + " to " + LONGEST_DELAY);
      }
      if (!(jitter >= 0 && jitter <= 1)) {
        problems.add("jitter " + jitter + " is not 0 to 1");
      }
      if (!problems.isEmpty()) {
        throw new IllegalArgumentException(String.join("; ", problems));
      }
      return new RetryPolicy(this);
    }
  }
}
