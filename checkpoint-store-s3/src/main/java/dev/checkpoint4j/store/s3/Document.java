package dev.checkpoint4j.store.s3;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The object of a checkpoint: a document that belongs to a slot, or, once that was given up, a mark
 * that says so. Never changes but from the one to the other.
 *
 * @param slot the key of the slot from the segment of the session on; empty if it is given up
 * @param number the version; the generation to look at next, if it is given up
 * @param owner who gave it up, if somebody wants to know; may be empty
 * @param body the document, or as much of it as was asked for
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared.
record Document(String slot, long number, String owner, byte[] body) {

  private static final String METADATA = "checkpoint";

  private static final int LARGE = 1024 * 1024;

  /** The end tells that nothing is missing: a header that was cut short looks like a whole one. */
  private static final Pattern STORED = Pattern.compile("slot=(\\S+) version=(\\d+) end");

  private static final Pattern GIVEN_UP = Pattern.compile("next=(\\d+) owner=(\\S*) end");

  /** Some servers do not take an empty object. */
  private static final byte[] NOTHING = {'\n'};

  static Document of(String slotKey, long version, byte[] body) {
    return new Document(slotName(slotKey), version, "", body);
  }

  static Document givenUp(int next, String owner) {
    return new Document("", next, owner, NOTHING);
  }

  /**
   * Reads an object.
   *
   * @throws MalformedObjectException if the metadata is none that {@link #metadata} makes
   */
  static Document read(Bucket.Stored object) {
    String text = object.metadata().getOrDefault(METADATA, "");
    try {
      Matcher stored = STORED.matcher(text);
      if (stored.matches()) {
        return new Document(stored.group(1), Long.parseLong(stored.group(2)), "", object.body());
      }
      Matcher givenUp = GIVEN_UP.matcher(text);
      if (givenUp.matches()) {
        return givenUp(Integer.parseInt(givenUp.group(1)), givenUp.group(2));
      }
    } catch (NumberFormatException e) {
      // Nobody writes numbers that are so large.
    }
    throw new MalformedObjectException("the metadata of a document is missing or incomplete");
  }

  Map<String, String> metadata() {
    return Map.of(
        METADATA,
        isGivenUp()
            ? "next=" + number + " owner=" + owner + " end"
            : "slot=" + slot + " version=" + number + " end");
  }

  /** Whether it takes too long to send it together with a slot, in case it is wanted. */
  boolean isLarge() {
    return body.length > LARGE;
  }

  boolean isGivenUp() {
    return slot.isEmpty();
  }

  /** Whether it is given up, and is nobody's mark of a deletion. */
  boolean isGivenUpByNobody() {
    return isGivenUp() && owner.isEmpty();
  }

  /** The key of the slot it belongs to. */
  String slotKey(String sessions) {
    return sessions + slot;
  }

  boolean belongsTo(String slotKey) {
    return slot.equals(slotName(slotKey));
  }

  private static String slotName(String slotKey) {
    String session = Keys.sessionOf(slotKey);
    return Keys.segmentOf(session) + "/" + slotKey.substring(session.length());
  }
}
