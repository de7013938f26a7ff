package dev.checkpoint4j.store.s3.internal.layout;

import dev.checkpoint4j.annotation.CanIgnoreReturnValue;
import dev.checkpoint4j.store.s3.internal.Digests;
import dev.checkpoint4j.store.s3.internal.client.MalformedObjectException;
import dev.checkpoint4j.store.s3.internal.client.ObjectListing;
import dev.checkpoint4j.store.s3.internal.client.ObjectPart;
import dev.checkpoint4j.store.s3.internal.client.S3ObjectClient;
import dev.checkpoint4j.store.s3.internal.client.StoredObject;
import dev.checkpoint4j.store.s3.internal.layout.CheckpointObject.Tombstone;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads, lists and writes the slots and checkpoint objects of a namespace. Safe for use by several
 * threads.
 */
public final class NamespaceObjects {

  private final S3ObjectClient client;
  private final NamespaceKeys keys;
  private final boolean etagsAreMd5;

  /**
   * Creates a reader and writer.
   *
   * @param etagsAreMd5 see {@link StoreManifest}
   */
  public NamespaceObjects(S3ObjectClient client, NamespaceKeys keys, boolean etagsAreMd5) {
    this.client = client;
    this.keys = keys;
    this.etagsAreMd5 = etagsAreMd5;
  }

  // ---- checkpoint objects

  public Optional<CheckpointObject> checkpoint(String objectName, ObjectPart part) {
    return client.get(keys.checkpoint(objectName), part).map(CheckpointObject::read);
  }

  public Optional<CheckpointObject> checkpoint(SlotClaim claim, ObjectPart part) {
    return checkpoint(claim.objectName(), part);
  }

  /** Replaces a checkpoint object by a tombstone. */
  public void put(SlotClaim claim, Tombstone tombstone) {
    put(claim.objectName(), tombstone);
  }

  public void put(String objectName, Tombstone tombstone) {
    client.put(keys.checkpoint(objectName), tombstone.body(), tombstone.metadata());
  }

  /** Creates a tombstone unless there is a checkpoint object; returns whether it did. */
  @CanIgnoreReturnValue
  public boolean putIfAbsent(SlotClaim claim, Tombstone tombstone) {
    return client
        .putIfAbsent(keys.checkpoint(claim), tombstone.body(), tombstone.metadata())
        .isPresent();
  }

  // ---- slots

  /** What a slot claims; empty if it is a tombstone or there is no slot. */
  public Optional<SlotClaim> claim(String slotKey) {
    return client.get(slotKey, ObjectPart.ALL).flatMap(SlotClaim::read);
  }

  /**
   * What a slot claims whose checkpoint object has this name and names this slot. That proves the
   * claim, even if the slot has lost its metadata. Empty for a tombstone or if there is no slot.
   */
  public Optional<SlotClaim> claim(String slotKey, String objectName) {
    return client
        .getUnchecked(slotKey, ObjectPart.ALL)
        .flatMap(SlotClaim::read)
        .filter(claim -> claim.objectName().equals(objectName));
  }

  public Optional<StoredObject> slot(String slotKey, ObjectPart part) {
    return client.get(slotKey, part);
  }

  /** Creates a tombstone, or replaces a slot by it. */
  public void putTombstone(String slotKey) {
    putTombstone(slotKey, SlotKind.TOMBSTONE);
  }

  public void putTombstone(String slotKey, SlotKind kind) {
    client.put(slotKey, kind.tombstone(client.nameOf(slotKey)), Map.of());
  }

  /** Creates a tombstone unless there is a slot; returns whether it did. */
  @CanIgnoreReturnValue
  public boolean putTombstoneIfAbsent(String slotKey, SlotKind kind) {
    return client
        .putIfAbsent(slotKey, kind.tombstone(client.nameOf(slotKey)), Map.of())
        .isPresent();
  }

  // ---- listings of slots

  /**
   * One page of slots.
   *
   * @param next the last key of the page, if more objects follow it
   */
  public record SlotPage(List<Slot> slots, @Nullable String next) {

    public boolean isTruncated() {
      return next != null;
    }
  }

  /**
   * Lists one page of slots, in the order of keys; leaves out foreign objects.
   *
   * @param startAfter lists only keys after this one, if set
   * @param limit the most objects of the page
   */
  public SlotPage slotPage(String keyPrefix, @Nullable String startAfter, int limit) {
    ObjectListing page = client.list(keyPrefix, startAfter, limit);
    return new SlotPage(
        page.objects().stream().flatMap(object -> keys.slot(object).stream()).toList(),
        page.next());
  }

  /**
   * Lists all slots, in the order of keys; requests each page when it is needed.
   *
   * @param startAfter lists only keys after this one, if set
   */
  public Stream<Slot> slots(String keyPrefix, @Nullable String startAfter) {
    return client.listAll(keyPrefix, startAfter).flatMap(object -> keys.slot(object).stream());
  }

  /** The newest slot of a session; empty if it has none. */
  public Optional<Slot> newestSlot(String sessionPrefix) {
    SlotPage page = slotPage(sessionPrefix, null, 1);
    return page.slots().isEmpty() && page.isTruncated()
        ? slots(sessionPrefix, page.next()).findFirst()
        : page.slots().stream().findFirst();
  }

  /** The slots of a session with numbers greater than this, newest first. */
  public Stream<Slot> slotsAfter(String sessionPrefix, long number) {
    return slots(sessionPrefix, null).takeWhile(slot -> slot.number() > number);
  }

  // ---- copies

  /**
   * Verifies that a tombstone of a listing is not a copy of another slot, as far as ETags show it.
   * Claimed slots pass: reading them verifies them.
   *
   * @throws MalformedObjectException if it is a copy
   */
  public void requireOriginal(Slot slot) {
    if (etagsAreMd5 && !slot.isClaimed() && !hasEtagOfTombstone(slot)) {
      // A copy; or an original that is encrypted in another way than the manifest.
      client.requireOriginal(slot.key());
    }
  }

  /** Whether a tombstone is a copy of another slot, so that it has no meaning. */
  public boolean isCopy(Slot slot) {
    try {
      requireOriginal(slot);
      return false;
    } catch (MalformedObjectException e) {
      return true;
    }
  }

  /** Whether a slot is an original tombstone of its session. */
  public boolean endsSession(Slot slot) {
    return slot.kind() == SlotKind.SESSION_TOMBSTONE && !isCopy(slot);
  }

  private boolean hasEtagOfTombstone(Slot slot) {
    byte[] tombstone = slot.kind().tombstone(client.nameOf(slot.key()));
    return slot.etag().equals(Digests.md5(tombstone));
  }
}
