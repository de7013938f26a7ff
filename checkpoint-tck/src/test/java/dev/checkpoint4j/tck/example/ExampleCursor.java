package dev.checkpoint4j.tck.example;

import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.CheckpointQuery.Order;
import dev.checkpoint4j.SessionKey;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** A position in the order of a listing: behind a version of a session, or behind a session. */
record ExampleCursor(String sessionId, @Nullable Long version) {

  static ExampleCursor at(CheckpointHeader header) {
    return new ExampleCursor(header.metadata().sessionId(), header.version());
  }

  static ExampleCursor at(SessionKey session) {
    return new ExampleCursor(session.sessionId(), null);
  }

  boolean isBefore(CheckpointHeader header, Order order) {
    int bySession = sessionId.compareTo(header.metadata().sessionId());
    if (bySession != 0 || version == null) {
      return bySession < 0;
    }
    return order == Order.NEWEST_FIRST ? header.version() < version : header.version() > version;
  }

  boolean isBefore(SessionKey session) {
    return sessionId.compareTo(session.sessionId()) < 0;
  }

  String toText() {
    String position = version == null ? sessionId : version + "\n" + sessionId;
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(position.getBytes(StandardCharsets.UTF_8));
  }

  static ExampleCursor ofCheckpoint(String text) {
    String position = decode(text);
    int separator = position.indexOf('\n');
    if (separator < 1) {
      throw new IllegalArgumentException("the cursor was not made by this backend");
    }
    return new ExampleCursor(
        position.substring(separator + 1), Long.valueOf(position.substring(0, separator)));
  }

  static ExampleCursor ofSession(String text) {
    String sessionId = decode(text);
    // Refuses the cursors of list as well: no session id holds a line feed.
    SessionKey session = new SessionKey("any", sessionId);
    return at(session);
  }

  private static String decode(String text) {
    byte[] bytes = Base64.getUrlDecoder().decode(text);
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
