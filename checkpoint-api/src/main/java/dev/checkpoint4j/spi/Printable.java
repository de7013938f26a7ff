package dev.checkpoint4j.spi;

import java.util.Objects;

/**
 * Makes text safe for a log and a terminal. Stored ids, keys and values may hold line breaks,
 * escape sequences, marks of direction and whatever else shows something other than what is there.
 */
public final class Printable {

  private Printable() {}

  /**
   * {@code text} on one line: each control character, line separator, format character (as those of
   * direction) and unpaired surrogate is replaced by its escape, as in {@code \}{@code u202e}.
   */
  public static String line(String text) {
    int unsafe = 0;
    while (unsafe < Objects.requireNonNull(text, "text").length() && isSafe(text, unsafe)) {
      unsafe += Character.charCount(text.codePointAt(unsafe));
    }
    if (unsafe == text.length()) {
      return text;
    }
    StringBuilder escaped = new StringBuilder(text.length() + 16).append(text, 0, unsafe);
    for (int i = unsafe; i < text.length(); ) {
      int length = Character.charCount(text.codePointAt(i));
      if (isSafe(text, i)) {
        escaped.append(text, i, i + length);
      } else {
        text.substring(i, i + length)
            .chars()
            .forEach(unit -> escaped.append("\\u%04x".formatted(unit)));
      }
      i += length;
    }
    return escaped.toString();
  }

  private static boolean isSafe(String text, int index) {
    return switch (Character.getType(text.codePointAt(index))) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      default -> true;
    };
  }
}
