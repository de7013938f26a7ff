package dev.checkpoint4j.core.internal.json;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import org.jspecify.annotations.Nullable;

/**
 * Reads what {@link Instant#toString} writes of times to the microsecond in the years 0000 to 9999,
 * many times faster than {@link Instant#parse}.
 */
final class CanonicalInstant {

  private static final String PATTERN = "dddd-dd-ddTdd:dd:dd";
  private static final int SECONDS_OF_A_DAY = 86_400;

  private CanonicalInstant() {}

  /** The time; null if it is not written so, or there is none. */
  static @Nullable Instant parse(String text) {
    int fraction = text.length() - PATTERN.length() - 1;
    boolean isOfThisForm =
        (fraction == 0 || fraction == 4 || fraction == 7)
            && matches(text, fraction)
            && number(text, 11, 13) < 24
            && number(text, 14, 16) < 60
            && number(text, 17, 19) < 60;
    if (!isOfThisForm) {
      return null;
    }
    int nanos = 0;
    if (fraction > 0) {
      int digits = number(text, PATTERN.length() + 1, PATTERN.length() + fraction);
      // Three digits fewer are written where three are enough, and none where none are.
      if (digits % 1_000 == 0 && (fraction == 7 || digits == 0)) {
        return null;
      }
      nanos = digits * (fraction == 4 ? 1_000_000 : 1_000);
    }
    try {
      long day =
          LocalDate.of(number(text, 0, 4), number(text, 5, 7), number(text, 8, 10)).toEpochDay();
      return Instant.ofEpochSecond(
          day * SECONDS_OF_A_DAY
              + number(text, 11, 13) * 3_600L
              + number(text, 14, 16) * 60L
              + number(text, 17, 19),
          nanos);
    } catch (DateTimeException e) {
      return null;
    }
  }

  private static boolean matches(String text, int fraction) {
    for (int i = 0; i < PATTERN.length(); i++) {
      char expected = PATTERN.charAt(i);
      if (expected == 'd' ? !isDigit(text.charAt(i)) : text.charAt(i) != expected) {
        return false;
      }
    }
    for (int i = PATTERN.length() + 1; i < PATTERN.length() + fraction; i++) {
      if (!isDigit(text.charAt(i))) {
        return false;
      }
    }
    return text.charAt(text.length() - 1) == 'Z'
        && (fraction == 0 || text.charAt(PATTERN.length()) == '.');
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private static int number(String text, int from, int to) {
    int number = 0;
    for (int i = from; i < to; i++) {
      number = number * 10 + text.charAt(i) - '0';
    }
    return number;
  }
}
