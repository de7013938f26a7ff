package dev.checkpoint4j.store.s3.internal.session;

import dev.checkpoint4j.spi.CallDeadline;
import dev.checkpoint4j.store.s3.internal.ClockReading;
import dev.checkpoint4j.store.s3.internal.client.MalformedObjectException;
import dev.checkpoint4j.store.s3.internal.client.NotSentException;
import dev.checkpoint4j.store.s3.internal.client.ObjectPart;
import dev.checkpoint4j.store.s3.internal.layout.CheckpointObject.Tombstone;
import dev.checkpoint4j.store.s3.internal.layout.NamespaceObjects;
import dev.checkpoint4j.store.s3.internal.layout.ObjectKeys;
import dev.checkpoint4j.store.s3.internal.layout.Slot;
import dev.checkpoint4j.store.s3.internal.layout.SlotClaim;
import dev.checkpoint4j.store.s3.internal.layout.SlotKind;
import dev.checkpoint4j.store.s3.internal.session.CheckpointDeletion.Mark;
import dev.checkpoint4j.store.s3.internal.session.DeleteOperation.Deleter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Deletes the checkpoints of a session, then ends the session with a session tombstone. For one
 * thread.
 */
public final class DeleteSessionOperation {

  /** How often the deletion is repeated because of concurrent puts. */
  private static final int MAX_ATTEMPTS = 20;

  private final S3Namespace namespace;
  private final NamespaceObjects objects;
  private final String sessionPrefix;
  private final Deleter deleter;
  private final Duration minAge;
  private final Duration batchTimeout;

  /** The keys of claimed slots whose checkpoints are deleted and counted. */
  private final Set<String> done = new HashSet<>();

  /** The newest slot when the session was listed. */
  private String newestKey = "";

  /** The slot after it, if this deletion has created it as a tombstone. */
  private Optional<String> closing = Optional.empty();

  private long count;

  /**
   * Creates a deletion.
   *
   * @param minAge the age from which objects are removed
   * @param batchTimeout the most that a batch may take; the caller may give it less
   */
  public DeleteSessionOperation(
      S3Namespace namespace,
      String sessionId,
      Deleter deleter,
      Duration minAge,
      Duration batchTimeout) {
    this.namespace = namespace;
    this.objects = namespace.objects();
    this.sessionPrefix = namespace.keys().sessionPrefix(sessionId);
    this.deleter = deleter;
    this.minAge = minAge;
    this.batchTimeout = batchTimeout;
  }

