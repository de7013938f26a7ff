package dev.checkpoint4j.store.s3.internal.session;

import dev.checkpoint4j.spi.CallDeadline;
import dev.checkpoint4j.store.s3.internal.ClockReading;
import dev.checkpoint4j.store.s3.internal.client.ObjectListing;
import dev.checkpoint4j.store.s3.internal.layout.CheckpointObject.Tombstone;
import dev.checkpoint4j.store.s3.internal.layout.NamespaceKeys;
import dev.checkpoint4j.store.s3.internal.layout.NamespaceObjects;
import dev.checkpoint4j.store.s3.internal.layout.SlotClaim;
import dev.checkpoint4j.store.s3.internal.session.CheckpointDeletion.Mark;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Deletes checkpoints by their ids. */
public final class DeleteOperation {

  /** How many checkpoints a deletion deletes within one timeout. */
  static final int BATCH = 100;

  /** With more ids than this per page of a listing, listing first takes fewer requests. */
  private static final int IDS_PER_LISTED_PAGE = 10;

  /**
   * The handle as a deleter.
   *
   * @param name by which the handle recognizes its own deletions that failed halfway
   * @param locks by id
   */
  public record Deleter(String name, StripedLocks locks) {

    public static Deleter create() {
      return new Deleter(UUID.randomUUID().toString(), new StripedLocks());
    }
  }

  private final S3Namespace namespace;
  private final NamespaceKeys keys;
  private final NamespaceObjects objects;
  private final Deleter deleter;
  private final Duration batchTimeout;

  /**
   * Creates a deletion.
   *
   * @param batchTimeout the most that a batch may take; the caller may give it less
   */
  public DeleteOperation(S3Namespace namespace, Deleter deleter, Duration batchTimeout) {
    this.namespace = namespace;
    this.keys = namespace.keys();
    this.objects = namespace.objects();
    this.deleter = deleter;
    this.batchTimeout = batchTimeout;
  }

  /** Deletes checkpoints; returns how many of them this call is the one to count. */
  public long run(List<String> ids) {
    List<String> candidates = inTime(() -> candidates(ids));
    long count = 0;
    for (int from = 0; from < candidates.size(); from += BATCH) {
      List<Supplier<Boolean>> batch =
          candidates.subList(from, Math.min(candidates.size(), from + BATCH)).stream()
              .<Supplier<Boolean>>map(id -> () -> deleter.locks().call(id, () -> delete(id)))
              .toList();
      count +=
          inTime(() -> namespace.client().invokeAll(batch)).stream()
              .filter(existed -> existed)
              .count();
    }
    return count;
  }

  private <R> R inTime(Supplier<R> batch) {
    return CallDeadline.current().within(batchTimeout).call(batch);
  }

  /** The ids that may exist: all, unless listing what exists takes fewer requests. */
  private List<String> candidates(List<String> ids) {
    Set<String> names = new HashSet<>();
    @Nullable String startAfter = null;
    for (int pages = 0; ids.size() > IDS_PER_LISTED_PAGE * (pages + 1); pages++) {
      ObjectListing page =
          namespace.client().list(keys.checkpoints(), startAfter, ObjectListing.MAX_OBJECTS);
      startAfter = page.next();
      page.objects().forEach(object -> keys.objectName(object.key()).ifPresent(names::add));
      if (!page.isTruncated()) {
        return ids.stream()
            .filter(id -> names.contains(new SlotClaim(id, 0).objectName()))
            .toList();
      }
    }
    return ids;
  }

  private boolean delete(String id) {
    boolean existed = false;
    for (int fromGeneration = 0; ; ) {
      ClockReading since = namespace.now();
      Lookup found = namespace.finder().findOrDamaged(id, fromGeneration);
      SlotClaim claim = new SlotClaim(id, found.generation());
      String slotKey = found.slotKey();
      if (found.isDamaged()) {
        // The id may be stored with a later generation.
        deleteDamaged(claim, slotKey);
        existed = true;
        fromGeneration = found.generation() + 1;
      } else if (found.isStored() && slotKey != null) {
        CheckpointDeletion deletion = new CheckpointDeletion(namespace, claim, slotKey);
        Mark mark = deletion.mark(deleter.name());
        existed |= mark.isOurs();
        if (deletion.finish(mark, since)) {
          return existed;
        }
      } else {
        return existed;
      }
    }
  }

  /** All that is known of it is its key: that of this id, or of a damaged slot. */
  private void deleteDamaged(SlotClaim claim, @Nullable String slotKey) {
    if (slotKey != null) {
      new CheckpointDeletion(namespace, claim, slotKey).close();
      objects.putTombstone(slotKey);
    }
    objects.put(claim, Tombstone.next(claim.generation() + 1));
  }
}
