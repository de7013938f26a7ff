package dev.checkpoint4j.store.s3.internal.session;

import dev.checkpoint4j.store.s3.internal.layout.CheckpointObject;
import dev.checkpoint4j.store.s3.internal.layout.SlotClaim;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where a session ends.
 *
 * @param slotNumber of its newest slot; 0 if it has none
 * @param latest its newest stored checkpoint; null if it has none
 * @param isDirect whether reading the latest checkpoint without a listing is worthwhile; only if it
 *     has the newest slot
 */
record TailPosition(long slotNumber, @Nullable Latest latest, boolean isDirect) {

  /**
   * The newest stored checkpoint.
   *
   * @param slotNumber of its slot
   * @param objectName of its checkpoint object
   */
  record Latest(long slotNumber, long version, String objectName, int generation) {

    static Latest of(long slotNumber, String objectName, CheckpointObject.Stored document) {
      return new Latest(slotNumber, document.version(), objectName, document.generation());
    }

    /** The claim of the checkpoint with this id, if it is this one. */
    Optional<SlotClaim> claimOf(String id) {
      return Optional.of(new SlotClaim(id, generation))
          .filter(claim -> claim.objectName().equals(objectName));
    }
  }

  /** The position of a session whose newest slot is stored. */
  static TailPosition of(long slotNumber, String objectName, CheckpointObject.Stored document) {
    return new TailPosition(
        slotNumber, Latest.of(slotNumber, objectName, document), !document.isLarge());
  }

  /** The latest version; 0 if there is none. */
  long version() {
    return latest == null ? 0 : latest.version();
  }

  TailPosition listedNextTime() {
    return new TailPosition(slotNumber, latest, false);
  }
}
