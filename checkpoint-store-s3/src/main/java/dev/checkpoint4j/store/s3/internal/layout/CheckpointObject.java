package dev.checkpoint4j.store.s3.internal.layout;

import dev.checkpoint4j.store.s3.internal.client.MalformedObjectException;
import dev.checkpoint4j.store.s3.internal.client.StoredObject;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The object of a checkpoint. Its only change, ever, is from {@link Stored} to a tombstone. */
public sealed interface CheckpointObject {

  /** The metadata entry. */
  String METADATA = "checkpoint";

  /** A larger document is not sent together with its slot: the upload might be in vain. */
  int LARGE = 1024 * 1024;

  Map<String, String> metadata();

  byte[] body();

  /** This object, if it is not a tombstone. */
  default Optional<Stored> asStored() {
    return this instanceof Stored stored ? Optional.of(stored) : Optional.empty();
  }

  /**
   * A document, and the slot it belongs to.
   *
   * @param slot the key of the slot from the segment of the session on
   * @param version of the checkpoint
   * @param generation of its id
   * @param body the document, or as much of it as was requested
   */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  record Stored(String slot, long version, int generation, byte[] body)
      implements CheckpointObject {

    /**
     * The {@code end} shows that the value is complete: a header that was cut short may look valid.
     */
    private static final Pattern TEXT =
        Pattern.compile(
            "slot=([A-Za-z0-9_.-]+/[0-7][0-9a-f]{15}) version=(\\d+) generation=(\\d+) end");

    public static Stored of(String slotKey, long version, int generation, byte[] body) {
      return new Stored(slotName(slotKey), version, generation, body);
    }

    @Override
    public Map<String, String> metadata() {
      return Map.of(
          METADATA, "slot=" + slot + " version=" + version + " generation=" + generation + " end");
    }

    public boolean isLarge() {
      return body.length > LARGE;
    }

    /** The key of the slot it belongs to, below {@link NamespaceKeys#sessions()}. */
    public String slotKey(NamespaceKeys keys) {
      return keys.sessions() + slot;
    }

    public boolean belongsTo(String slotKey) {
      return slot.equals(slotName(slotKey));
    }

    public boolean isOfSession(String sessionId) {
      return slot.startsWith(ObjectKeys.segment(sessionId) + "/");
    }

    private static String slotName(String slotKey) {
      String sessionPrefix = ObjectKeys.sessionPrefixOf(slotKey);
      return ObjectKeys.segmentOf(sessionPrefix) + "/" + slotKey.substring(sessionPrefix.length());
    }
  }

  /**
   * Shows that this generation of an id is abandoned.
   *
   * @param nextGeneration the generation to read instead, or the following one if that is greater
   * @param owner of a mark, the deleter and the slot of the checkpoint that it deletes; empty for
   *     every other tombstone
   */
  record Tombstone(int nextGeneration, String owner) implements CheckpointObject {

    private static final Pattern TEXT = Pattern.compile("next=(\\d+) owner=(\\S*) end");

    /** A tombstone without an owner. */
    public static Tombstone next(int nextGeneration) {
      return new Tombstone(nextGeneration, "");
    }

    @Override
    public Map<String, String> metadata() {
      return Map.of(METADATA, "next=" + nextGeneration + " owner=" + owner + " end");
    }

    /** One line feed, because some servers refuse an empty object. */
    @Override
    public byte[] body() {
      return new byte[] {'\n'};
    }

    /**
     * A mark: shows that the checkpoint in a slot is being deleted. It names the slot because it
     * may outlive the deletion, and its id may be used again.
     */
    public static Tombstone mark(int nextGeneration, String deleter, String slotKey) {
      return new Tombstone(nextGeneration, deleter + ownedSlot(slotKey));
    }

    /** Whether it is the mark of the checkpoint in this slot. */
    public boolean marks(String slotKey) {
      return owner.endsWith(ownedSlot(slotKey));
    }

    private static String ownedSlot(String slotKey) {
      return "@" + Stored.slotName(slotKey);
    }
  }

  /**
   * Reads an object.
   *
   * @throws MalformedObjectException if its metadata is not what {@link #metadata} writes
   */
  static CheckpointObject read(StoredObject object) {
    String text = object.metadata().getOrDefault(METADATA, "");
    try {
      Matcher stored = Stored.TEXT.matcher(text);
      if (stored.matches()) {
        return new Stored(
            stored.group(1),
            Long.parseLong(stored.group(2)),
            Integer.parseInt(stored.group(3)),
            object.body());
      }
      Matcher tombstone = Tombstone.TEXT.matcher(text);
      if (tombstone.matches()) {
        return new Tombstone(Integer.parseInt(tombstone.group(1)), tombstone.group(2));
      }
    } catch (NumberFormatException e) {
      // The store writes no number that is too large: malformed.
    }
    throw new MalformedObjectException(object.key(), "has no metadata of a checkpoint");
  }
}
