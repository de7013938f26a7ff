package dev.checkpoint4j.store.s3.internal.session;

import dev.checkpoint4j.store.s3.internal.layout.CheckpointObject;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What exists of an id.
 *
 * @param generation of the checkpoint object; if there is none, the one to use next
 * @param slotKey the slot that the checkpoint object belongs to
 * @param isDamaged whether the slot or, if its key is null, the checkpoint object is damaged
 */
record Lookup(
    boolean isStored,
    int generation,
    @Nullable String slotKey,
    CheckpointObject.@Nullable Stored document,
    boolean isDamaged) {

  static Lookup stored(int generation, String slotKey, CheckpointObject.Stored document) {
    return new Lookup(true, generation, slotKey, document, false);
  }

  static Lookup withoutSlot(int generation, String slotKey, CheckpointObject.Stored document) {
    return new Lookup(false, generation, slotKey, document, false);
  }

  static Lookup absent(int generation) {
    return new Lookup(false, generation, null, null, false);
  }

  static Lookup damaged(int generation, @Nullable String slotKey) {
    return new Lookup(false, generation, slotKey, null, true);
  }

  /** The document, if the checkpoint is stored. */
  Optional<CheckpointObject.Stored> storedDocument() {
    return isStored ? Optional.ofNullable(document) : Optional.empty();
  }
}
