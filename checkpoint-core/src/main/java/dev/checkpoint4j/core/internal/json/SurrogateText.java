package dev.checkpoint4j.core.internal.json;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import com.fasterxml.jackson.core.io.SerializedString;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * A string with surrogates in the spelling of the document format: a pair as UTF-8, an unpaired one
 * escaped. Versions of Jackson spell them in different ways, and some change unpaired ones.
 */
final class SurrogateText extends SerializedString {

  private static final long serialVersionUID = 1;

  SurrogateText(String text) {
    super(text);
    _quotedUTF8Ref = quote(text);
  }

  /** Whether a string contains a surrogate. */
  static boolean isNeededFor(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        return true;
      }
    }
    return false;
  }

  private static byte[] quote(String text) {
    ByteArrayOutputStream quoted = new ByteArrayOutputStream(2 * text.length());
    int start = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!Character.isSurrogate(c)) {
        continue;
      }
      if (Character.isHighSurrogate(c)
          && i + 1 < text.length()
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        i++;
        continue;
      }
      write(text.substring(start, i), quoted);
      quoted.writeBytes("\\u%04X".formatted((int) c).getBytes(StandardCharsets.US_ASCII));
      start = i + 1;
    }
    write(text.substring(start), quoted);
    return quoted.toByteArray();
  }

  private static void write(String paired, ByteArrayOutputStream quoted) {
    quoted.writeBytes(JsonStringEncoder.getInstance().quoteAsUTF8(paired));
  }
}
