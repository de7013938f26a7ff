package dev.checkpoint4j.core.internal.json;

import java.io.ByteArrayOutputStream;

/**
 * Gets unpaired surrogates past Jackson, which from version 2.21 on refuses them in the names of
 * members (not in strings), although JSON can escape them. Before parsing, each escaped surrogate
 * is replaced by a marker and three hexadecimal digits; afterwards, each string that holds the
 * marker is restored. The marker itself is replaced likewise, so that nothing is ambiguous.
 */
final class SurrogateEscapes {

  /** Any character of three bytes in UTF-8 would do; this one, for private use, is rare. */
  private static final char MARKER = '\uE000';

  private static final byte[] MARKER_UTF8 = {(byte) 0xEE, (byte) 0x80, (byte) 0x80};

  /** What follows the marker where the marker itself was; surrogates are 000 to 7FF. */
  private static final int MARKER_CODE = 0xFFF;

  private static final int CODE_DIGITS = 3;

  private SurrogateEscapes() {}

  /** The first {@code end} bytes of a document, without escaped surrogates. */
  static byte[] hide(byte[] document, int end) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(end);
    int i = 0;
    while (i < end) {
      int code = -1;
      int length = 1;
      if (document[i] == '\\' && i + 1 < end) {
        length = document[i + 1] == 'u' && i + 6 <= end ? 6 : 2;
        code = length == 6 ? codeOf(escapedChar(document, i + 2)) : -1;
      } else if (isMarker(document, i, end)) {
        length = MARKER_UTF8.length;
        code = MARKER_CODE;
      }
      if (code < 0) {
        out.write(document, i, length);
      } else {
        out.write(MARKER_UTF8, 0, MARKER_UTF8.length);
        for (int shift = 4 * (CODE_DIGITS - 1); shift >= 0; shift -= 4) {
          out.write(Character.forDigit((code >> shift) & 0xF, 16));
        }
      }
      i += length;
    }
    return out.toByteArray();
  }

  /** The text as it was before {@link #hide}. */
  static String restore(String text) {
    int marker = text.indexOf(MARKER);
    if (marker < 0) {
      return text;
    }
    StringBuilder restored = new StringBuilder(text.length());
    int copied = 0;
    while (marker >= 0) {
      int end = marker + 1 + CODE_DIGITS;
      int code = Integer.parseInt(text, marker + 1, end, 16);
      restored
          .append(text, copied, marker)
          .append(code == MARKER_CODE ? MARKER : (char) (Character.MIN_SURROGATE + code));
      copied = end;
      marker = text.indexOf(MARKER, end);
    }
    return restored.append(text, copied, text.length()).toString();
  }

  private static int codeOf(int character) {
    if (character == MARKER) {
      return MARKER_CODE;
    }
    return character >= Character.MIN_SURROGATE && character <= Character.MAX_SURROGATE
        ? character - Character.MIN_SURROGATE
        : -1;
  }

  /** The character that four hexadecimal digits stand for; -1 if they are none. */
  private static int escapedChar(byte[] document, int start) {
    int character = 0;
    for (int i = start; i < start + 4; i++) {
      // Bytes of non-ASCII characters are negative, and so no code point that is a digit.
      int digit = document[i] < 0 ? -1 : Character.digit(document[i], 16);
      if (digit < 0) {
        return -1;
      }
      character = character << 4 | digit;
    }
    return character;
  }

  private static boolean isMarker(byte[] document, int i, int end) {
    return i + 3 <= end
        && document[i] == MARKER_UTF8[0]
        && document[i + 1] == MARKER_UTF8[1]
        && document[i + 2] == MARKER_UTF8[2];
  }
}
