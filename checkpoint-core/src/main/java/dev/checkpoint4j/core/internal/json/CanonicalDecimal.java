package dev.checkpoint4j.core.internal.json;

import com.fasterxml.jackson.core.io.NumberInput;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/**
 * Reads what {@link BigDecimal#toString} writes, and nothing else. Neither by {@code new
 * BigDecimal(String)}, which takes time in proportion to the square of the number of digits, nor by
 * writing the number again for a comparison, which takes many times as long as reading it: that a
 * text is canonical shows in its digits.
 */
final class CanonicalDecimal {

  private CanonicalDecimal() {}

  /** The number; null if it is not written so, or there is none. */
  static @Nullable BigDecimal parse(String text) {
    int start = text.startsWith("-") ? 1 : 0;
    int exponentMark = text.indexOf('E');
    int end = exponentMark < 0 ? text.length() : exponentMark;
    int point = text.indexOf('.');
    int fraction = point < 0 ? 0 : end - point - 1;
    if (fraction < 0) {
      return null;
    }
    String digits =
        withoutLeadingZeros(
            point < 0
                ? text.substring(start, end)
                : text.substring(start, point).concat(text.substring(point + 1, end)));
    try {
      long exponent =
          exponentMark < 0 ? 0 : Long.parseLong(text, exponentMark + 1, text.length(), 10);
      int scale = Math.toIntExact(Math.subtractExact(fraction, exponent));
      if (!isNumber(digits) || !text.equals(layout(start == 1, digits, scale))) {
        return null;
      }
      return new BigDecimal(
          NumberInput.parseBigInteger(start == 1 ? "-".concat(digits) : digits, true), scale);
    } catch (NumberFormatException | ArithmeticException e) {
      return null;
    }
  }

  private static String withoutLeadingZeros(String digits) {
    int zeros = 0;
    while (zeros < digits.length() - 1 && digits.charAt(zeros) == '0') {
      zeros++;
    }
    return digits.substring(zeros);
  }

  private static boolean isNumber(String digits) {
    for (int i = 0; i < digits.length(); i++) {
      if (digits.charAt(i) < '0' || digits.charAt(i) > '9') {
        return false;
      }
    }
    return !digits.isEmpty();
  }

  /** What {@link BigDecimal#toString} writes of a number with these digits; "" if there is none. */
  private static String layout(boolean isNegative, String digits, int scale) {
    if (isNegative && digits.equals("0")) {
      return "";
    }
    StringBuilder text = new StringBuilder(digits.length() + 16);
    text.append(isNegative ? "-" : "");
    long adjusted = digits.length() - 1L - scale;
    if (scale < 0 || adjusted < -6) {
      text.append(digits.charAt(0));
      if (digits.length() > 1) {
        text.append('.').append(digits, 1, digits.length());
      }
      if (adjusted != 0) {
        text.append(adjusted > 0 ? "E+" : "E").append(adjusted);
      }
    } else if (scale >= digits.length()) {
      // At most six zeros, or it were written with an exponent.
      text.append("0.").append("0".repeat(scale - digits.length())).append(digits);
    } else {
      int point = digits.length() - scale;
      text.append(digits, 0, point);
      if (scale > 0) {
        text.append('.').append(digits, point, digits.length());
      }
    }
    return text.toString();
  }
}
