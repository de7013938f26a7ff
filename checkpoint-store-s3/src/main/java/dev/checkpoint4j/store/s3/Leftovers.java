package dev.checkpoint4j.store.s3;

import dev.checkpoint4j.store.s3.S3StoreVerification.Kind;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** What a verification finds left over, and removes if it is to repair. For one thread. */
final class Leftovers {

  /** In the order in which they are removed: whatever is cut short leaves leftovers only. */
  enum Leftover {
    /** Its slot tells that it is void. */
    VOID_DOCUMENT(Kind.LEFTOVER_DOCUMENT),
    /** Its document, if it is given up, tells that it is void. */
    SLOT(Kind.LEFTOVER_SLOT),
    GIVEN_UP_DOCUMENT(Kind.LEFTOVER_DOCUMENT);

    private final Kind kind;

    Leftover(Kind kind) {
      this.kind = kind;
    }
  }

  private final Bucket bucket;
  private final Findings findings;
  private final boolean isRepairing;
  private final Duration grace;

  /** The time of the server by which ages are told. */
  private Instant now = Instant.MIN;

  private final Map<Leftover, List<String>> removals = new EnumMap<>(Leftover.class);

  /**
   * Leftovers of a store.
   *
   * @param grace how old they are at least
   */
  Leftovers(Bucket bucket, Findings findings, boolean isRepairing, Duration grace) {
    this.bucket = bucket;
    this.findings = findings;
    this.isRepairing = isRepairing;
    this.grace = grace;
  }

  /** From now on ages are those at this moment, however long it takes. */
  void startNamespace() {
    now = bucket.now();
  }

  Instant now() {
    return now;
  }

  /** Whether a document is not that of a writer at work. */
  boolean isOldDocument(Instant modified) {
    return modified.isBefore(now.minus(grace));
  }

  /** The same of a slot; a little longer, lest a document that is still young outlives its slot. */
  boolean isOldSlot(Slot slot) {
    return slot.modified().isBefore(now.minus(grace).minus(grace.dividedBy(6)));
  }

  boolean isRepairing() {
    return isRepairing;
  }

  void add(Slot object, Leftover leftover, String message) {
    findings.add(object.key(), leftover.kind, message);
    if (isRepairing) {
      removals.computeIfAbsent(leftover, it -> new ArrayList<>()).add(object.key());
    }
  }

  /** Removes what was found since the last call; returns whether there was anything. */
  boolean remove() {
    boolean isAny = !removals.isEmpty();
    for (List<String> keys : removals.values()) {
      bucket.delete(keys);
      findings.removed += keys.size();
    }
    removals.clear();
    return isAny;
  }
}
