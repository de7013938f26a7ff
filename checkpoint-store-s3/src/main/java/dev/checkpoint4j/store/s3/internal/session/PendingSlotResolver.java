package dev.checkpoint4j.store.s3.internal.session;

import dev.checkpoint4j.spi.CallDeadline;
import dev.checkpoint4j.store.s3.internal.Backoff;
import dev.checkpoint4j.store.s3.internal.client.ObjectPart;
import dev.checkpoint4j.store.s3.internal.client.StoredObject;
import dev.checkpoint4j.store.s3.internal.layout.SlotClaim;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * Reads where a session ends for a writer. A pending newest slot is resolved first: its writer gets
 * some time to store the checkpoint, then it is abandoned.
 */
final class PendingSlotResolver {

  /** The metadata entry of a slot that holds how long to wait for its writer, in milliseconds. */
  private static final String WAIT = "wait";

  /** The wait for a writer, which may be slow or dead. */
  private static final Duration MIN_WAIT = Duration.ofMillis(200);

  /** The wait for a writer whose slot says that it is slow. */
  private static final Duration MAX_WAIT = Duration.ofSeconds(30);

  /** A writer asks others to wait this many times longer than its uploads take. */
  private static final int UPLOAD_TIMES_WAITED = 4;

  /** A session whose deletion was cut short may have many void slots. */
  private static final int MAX_TIDIED = 4;

  private final S3Namespace namespace;
  private final String sessionPrefix;
  private final Runnable onPending;

  /**
   * Creates a resolver.
   *
   * @param onPending runs when a slot of another writer is pending
   */
  PendingSlotResolver(S3Namespace namespace, String sessionPrefix, Runnable onPending) {
    this.namespace = namespace;
    this.sessionPrefix = sessionPrefix;
    this.onPending = onPending;
  }

  /** The metadata by which a slot asks other writers to wait for a slow upload. */
  static Map<String, String> waitMetadata(Duration uploadTime) {
    Duration wait = uploadTime.multipliedBy(UPLOAD_TIMES_WAITED);
    return wait.compareTo(MIN_WAIT) > 0 ? Map.of(WAIT, Long.toString(wait.toMillis())) : Map.of();
  }

  /** Reads where the session ends, once its newest slot is stored or abandoned. */
  TailPosition readTail() {
    while (true) {
      SessionTail tail = namespace.reader().tail(sessionPrefix, ObjectPart.METADATA);
      Optional<ResolvedSlot> pending = tail.pending();
      if (pending.isEmpty()) {
        tail.skipped().stream()
            .limit(MAX_TIDIED)
            .filter(slot -> slot.state() == ResolvedSlot.State.ABANDONED)
            .forEach(slot -> putTombstone(slot.slot().key()));
        return tail.position();
      }
      resolvePending(pending.get());
    }
  }

  /** Waits for the writer of a slot, then ensures that it can no longer store the checkpoint. */
  private void resolvePending(ResolvedSlot pending) {
    onPending.run();
    SlotClaim claim = pending.requireClaim();
    String slotKey = pending.slot().key();
    CallDeadline patience =
        CallDeadline.after(
            namespace
                .objects()
                .slot(slotKey, ObjectPart.METADATA)
                .map(PendingSlotResolver::wait)
                .orElse(Duration.ZERO));
    for (int attempt = 0; !patience.hasPassed(); attempt++) {
      Backoff.pause(attempt);
      if (namespace.objects().checkpoint(claim, ObjectPart.METADATA).isPresent()) {
        return;
      }
    }
    if (namespace.finder().abandon(claim)) {
      putTombstone(slotKey);
    }
  }

  private static Duration wait(StoredObject slot) {
    try {
      Duration asked = Duration.ofMillis(Long.parseLong(slot.metadata().getOrDefault(WAIT, "0")));
      return asked.compareTo(MIN_WAIT) < 0
          ? MIN_WAIT
          : asked.compareTo(MAX_WAIT) > 0 ? MAX_WAIT : asked;
    } catch (NumberFormatException e) {
      return MIN_WAIT;
    }
  }

  private void putTombstone(String slotKey) {
    PutOperation.tryTo(() -> namespace.objects().putTombstone(slotKey));
  }
}
