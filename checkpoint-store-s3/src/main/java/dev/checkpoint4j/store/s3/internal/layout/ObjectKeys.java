package dev.checkpoint4j.store.s3.internal.layout;

import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.store.s3.internal.Digests;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The keys of the objects of a store; {@code docs/s3-layout.md} describes them. They consist of
 * plain ASCII letters, digits and {@code - _ . /}, so that every server orders them alike and none
 * interprets them. They have at most {@value #MAX_PREFIX} + 370 bytes.
 */
public final class ObjectKeys {

  private static final int MAX_PREFIX = 600;

  /** The key of the manifest, without the prefix. */
  public static final String MANIFEST = "checkpoint-store.json";

  /** Sorts after every slot of a session, and after what the keys of a namespace go on with. */
  private static final String AFTER_ALL = "~";

  private static final int MAX_PLAIN_SEGMENT = 150;
  private static final int KEPT_OF_A_LONG_SEGMENT = 80;
  private static final String SEGMENT =
      "(?:(?:[A-Za-z0-9-]|_[0-9A-F]{2})+|[A-Za-z0-9_-]{"
          + KEPT_OF_A_LONG_SEGMENT
          + "}\\.[0-9a-f]{64})";
  private static final Pattern SEGMENTS = Pattern.compile(SEGMENT);
  private static final Pattern IN_A_NAMESPACE =
      Pattern.compile(
          "("
              + SEGMENT
              + ")/(?:checkpoints/[0-9a-f]{32}|sessions/"
              + SEGMENT
              + "/[0-7][0-9a-f]{15})");

  private static final HexFormat HEX = HexFormat.of().withUpperCase();

  private final String prefix;

  /** Creates the keys of a store; its prefix is empty or ends with a slash. */
  public ObjectKeys(String prefix) {
    this.prefix = prefix;
  }

  /** What is wrong with a prefix that a user has set; with or without a slash at its end. */
  public static List<String> problemsOfPrefix(String prefix) {
    List<String> problems = new ArrayList<>();
    if (prefix.getBytes(StandardCharsets.UTF_8).length > MAX_PREFIX) {
      problems.add("the prefix has more than " + MAX_PREFIX + " bytes");
    }
    String parts = prefix.endsWith("/") ? prefix.substring(0, prefix.length() - 1) : prefix;
    if (!prefix.isEmpty()
        && Stream.of(parts.split("/", -1))
            .anyMatch(part -> part.isEmpty() || part.equals(".") || part.equals(".."))) {
      problems.add("the prefix '" + prefix + "' has an empty part, or one of dots only");
    } else if (prefix.chars().anyMatch(Character::isISOControl)) {
      problems.add("the prefix holds control characters");
    }
    return problems;
  }

  /** The key of the {@link StoreManifest}. */
  public String manifest() {
    return prefix + MANIFEST;
  }

  /** What the keys of all objects begin with. */
  public String prefix() {
    return prefix;
  }

  public NamespaceKeys namespace(String namespace) {
    return new NamespaceKeys(prefix + segment(namespace) + "/");
  }

  /** The namespace of a slot or a checkpoint object; empty for the key of another object. */
  public Optional<NamespaceKeys> namespaceOf(String key) {
    Matcher matcher = IN_A_NAMESPACE.matcher(key).region(prefix.length(), key.length());
    return matcher.matches()
        ? Optional.of(new NamespaceKeys(prefix + matcher.group(1) + "/"))
        : Optional.empty();
  }

  /** The namespace whose segment this is. */
  public NamespaceKeys namespaceOfSegment(String segment) {
    return new NamespaceKeys(prefix + segment + "/");
  }

  /** The segment of a namespace, of what all its keys begin with; empty for another prefix. */
  public Optional<String> namespaceSegment(String root) {
    return root.endsWith("/")
        ? Optional.of(root.substring(prefix.length(), root.length() - 1))
            .filter(ObjectKeys::isSegment)
        : Optional.empty();
  }

  /** What the keys of all slots of a session begin with. */
  public String sessionPrefix(SessionKey session) {
    return namespace(session.namespace()).sessionPrefix(session.sessionId());
  }

  // ---- slots

  /** The key of a slot. In the order of keys, the greatest number comes first. */
  public static String slot(String sessionPrefix, long number) {
    return sessionPrefix + HexFormat.of().toHexDigits(Long.MAX_VALUE - number);
  }

  public static long slotNumber(String slotKey) {
    return Long.MAX_VALUE
        - HexFormat.fromHexDigitsToLong(slotKey, sessionPrefixLength(slotKey), slotKey.length());
  }

  /** The key of the slot with the next greater number. */
  public static String nextSlot(String slotKey) {
    return slot(sessionPrefixOf(slotKey), slotNumber(slotKey) + 1);
  }

  /** What the keys of all slots of the same session begin with. */
  public static String sessionPrefixOf(String slotKey) {
    return slotKey.substring(0, sessionPrefixLength(slotKey));
  }

  private static int sessionPrefixLength(String slotKey) {
    return slotKey.lastIndexOf('/') + 1;
  }

  /**
   * A key after all slots of a session, or all objects of a namespace, and before those of the next
   * one.
   *
   * @param keyPrefix what the keys of the session or of the namespace begin with
   */
  public static String endOf(String keyPrefix) {
    return keyPrefix + AFTER_ALL;
  }

  /** The segment that stands for the session. */
  public static String segmentOf(String sessionPrefix) {
    return sessionPrefix.substring(
        sessionPrefix.lastIndexOf('/', sessionPrefix.length() - 2) + 1, sessionPrefix.length() - 1);
  }

  // ---- segments

  /** Whether a text may stand for an id in a key. */
  public static boolean isSegment(String text) {
    return SEGMENTS.matcher(text).matches();
  }

  /**
   * Encodes an id as a part of a key. Each byte of its UTF-8 other than a letter, a digit or a
   * hyphen becomes an underscore and two hexadecimal digits. A long result is shortened to its
   * start, a dot and the SHA-256 of the id.
   */
  public static String segment(String id) {
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

  /** The id that {@link #segment} encoded; empty if the segment was shortened. */
  public static Optional<String> idOf(String segment) {
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
