package dev.checkpoint4j.internal;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The rules that namespaces, session ids, task ids and checkpoint ids obey. */
public final class Ids {

  /** Most UTF-8 bytes of a namespace or a checkpoint id. */
  public static final int MAX_ID_BYTES = 255;

  /** Most UTF-8 bytes of a session id or a task id. */
  public static final int MAX_SESSION_ID_BYTES = 512;

  private Ids() {}

  public static String checkNamespace(@Nullable String namespace) {
    return check(namespace, "namespace", MAX_ID_BYTES);
  }

  public static String checkId(@Nullable String id) {
    return check(id, "id", MAX_ID_BYTES);
  }

  public static String checkParentId(@Nullable String parentId) {
    return check(parentId, "parentId", MAX_ID_BYTES);
  }

  public static String checkSessionId(@Nullable String sessionId) {
    return check(sessionId, "sessionId", MAX_SESSION_ID_BYTES);
  }

  public static String checkTaskId(@Nullable String taskId) {
    return check(taskId, "taskId", MAX_SESSION_ID_BYTES);
  }

  private static String check(@Nullable String value, String name, int maxBytes) {
    Objects.requireNonNull(value, name);
    if (value.isEmpty()) {
      throw new IllegalArgumentException(name + " is empty; give it 1 to " + maxBytes + " bytes");
    }
    if (value.length() <= maxBytes && isPrintableAscii(value)) {
      return value;
    }
    int bytes = 0;
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (Character.isISOControl(c)) {
        throw refused(name, i, "a control character", c);
      }
      if (Character.isHighSurrogate(c)
          && i + 1 < value.length()
          && Character.isLowSurrogate(value.charAt(i + 1))) {
        bytes += 4;
        i++;
      } else if (Character.isSurrogate(c)) {
        throw refused(name, i, "an unpaired surrogate", c);
      } else {
        bytes += c < 0x80 ? 1 : c < 0x800 ? 2 : 3;
      }
    }
    if (bytes > maxBytes) {
      throw new IllegalArgumentException(
          name + " has " + bytes + " UTF-8 bytes; at most " + maxBytes + " are allowed");
    }
    return value;
  }

  /** Nearly all ids are. Then each character is read only once. */
  private static boolean isPrintableAscii(String value) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c < ' ' || c > '~') {
        return false;
      }
    }
    return true;
  }

  private static IllegalArgumentException refused(String name, int index, String what, char c) {
    return new IllegalArgumentException(
        "%s has %s (U+%04X) at index %d; remove or encode it"
            .formatted(name, what, (int) c, index));
  }
}
