package dev.checkpoint4j.store.s3;

import dev.checkpoint4j.store.s3.S3StoreVerification.Kind;
import dev.checkpoint4j.store.s3.S3StoreVerification.Repair;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

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
  private final @Nullable Repair repair;
  private final Duration grace;
  private final Map<Leftover, List<String>> removals = new EnumMap<>(Leftover.class);

  /**
   * Leftovers of a store.
   *
   * @param repair what is removed; nothing if null
   * @param grace how old they are at least
   */
  Leftovers(Bucket bucket, Findings findings, @Nullable Repair repair, Duration grace) {
    this.bucket = bucket;
    this.findings = findings;
    this.repair = repair;
    this.grace = grace;
  }

  /** Whether an object is not that of a writer at work. */
  boolean isOld(Slot object) {
    return object.modified().isBefore(bucket.now().minus(grace));
  }

  boolean isRepairing() {
    return repair != null;
  }

  boolean isStoreInUse() {
    return repair != Repair.WHILE_NOT_IN_USE;
  }

  void add(Slot object, Leftover leftover, String message) {
    findings.add(object.key(), leftover.kind, message);
    if (isRepairing()) {
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
