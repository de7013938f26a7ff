package dev.checkpoint4j.store.s3.internal.verify;

import dev.checkpoint4j.store.s3.internal.client.MalformedObjectException;
import dev.checkpoint4j.store.s3.internal.client.ObjectListing;
import dev.checkpoint4j.store.s3.internal.client.ObjectPart;
import dev.checkpoint4j.store.s3.internal.client.ObjectSummary;
import dev.checkpoint4j.store.s3.internal.client.StoredObject;
import dev.checkpoint4j.store.s3.internal.layout.CheckpointObject;
import dev.checkpoint4j.store.s3.internal.layout.CheckpointObject.Stored;
import dev.checkpoint4j.store.s3.internal.layout.CheckpointObject.Tombstone;
import dev.checkpoint4j.store.s3.internal.layout.NamespaceKeys;
import dev.checkpoint4j.store.s3.internal.layout.NamespaceObjects;
import dev.checkpoint4j.store.s3.internal.layout.NamespaceObjects.SlotPage;
import dev.checkpoint4j.store.s3.internal.layout.ObjectKeys;
import dev.checkpoint4j.store.s3.internal.layout.Slot;
import dev.checkpoint4j.store.s3.internal.layout.SlotClaim;
import dev.checkpoint4j.store.s3.internal.layout.SlotKind;
import dev.checkpoint4j.store.s3.internal.session.S3Namespace;
import dev.checkpoint4j.store.s3.internal.verify.OrphanCollector.Orphan;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Verifies a namespace. Accepts its objects in the order of their keys: checkpoint objects come
 * before slots. For one thread.
 */
final class NamespaceScanner {

  private static final int MAX_CONCURRENT_READS = 64;

  /** A server may date two objects in the wrong order by less than this. */
  private static final Duration CLOCK_SLACK = Duration.ofMinutes(10);

  private final S3Namespace namespace;
  private final NamespaceKeys keys;
  private final NamespaceObjects objects;
  private final Findings findings;
  private final OrphanCollector orphans;

  /** The checkpoint objects that no slot needs so far, by name. */
  private final Map<String, ObjectSummary> unclaimed = new LinkedHashMap<>();

  /** The names of tombstones that lead to stored checkpoints with a later generation. */
  private final Set<String> links = new HashSet<>();

  /** The slots of the current session, newest first. */
  private final List<Slot> session = new ArrayList<>();

  NamespaceScanner(S3Namespace namespace, Findings findings, OrphanCollector orphans) {
    this.namespace = namespace;
    this.keys = namespace.keys();
    this.objects = namespace.objects();
    this.findings = findings;
    this.orphans = orphans;
  }

  NamespaceKeys keys() {
    return keys;
  }

  /** Accepts a slot or a checkpoint object. */
  void accept(ObjectSummary object) {
    keys.objectName(object.key()).ifPresent(name -> unclaimed.put(name, object));
    keys.slot(object).ifPresent(this::accept);
  }

  private void accept(Slot slot) {
    if (!session.isEmpty() && !session.get(0).sessionPrefix().equals(slot.sessionPrefix())) {
      endSession();
    }
    session.add(slot);
  }

  /** Verifies what remains after the last object, and removes orphans in a repair. */
  void end() {
    endSession();
    List<ObjectSummary> old =
        unclaimed.entrySet().stream()
            .filter(entry -> !links.contains(entry.getKey()))
            .map(Map.Entry::getValue)
            .filter(object -> orphans.isOld(object.modified()))
            .toList();
    for (int from = 0; from < old.size(); from += MAX_CONCURRENT_READS) {
      namespace
          .client()
          .invokeAll(
              old.subList(from, Math.min(old.size(), from + MAX_CONCURRENT_READS)).stream()
                  .<Supplier<Unclaimed>>map(object -> () -> read(object))
                  .toList())
          .forEach(this::verify);
    }
    if (orphans.remove()) {
      relinkNewGenerations();
    }
  }

  private void endSession() {
    if (!session.isEmpty()) {
      new SessionScanner(namespace, findings, orphans, List.copyOf(session), this::keep)
          .scan(unclaimed);
      session.clear();
    }
  }

  private void keep(SlotClaim claim) {
    unclaimed.remove(claim.objectName());
    for (int before = 0; before < claim.generation(); before++) {
      links.add(new SlotClaim(claim.id(), before).objectName());
    }
  }

  // ---- checkpoint objects that no slot claims

  /**
   * A checkpoint object that no listed slot claims.
   *
   * @param content null if the object was deleted or written again since it was listed
   */
  private record Unclaimed(
      String key, @Nullable CheckpointObject content, SlotState slot, @Nullable String damage) {}

