package dev.checkpoint4j.store.s3.internal.session;

import dev.checkpoint4j.error.ErrorContext;
import dev.checkpoint4j.error.OutcomeUnknownException;
import dev.checkpoint4j.store.s3.internal.layout.Slot;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Decides whether a put is stored that took longer than {@link S3Namespace#MAX_STALENESS}. Another
 * writer may have claimed and abandoned its slot, and a repair may have removed it, before this put
 * created it. The newest slot is never removed: if this slot is the newest, the put is stored.
 */
final class StalePutCheck {

  /** The server may date objects in the wrong order by less than this. */
  private static final Duration CLOCK_SLACK = Duration.ofMinutes(1);

  private final S3Namespace namespace;
  private final PutTarget target;
  private final ErrorContext context;

  StalePutCheck(S3Namespace namespace, PutTarget target, ErrorContext context) {
    this.namespace = namespace;
    this.target = target;
    this.context = context;
  }

  /**
   * Returns if the put is stored.
   *
   * @throws OutcomeUnknownException if others have written to the session
   */
  void requireStored() {
    List<Slot> slots =
        namespace.objects().slotsAfter(target.sessionPrefix(), target.slotNumber() - 1).toList();
    boolean isClaimed =
        namespace.objects().claim(target.slotKey()).equals(Optional.of(target.claim()));
    if (isClaimed && slots.size() == 1) {
      return;
    }
    if (isClaimed && isNewerThanLaterSlots(slots)) {
      // It cannot have been stored in time. Without its slot it is void.
      PutOperation.tryTo(() -> namespace.objects().putTombstone(target.slotKey()));
    }
    throw new OutcomeUnknownException(
        "the put took more than "
            + S3Namespace.MAX_STALENESS.toMinutes()
            + " minutes, or a clock was set back, and others have written to the session;"
            + " it may have been applied. Put the same checkpoint again: it is stored once",
        context,
        null);
  }

  /** A stored slot is older than the slots after it. */
  private boolean isNewerThanLaterSlots(List<Slot> slots) {
    Instant created =
        slots.stream()
            .filter(slot -> slot.number() == target.slotNumber())
            .map(Slot::modified)
            .findFirst()
            .orElse(Instant.MAX);
    return !created.equals(Instant.MAX)
        && slots.stream()
            .filter(slot -> slot.number() > target.slotNumber())
            .anyMatch(slot -> slot.modified().isBefore(created.minus(CLOCK_SLACK)));
  }
}
