package dev.checkpoint4j.tck;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/** A reason for which a medium may take one name for another. */
enum Confusion {
  /** The tamest names. */
  NONE(random -> List.of(List.of())),

  LETTER_CASE(
      random -> {
        String word = word(random);
        String upper = word.toUpperCase(Locale.ROOT);
        return List.of(List.of(word, upper, upper.charAt(0) + word.substring(1)));
      }),

  LETTER_CASE_OF_A_LANGUAGE(
      oneOf(
          List.of("i", "I", "\u0131", "\u0130"),
          List.of("\u00df", "ss", "\u1e9e", "SS"),
          List.of("\u03c3", "\u03c2", "\u03a3"),
          List.of("\u00e9", "\u00c9", "e"),
          List.of("\u0434", "\u0414", "\u0501"),
          List.of("\ud801\udc28", "\ud801\udc00"))),

  NORMAL_FORM(
      random -> {
        String word = word(random);
        return Stream.of("\u00e9", "\u00c5", "\u1ebf", "\ud55c", "\u0450", "\u30ac", "\u00f1")
            .map(
                character -> {
                  String decomposed = Normalizer.normalize(word + character, Normalizer.Form.NFD);
                  return List.of(
                      word + character,
                      decomposed,
                      decomposed.substring(0, decomposed.length() - 1));
                })
            .toList();
      }),

  COMPATIBILITY_FORM(
      oneOf(
          List.of("\ufb01", "fi"),
          List.of("\uff41", "a", "\uff21"),
          List.of("\u00c5", "\u212b", "A\u030a"),
          List.of("\u30ab", "\u304b", "\uff76"),
          List.of("\u00b2", "2", "\u2082"),
          List.of("\u2126", "\u03a9"),
          List.of("\ud835\udc1a", "a"))),

  SPACE(
      random -> {
        String word = word(random);
        return List.of(List.of(word, word + " ", " " + word, word + "  "));
      }),

  INVISIBLE_CHARACTER(
      random -> {
        String word = word(random);
        return Stream.of(
                "\u00a0", "\u200b", "\u00ad", "\u2060", "\ufeff", "\ufe0f", "\u200d", "\u2028",
                "\u3000")
            .map(invisible -> List.of(word, word + invisible, invisible + word))
            .toList();
      }),

  WILDCARD(
      random -> {
        String word = word(random);
        return Stream.of("_", "%", "*", "?", "[a-z]", ".*", ".", "x*")
            .map(middle -> List.of(word + middle, word + "x", word + middle + "1", word + "xy1"))
            .toList();
      }),

  SEPARATOR(
      random ->
          Stream.of(":", "/", "|", "#", ".", "-", "_", ",", ";", "~", "::", "=")
              .map(
                  separator ->
                      List.of("a", "a" + separator + "a", separator + "a", "a" + separator))
              .toList()),

  /** What follows a separator is dropped, or one separator stands for another. */
  PART(
      random ->
          Stream.of(":", "#", "/", "?", "@", ";", ",", "=", "|", "\ud83d\ude00")
              .map(separator -> List.of("a" + separator + "b", "a" + separator + "c", "a"))
              .toList()),

  PATH(
      oneOf(
          List.of("..", ".", "...", "a/.."),
          List.of("a/b", "a//b", "a/./b", "/a/b"),
          List.of("a\\b", "a/b", "a%2Fb", "a%5Cb"),
          List.of("a+b", "a b", "a%20b", "a%2Bb"),
          List.of("CON", "con.txt", "nul", "aux."),
          List.of("a.tmp", "a", "a.lock", ".a"),
          List.of("a?b=c", "a", "a#b", "a&b"),
          List.of("a", "a/", "/a", "../a"),
          List.of("a/b/../c", "a/c", "a/./c"),
          List.of("a b", "a_b", "a.b", "a-b"),
          List.of("%61b", "ab", "a%62"))),

  SYNTAX(
      oneOf(
          List.of("'", "''", "\\'", "\""),
          List.of("a''b", "a'b", "a\\'b"),
          List.of("a\\\"b", "a\"b", "a\"\"b"),
          List.of("a\\\\b", "a\\b", "a/b"),
          List.of("a\\nb", "anb", "a\\u006eb"),
          List.of("null", "NULL", "nil", "undefined"),
          List.of("true", "false", "TRUE", "0"),
          List.of("${a}", "$a", "{0}", "{a}"),
          List.of("a.b", "a", "b", "a[0]"),
          List.of("&lt;", "<", "<!--", "]]>"),
          List.of("__proto__", "constructor", "_id", "id"),
          List.of("'; DROP TABLE checkpoints; --", "' OR '1'='1", "\\", "\\\\"))),

  PREFIX(
      random -> {
        String word = word(random);
        return List.of(List.of(word + "1", word + "10", word, word + "11"));
      }),

