package dev.checkpoint4j.store.s3.internal.session;

import dev.checkpoint4j.store.s3.internal.layout.Slot;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The newest slots of a session, down to the newest stored checkpoint.
 *
 * @param newest the newest slot of any kind; null if the session has none
 * @param stored the newest one that is stored; null if none is
 * @param skipped the newer claimed slots that are not stored, newest first
 */
record SessionTail(
    @Nullable Slot newest, @Nullable ResolvedSlot stored, List<ResolvedSlot> skipped) {

  TailPosition position() {
    if (newest == null || stored == null) {
      return new TailPosition(newest == null ? 0 : newest.number(), null, false);
    }
    Slot slot = stored.slot();
    return slot.equals(newest)
        ? TailPosition.of(newest.number(), stored.objectName(), stored.requireDocument())
        : new TailPosition(
            newest.number(),
            TailPosition.Latest.of(slot.number(), stored.objectName(), stored.requireDocument()),
            false);
  }

  /** The newest slot, if it is pending. */
  Optional<ResolvedSlot> pending() {
    return skipped.stream()
        .limit(1)
        .filter(slot -> slot.isPending() && slot.slot().equals(newest))
        .findFirst();
  }
}
