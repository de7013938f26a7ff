package dev.checkpoint4j.store.s3.internal.verify;

import dev.checkpoint4j.store.s3.internal.ClockReading;
import dev.checkpoint4j.store.s3.internal.Clocks;
import dev.checkpoint4j.store.s3.internal.client.ObjectPart;
import dev.checkpoint4j.store.s3.internal.client.S3ObjectClient;
import dev.checkpoint4j.store.s3.internal.layout.Slot;
import dev.checkpoint4j.store.s3.internal.session.S3Namespace;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Collects orphans, and removes them in a repair. An orphan is an object that is part of no stored
 * or pending checkpoint, and that no handle relies on any more because of its age. For one thread.
 */
final class OrphanCollector {

  /**
   * The kinds of orphans, in the order of their removal. The order ensures that a removal that is
   * cut short leaves orphans only.
   */
  enum Orphan {
    /** A document whose slot shows that it is void. */
    VOID_DOCUMENT(FindingKind.LEFTOVER_DOCUMENT),
    /** A slot; the tombstone of its checkpoint, if there is one, shows that it is void. */
    SLOT(FindingKind.LEFTOVER_SLOT),
    TOMBSTONE(FindingKind.LEFTOVER_DOCUMENT);

    private final FindingKind kind;

    Orphan(FindingKind kind) {
      this.kind = kind;
    }
  }

  private final S3ObjectClient client;
  private final Clocks clocks;
  private final Findings findings;
  private final boolean isRepairing;
  private final Duration minAge;

  /** The time of the server from which ages are computed. */
  private Instant now = Instant.MIN;

  private final Map<Orphan, List<String>> orphans = new EnumMap<>(Orphan.class);

  /**
   * Creates a collector for a store.
   *
   * @param minAge the age from which an object may be an orphan
   */
  OrphanCollector(
      S3ObjectClient client,
      Clocks clocks,
      Findings findings,
      boolean isRepairing,
      Duration minAge) {
    this.client = client;
    this.clocks = clocks;
    this.findings = findings;
    this.isRepairing = isRepairing;
    this.minAge = minAge;
  }

  /** Fixes the time from which ages are computed, however long the namespace takes. */
  void startNamespace() {
    now = client.serverTime();
  }

  Instant now() {
    return now;
  }

  boolean isRepairing() {
    return isRepairing;
  }

  /** Whether a checkpoint object may be an orphan: no writer is still at work on it. */
  boolean isOld(Instant modified) {
    return modified.isBefore(now.minus(minAge));
  }

  /** The same of a slot, a little later: it must not be removed before its checkpoint object. */
  boolean isOld(Slot slot) {
    return slot.modified().isBefore(now.minus(minAge).minus(minAge.dividedBy(6)));
  }

  void add(String key, Orphan orphan, String message) {
    findings.add(key, orphan.kind, message);
    if (isRepairing) {
      orphans.computeIfAbsent(orphan, it -> new ArrayList<>()).add(key);
    }
  }

  /** Removes the orphans collected since the last call; returns whether there were any. */
  boolean remove() {
    boolean isAny = !orphans.isEmpty();
    orphans.forEach(
        (orphan, keys) -> {
          for (int from = 0; from < keys.size(); from += S3ObjectClient.MAX_DELETED_KEYS) {
            int to = Math.min(keys.size(), from + S3ObjectClient.MAX_DELETED_KEYS);
            remove(orphan, keys.subList(from, to));
          }
        });
    orphans.clear();
    return isAny;
  }

  private void remove(Orphan orphan, List<String> keys) {
    ClockReading since = clocks.now();
    // An orphaned slot stays one. The key of a checkpoint object may have been used again.
    List<String> stillOld = orphan == Orphan.SLOT ? keys : stillOld(keys);
    if (since.isWithin(S3Namespace.MAX_STALENESS)) {
      client.delete(stillOld);
      findings.addRemoved(stillOld.size());
    }
  }

  private List<String> stillOld(List<String> keys) {
    return client
        .invokeAll(
            keys.stream()
                .<Supplier<Optional<String>>>map(
                    key -> () -> Optional.of(key).filter(this::isStillOld))
                .toList())
        .stream()
        .flatMap(Optional::stream)
        .toList();
  }

  private boolean isStillOld(String key) {
    return client
        .get(key, ObjectPart.METADATA)
        .filter(object -> isOld(object.modified()))
        .isPresent();
  }
}
