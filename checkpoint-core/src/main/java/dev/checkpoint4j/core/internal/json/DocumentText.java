package dev.checkpoint4j.core.internal.json;

import dev.checkpoint4j.spi.CodecException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The checks that come before Jackson, which reads over-long UTF-8 and code points beyond U+10FFFF
 * as if they were legal.
 */
final class DocumentText {

  /** Eight bytes of an array, from any index on. */
  private static final VarHandle WORDS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());

  private static final long HIGH_BITS = 0x8080_8080_8080_8080L;
  private static final long LOW_BITS = 0x0101_0101_0101_0101L;
  private static final long BACKSLASHES = '\\' * LOW_BITS;

  private DocumentText() {}

  /**
   * Checks that the first {@code end} bytes are well-formed UTF-8 as in table 3-7 of the Unicode
   * Standard.
   *
   * @return whether surrogates may be escaped in there, as {@code \}{@code uD800}
   * @throws CodecException if the bytes are not well-formed
   */
  static boolean checkUtf8(byte[] document, int end) {
    boolean surrogates = false;
    int i = 0;
    while (i < end) {
      if (i + Long.BYTES <= end && isPlainAscii((long) WORDS.get(document, i))) {
        i += Long.BYTES;
      } else if (document[i] == '\\') {
        surrogates |= isSurrogateEscape(document, i, end);
        i += i + 1 < end && document[i + 1] == '\\' ? 2 : 1;
      } else if (document[i] >= 0) {
        i++;
      } else {
        i = endOfSequence(document, i, end);
      }
    }
    return surrogates;
  }

  /** Whether the eight bytes are ASCII without a backslash. */
  private static boolean isPlainAscii(long word) {
    long difference = word ^ BACKSLASHES;
    return ((word | ((difference - LOW_BITS) & ~difference)) & HIGH_BITS) == 0;
  }

  private static boolean isSurrogateEscape(byte[] document, int i, int end) {
    return i + 3 < end
        && document[i + 1] == 'u'
        && (document[i + 2] == 'd' || document[i + 2] == 'D')
        && Character.digit(document[i + 3], 16) >= 8;
  }

  private static int endOfSequence(byte[] document, int start, int end) {
    int lead = document[start] & 0xFF;
    int length;
    int minSecond = 0x80;
    int maxSecond = 0xBF;
    if (lead >= 0xC2 && lead <= 0xDF) {
      length = 2;
    } else if (lead >= 0xE0 && lead <= 0xEF) {
      length = 3;
      minSecond = lead == 0xE0 ? 0xA0 : 0x80;
      maxSecond = lead == 0xED ? 0x9F : 0xBF;
    } else if (lead >= 0xF0 && lead <= 0xF4) {
      length = 4;
      minSecond = lead == 0xF0 ? 0x90 : 0x80;
      maxSecond = lead == 0xF4 ? 0x8F : 0xBF;
    } else {
      throw malformed(start);
    }
    if (start + length > end) {
      throw malformed(start);
    }
    int second = document[start + 1] & 0xFF;
    if (second < minSecond || second > maxSecond) {
      throw malformed(start);
    }
    for (int i = start + 2; i < start + length; i++) {
      if ((document[i] & 0xC0) != 0x80) {
        throw malformed(start);
      }
    }
    return start + length;
  }

  private static CodecException malformed(int offset) {
    return new CodecException("the document is damaged: no legal UTF-8 at byte " + offset, null);
  }

  /**
   * Where the header ends: after the first object within the document's object, which is {@code
   * attributes}. The length of the document if there is no such place. What follows is not read,
   * and may be missing.
   */
  static int endOfHeader(byte[] document) {
    int depth = 0;
    boolean inString = false;
    for (int i = 0; i < document.length; i++) {
      byte b = document[i];
      if (inString) {
        if (b == '\\') {
          i++;
        } else if (b == '"') {
          inString = false;
        }
      } else if (b == '"') {
        inString = true;
      } else if (b == '{') {
        depth++;
      } else if (b == '}') {
        depth--;
        if (depth <= 1) {
          return i + 1;
        }
      }
    }
    return document.length;
  }
}
