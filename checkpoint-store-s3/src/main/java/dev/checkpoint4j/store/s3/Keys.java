package dev.checkpoint4j.store.s3;

import dev.checkpoint4j.SessionKey;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The keys of the objects of a store, below its prefix; {@code docs/s3-layout.md} describes them.
 * They are of plain ASCII letters, digits, {@code - _ . /}, so that every server orders them alike
 * and none interprets them, and have at most {@value #MAX_PREFIX} + 370 bytes.
 */
final class Keys {

  static final int MAX_PREFIX = 600;

  /** Sorts behind every slot of a session. */
  private static final String BEHIND_ALL_SLOTS = "~";

  private static final int MAX_PLAIN_SEGMENT = 150;
  private static final int KEPT_OF_A_LONG_SEGMENT = 80;
  private static final Pattern IN_A_NAMESPACE =
      Pattern.compile(
          "([A-Za-z0-9_.-]+)/(?:checkpoints/[0-9a-f]{32}|sessions/[A-Za-z0-9_.-]+/[0-7][0-9a-f]{15})");

  private static final HexFormat HEX = HexFormat.of().withUpperCase();

  private final String prefix;

  /** Keys below {@code prefix}, which is empty or ends with a slash. */
  Keys(String prefix) {
    this.prefix = prefix;
  }

  /** The object that says that here is a store, and of which format. */
  String marker() {
    return prefix + "checkpoint-store.json";
  }

  /** What the keys of all objects begin with. */
  String prefix() {
    return prefix;
  }

  /** The namespace of a slot or a document; empty for the key of another object. */
  Optional<NamespaceKeys> namespaceOf(String key) {
    Matcher matcher = IN_A_NAMESPACE.matcher(key).region(prefix.length(), key.length());
    return matcher.matches()
        ? Optional.of(new NamespaceKeys(prefix + matcher.group(1) + "/"))
        : Optional.empty();
  }

  NamespaceKeys namespace(String namespace) {
    return new NamespaceKeys(prefix + segment(namespace) + "/");
  }

  /** What the keys of all slots of a session begin with. */
  String session(SessionKey session) {
    return namespace(session.namespace()).session(session.sessionId());
  }

  /** The key of a slot: of the greatest number first in the order of keys. */
  static String slot(String session, long number) {
    return session + HexFormat.of().toHexDigits(Long.MAX_VALUE - number);
  }

  /**
   * The number of a slot.
   *
   * @throws MalformedObjectException for the key of something else
   */
  static long slotNumber(String slotKey) {
    try {
      return Long.MAX_VALUE
          - HexFormat.fromHexDigitsToLong(slotKey, sessionEnd(slotKey), slotKey.length());
    } catch (IllegalArgumentException e) {
      throw new MalformedObjectException("'" + slotKey + "' stands among slots and is none");
    }
  }

  /** What the key of a slot shares with those of all slots of its session. */
  static String sessionOf(String slotKey) {
    return slotKey.substring(0, sessionEnd(slotKey));
  }

  private static int sessionEnd(String slotKey) {
    return slotKey.lastIndexOf('/') + 1;
  }

  /** A key behind all slots of the session and before those of the next. */
  static String endOf(String session) {
    return session + BEHIND_ALL_SLOTS;
  }

  /** The part of a key that stands for a session. */
  static String segmentOf(String session) {
    return session.substring(
        session.lastIndexOf('/', session.length() - 2) + 1, session.length() - 1);
  }

  /**
   * Makes an id a part of a key: bytes of its UTF-8 other than letters, digits and hyphens become
   * an underscore and two hexadecimal digits. Of what gets too long the start is kept, and a dot
   * and its SHA-256 follow.
   */
  static String segment(String id) {
    StringBuilder segment = new StringBuilder();
    for (byte b : id.getBytes(StandardCharsets.UTF_8)) {
      if ((b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z') || (b >= '0' && b <= '9') || b == '-') {
        segment.append((char) b);
      } else {
        segment.append('_').append(HEX.toHexDigits(b));
      }
    }
    if (segment.length() > MAX_PLAIN_SEGMENT) {
      segment.setLength(KEPT_OF_A_LONG_SEGMENT);
      segment.append('.').append(Digests.sha256(id));
    }
    return segment.toString();
  }

  /** The id that {@link #segment} made this of; empty if it does not tell. */
  static Optional<String> idOf(String segment) {
    if (segment.indexOf('.') >= 0) {
      return Optional.empty();
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int i = 0; i < segment.length(); i++) {
      if (segment.charAt(i) == '_') {
        bytes.write(HexFormat.fromHexDigits(segment, i + 1, i + 3));
        i += 2;
      } else {
        bytes.write(segment.charAt(i));
      }
    }
    return Optional.of(bytes.toString(StandardCharsets.UTF_8));
  }
}