  private enum SlotState {
    MISSING,
    CLAIMS_ANOTHER,
    /** It claims the checkpoint, or whether it does is unknown, or not known yet. */
    MAY_CLAIM
  }

  private Unclaimed read(ObjectSummary object) {
    String key = object.key();
    try {
      // It may have been written again since it was listed.
      CheckpointObject content =
          namespace
              .client()
              .get(key, ObjectPart.METADATA)
              .filter(stored -> orphans.isOld(stored.modified()))
              .map(CheckpointObject::read)
              .orElse(null);
      SlotState slot =
          content instanceof Stored document
              ? slotState(key, document.slotKey(keys))
              : SlotState.MISSING;
      return new Unclaimed(key, content, slot, null);
    } catch (MalformedObjectException e) {
      return new Unclaimed(key, null, SlotState.MISSING, e.getMessage());
    }
  }

  private SlotState slotState(String key, String slotKey) {
    try {
      Optional<StoredObject> slot = objects.slot(slotKey, ObjectPart.ALL);
      if (slot.isEmpty()) {
        return SlotState.MISSING;
      }
      if (!orphans.isOld(slot.get().modified())) {
        // The operation that abandoned the slot may be about to abandon the checkpoint object.
        return SlotState.MAY_CLAIM;
      }
      return SlotClaim.read(slot.get()).map(keys::checkpoint).equals(Optional.of(key))
          ? SlotState.MAY_CLAIM
          : SlotState.CLAIMS_ANOTHER;
    } catch (MalformedObjectException e) {
      // The scan of the session reports it.
      return SlotState.MAY_CLAIM;
    }
  }

  private void verify(Unclaimed object) {
    if (object.damage() != null) {
      findings.add(object.key(), FindingKind.DOCUMENT, object.damage());
    } else if (object.content() instanceof Tombstone) {
      orphans.add(object.key(), Orphan.TOMBSTONE, "is a tombstone");
    } else if (object.content() instanceof Stored document) {
      if (object.slot() == SlotState.CLAIMS_ANOTHER) {
        orphans.add(
            object.key(),
            Orphan.VOID_DOCUMENT,
            "belongs to a slot that was abandoned or claims another checkpoint");
      } else if (object.slot() == SlotState.MISSING) {
        verifyWithoutSlot(object.key(), document.slotKey(keys));
      }
    }
  }

  private void verifyWithoutSlot(String key, String slotKey) {
    String sessionPrefix = ObjectKeys.sessionPrefixOf(slotKey);
    long number = ObjectKeys.slotNumber(slotKey);
    List<Slot> newer = objects.slotsAfter(sessionPrefix, number).toList();
    if (newer.stream().anyMatch(objects::endsSession)) {
      orphans.add(key, Orphan.VOID_DOCUMENT, "is of a session that was deleted");
    } else if (newer.isEmpty() && isNextSlot(sessionPrefix, number)) {
      findings.add(key, FindingKind.UNFINISHED_WRITE, "has no slot: its writer did not create it");
      if (orphans.isRepairing()) {
        // The document is void now; a later repair removes it.
        objects.putTombstoneIfAbsent(slotKey, SlotKind.TOMBSTONE);
      }
    } else if (slotState(key, slotKey) == SlotState.MISSING) {
      findings.add(
          key,
          FindingKind.MISSING_SLOT,
          "has no slot any more: something else than the store has deleted '" + slotKey + "'");
    }
  }

  /** Whether the next writer would claim this slot, which has no newer ones. */
  private boolean isNextSlot(String sessionPrefix, long number) {
    return number == 1
        || objects
            .newestSlot(sessionPrefix)
            .filter(slot -> slot.number() == number - 1)
            .isPresent();
  }

  // ---- after a removal

  /** A put may have linked its generation by a tombstone that was removed at that moment. */
  private void relinkNewGenerations() {
    @Nullable String startAfter = null;
    while (true) {
      SlotPage page = objects.slotPage(keys.sessions(), startAfter, ObjectListing.MAX_OBJECTS);
      startAfter = page.next();
      List<Supplier<Boolean>> relinks = new ArrayList<>();
      for (Slot slot : page.slots()) {
        if (slot.isClaimed() && !slot.modified().isBefore(orphans.now().minus(CLOCK_SLACK))) {
          relinks.add(() -> relink(slot));
        }
      }
      namespace.client().invokeAll(relinks);
      if (!page.isTruncated()) {
        return;
      }
    }
  }

  private boolean relink(Slot slot) {
    try {
      return objects
          .claim(slot.key())
          .filter(claim -> claim.generation() > 0)
          .map(claim -> namespace.finder().relinkGeneration(claim, slot.key()))
          .orElse(true);
    } catch (MalformedObjectException e) {
      // The scan of the session reports it.
      return false;
    }
  }
}
