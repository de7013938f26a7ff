package dev.checkpoint4j.tck;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;

/**
 * Two texts that a medium may take for one another, as they are or after a common start.
 *
 * @param reason why the medium may do so
 */
record LookalikePair(String reason, Form first, Form second) {

  /** What is cut at a length is found with each greater one. */
  private static final List<Integer> LENGTHS = List.of(31, 64, 128, 200, 254, 511);

  /** A text that depends on its place. */
  interface Form {
    /** The text after a start, in at most so many bytes. */
    String after(String start, int maxBytes);
  }

  /** All pairs: those of each {@link Confusion}, and those that depend on the start of a text. */
  static List<LookalikePair> all(Random random) {
    List<LookalikePair> all = new ArrayList<>();
    for (Confusion confusion : Confusion.values()) {
      confusion.groups(random).forEach(group -> all.addAll(of(confusion, group)));
    }
    for (String character : List.of("x", "\u00e9", "\ud83d\ude00")) {
      LENGTHS.forEach(length -> all.add(equalUpTo(length, character)));
    }
    all.add(
        new LookalikePair(
            "LEADING_ZERO", (start, max) -> "0" + start + "x", (start, max) -> "00" + start + "x"));
    all.add(
        new LookalikePair(
            "LEADING_SPACE", (start, max) -> start + "x", (start, max) -> " " + start + "x"));
    all.add(
        new LookalikePair(
            "END", (start, max) -> start + "x", (start, max) -> start + "-" + start + "x"));
    return all;
  }

  private static List<LookalikePair> of(Confusion confusion, List<String> group) {
    List<String> names = List.copyOf(new LinkedHashSet<>(group));
    List<LookalikePair> pairs = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      String first = names.get(i);
      for (String second : names.subList(i + 1, names.size())) {
        pairs.add(
            new LookalikePair(
                confusion.name(),
                (start, maxBytes) -> start + first,
                (start, maxBytes) -> start + second));
      }
    }
    return pairs;
  }

  /** Texts of which so many bytes are equal, or as many as there is room for. */
  private static LookalikePair equalUpTo(int bytes, String character) {
    return new LookalikePair(
        "LENGTH_" + bytes,
        (start, maxBytes) -> filled(start, character, Math.min(bytes, maxBytes - 1)) + "1",
        (start, maxBytes) -> filled(start, character, Math.min(bytes, maxBytes - 1)) + "2");
  }

  private static String filled(String start, String character, int bytes) {
    int missing = bytes - utf8Length(start);
    int size = utf8Length(character);
    return missing <= 0
        ? start
        : start + "x".repeat(missing % size) + character.repeat(missing / size);
  }

  private static int utf8Length(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }

  /** Both texts after the same start. */
  List<String> after(String start, int maxBytes) {
    return List.of(first.after(start, maxBytes), second.after(start, maxBytes));
  }
}
