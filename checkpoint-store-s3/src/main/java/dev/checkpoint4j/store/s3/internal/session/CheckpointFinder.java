package dev.checkpoint4j.store.s3.internal.session;

import dev.checkpoint4j.store.s3.internal.ClockReading;
import dev.checkpoint4j.store.s3.internal.Clocks;
import dev.checkpoint4j.store.s3.internal.client.MalformedObjectException;
import dev.checkpoint4j.store.s3.internal.client.ObjectPart;
import dev.checkpoint4j.store.s3.internal.client.StoredObject;
import dev.checkpoint4j.store.s3.internal.layout.CheckpointObject;
import dev.checkpoint4j.store.s3.internal.layout.CheckpointObject.Stored;
import dev.checkpoint4j.store.s3.internal.layout.CheckpointObject.Tombstone;
import dev.checkpoint4j.store.s3.internal.layout.NamespaceKeys;
import dev.checkpoint4j.store.s3.internal.layout.NamespaceObjects;
import dev.checkpoint4j.store.s3.internal.layout.SlotClaim;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Finds checkpoints by id, over the generations of the id. Safe for use by several threads. */
public final class CheckpointFinder {

  private final NamespaceObjects objects;
  private final NamespaceKeys keys;
  private final Clocks clocks;

  CheckpointFinder(NamespaceObjects objects, NamespaceKeys keys, Clocks clocks) {
    this.objects = objects;
    this.keys = keys;
    this.clocks = clocks;
  }

  /**
   * Looks up an id.
   *
   * @throws MalformedObjectException if one of its objects is damaged
   */
  Lookup find(String id, ObjectPart part) {
    return find(id, part, 0, /* returnsDamaged= */ false);
  }

  /** Looks up an id from a generation on. Returns what is damaged rather than throw. */
  Lookup findOrDamaged(String id, int fromGeneration) {
    return find(id, ObjectPart.METADATA, fromGeneration, /* returnsDamaged= */ true);
  }

  private Lookup find(String id, ObjectPart part, int fromGeneration, boolean returnsDamaged) {
    int generation = fromGeneration;
    @Nullable Lookup withoutSlot = null;
    while (true) {
      @Nullable String slotKey = null;
      try {
        SlotClaim claim = new SlotClaim(id, generation);
        Optional<CheckpointObject> found = objects.checkpoint(claim, part);
        if (found.isEmpty()) {
          return withoutSlot == null ? Lookup.absent(generation) : withoutSlot;
        }
        if (found.get() instanceof Tombstone tombstone) {
          generation = Math.max(tombstone.nextGeneration(), generation + 1);
          continue;
        }
        Stored document = (Stored) found.get();
        slotKey = document.slotKey(keys);
        Optional<StoredObject> slot = objects.slot(slotKey, ObjectPart.ALL);
        if (slot.isEmpty()) {
          // Not claimed yet; or removed as an orphan, and a later generation is stored.
          withoutSlot =
              withoutSlot == null ? Lookup.withoutSlot(generation, slotKey, document) : withoutSlot;
        } else if (SlotClaim.read(slot.get()).equals(Optional.of(claim))) {
          return Lookup.stored(generation, slotKey, document);
        }
        generation++;
      } catch (MalformedObjectException e) {
        if (returnsDamaged) {
          return Lookup.damaged(generation, slotKey);
        }
        throw e;
      }
    }
  }

  /** Whether a lookup of the id leads to this slot. */
  public boolean isFoundAt(SlotClaim claim, String slotKey) {
    Lookup found = find(claim.id(), ObjectPart.METADATA);
    return found.isStored() && slotKey.equals(found.slotKey());
  }

  /**
   * Abandons a pending checkpoint: creates a tombstone in place of the checkpoint object that its
   * writer has not created. Returns false if there is one now. The caller then abandons the slot.
   */
  public boolean abandon(SlotClaim claim) {
    return objects.putIfAbsent(claim, Tombstone.next(claim.generation() + 1));
  }

  /**
   * Ensures that {@link #find} reaches a later generation of an id in one step: the tombstone of
   * generation 0 may have been removed as an orphan, or name another generation.
   */
  void linkGeneration(SlotClaim claim) {
    if (claim.generation() == 0) {
      return;
    }
    SlotClaim first = new SlotClaim(claim.id(), 0);
    Tombstone link = Tombstone.next(claim.generation());
    ClockReading since = clocks.now();
    Optional<CheckpointObject> existing = objects.checkpoint(first, ObjectPart.METADATA);
    if (existing.isEmpty()) {
      objects.putIfAbsent(first, link);
    } else if (existing.get() instanceof Tombstone tombstone
        && tombstone.nextGeneration() != claim.generation()
        && since.isWithin(S3Namespace.MAX_STALENESS)) {
      objects.put(first, link);
    }
  }

  /** Links a generation again, after a repair; returns whether the id is found now. */
  public boolean relinkGeneration(SlotClaim claim, String slotKey) {
    linkGeneration(claim);
    return isFoundAt(claim, slotKey);
  }
}
