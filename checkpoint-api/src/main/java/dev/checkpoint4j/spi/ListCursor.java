package dev.checkpoint4j.spi;

import dev.checkpoint4j.CheckpointHeader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Objects;

/**
 * Where a listing stands, for backends that write positions into their cursors: after one
 * checkpoint of a session, one session, or one namespace. A position, unlike a reference to an
 * entry, survives the deletion of that entry. Immutable.
 *
 * @param key what the backend orders sessions or namespaces by, the id for example: not empty,
 *     without control characters and unpaired surrogates
 * @param position in a listing of checkpoints the position in the session that was last listed, at
 *     least 1: the version, for example
 */
public record ListCursor(String key, long position) {

  private static final long OF_SESSIONS = 0;
  private static final long OF_NAMESPACES = -1;

  private static final String REFUSED =
      "the cursor was not created by this method of this backend; pass the result of Page.nextCursor() unchanged";

  /** Creates a position; only {@link #decode} checks it. */
  public ListCursor {
    Objects.requireNonNull(key, "key");
  }

  /** The position after a checkpoint, by its session and its version. */
  public static ListCursor ofCheckpoint(CheckpointHeader last) {
    return new ListCursor(last.metadata().sessionId(), last.version());
  }

  /** The position after a session, in a listing of sessions. */
  public static ListCursor ofSession(String key) {
    return new ListCursor(key, OF_SESSIONS);
  }

  /** The position after a namespace, in a listing of namespaces. */
  public static ListCursor ofNamespace(String key) {
    return new ListCursor(key, OF_NAMESPACES);
  }

  /** The position, on one line: characters that do not show are escaped. */
  @Override
  public String toString() {
    return Printable.line("ListCursor[key=" + key + ", position=" + position + "]");
  }

  /** The opaque text that a page hands out. */
  public String encode() {
    byte[] bytes = key.getBytes(StandardCharsets.UTF_8);
    ByteBuffer buffer = ByteBuffer.allocate(Long.BYTES + bytes.length);
    buffer.putLong(position).put(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(buffer.array());
  }

  /**
   * Reads a cursor of a listing of checkpoints.
   *
   * @throws IllegalArgumentException if {@link #encode()} returns no such text for a position of a
   *     checkpoint; a cursor that was forged gets this far at most, so that it causes no I/O
   */
  public static ListCursor decode(String cursor) {
    return read(cursor, 1, Long.MAX_VALUE);
  }

  /**
   * Reads a cursor of a listing of sessions.
   *
   * @throws IllegalArgumentException if {@link #encode()} returns no such text for a position of a
   *     session
   */
  public static ListCursor decodeSessions(String cursor) {
    return read(cursor, OF_SESSIONS, OF_SESSIONS);
  }

  /**
   * Reads a cursor of a listing of namespaces.
   *
   * @throws IllegalArgumentException if {@link #encode()} returns no such text for a position of a
   *     namespace
   */
  public static ListCursor decodeNamespaces(String cursor) {
    return read(cursor, OF_NAMESPACES, OF_NAMESPACES);
  }

  private static ListCursor read(String cursor, long minPosition, long maxPosition) {
    Objects.requireNonNull(cursor, "cursor");
    try {
      ByteBuffer buffer = ByteBuffer.wrap(Base64.getUrlDecoder().decode(cursor));
      if (buffer.remaining() > Long.BYTES) {
        long position = buffer.getLong();
        String key = StandardCharsets.UTF_8.newDecoder().decode(buffer).toString();
        ListCursor decoded = new ListCursor(key, position);
        if (position >= minPosition
            && position <= maxPosition
            && key.chars().noneMatch(Character::isISOControl)
            // Base64 can be written in several ways, of which one is ours.
            && decoded.encode().equals(cursor)) {
          return decoded;
        }
      }
    } catch (IllegalArgumentException | CharacterCodingException e) {
      throw new IllegalArgumentException(REFUSED, e);
    }
    throw new IllegalArgumentException(REFUSED);
  }
}
