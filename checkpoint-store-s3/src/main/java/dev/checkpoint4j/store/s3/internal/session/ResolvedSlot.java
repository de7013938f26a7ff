package dev.checkpoint4j.store.s3.internal.session;

import dev.checkpoint4j.store.s3.internal.layout.CheckpointObject;
import dev.checkpoint4j.store.s3.internal.layout.Slot;
import dev.checkpoint4j.store.s3.internal.layout.SlotClaim;
import org.jspecify.annotations.Nullable;

/**
 * A slot, and whether its checkpoint is stored.
 *
 * @param claim what the slot claims; null for a tombstone, or if it was not read
 * @param document the checkpoint object, if it is stored; else null
 */
public record ResolvedSlot(
    Slot slot, State state, @Nullable SlotClaim claim, CheckpointObject.@Nullable Stored document) {

  /** Whether the checkpoint of a slot is stored. */
  public enum State {
    STORED,
    /** There is no checkpoint object: it is not yet written, or was removed. */
    PENDING,
    /** It is not stored, and never will be. */
    ABANDONED
  }

  static ResolvedSlot stored(
      Slot slot, @Nullable SlotClaim claim, CheckpointObject.Stored document) {
    return new ResolvedSlot(slot, State.STORED, claim, document);
  }

  static ResolvedSlot pending(Slot slot, SlotClaim claim) {
    return new ResolvedSlot(slot, State.PENDING, claim, null);
  }

  static ResolvedSlot abandoned(Slot slot, @Nullable SlotClaim claim) {
    return new ResolvedSlot(slot, State.ABANDONED, claim, null);
  }

  ResolvedSlot withClaim(SlotClaim read) {
    return new ResolvedSlot(slot, state, read, document);
  }

  public boolean isStored() {
    return state == State.STORED;
  }

  public boolean isPending() {
    return state == State.PENDING;
  }

  /** What the slot claims, if it is pending. */
  SlotClaim requireClaim() {
    if (claim == null) {
      throw new IllegalStateException(slot + " is " + state);
    }
    return claim;
  }

  /** The checkpoint object, if it is stored. */
  public CheckpointObject.Stored requireDocument() {
    if (document == null) {
      throw new IllegalStateException(slot + " is " + state);
    }
    return document;
  }

  /** The name of the checkpoint object, if it is stored. */
  String objectName() {
    return claim == null ? slot.etag() : claim.objectName();
  }
}
