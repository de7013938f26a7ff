package dev.checkpoint4j.benchmarks;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Locale;

/** Numbers for people. */
public final class Numbers {

  private Numbers() {}

  public static String grouped(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  /** Two or three digits that count, in the unit that needs no zeros. */
  public static String time(double nanos) {
    if (nanos < 1e3) {
      return digits(nanos) + " ns";
    }
    if (nanos < 1e6) {
      return digits(nanos / 1e3) + " µs";
    }
    return nanos < 1e9 ? digits(nanos / 1e6) + " ms" : digits(nanos / 1e9) + " s";
  }

  public static String bytes(double bytes) {
    if (bytes < 1e3) {
      return Math.round(bytes) + " B";
    }
    if (bytes < 1e6) {
      return digits(bytes / 1e3) + " kB";
    }
    return bytes < 1e9 ? digits(bytes / 1e6) + " MB" : digits(bytes / 1e9) + " GB";
  }

  /** At least two digits that count. */
  public static String ratio(double ratio) {
    if (ratio < 0.1) {
      return BigDecimal.valueOf(ratio).round(new MathContext(2)).toPlainString();
    }
    return String.format(Locale.ROOT, ratio < 10 ? "%.2f" : "%.1f", ratio);
  }

  private static String digits(double number) {
    return String.format(
        Locale.ROOT, number < 10 ? "%.2f" : number < 100 ? "%.1f" : "%.0f", number);
  }
}
