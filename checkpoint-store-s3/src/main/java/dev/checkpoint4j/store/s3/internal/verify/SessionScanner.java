package dev.checkpoint4j.store.s3.internal.verify;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.spi.CheckpointCodec;
import dev.checkpoint4j.spi.CodecException;
import dev.checkpoint4j.store.s3.internal.Backoff;
import dev.checkpoint4j.store.s3.internal.client.MalformedObjectException;
import dev.checkpoint4j.store.s3.internal.client.ObjectListing;
import dev.checkpoint4j.store.s3.internal.client.ObjectPart;
import dev.checkpoint4j.store.s3.internal.client.ObjectSummary;
import dev.checkpoint4j.store.s3.internal.layout.CheckpointObject.Stored;
import dev.checkpoint4j.store.s3.internal.layout.NamespaceKeys;
import dev.checkpoint4j.store.s3.internal.layout.NamespaceObjects;
import dev.checkpoint4j.store.s3.internal.layout.Slot;
import dev.checkpoint4j.store.s3.internal.layout.SlotClaim;
import dev.checkpoint4j.store.s3.internal.session.CheckpointFinder;
import dev.checkpoint4j.store.s3.internal.session.ResolvedSlot;
import dev.checkpoint4j.store.s3.internal.session.ResolvedSlot.State;
import dev.checkpoint4j.store.s3.internal.session.S3Namespace;
import dev.checkpoint4j.store.s3.internal.verify.OrphanCollector.Orphan;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Verifies one session of a namespace, oldest checkpoint first. For one thread. */
final class SessionScanner {

  private static final int MAX_CONCURRENT_DOCUMENTS = 64;
  private static final long MAX_CONCURRENT_BYTES = 64L * 1024 * 1024;

  /** The assumed size of a document that was not listed under the ETag of its slot. */
  private static final long UNKNOWN_SIZE = 4L * 1024 * 1024;

  /** How long a deletion of the session that is in progress gets to complete. */
  private static final Duration DELETION_TIME = Duration.ofSeconds(2);

  private final S3Namespace namespace;
  private final NamespaceKeys keys;
  private final NamespaceObjects objects;
  private final CheckpointFinder finder;
  private final CheckpointCodec codec;
  private final Findings findings;
  private final OrphanCollector orphans;
  private final List<Slot> newestFirst;
  private final Slot newest;

  /** The number of the last session tombstone; 0 if there is none. */
  private final long endNumber;

  /** Accepts claims whose checkpoint objects, and the tombstones that lead to them, stay. */
  private final Consumer<SlotClaim> keeper;

  private long latestVersion;

  /** Slots that are not pending and have no checkpoint object. */
  private final Map<Slot, SlotClaim> missing = new LinkedHashMap<>();

  SessionScanner(
      S3Namespace namespace,
      Findings findings,
      OrphanCollector orphans,
      List<Slot> newestFirst,
      Consumer<SlotClaim> keeper) {
    this.namespace = namespace;
    this.keys = namespace.keys();
    this.objects = namespace.objects();
    this.finder = namespace.finder();
    this.codec = namespace.codec();
    this.findings = findings;
    this.orphans = orphans;
    this.newestFirst = newestFirst;
    this.newest = newestFirst.get(0);
    this.endNumber = endNumber(newestFirst);
    this.keeper = keeper;
  }

  private long endNumber(List<Slot> slots) {
    return slots.stream().filter(objects::endsSession).findFirst().map(Slot::number).orElse(0L);
  }

