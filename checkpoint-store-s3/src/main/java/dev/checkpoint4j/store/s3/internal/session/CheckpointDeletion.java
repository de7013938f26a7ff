package dev.checkpoint4j.store.s3.internal.session;

import dev.checkpoint4j.annotation.CanIgnoreReturnValue;
import dev.checkpoint4j.store.s3.internal.ClockReading;
import dev.checkpoint4j.store.s3.internal.client.MalformedObjectException;
import dev.checkpoint4j.store.s3.internal.client.ObjectPart;
import dev.checkpoint4j.store.s3.internal.layout.CheckpointObject;
import dev.checkpoint4j.store.s3.internal.layout.CheckpointObject.Tombstone;
import dev.checkpoint4j.store.s3.internal.layout.NamespaceObjects;
import dev.checkpoint4j.store.s3.internal.layout.ObjectKeys;
import dev.checkpoint4j.store.s3.internal.layout.Slot;
import dev.checkpoint4j.store.s3.internal.layout.SlotClaim;
import dev.checkpoint4j.store.s3.internal.layout.SlotKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The deletion of one stored checkpoint, in four steps:
 *
 * <ol>
 *   <li>{@link #mark}: create a tombstone in the next generation of the id. It decides which of
 *       several deleters counts the checkpoint. A put that expects the checkpoint as the latest,
 *       and finds the mark, is not stored.
 *   <li>{@link #close}: ensure that the slot is taken which a put that has not found the mark wants
 *       to create.
 *   <li>Replace the slot by a tombstone. At this moment the checkpoint is deleted.
 *   <li>Replace the checkpoint object by a tombstone. This saves requests to those who look up the
 *       id later.
 * </ol>
 *
 * <p>Any handle that finds a mark may take the other steps. For one thread.
 */
final class CheckpointDeletion {

  private final S3Namespace namespace;
  private final NamespaceObjects objects;
  private final SlotClaim claim;
  private final String slotKey;

  /** Creates the deletion of the checkpoint that is stored in a slot. */
  CheckpointDeletion(S3Namespace namespace, SlotClaim claim, String slotKey) {
    this.namespace = namespace;
    this.objects = namespace.objects();
    this.claim = claim;
    this.slotKey = slotKey;
  }

  // ---- the mark

  /**
   * The mark of a deletion.
   *
   * @param isNew whether this operation has created it
   * @param isOurs whether this deleter has created it, now or in a deletion that failed halfway
   * @param nextGeneration the generation with which the id may be used after the deletion
   */
  record Mark(boolean isNew, boolean isOurs, int nextGeneration) {}

  /** Ensures that there is a mark. */
  Mark mark(String deleter) {
    List<SlotClaim> passed = new ArrayList<>();
    for (SlotClaim place = claim.next(); ; ) {
      Tombstone ours = Tombstone.mark(place.generation() + 1, deleter, slotKey);
      if (objects.putIfAbsent(place, ours)) {
        // A repair that removed one of these would leave a gap before the mark.
        passed.forEach(before -> objects.put(before, ours));
        return new Mark(true, true, ours.nextGeneration());
      }
      Optional<CheckpointObject> existing = objects.checkpoint(place, ObjectPart.METADATA);
      if (existing.isEmpty()) {
        continue;
      }
      Optional<Mark> mark = markIn(place, existing.get(), ours.owner());
      if (mark.isPresent()) {
        return mark.get();
      }
      passed.add(place);
      place = place.next();
    }
  }

  /** Reads the mark, if the checkpoint is being deleted, or its deletion was cut short. */
  Optional<Mark> findMark() {
    for (SlotClaim place = claim.next(); ; place = place.next()) {
      Optional<CheckpointObject> existing = objects.checkpoint(place, ObjectPart.METADATA);
      if (existing.isEmpty()) {
        return Optional.empty();
      }
      Optional<Mark> mark = markIn(place, existing.get(), "");
      if (mark.isPresent()) {
        return mark;
      }
    }
  }

  /** Empty for the tombstone of a put, and for the mark of an earlier use of the id. */
  private Optional<Mark> markIn(SlotClaim place, CheckpointObject object, String ourOwner) {
    if (object instanceof Tombstone tombstone) {
      return tombstone.marks(slotKey)
          ? Optional.of(new Mark(false, tombstone.owner().equals(ourOwner), place.generation() + 1))
          : Optional.empty();
    }
    // The id was used again: the checkpoint was deleted since it was read.
    return Optional.of(new Mark(false, false, place.generation()));
  }

  // ---- the other steps

  /**
   * Takes the steps 2 to 4 of a deletion that has a mark.
   *
   * @param since taken before the checkpoint and the mark were read
   * @return false if the checkpoint may still be stored, because the read is stale: a repair may
   *     have removed the mark
   */
  @CanIgnoreReturnValue
  boolean finish(Mark mark, ClockReading since) {
    close();
    if (!since.isWithin(S3Namespace.MAX_STALENESS)) {
      return false;
    }
    objects.putTombstone(slotKey);
    bury(mark, since);
    return true;
  }

  /** Step 4. Does nothing if the read is stale: the key may be that of a new checkpoint. */
  void bury(Mark mark, ClockReading since) {
    Tombstone tombstone = Tombstone.next(mark.nextGeneration());
    bury(claim, tombstone, since);
    if (claim.generation() > 0) {
      // One step leads from generation 0 to the next one, however often the id is used.
      bury(new SlotClaim(claim.id(), 0), tombstone, since);
    }
  }

  private void bury(SlotClaim abandoned, Tombstone tombstone, ClockReading since) {
    if (since.isWithin(S3Namespace.MAX_STALENESS)) {
      objects.put(abandoned, tombstone);
    }
  }

  /**
   * Ensures that the slot after the newest one is taken, for every newest slot that a put may have
   * read before now while this checkpoint was the latest. Returns the slot that it has created, if
   * any.
   */
  @CanIgnoreReturnValue
  Optional<String> close() {
    Optional<String> closing = createTombstone(ObjectKeys.nextSlot(slotKey));
    if (closing.isPresent()) {
      return closing;
    }
    return newestSlotToClose().flatMap(newest -> createTombstone(ObjectKeys.nextSlot(newest)));
  }

  private Optional<String> createTombstone(String key) {
    if (!objects.putTombstoneIfAbsent(key, SlotKind.TOMBSTONE)) {
      return Optional.empty();
    }
    namespace.tails().invalidate(ObjectKeys.sessionPrefixOf(key));
    return Optional.of(key);
  }

  /**
   * The newest slot, if a put may have read it as such while this checkpoint was the latest. It may
   * not have if a later checkpoint is stored, or if the slot is pending: a put reads on once the
   * slot is abandoned.
   */
  private Optional<String> newestSlotToClose() {
    String sessionPrefix = ObjectKeys.sessionPrefixOf(slotKey);
    try {
      SessionTail tail = namespace.reader().tail(sessionPrefix, ObjectPart.METADATA);
      ResolvedSlot stored = tail.stored();
      return stored != null && stored.slot().key().equals(slotKey) && tail.pending().isEmpty()
          ? Optional.ofNullable(tail.newest()).map(Slot::key)
          : Optional.empty();
    } catch (MalformedObjectException e) {
      return newestSlotOfDamagedSession(sessionPrefix);
    }
  }

  /** A damaged record does not prevent a deletion. */
  private Optional<String> newestSlotOfDamagedSession(String sessionPrefix) {
    return objects.newestSlot(sessionPrefix).filter(slot -> !isPending(slot)).map(Slot::key);
  }

  private boolean isPending(Slot slot) {
    try {
      return namespace.reader().resolve(slot, ObjectPart.METADATA).isPending();
    } catch (MalformedObjectException e) {
      return false;
    }
  }
}
