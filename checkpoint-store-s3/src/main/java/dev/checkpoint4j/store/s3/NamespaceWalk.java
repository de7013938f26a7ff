package dev.checkpoint4j.store.s3;

import dev.checkpoint4j.spi.CheckpointCodec;
import dev.checkpoint4j.store.s3.Bucket.Listing;
import dev.checkpoint4j.store.s3.Bucket.Part;
import dev.checkpoint4j.store.s3.Leftovers.Leftover;
import dev.checkpoint4j.store.s3.S3StoreVerification.Kind;
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
 * Verifies a namespace, whose objects it is given in the order of their keys: documents come before
 * slots. For one thread.
 */
final class NamespaceWalk {

  private static final int MOST_LOOKS_AT_ONCE = 64;

  /** Two objects of a server may be dated the wrong way round by less than this. */
  private static final Duration CLOCK_SLACK = Duration.ofMinutes(10);

  private final Bucket bucket;
  private final NamespaceKeys keys;
  private final History history;
  private final CheckpointCodec codec;
  private final Findings findings;
  private final Leftovers leftovers;

  /** Documents by name, without those that a slot needs. */
  private final Map<String, Slot> documents = new LinkedHashMap<>();

  /** Names of documents that lead to later generations. */
  private final Set<String> leading = new HashSet<>();

  private final List<Slot> session = new ArrayList<>();

  NamespaceWalk(
      Bucket bucket,
      NamespaceKeys keys,
      CheckpointCodec codec,
      Findings findings,
      Leftovers leftovers) {
    this.bucket = bucket;
    this.keys = keys;
    this.history = new History(bucket, keys);
    this.codec = codec;
    this.findings = findings;
    this.leftovers = leftovers;
  }

  NamespaceKeys keys() {
    return keys;
  }

  void add(Slot object) {
    Optional<String> document = keys.documentName(object.key());
    if (document.isPresent()) {
      documents.put(document.get(), object);
      return;
    }
    if (!session.isEmpty() && !session.get(0).session().equals(object.session())) {
      endSession();
    }
    session.add(object);
  }

  /** There are no more objects. */
  void end() {
    endSession();
    List<Slot> unclaimed =
        documents.entrySet().stream()
            .filter(entry -> !leading.contains(entry.getKey()))
            .map(Map.Entry::getValue)
            .filter(document -> leftovers.isOldDocument(document.modified()))
            .toList();
    for (int from = 0; from < unclaimed.size(); from += MOST_LOOKS_AT_ONCE) {
      bucket
          .all(
              unclaimed
                  .subList(from, Math.min(unclaimed.size(), from + MOST_LOOKS_AT_ONCE))
                  .stream()
                  .<Supplier<Orphan>>map(document -> () -> read(document))
                  .toList())
          .forEach(this::verify);
    }
    if (leftovers.remove()) {
      leadToWhatCameMeanwhile();
    }
  }

  private void endSession() {
    if (!session.isEmpty()) {
      new SessionWalk(bucket, keys, codec, findings, leftovers, List.copyOf(session), this::keep)
          .run(documents);
      session.clear();
    }
  }

  private void keep(Claim claim) {
    documents.remove(claim.documentName());
    for (int before = 0; before < claim.generation(); before++) {
      leading.add(new Claim(claim.id(), before).documentName());
    }
  }

  /**
   * A document that no slot was seen to claim. None if it was deleted or written anew meanwhile.
   */
  private record Orphan(
      Slot object, @Nullable Document document, SlotIs slot, @Nullable String damage) {}

  private enum SlotIs {
    MISSING,
    ANOTHERS,
    /** Or it cannot be told, or not yet. */
    ITS_OWN
  }

  private Orphan read(Slot object) {
    try {
      // It may have been written anew since it was listed.
      Document document =
          bucket
              .get(object.key(), Part.METADATA)
              .filter(stored -> leftovers.isOldDocument(stored.modified()))
              .map(Document::read)
              .orElse(null);
      SlotIs slot =
          document == null || document.isGivenUp()
              ? SlotIs.MISSING
              : slotOf(object, document.slotKey(keys.sessions()));
      return new Orphan(object, document, slot, null);
    } catch (MalformedObjectException e) {
      return new Orphan(object, null, SlotIs.MISSING, e.getMessage());
    }
  }