  NUMBER(
      oneOf(
          List.of("1", "01", "1.0", "+1"),
          List.of("9", "10", "09", "1e1"),
          List.of("9007199254740993", "9007199254740992", "9007199254740992.0"),
          List.of("2147483648", "-2147483648", "4294967296", "0"),
          List.of("1", "\u0661", "\uff11", "\u00b9"),
          List.of("0x10", "16", "020", "10"),
          List.of("0", "-0", "00", "0.0"),
          List.of("7", "007", "07", "7 "),
          List.of(
              "0193ad0b-5c3e-7abc-8def-0123456789ab",
              "0193AD0B-5C3E-7ABC-8DEF-0123456789AB",
              "0193ad0b5c3e7abc8def0123456789ab"))),

  HASH(
      oneOf(
          List.of("Aa", "BB"),
          List.of("AaAa", "BBBB", "AaBB", "BBAa"),
          List.of("plumless", "buckeroo"))),

  ORDER(
      oneOf(
          List.of("\ue000", "\ud83d\ude00", "\uffff", "z"),
          List.of("B", "a", "C", "b"),
          List.of("a", "\u00e4", "z", "Z"),
          List.of("ab", "a-b", "a b", "a.c"),
          List.of("2", "10", "1", "9"),
          List.of("\u4e00", "\u3042", "\uac00", "\u00ff"))),

  ENCODING(
      oneOf(
          List.of("a", "\u0161", "\u0261"),
          List.of("\u00e9", "\u00c3\u00a9", "\ufffd"),
          List.of("?", "\u65e5", "\u672c", "\ufffd"),
          List.of("\ud83d\ude00", "\ud83d\ude01", "?", "??"),
          List.of("a\ud83d\ude00", "a\ud83d\ude01", "a", "a\ud83d\ude00b"),
          List.of("\ud800\udc00", "\ud801\udc00", "\ud800\udc01"),
          List.of("\u20ac", "\u00a4", "\u00ac"))),

  LENGTH(
      random -> {
        String long32 = word(random).repeat(40).substring(0, 31);
        String long64 = long32 + "y" + long32 + "y";
        List<List<String>> groups = new ArrayList<>();
        groups.add(List.of(long32 + "1", long32 + "2", long32));
        groups.add(List.of(long64 + "1", long64 + "2", long64, long64 + "12"));
        for (String character : List.of("x", "\u00e9", "\u65e5")) {
          String long200 = character.repeat(66);
          groups.add(List.of(long200 + "1", long200 + "2", long200, long200.substring(1)));
        }
        return groups;
      }),

  /** A little change of a random name, which nobody thought of. */
  EDIT(
      random -> {
        String name = character(random) + character(random) + character(random);
        return List.of(
            List.of(
                name,
                new StringBuilder(name).reverse().toString(),
                name + name,
                character(random) + name.substring(Character.charCount(name.codePointAt(0)))));
      });

  /** How many names a history has. */
  static final int NAMES = 4;

  @SuppressWarnings("ImmutableEnumChecker") // The generators keep nothing.
  private final Function<Random, List<List<String>>> generator;

  Confusion(Function<Random, List<List<String>>> generator) {
    this.generator = generator;
  }

  /** Legal and different names, so many for every kind that a choice means the same in each. */
  List<String> names(Random random) {
    List<List<String>> groups = groups(random);
    List<String> confusable = new ArrayList<>(groups.get(random.nextInt(groups.size())));
    Collections.shuffle(confusable, random);
    Set<String> names = new LinkedHashSet<>(confusable);
    confusable.forEach(name -> names.add("x" + name));
    names.addAll(List.of("a", "b", "c", "d"));
    return names.stream().limit(NAMES).toList();
  }

  /** All groups of names of which one may be taken for another. */
  List<List<String>> groups(Random random) {
    return generator.apply(random);
  }

  @SafeVarargs
  private static Function<Random, List<List<String>>> oneOf(List<String>... groups) {
    List<List<String>> all = new ArrayList<>();
    for (List<String> group : groups) {
      all.add(group);
    }
    return random -> all;
  }

  private static String word(Random random) {
    StringBuilder word = new StringBuilder();
    for (int i = 1 + random.nextInt(3); i > 0; i--) {
      word.append((char) ('a' + random.nextInt(26)));
    }
    return word.toString();
  }

  /** Any character that an id may contain; each plane of Unicode is as likely as ASCII. */
  private static String character(Random random) {
    int bound =
        switch (random.nextInt(4)) {
          case 0 -> 0x7f;
          case 1 -> 0x800;
          case 2 -> 0xffff;
          default -> Character.MAX_CODE_POINT;
        };
    int character = random.nextInt(bound);
    boolean isLegal =
        !Character.isISOControl(character) && Character.getType(character) != Character.SURROGATE;
    return isLegal ? Character.toString(character) : "x";
  }
}
