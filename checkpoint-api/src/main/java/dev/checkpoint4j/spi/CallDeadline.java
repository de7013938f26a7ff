package dev.checkpoint4j.spi;

import dev.checkpoint4j.annotation.CanIgnoreReturnValue;
import java.time.Duration;
import java.util.Objects;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The moment by which a call has to end. A caller sets it for its thread with {@link #call}; every
 * layer below reads {@link #current()} and bounds each of its waits (lock, connection, statement,
 * pause before a retry) by {@link #remaining()}, so that waits do not add up. Time is measured with
 * {@link System#nanoTime()}; a clock that is set changes nothing.
 *
 * <p>A backend bounds a whole call by its own time-out and by the deadline of the caller:
 *
 * <pre>{@code
 * CallDeadline deadline = CallDeadline.current().within(lockTimeout);
 * if (!lock.tryLock(deadline.remaining().toNanos(), NANOSECONDS)) {
 *   throw new StorageUnavailableException(...);
 * }
 * }</pre>
 *
 * <p>The mechanism is that of gRPC's {@code Context.withDeadline}. Immutable; the current deadline
 * belongs to a thread, and a task that continues a call on another thread sets it there again.
 */
public final class CallDeadline {

  /** Never reached: 292 years, the longest time that nanoseconds in a {@code long} can count. */
  private static final CallDeadline NONE = new CallDeadline(0, Long.MAX_VALUE);

  private static final ThreadLocal<@Nullable CallDeadline> CURRENT = new ThreadLocal<>();

  private final long start;
  private final long nanos;

  private CallDeadline(long start, long nanos) {
    this.start = start;
    this.nanos = nanos;
  }

  /** The deadline of a call without one: {@link #remaining()} stays at its maximum. */
  public static CallDeadline none() {
    return NONE;
  }

  /** The deadline of the calling thread; {@link #none()} if no caller has set one. */
  public static CallDeadline current() {
    CallDeadline current = CURRENT.get();
    return current == null ? NONE : current;
  }

  /**
   * A deadline {@code timeout} from now.
   *
   * @param timeout zero or a negative duration has passed at once; one of more than 292 years is
   *     {@link #none()}
   */
  public static CallDeadline after(Duration timeout) {
    long nanos = nanos(timeout);
    return nanos == Long.MAX_VALUE ? NONE : new CallDeadline(System.nanoTime(), nanos);
  }

  /** The earlier of this deadline and {@code timeout} from now. */
  public CallDeadline within(Duration timeout) {
    CallDeadline other = after(timeout);
    return other.remainingNanos() < remainingNanos() ? other : this;
  }

  /**
   * Runs {@code call} with this deadline as {@link #current()}, or with the current one if that is
   * earlier. The previous deadline is restored afterwards. Interrupts nothing: what waits has to
   * check the deadline.
   *
   * @return what {@code call} returns
   */
  @CanIgnoreReturnValue
  public <T extends @Nullable Object> T call(Supplier<T> call) {
    return call((supplier, same) -> supplier.get(), call, call);
  }

  /**
   * As {@link #call(Supplier)}, for calls that take nanoseconds: {@code deadline.call(
   * BackendStorage::getBySession, storage, session)} allocates nothing.
   */
  @CanIgnoreReturnValue
  public <A extends @Nullable Object, B extends @Nullable Object, T extends @Nullable Object>
      T call(BiFunction<A, B, T> call, A first, B second) {
    CallDeadline outer = CURRENT.get();
    CURRENT.set(outer != null && outer.remainingNanos() < remainingNanos() ? outer : this);
    try {
      return call.apply(first, second);
    } finally {
      // Not remove(), after which the next set() allocates: an empty entry keeps nothing alive.
      CURRENT.set(outer);
    }
  }

  /** The time left; zero if the deadline has passed. */
  public Duration remaining() {
    return Duration.ofNanos(remainingNanos());
  }

  /** Whether the deadline has passed. */
  public boolean hasPassed() {
    return remainingNanos() == 0;
  }

  private long remainingNanos() {
    return nanos == Long.MAX_VALUE ? nanos : Math.max(0, nanos - (System.nanoTime() - start));
  }

  private static long nanos(Duration timeout) {
    if (Objects.requireNonNull(timeout, "timeout").isNegative()) {
      return 0;
    }
    try {
      return timeout.toNanos();
    } catch (ArithmeticException e) {
      return Long.MAX_VALUE;
    }
  }

  @Override
  public String toString() {
    return this == NONE ? "CallDeadline[none]" : "CallDeadline[in " + remaining() + "]";
  }
}
