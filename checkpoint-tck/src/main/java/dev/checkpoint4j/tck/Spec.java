package dev.checkpoint4j.tck;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The rules in words: {@code docs/spec.md}, of which the jar of the TCK holds a copy. */
final class Spec {

  private static final Pattern HEADING = Pattern.compile("### ([A-Z]{2,5}-[0-9]{2}) (\\w+)");
  private static final Pattern PART =
      Pattern.compile("\\*\\*(Intent|Checked|If this fails, check):\\*\\*\\s+(.*)");

  /**
   * One numbered rule.
   *
   * @param sentence what is promised
   * @param intent why
   * @param checked how the TCK observes it
   * @param advice what to check first if the rule fails
   */
  record Entry(
      String id, Level level, String sentence, String intent, String checked, String advice) {}

  private static final Map<String, Entry> ENTRIES = index(parse(read()));

  private Spec() {}

  /** The entry of a rule that the meta test has shown to be there. */
  static Entry of(Rule rule) {
    return Objects.requireNonNull(ENTRIES.get(rule.id()), rule.id());
  }

  /** All of them, in the order of the specification. */
  static List<Entry> entries() {
    return List.copyOf(ENTRIES.values());
  }

  private static String read() {
    try (InputStream stream = Spec.class.getResourceAsStream("spec.md")) {
      return new String(
          Objects.requireNonNull(stream, "spec.md of the TCK's jar").readAllBytes(),
          StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Map<String, Entry> index(List<Entry> entries) {
    Map<String, Entry> index = new LinkedHashMap<>();
    for (Entry entry : entries) {
      if (index.put(entry.id(), entry) != null) {
        throw new IllegalStateException("spec.md has two rules " + entry.id());
      }
    }
    return index;
  }

  /** The rules of a specification, in its order. */
  static List<Entry> parse(String text) {
    return Pattern.compile("^(?=#)", Pattern.MULTILINE)
        .splitAsStream(text.replace("\r\n", "\n"))
        .filter(section -> section.startsWith("### "))
        .map(Spec::parseEntry)
        .toList();
  }

  private static Entry parseEntry(String section) {
    String[] paragraphs = section.strip().split("\n\\s*\n|\n(?=- )", -1);
    Matcher heading = HEADING.matcher(paragraphs[0].strip());
    if (!heading.matches() || paragraphs.length < 5) {
      throw new IllegalStateException("spec.md has a malformed rule: " + paragraphs[0]);
    }
    Map<String, String> parts = new LinkedHashMap<>();
    for (int i = 2; i < paragraphs.length; i++) {
      Matcher part = PART.matcher(unwrap(paragraphs[i]).replaceFirst("^- ", ""));
      if (part.matches()) {
        parts.put(part.group(1), part.group(2));
      }
    }
    return new Entry(
        heading.group(1),
        Level.valueOf(heading.group(2)),
        unwrap(paragraphs[1]),
        parts.getOrDefault("Intent", ""),
        parts.getOrDefault("Checked", ""),
        parts.getOrDefault("If this fails, check", ""));
  }

  private static String unwrap(String paragraph) {
    return paragraph.strip().replaceAll("\\s*\n\\s*", " ");
  }
}
