package dev.checkpoint4j.cli;

/**
 * Makes text safe for a terminal: stored ids and values may hold escape sequences, direction marks
 * and whatever else makes a terminal show something other than what is there.
 */
final class Printable {

  private Printable() {}

  /** {@code text} on one line, with every character that does not show replaced by its escape. */
  static String line(String text) {
    return escape(text, false);
  }

  /**
   * A JSON document with the same replaced, line breaks between its tokens excepted. What is
   * replaced stands in strings only, so the document keeps its meaning.
   */
  static String json(String document) {
    return escape(document, true);
  }

  private static String escape(String text, boolean keepLineBreaks) {
    int unsafe = 0;
    while (unsafe < text.length() && isSafe(text, unsafe, keepLineBreaks)) {
      unsafe += Character.charCount(text.codePointAt(unsafe));
    }
    if (unsafe == text.length()) {
      return text;
    }
    StringBuilder escaped = new StringBuilder(text.length() + 16).append(text, 0, unsafe);
    for (int i = unsafe; i < text.length(); ) {
      int length = Character.charCount(text.codePointAt(i));
      if (isSafe(text, i, keepLineBreaks)) {
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

  private static boolean isSafe(String text, int index, boolean keepLineBreaks) {
    int codePoint = text.codePointAt(index);
    if (codePoint == '\n') {
      return keepLineBreaks;
    }
    return switch (Character.getType(codePoint)) {
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