  private SlotIs slotOf(Slot object, String slotKey) {
    Optional<Bucket.Stored> slot = bucket.get(slotKey, Part.ALL);
    if (slot.isEmpty()) {
      return SlotIs.MISSING;
    }
    if (!leftovers.isOldDocument(slot.get().modified())) {
      // Who is giving it up has not come to the document yet.
      return SlotIs.ITS_OWN;
    }
    try {
      return Claim.of(slot.get().body()).map(keys::document).equals(Optional.of(object.key()))
          ? SlotIs.ITS_OWN
          : SlotIs.ANOTHERS;
    } catch (MalformedObjectException e) {
      // Is told with the session of the slot.
      return SlotIs.ITS_OWN;
    }
  }

  private void verify(Orphan orphan) {
    Slot object = orphan.object();
    Document document = orphan.document();
    if (orphan.damage() != null) {
      findings.add(object.key(), Kind.DOCUMENT, orphan.damage());
    } else if (document != null && document.isGivenUp()) {
      leftovers.add(object, Leftover.GIVEN_UP_DOCUMENT, "is given up");
    } else if (document != null && orphan.slot() == SlotIs.ANOTHERS) {
      leftovers.add(
          object, Leftover.VOID_DOCUMENT, "has a slot that was given up, or is another's");
    } else if (document != null && orphan.slot() == SlotIs.MISSING) {
      try {
        verifyWithoutSlot(object, document.slotKey(keys.sessions()));
      } catch (MalformedObjectException e) {
        findings.add(object.key(), Kind.DOCUMENT, String.valueOf(e.getMessage()));
      }
    }
  }

  private void verifyWithoutSlot(Slot object, String slotKey) {
    String sessionOfSlot = Keys.sessionOf(slotKey);
    long number = Keys.slotNumber(slotKey);
    List<Slot> newer = newerThan(sessionOfSlot, number);
    if (newer.stream().anyMatch(slot -> slot.kind() == SlotKind.ENDED)) {
      leftovers.add(object, Leftover.VOID_DOCUMENT, "is of a session that was deleted");
    } else if (newer.isEmpty() && isNext(sessionOfSlot, number)) {
      findings.add(
          object.key(),
          Kind.UNFINISHED_WRITE,
          "has no slot, whose writer did not come to write it");
      if (leftovers.isRepairing()) {
        // That is the end of it: the document is removed once it is old enough after that.
        bucket.putIfAbsent(slotKey, SlotKind.DEAD.givenUp(), Map.of());
      }
    } else if (slotOf(object, slotKey) == SlotIs.MISSING) {
      findings.add(
          object.key(),
          Kind.MISSING_SLOT,
          "has no slot any more: something else than the store has deleted '" + slotKey + "'");
    }
  }

  private List<Slot> newerThan(String ofSession, long number) {
    List<Slot> newer = new ArrayList<>();
    @Nullable String startAfter = null;
    while (true) {
      Listing page = bucket.list(ofSession, startAfter, SlotSource.MOST_KEYS);
      for (Slot slot : page.slots()) {
        if (slot.number() <= number) {
          return newer;
        }
        newer.add(slot);
        startAfter = slot.key();
      }
      if (!page.isTruncated()) {
        return newer;
      }
    }
  }

  /** Whether a slot with no newer ones is the one that the next writer would take. */
  private boolean isNext(String ofSession, long number) {
    return number == 1
        || bucket.list(ofSession, null, 1).slots().stream()
            .anyMatch(slot -> slot.number() == number - 1);
  }

  /** A put of an id that was used before may have missed what was removed in that moment. */
  private void leadToWhatCameMeanwhile() {
    @Nullable String startAfter = null;
    while (true) {
      Listing page = bucket.list(keys.sessions(), startAfter, SlotSource.MOST_KEYS);
      List<Supplier<Boolean>> looks = new ArrayList<>();
      for (Slot slot : page.slots()) {
        startAfter = slot.key();
        if (slot.kind().isClaim()
            && !slot.modified().isBefore(leftovers.now().minus(CLOCK_SLACK))) {
          looks.add(() -> leadTo(slot));
        }
      }
      bucket.all(looks);
      if (!page.isTruncated()) {
        return;
      }
    }
  }

  private boolean leadTo(Slot slot) {
    try {
      return history
          .claim(slot.key())
          .filter(claim -> claim.generation() > 0)
          .map(claim -> history.leadAgainTo(claim, slot.key()))
          .orElse(true);
    } catch (MalformedObjectException e) {
      // Is told when the slot is looked at.
      return false;
    }
  }
}