  /**
   * Verifies the session.
   *
   * @param listed the checkpoint objects of the namespace, by name
   */
  void scan(Map<String, ObjectSummary> listed) {
    List<Slot> claimed = new ArrayList<>();
    for (int i = newestFirst.size() - 1; i >= 0; i--) {
      Slot slot = newestFirst.get(i);
      if (slot.isClaimed()) {
        claimed.add(slot);
      } else if (!reportIfCopy(slot) && i > 0 && orphans.isOld(slot)) {
        orphans.add(slot.key(), Orphan.SLOT, "is a tombstone");
      }
    }
    for (int from = 0; from < claimed.size(); ) {
      int to = endOfBatch(claimed, from, listed);
      namespace
          .client()
          .invokeAll(
              claimed.subList(from, to).stream()
                  .<Supplier<ReadSlot>>map(slot -> () -> read(slot))
                  .toList())
          .forEach(this::verify);
      from = to;
    }
    if (!missing.isEmpty()) {
      reportMissing();
    }
  }

  private boolean reportIfCopy(Slot tombstone) {
    try {
      objects.requireOriginal(tombstone);
      return false;
    } catch (MalformedObjectException e) {
      findings.add(tombstone.key(), FindingKind.SLOT, e);
      return true;
    }
  }

  private static int endOfBatch(List<Slot> claimed, int from, Map<String, ObjectSummary> listed) {
    long bytes = 0;
    int to = from;
    while (to < Math.min(claimed.size(), from + MAX_CONCURRENT_DOCUMENTS)) {
      ObjectSummary object = listed.get(claimed.get(to).etag());
      bytes += object == null ? UNKNOWN_SIZE : object.size();
      if (bytes > MAX_CONCURRENT_BYTES && to > from) {
        break;
      }
      to++;
    }
    return to;
  }

  /**
   * A slot that was read with its checkpoint object.
   *
   * @param claim null if the slot was abandoned in between, or is damaged
   * @param checkpoint null if it is not stored, or is damaged
   */
  private record ReadSlot(
      Slot slot,
      @Nullable SlotClaim claim,
      @Nullable ResolvedSlot resolved,
      @Nullable Checkpoint checkpoint,
      @Nullable String damage) {}

  private ReadSlot read(Slot slot) {
    SlotClaim claim = null;
    ResolvedSlot resolved = null;
    Checkpoint checkpoint = null;
    String damage = null;
    try {
      claim = objects.claim(slot.key()).orElse(null);
      if (claim != null) {
        resolved = namespace.reader().resolve(slot, ObjectPart.ALL);
        checkpoint = resolved.isStored() ? codec.decode(resolved.requireDocument().body()) : null;
      }
    } catch (MalformedObjectException | CodecException e) {
      damage = String.valueOf(e.getMessage());
    }
    return new ReadSlot(slot, claim, resolved, checkpoint, damage);
  }

  private void verify(ReadSlot read) {
    try {
      verifyReadable(read);
    } catch (MalformedObjectException e) {
      findings.add(read.slot().key(), FindingKind.UNREACHABLE, e);
    }
  }

  private void verifyReadable(ReadSlot read) {
    Slot slot = read.slot();
    SlotClaim claim = read.claim();
    if (claim == null) {
      if (read.damage() != null) {
        verifyDamaged(slot, read.damage());
      }
    } else if (read.damage() != null) {
      keeper.accept(claim);
      findings.add(
          keys.checkpoint(claim),
          FindingKind.DOCUMENT,
          claim,
          named(claim) + " is damaged: " + read.damage());
    } else if (read.checkpoint() != null && read.resolved() != null) {
      keeper.accept(claim);
      verifyStored(slot, claim, read.resolved().requireDocument(), read.checkpoint());
    } else if (read.resolved() != null) {
      verifyNotStored(slot, claim, read.resolved().state());
    }
  }

  private static String named(SlotClaim claim) {
    return "checkpoint '" + claim.id() + "'";
  }

  // ---- stored checkpoints

