package dev.checkpoint4j.store.s3.internal.layout;

import dev.checkpoint4j.store.s3.internal.client.ObjectSummary;
import java.time.Instant;

/** A slot of a session, as a listing shows it. */
public record Slot(ObjectSummary object) {

  public String key() {
    return object.key();
  }

  /** The name of the checkpoint object, if the slot is {@link SlotKind#CLAIMED}. */
  public String etag() {
    return object.etag();
  }

  public Instant modified() {
    return object.modified();
  }

  public SlotKind kind() {
    return SlotKind.ofSize(object.size());
  }

  public boolean isClaimed() {
    return kind().isClaimed();
  }

  /** What the keys of all slots of the same session begin with. */
  public String sessionPrefix() {
    return ObjectKeys.sessionPrefixOf(key());
  }

  public long number() {
    return ObjectKeys.slotNumber(key());
  }
}
