package dev.checkpoint4j.store.s3.internal.session;

import dev.checkpoint4j.store.s3.internal.client.MalformedObjectException;
import dev.checkpoint4j.store.s3.internal.client.ObjectPart;
import dev.checkpoint4j.store.s3.internal.client.S3ObjectClient;
import dev.checkpoint4j.store.s3.internal.client.StoredObject;
import dev.checkpoint4j.store.s3.internal.layout.CheckpointObject;
import dev.checkpoint4j.store.s3.internal.layout.CheckpointObject.Stored;
import dev.checkpoint4j.store.s3.internal.layout.NamespaceKeys;
import dev.checkpoint4j.store.s3.internal.layout.NamespaceObjects;
import dev.checkpoint4j.store.s3.internal.layout.ObjectKeys;
import dev.checkpoint4j.store.s3.internal.layout.Slot;
import dev.checkpoint4j.store.s3.internal.layout.SlotClaim;
import dev.checkpoint4j.store.s3.internal.layout.SlotKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Reads slots with their checkpoint objects, and the end of a session. Safe for use by several
 * threads.
 */
public final class SessionReader {

  /** Slots of the first request; nearly always the newest one is stored. */
  private static final int FIRST_SLOTS = 4;

  private static final int MAX_CONCURRENT_READS = 64;

  /** How often the end of a session is read again because other writers change it. */
  private static final int MAX_ATTEMPTS = 100;

  private final S3ObjectClient client;
  private final NamespaceObjects objects;
  private final NamespaceKeys keys;

  SessionReader(S3ObjectClient client, NamespaceObjects objects, NamespaceKeys keys) {
    this.client = client;
    this.objects = objects;
    this.keys = keys;
  }

  // ---- slots

  /**
   * Reads whether the checkpoint of a listed slot is stored.
   *
   * @throws MalformedObjectException if the slot or its checkpoint object is damaged
   */
  public ResolvedSlot resolve(Slot slot, ObjectPart part) {
    if (!slot.isClaimed()) {
      return ResolvedSlot.abandoned(slot, null);
    }
    Optional<CheckpointObject> object = Optional.empty();
    if (slot.kind() == SlotKind.CLAIMED) {
      object = objects.checkpoint(slot.etag(), part);
      Optional<Stored> document = belongingTo(slot.key(), object);
      if (document.isPresent()) {
        return ResolvedSlot.stored(slot, null, document.get());
      }
    }
    // The ETag is no MD5, or does not lead to a checkpoint object of this slot. Reading the slot
    // also shows whether it is a copy of another one.
    Optional<SlotClaim> claim = objects.claim(slot.key());
    if (claim.isEmpty()) {
      return ResolvedSlot.abandoned(slot, null);
    }
    String objectName = claim.get().objectName();
    if (!objectName.equals(slot.etag())) {
      object = objects.checkpoint(objectName, part);
    }
    if (object.isEmpty()) {
      return ResolvedSlot.pending(slot, claim.get());
    }
    return belongingTo(slot.key(), object)
        .map(document -> ResolvedSlot.stored(slot, claim.get(), document))
        .orElseGet(() -> ResolvedSlot.abandoned(slot, claim.get()));
  }

  List<ResolvedSlot> resolveAll(List<Slot> slots, ObjectPart part) {
    return client.invokeAll(
        slots.stream().<Supplier<ResolvedSlot>>map(slot -> () -> resolve(slot, part)).toList());
  }

  static Optional<Stored> belongingTo(String slotKey, Optional<CheckpointObject> object) {
    return object
        .flatMap(CheckpointObject::asStored)
        .filter(document -> document.belongsTo(slotKey));
  }

  // ---- the end of a session

  /** Reads the newest slots, down to the newest stored checkpoint. */
  SessionTail tail(String sessionPrefix, ObjectPart part) {
    List<ResolvedSlot> skipped = new ArrayList<>();
    SlotIterator slots = SlotIterator.newestFirst(objects, sessionPrefix, null, FIRST_SLOTS);
    for (int size = 1; ; size = Math.min(size * 4, MAX_CONCURRENT_READS)) {
      List<Slot> claimed = slots.take(size);
      if (claimed.isEmpty()) {
        return new SessionTail(slots.first(), null, skipped);
      }
      for (ResolvedSlot slot : resolveAll(claimed, part)) {
        if (slot.isStored()) {
          return new SessionTail(slots.first(), slot, skipped);
        }
        skipped.add(slot);
      }
    }
  }

  /**
   * Reads the tail until nobody has changed it during the reading, so that its stored checkpoint is
   * the latest.
   */
  SessionTail latest(String sessionPrefix, ObjectPart part) {
    for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      SessionTail tail = tail(sessionPrefix, part);
      if (tail.skipped().isEmpty() || isUnchanged(tail, sessionPrefix)) {
        return tail;
      }
    }
    throw new ContendedException();
  }

  /** Whether no slot was claimed since, and the pending one is still pending. */
  private boolean isUnchanged(SessionTail tail, String sessionPrefix) {
    boolean isNewest =
        objects
            .newestSlot(sessionPrefix)
            .filter(slot -> tail.newest() != null && slot.key().equals(tail.newest().key()))
            .isPresent();
    return isNewest
        && tail.pending()
            .flatMap(slot -> objects.checkpoint(slot.requireClaim(), ObjectPart.METADATA))
            .isEmpty();
  }

  /**
   * Reads a remembered checkpoint; empty if it is no longer the latest. Requests the checkpoint
   * object and the next slot at once; {@code docs/s3-layout.md} says why their order does not
   * matter.
   */
  Optional<Stored> remembered(String sessionPrefix, long slotNumber, String objectName) {
    List<Optional<StoredObject>> found =
        client.invokeAll(
            List.of(
                () ->
                    objects.slot(
                        ObjectKeys.slot(sessionPrefix, slotNumber + 1), ObjectPart.METADATA),
                () -> client.get(keys.checkpoint(objectName), ObjectPart.ALL)));
    return found.get(0).isPresent()
        ? Optional.empty()
        : belongingTo(
            ObjectKeys.slot(sessionPrefix, slotNumber), found.get(1).map(CheckpointObject::read));
  }
}