  private void verifyStored(Slot slot, SlotClaim claim, Stored document, Checkpoint checkpoint) {
    String key = keys.checkpoint(claim);
    if (!isClaimed(checkpoint, slot, claim, document)) {
      findings.add(
          key,
          FindingKind.DOCUMENT,
          claim,
          "is that of another checkpoint than the slot claims, " + named(claim));
      return;
    }
    if (slot.number() < endNumber) {
      findings.add(
          key,
          FindingKind.UNREACHABLE,
          checkpoint,
          named(claim) + " is found by its id, but its session was deleted; delete it by its id");
      return;
    }
    if (checkpoint.version() <= latestVersion) {
      findings.add(
          key,
          FindingKind.VERSION_ORDER,
          checkpoint,
          named(claim)
              + " has version "
              + checkpoint.version()
              + ", which is not greater than the version before it, "
              + latestVersion);
      return;
    }
    latestVersion = checkpoint.version();
    if (claim.generation() > 0) {
      verifyFoundById(slot, claim);
    }
    findings.addIntact(checkpoint);
  }

  private boolean isClaimed(Checkpoint checkpoint, Slot slot, SlotClaim claim, Stored document) {
    return checkpoint.id().equals(claim.id())
        && checkpoint.version() == document.version()
        && document.generation() == claim.generation()
        && keys.isOf(checkpoint.namespace())
        && keys.sessionPrefix(checkpoint.metadata().sessionId()).equals(slot.sessionPrefix());
  }

  private void verifyFoundById(Slot slot, SlotClaim claim) {
    boolean isFound =
        orphans.isRepairing()
            ? finder.relinkGeneration(claim, slot.key())
            : finder.isFoundAt(claim, slot.key());
    // Unless it was deleted in between.
    if (!isFound && objects.claim(slot.key()).equals(Optional.of(claim))) {
      findings.add(
          keys.checkpoint(claim),
          FindingKind.UNREACHABLE,
          claim,
          named(claim) + " is in its session, but is not found by its id; repair the store");
    }
  }

  // ---- slots without a stored checkpoint

  /** A slot of a session that was deleted has no meaning. */
  private void verifyDamaged(Slot slot, String damage) {
    if (slot.number() > endNumber) {
      findings.add(slot.key(), FindingKind.SLOT, damage);
    } else if (orphans.isOld(slot)) {
      orphans.add(slot.key(), Orphan.SLOT, "is damaged, and its session was deleted");
    }
  }

  private void verifyNotStored(Slot slot, SlotClaim claim, State state) {
    if (!orphans.isOld(slot)) {
      keeper.accept(claim);
    } else if (slot.number() < endNumber || (!slot.equals(newest) && state == State.ABANDONED)) {
      orphans.add(slot.key(), Orphan.SLOT, "claims what is not stored, " + named(claim));
    } else if (slot.equals(newest)) {
      keeper.accept(claim);
      verifyUnfinished(slot, claim, state);
    } else {
      keeper.accept(claim);
      missing.put(slot, claim);
    }
  }

  private void verifyUnfinished(Slot slot, SlotClaim claim, State state) {
    if (readEndNumber() > slot.number()) {
      return;
    }
    findings.add(
        slot.key(),
        FindingKind.UNFINISHED_WRITE,
        claim,
        "was claimed for what is not stored, " + named(claim));
    if (orphans.isRepairing() && (state == State.ABANDONED || finder.abandon(claim))) {
      objects.putTombstone(slot.key());
    }
  }

  /** Reports nothing of a session that was deleted in between, or is being deleted. */
  private void reportMissing() {
    if (readEndNumber() == 0) {
      Backoff.pause(DELETION_TIME);
    }
    long end = readEndNumber();
    missing.forEach(
        (slot, claim) -> {
          if (slot.number() > end) {
            findings.add(
                slot.key(),
                FindingKind.MISSING_DOCUMENT,
                claim,
                named(claim)
                    + " has no document: the deletion of its session was cut short, and should be"
                    + " repeated, or is in progress, or something else than the store has deleted '"
                    + keys.checkpoint(claim)
                    + "'");
          }
        });
  }

  /** Reads {@link #endNumber} again, from the newest slots. */
  private long readEndNumber() {
    return endNumber(
        objects.slotPage(newest.sessionPrefix(), null, ObjectListing.MAX_OBJECTS).slots());
  }
}