  /** Deletes the session; returns how many checkpoints it had. */
  public long run() {
    for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      ClockReading since = namespace.now();
      List<Slot> slots = inTime(() -> objects.slots(sessionPrefix, null).toList());
      if (slots.isEmpty()) {
        return count;
      }
      Slot newest = slots.get(0);
      newestKey = newest.key();
      closing = Optional.empty();
      // Before copies are replaced: what was listed would pass as an original after that.
      boolean isEnded = objects.endsSession(newest);
      boolean isResolved = deleteCheckpoints(slots);
      if (isResolved && (isEnded || inTime(this::putSessionTombstone))) {
        namespace.tails().invalidate(sessionPrefix);
        if (since.isWithin(S3Namespace.MAX_STALENESS)) {
          removeOld(isEnded ? slots.subList(1, slots.size()) : slots);
        }
        return count;
      }
    }
    // Other handles put all the time. Their last checkpoints stay.
    return count;
  }

  private <R> R inTime(Supplier<R> batch) {
    return CallDeadline.current().within(batchTimeout).call(batch);
  }

  // ---- checkpoints

  /** Deletes the checkpoints of these slots; returns whether the newest slot is not pending. */
  private boolean deleteCheckpoints(List<Slot> slots) {
    List<Slot> sinceItsEnd = slots.stream().takeWhile(slot -> !objects.endsSession(slot)).toList();
    List<Slot> claimed =
        sinceItsEnd.stream()
            .filter(slot -> slot.isClaimed() && !done.contains(slot.key()))
            .toList();
    // Whatever these slots were before, their checkpoints are deleted as well.
    sinceItsEnd.stream().filter(objects::isCopy).forEach(slot -> objects.putTombstone(slot.key()));
    ClockReading since = namespace.now();
    List<ResolvedSlot> newest = resolveToLatest(claimed);
    Optional<ResolvedSlot> latest = newest.stream().filter(ResolvedSlot::isStored).findFirst();
    latest.ifPresent(stored -> deleteOlder(claimed, stored.slot().number()));
    count += latest.filter(stored -> inTime(() -> deleteLatest(stored, since))).isPresent() ? 1 : 0;
    Optional<ResolvedSlot> pending =
        newest.stream()
            .filter(slot -> slot.isPending() && slot.slot().equals(slots.get(0)))
            .findFirst();
    boolean isResolved = pending.isEmpty() || inTime(() -> abandon(pending.get()));
    claimed.stream().skip(isResolved ? 0 : 1).forEach(slot -> done.add(slot.key()));
    return isResolved;
  }

  /** Resolves slots, the newest first, up to the first stored one. Deletes damaged ones. */
  private List<ResolvedSlot> resolveToLatest(List<Slot> claimed) {
    List<ResolvedSlot> newest = new ArrayList<>();
    int from = 0;
    for (int size = 1; from < claimed.size(); size = Math.min(4 * size, DeleteOperation.BATCH)) {
      List<Slot> batch = claimed.subList(from, Math.min(claimed.size(), from + size));
      from += batch.size();
      List<Optional<ResolvedSlot>> resolved =
          inTime(
              () ->
                  batch.size() == 1 ? List.of(resolveWithClaim(batch.get(0))) : resolveAll(batch));
      for (Optional<ResolvedSlot> slot : resolved) {
        if (slot.isEmpty()) {
          count++;
        } else {
          newest.add(slot.get());
        }
      }
      if (newest.stream().anyMatch(ResolvedSlot::isStored)) {
        return newest;
      }
    }
    return newest;
  }

  /** Reads the claim at the same time: puts get less time to take the next slot. */
  private Optional<ResolvedSlot> resolveWithClaim(Slot slot) {
    record Read(Optional<ResolvedSlot> slot, Optional<SlotClaim> claim) {}
    List<Read> both =
        namespace
            .client()
            .invokeAll(
                List.<Supplier<Read>>of(
                    () -> new Read(resolveOrDeleteDamaged(slot), Optional.empty()),
                    () -> new Read(Optional.empty(), claimIfIntact(slot.key()))));
    return both.get(0)
        .slot()
        .map(
            resolved ->
                resolved.isStored()
                    ? both.get(1).claim().map(resolved::withClaim).orElse(resolved)
                    : resolved);
  }

  /** Deletes the checkpoints before a slot, the oldest first: a failure leaves the latest. */
  private void deleteOlder(List<Slot> claimed, long number) {
    List<Slot> older = claimed.stream().filter(slot -> slot.number() < number).toList();
    for (int to = older.size(); to > 0; to -= DeleteOperation.BATCH) {
      List<Slot> batch = older.subList(Math.max(0, to - DeleteOperation.BATCH), to);
      List<Optional<ResolvedSlot>> resolved = inTime(() -> deleteBatch(batch));
      count += resolved.stream().filter(it -> it.map(ResolvedSlot::isStored).orElse(true)).count();
    }
  }

  /**
   * Deletes the latest checkpoint in the steps of {@link CheckpointDeletion}, so that no put that
   * expects it is stored after it: the session tombstone comes too late for this. Returns whether
   * this handle is the one to count the checkpoint.
   */
  private boolean deleteLatest(ResolvedSlot latest, ClockReading since) {
    SlotClaim known = latest.claim();
    if (known != null && since.isWithin(S3Namespace.MAX_STALENESS)) {
      return deleteLatestOnce(latest, known, since);
    }
    ClockReading now = namespace.now();
    return objects
        .claim(latest.slot().key(), latest.objectName())
        .filter(claim -> deleteLatestOnce(latest, claim, now))
        .isPresent();
  }

  /** Several threads of a handle would take each other's marks for their own. */
  private boolean deleteLatestOnce(ResolvedSlot latest, SlotClaim claim, ClockReading since) {
    return deleter.locks().call(claim.id(), () -> deleteLatest(latest, claim, since));
  }

  private boolean deleteLatest(ResolvedSlot latest, SlotClaim claim, ClockReading since) {
    String slotKey = latest.slot().key();
    CheckpointDeletion deletion = new CheckpointDeletion(namespace, claim, slotKey);
    Mark mark = deletion.mark(deleter.name());
    if (!mark.isNew() && objects.claim(slotKey, claim.objectName()).isEmpty()) {
      // Another thread of this handle may have counted it.
      return false;
    }
    closing = deletion.close().filter(key -> key.equals(ObjectKeys.nextSlot(newestKey)));
    requireFresh(since);
    objects.putTombstone(slotKey);
    if (isOld(latest.slot())) {
      namespace.client().delete(List.of(namespace.keys().checkpoint(claim)));
    } else {
      deletion.bury(mark, since);
    }
    return mark.isOurs();
  }

  /** Deletes the checkpoints of some slots; returns the slots, empty for damaged ones. */
  private List<Optional<ResolvedSlot>> deleteBatch(List<Slot> claimed) {
    ClockReading since = namespace.now();
    List<Optional<ResolvedSlot>> resolved = resolveAll(claimed);
    // A slot may claim a checkpoint that is stored in another session, and stays.
    deleteObjects(
        resolved.stream().flatMap(Optional::stream).filter(ResolvedSlot::isStored).toList(), since);
    return resolved;
  }

  private List<Optional<ResolvedSlot>> resolveAll(List<Slot> claimed) {
    return namespace
        .client()
        .invokeAll(
            claimed.stream()
                .<Supplier<Optional<ResolvedSlot>>>map(slot -> () -> resolveOrDeleteDamaged(slot))
                .toList());
  }

  /** Empty if the slot or its checkpoint object was damaged, and is abandoned now. */
  private Optional<ResolvedSlot> resolveOrDeleteDamaged(Slot slot) {
    try {
      return Optional.of(namespace.reader().resolve(slot, ObjectPart.METADATA));
    } catch (MalformedObjectException e) {
      // Of a damaged slot, the checkpoint object may be that of another session.
      claimIfIntact(slot.key())
          .ifPresent(claim -> objects.put(claim, Tombstone.next(claim.generation() + 1)));
      objects.putTombstone(slot.key());
      return Optional.empty();
    }
  }

  private Optional<SlotClaim> claimIfIntact(String slotKey) {
    try {
      return objects.claim(slotKey);
    } catch (MalformedObjectException e) {
      return Optional.empty();
    }
  }

  /**
   * Deletes checkpoint objects. Those of young slots are replaced by tombstones: a request of their
   * writer may still be in flight, and must find the key taken.
   */
  private void deleteObjects(List<ResolvedSlot> stored, ClockReading since) {
    List<String> old = new ArrayList<>();
    List<Supplier<Boolean>> young = new ArrayList<>();
    for (ResolvedSlot slot : stored) {
      if (isOld(slot.slot())) {
        old.add(namespace.keys().checkpoint(slot.objectName()));
      } else {
        young.add(
            () -> {
              requireFresh(since);
              objects.put(slot.objectName(), Tombstone.next(0));
              return true;
            });
      }
    }
    namespace.client().invokeAll(young);
    requireFresh(since);
    namespace.client().delete(old);
  }

  /** A checkpoint that was deleted and removed since may have been replaced by a new one. */
  private static void requireFresh(ClockReading since) {
    if (!since.isWithin(S3Namespace.MAX_STALENESS)) {
      throw new NotSentException("the session was read too long ago, and has to be read again");
    }
  }

  // ---- slots

  private boolean isOld(Slot slot) {
    return slot.modified().isBefore(namespace.client().serverTime().minus(minAge));
  }

  /**
   * Abandons the newest slot, so that its writer cannot store the checkpoint before the session
   * tombstone, where nobody would see it. Returns false if the writer has just stored it.
   */
  private boolean abandon(ResolvedSlot newest) {
    if (!namespace.finder().abandon(newest.requireClaim())) {
      return false;
    }
    objects.putTombstone(newest.slot().key());
    return true;
  }

  /**
   * Ends the session in the slot after the newest one; returns false if a put has just claimed
   * that.
   */
  private boolean putSessionTombstone() {
    if (closing.isEmpty()) {
      return objects.putTombstoneIfAbsent(
          ObjectKeys.nextSlot(newestKey), SlotKind.SESSION_TOMBSTONE);
    }
    // What a put has stored after it since then remains.
    objects.putTombstone(closing.get(), SlotKind.SESSION_TOMBSTONE);
    return true;
  }

  /** Removes old slots; the newest one is not among them. */
  private void removeOld(List<Slot> slots) {
    namespace.client().delete(slots.stream().filter(this::isOld).map(Slot::key).toList());
  }
}
