package dev.checkpoint4j.spi;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Objects;

/**
 * Where a listing stands, for backends that write positions into their cursors: behind one version
 * of a session. A position, unlike a reference to an entry, survives the deletion of that entry.
 * Immutable.
 *
 * @param session what the backend orders sessions by, its id for example
 * @param version the version last listed; 0 in a listing of sessions
 */
public record ListCursor(String session, long version) {

  private static final String REFUSED =
      "the cursor was not made by this method of this backend; pass what Page.nextCursor() gave, unchanged";

  /** Makes a position. */
  public ListCursor {
    Objects.requireNonNull(session, "session");
  }

  /** The opaque text that a page hands out. */
  public String encode() {
    byte[] bytes = session.getBytes(StandardCharsets.UTF_8);
    ByteBuffer buffer = ByteBuffer.allocate(Long.BYTES + bytes.length);
    buffer.putLong(version).put(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(buffer.array());
  }

  /**
   * Reads a cursor of a listing of checkpoints.
   *
   * @throws IllegalArgumentException if {@link #encode()} made no such text of a position with a
   *     version
   */
  public static ListCursor decode(String cursor) {
    return read(cursor, false);
  }

  /**
   * Reads a cursor of a listing of sessions.
   *
   * @throws IllegalArgumentException if {@link #encode()} made no such text of a position without a
   *     version
   */
  public static ListCursor decodeSessions(String cursor) {
    return read(cursor, true);
  }

  private static ListCursor read(String cursor, boolean ofSessions) {
    Objects.requireNonNull(cursor, "cursor");
    try {
      ByteBuffer buffer = ByteBuffer.wrap(Base64.getUrlDecoder().decode(cursor));
      if (buffer.remaining() > Long.BYTES) {
        long version = buffer.getLong();
        String session = StandardCharsets.UTF_8.newDecoder().decode(buffer).toString();
        if (version >= 0 && (version == 0) == ofSessions) {
          return new ListCursor(session, version);
        }
      }
    } catch (IllegalArgumentException | CharacterCodingException e) {
      throw new IllegalArgumentException(REFUSED, e);
    }
    throw new IllegalArgumentException(REFUSED);
  }
}
