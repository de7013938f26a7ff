package dev.checkpoint4j.tck;

import java.util.regex.Pattern;

/** Any text within a report, in the syntax of its file. */
final class ReportText {

  private static final Pattern LINE_BREAK = Pattern.compile("\\s*\\R\\s*");

  private ReportText() {}

  /** A string of JSON, in ASCII. */
  static String json(String text) {
    StringBuilder json = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        json.append('\\').append(c);
      } else if (c < ' ' || c > '~') {
        json.append("\\u%04x".formatted((int) c));
      } else {
        json.append(c);
      }
    }
    return json.append('"').toString();
  }

  /** A cell of a Markdown table. */
  static String cell(String text) {
    return LINE_BREAK.matcher(visible(text.strip()).replace("|", "\\|")).replaceAll("<br>");
  }

  /** Text of an HTML element. */
  static String html(String text) {
    return visible(text)
        .replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }

  /** A text with what no file of text can hold, or no reader would see, shown by its number. */
  private static String visible(String text) {
    StringBuilder visible = new StringBuilder();
    text.codePoints()
        .forEach(
            c -> {
              boolean hidden =
                  Character.getType(c) == Character.SURROGATE
                      || (Character.isISOControl(c) && c != '\n' && c != '\r' && c != '\t');
              if (hidden) {
                visible.append("\\u%04x".formatted(c));
              } else {
                visible.appendCodePoint(c);
              }
            });
    return visible.toString();
  }
}
