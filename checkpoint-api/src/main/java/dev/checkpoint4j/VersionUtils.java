package dev.checkpoint4j;

import java.util.OptionalLong;

/** Arithmetic on versions: signed numbers from 1 to {@link Long#MAX_VALUE}. */
public final class VersionUtils {

  /** The version of a session's first checkpoint, unless a {@link VersionPolicy} says otherwise. */
  public static final long FIRST = 1;

  private VersionUtils() {}

  /**
   * The version after {@code version}.
   *
   * @throws IllegalArgumentException if {@code version} is less than 1 or the greatest there is
   */
  public static long next(long version) {
    if (check(version) == Long.MAX_VALUE) {
      throw new IllegalArgumentException("there is no version after " + version);
    }
    return version + 1;
  }

  /**
   * The version before {@code version}; empty for the first.
   *
   * @throws IllegalArgumentException if {@code version} is less than 1
   */
  public static OptionalLong previous(long version) {
    return check(version) == FIRST ? OptionalLong.empty() : OptionalLong.of(version - 1);
  }

  /**
   * Whether {@code version} is greater than {@code other}.
   *
   * @throws IllegalArgumentException if an argument is less than 1
   */
  public static boolean isGreater(long version, long other) {
    return compare(version, other) > 0;
  }

  /**
   * Whether {@code version} is less than {@code other}.
   *
   * @throws IllegalArgumentException if an argument is less than 1
   */
  public static boolean isLess(long version, long other) {
    return compare(version, other) < 0;
  }

  /**
   * Negative, zero or positive as {@code version} is less than, equal to or greater than {@code
   * other}.
   *
   * @throws IllegalArgumentException if an argument is less than 1
   */
  public static int compare(long version, long other) {
    return Long.compare(check(version), check(other));
  }

  static long check(long version) {
    if (version < FIRST) {
      throw new IllegalArgumentException("version " + version + " is less than " + FIRST);
    }
    return version;
  }
}
