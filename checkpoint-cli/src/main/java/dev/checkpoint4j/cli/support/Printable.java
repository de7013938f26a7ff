package dev.checkpoint4j.cli.support;

import java.util.Arrays;
import java.util.stream.Collectors;

/** Makes text safe for a terminal. */
public final class Printable {

  private Printable() {}

  /** {@code text} on one line, with every character that does not show replaced by its escape. */
  public static String line(String text) {
    return dev.checkpoint4j.spi.Printable.line(text);
  }

  /**
   * A JSON document with the same replaced, line breaks between its tokens excepted. What is
   * replaced stands in strings only, so the document keeps its meaning.
   */
  public static String json(String document) {
    return Arrays.stream(document.split("\n", -1))
        .map(Printable::line)
        .collect(Collectors.joining("\n"));
  }

  /** A stack trace with the same replaced, line breaks and indentation excepted. */
  public static String stackTrace(String trace) {
    return Arrays.stream(trace.split("\n", -1))
        .map(text -> indentation(text) + line(text.substring(indentation(text).length())))
        .collect(Collectors.joining("\n"));
  }

  private static String indentation(String text) {
    int end = 0;
    while (end < text.length() && text.charAt(end) == '\t') {
      end++;
    }
    return text.substring(0, end);
  }
}
