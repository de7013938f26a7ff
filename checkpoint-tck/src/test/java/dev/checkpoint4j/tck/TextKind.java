package dev.checkpoint4j.tck;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.text.Collator;
import java.text.Normalizer;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.BiPredicate;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.zip.CRC32;

/**
 * What media, and the code before them, do to texts.
 *
 * @param name what happens
 * @param form what is left of a text: texts with equal forms are taken for each other
 * @param isReadable whether a read could return the form in place of the text
 */
record TextKind(String name, UnaryOperator<String> form, boolean isReadable) {

  private static final Pattern MARKS = Pattern.compile("\\p{M}");
  private static final Pattern FORMAT_CHARACTERS = Pattern.compile("\\p{Cf}");
  private static final Pattern BEYOND_16_BITS = Pattern.compile("[\\x{10000}-\\x{10FFFF}]");
  private static final Pattern LEADING_ZEROS = Pattern.compile("^0+(?=[0-9])");

  /** Media that compare a form of a text. */
  static final List<TextKind> FORMS =
      List.of(
          readable("case ignored", text -> text.toLowerCase(Locale.ROOT)),
          readable("composed (NFC)", text -> Normalizer.normalize(text, Normalizer.Form.NFC)),
          readable("spaces cut at the end", TextKind::withoutTrailingSpaces),
          readable("cut at 64 characters", text -> cut(text, 64)),
          readable("? for what is not Latin-1", TextKind::inLatin1),
          hidden("hash of 32 bits", text -> Integer.toString(text.hashCode())),
          readable(
              "compatibility forms (NFKC)",
              text -> Normalizer.normalize(text, Normalizer.Form.NFKC)),
          readable("percent signs decoded", TextKind::percentDecoded),
          readable(
              "accents ignored",
              text ->
                  MARKS.matcher(Normalizer.normalize(text, Normalizer.Form.NFD)).replaceAll("")),
          readable(
              "characters beyond 16 bits alike",
              text -> BEYOND_16_BITS.matcher(text).replaceAll("\uFFFD")),
          readable("upper case of Turkish", text -> text.toUpperCase(Locale.forLanguageTag("tr"))),
          readable("cut at 254 bytes", text -> cutBytes(text, 254)),
          readable(
              "format characters ignored", text -> FORMAT_CHARACTERS.matcher(text).replaceAll("")),
          readable("leading zeros cut", text -> LEADING_ZEROS.matcher(text).replaceAll("")),
          readable("cut before the first emoji", TextKind::beforeEmoji),
          readable("quotes and backslashes unescaped", TextKind::unescaped),
          hidden("checksum", TextKind::checksum),
          readable("paths resolved", TextKind::resolved),
          readable("sharp s is ss", text -> text.replace("\u00DF", "ss")),
          hidden("compared by a collator", TextKind::collated),
          readable("text after a colon dropped", text -> before(text, ':')),
          readable("text after a number sign dropped", text -> before(text, '#')),
          readable("cut at 128 bytes", text -> cutBytes(text, 128)));

  /** Media that take what is asked for a pattern: the stored text, then the one that is asked. */
  static final List<Relation> PATTERNS =
      List.of(
          new Relation("prefix", String::startsWith),
          new Relation(
              "wildcards of LIKE",
              (stored, asked) ->
                  stored.equals(asked)
                      || (containsAny(asked, "%_") && like(asked).matcher(stored).matches())),
          new Relation(
              "wildcards of a glob",
              (stored, asked) ->
                  stored.equals(asked)
                      || (containsAny(asked, "*?") && glob(asked).matcher(stored).matches())),
          new Relation("regular expression", TextKind::matchesExpression),
          new Relation("end of the text", String::endsWith));

  /** Whether a stored text is taken for the one that is asked. */
  record Relation(String name, BiPredicate<String, String> matches) {}

  private static TextKind readable(String name, UnaryOperator<String> form) {
    return new TextKind(name, form, true);
  }

  private static TextKind hidden(String name, UnaryOperator<String> form) {
    return new TextKind(name, form, false);
  }

  private static String withoutTrailingSpaces(String text) {
    int end = text.length();
    while (end > 0 && text.charAt(end - 1) == ' ') {
      end--;
    }
    return text.substring(0, end);
  }

  private static String cut(String text, int length) {
    return text.codePointCount(0, text.length()) <= length
        ? text
        : text.substring(0, text.offsetByCodePoints(0, length));
  }

  private static String cutBytes(String text, int bytes) {
    int length = text.length();
    while (text.substring(0, length).getBytes(StandardCharsets.UTF_8).length > bytes) {
      length = text.offsetByCodePoints(length, -1);
    }
    return text.substring(0, length);
  }

  private static String inLatin1(String text) {
    return new String(text.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.ISO_8859_1);
  }

  private static String percentDecoded(String text) {
    try {
      String decoded = URLDecoder.decode(text, StandardCharsets.UTF_8);
      return decoded.chars().anyMatch(Character::isISOControl) ? text : decoded;
    } catch (IllegalArgumentException e) {
      return text;
    }
  }

  private static String beforeEmoji(String text) {
    int end = 0;
    while (end < text.length() && !Character.isSurrogate(text.charAt(end))) {
      end++;
    }
    return text.substring(0, end);
  }

  private static String unescaped(String text) {
    return text.replace("''", "'").replace("\\\\", "\\").replace("\\\"", "\"");
  }

  private static String checksum(String text) {
    CRC32 checksum = new CRC32();
    checksum.update(text.getBytes(StandardCharsets.UTF_8));
    return Long.toHexString(checksum.getValue());
  }

  private static String resolved(String text) {
    StringBuilder path = new StringBuilder();
    for (String step : text.split("/", -1)) {
      if (step.equals("..")) {
        path.setLength(Math.max(0, path.lastIndexOf("/")));
      } else if (!step.isEmpty() && !step.equals(".")) {
        path.append('/').append(step);
      }
    }
    return path.length() == 0 ? text : path.substring(1);
  }

  private static String collated(String text) {
    Collator collator = Collator.getInstance(Locale.ROOT);
    collator.setStrength(Collator.TERTIARY);
    return Arrays.toString(collator.getCollationKey(text).toByteArray());
  }

  private static String before(String text, char separator) {
    int end = text.indexOf(separator);
    return end > 0 ? text.substring(0, end) : text;
  }

  private static boolean containsAny(String text, String characters) {
    return characters.chars().anyMatch(character -> text.indexOf(character) >= 0);
  }

  private static Pattern like(String asked) {
    return wildcards(asked, '%', '_');
  }

  private static Pattern glob(String asked) {
    return wildcards(asked, '*', '?');
  }

  private static Pattern wildcards(String asked, char many, char one) {
    StringBuilder expression = new StringBuilder();
    for (int i = 0; i < asked.length(); i++) {
      char character = asked.charAt(i);
      expression.append(
          character == many
              ? ".*"
              : character == one ? "." : Pattern.quote(Character.toString(character)));
    }
    return Pattern.compile(expression.toString(), Pattern.DOTALL);
  }

  private static boolean matchesExpression(String stored, String asked) {
    if (stored.equals(asked)) {
      return true;
    }
    try {
      return containsAny(asked, ".*+?[](){}|^$\\") && Pattern.matches(asked, stored);
    } catch (PatternSyntaxException e) {
      return false;
    }
  }
}
