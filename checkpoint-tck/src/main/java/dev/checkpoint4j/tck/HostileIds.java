package dev.checkpoint4j.tck;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Ids that are legal, all different, and easily taken for one another or for something else. */
final class HostileIds {

  /** What a store may fold, trim, normalise, ignore or stop at. */
  static final List<String> CONFUSABLE =
      List.of(
          "a",
          "A",
          "a ",
          " a",
          "a  ",
          "a\u00a0",
          "a.",
          "a\u200b",
          "a\u00ad",
          "\ufeffa",
          "\u00e9",
          "e\u0301",
          "\u00c5",
          "A\u030a",
          "\u212b",
          "\u00df",
          "\u1e9e",
          "ss",
          "SS",
          "i",
          "I",
          "\u0130",
          "\u0131",
          "\ufb01",
          "fi",
          "\uff41",
          "1",
          "01",
          "1.0",
          "\u0661",
          "child:1",
          "child:10",
          "child:",
          "child",
          // Width, kana and voicing, breathing, and forms of one letter.
          "\u30ab",
          "\u304b",
          "\u30ac",
          "\uff76",
          "\u03c3",
          "\u03c2",
          "\u03a3",
          "a\u2060",
          "a\ufe0f",
          "\u00b2",
          "2",
          // The same UUID, for those who take them for numbers.
          "0193ad0b-5c3e-7abc-8def-0123456789ab",
          "0193AD0B-5C3E-7ABC-8DEF-0123456789AB",
          // The same String.hashCode, and the same CRC-32.
          "Aa",
          "BB",
          "plumless",
          "buckeroo");

  /** What a file system, a URL, a query language or a format may take for syntax. */
  static final List<String> SYNTAX =
      List.of(
          ".",
          "..",
          "...",
          "/",
          "a/b",
          "a//b",
          "/a",
          "a/",
          "../a",
          "a\\b",
          "%",
          "%2F",
          "a%2Fb",
          "%00",
          "_",
          "a_b",
          "a%b",
          "a+b",
          "a b",
          "*",
          "?a=b&c",
          "#a",
          "a:b",
          "a|b",
          "a;b",
          "a,b",
          "a~1",
          "CON",
          "nul.txt",
          "a.tmp",
          "a.lock",
          "a.json",
          ".a",
          "-rf",
          "~",
          "$HOME",
          "${a}",
          "{0}",
          "'",
          "\"",
          "`",
          "'; DROP TABLE checkpoints; --",
          "<a>&amp;</a>",
          "[0]",
          "null",
          "NULL",
          "true",
          "__proto__",
          "latest",
          "index");

  /** What an encoding may cut, replace or order in another way. */
  static final List<String> UNICODE =
      List.of(
          "\u65e5\u672c\u8a9e",
          "\u05e9\u05dc\u05d5\u05dd",
          "\ud83d\ude00",
          "\ud83d\udc69\u200d\ud83d\udc69\u200d\ud83d\udc67",
          "\ud83c\udde9\ud83c\uddea",
          "\u2028",
          "\ue000",
          "\ufffd",
          "\uffff",
          "\ufffe",
          "\ud800\udc00",
          "\udbff\udfff");

  private HostileIds() {}

  /** All of them. */
  static Set<String> all() {
    Set<String> all = new LinkedHashSet<>(CONFUSABLE);
    all.addAll(SYNTAX);
    all.addAll(UNICODE);
    return all;
  }

  /** The longest legal ids of so many UTF-8 bytes, in characters of 1, 2, 3 and 4 bytes. */
  static List<String> longest(int bytes) {
    return List.of(
        "x".repeat(bytes - 1) + "1",
        "x".repeat(bytes - 1) + "2",
        fill("\u00e9", 2, bytes),
        fill("\u65e5", 3, bytes),
        fill("\ud83d\ude00", 4, bytes));
  }

  private static String fill(String character, int size, int bytes) {
    return "y".repeat(bytes % size) + character.repeat(bytes / size);
  }

  /** Ids that the contract forbids, where one of at most so many UTF-8 bytes is expected. */
  static List<String> illegal(int bytes) {
    return List.of(
        "",
        "a\u0000b",
        "a\nb",
        "\u007f",
        "\u0085",
        "\ud83d",
        "\ude00a",
        "x".repeat(bytes + 1),
        "\u00e9".repeat(bytes / 2 + 1));
  }
}
