package dev.checkpoint4j.store.s3;

import java.util.Map;

/**
 * The object of a checkpoint: a document that belongs to a slot, or, once that was given up, a mark
 * that says so. Never changes but from the one to the other.
 */
final class Document {

  private static final String SLOT = "checkpoint-slot";
  private static final String VERSION = "checkpoint-version";
  private static final String NEXT = "checkpoint-next";
  private static final String OWNER = "checkpoint-owner";

  /** Some servers do not take an empty object. */
  private static final byte[] NOTHING = {'\n'};

  private final Map<String, String> metadata;
  private final byte[] body;

  /**
   * Reads an object.
   *
   * @param body the document, or as much of it as was asked for
   */
  Document(Map<String, String> metadata, byte[] body) {
    this.metadata = metadata;
    this.body = body;
  }

  static Document of(String slotKey, long version, byte[] body) {
    return new Document(Map.of(SLOT, slotName(slotKey), VERSION, Long.toString(version)), body);
  }

  /**
   * A mark.
   *
   * @param next the generation to look at next
   * @param owner who gives it up, if somebody wants to know; may be empty
   */
  static Document givenUp(int next, String owner) {
    return new Document(Map.of(NEXT, Integer.toString(next), OWNER, owner), NOTHING);
  }

  Map<String, String> metadata() {
    return metadata;
  }

  byte[] body() {
    return body;
  }

  boolean isGivenUp() {
    return !metadata.containsKey(SLOT);
  }

  /** The key of the slot it belongs to. */
  String slotKey(String sessions) {
    return sessions + metadata.get(SLOT);
  }

  boolean belongsTo(String slotKey) {
    return slotName(slotKey).equals(metadata.get(SLOT));
  }

  long version() {
    return Long.parseLong(metadata.getOrDefault(VERSION, "0"));
  }

  int next() {
    return Integer.parseInt(metadata.getOrDefault(NEXT, "0"));
  }

  boolean isOwnedBy(String owner) {
    return owner.equals(metadata.get(OWNER));
  }

  private static String slotName(String slotKey) {
    String session = Keys.sessionOf(slotKey);
    return Keys.segmentOf(session) + "/" + slotKey.substring(session.length());
  }
}
