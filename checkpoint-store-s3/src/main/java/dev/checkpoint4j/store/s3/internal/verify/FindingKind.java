package dev.checkpoint4j.store.s3.internal.verify;

import dev.checkpoint4j.spi.Finding.Severity;

/** What the verification of an S3 store can find; docs/s3.md says what to do about each. */
public enum FindingKind {
  /**
   * The object that marks the prefix as a store is missing, damaged or of a newer format. Opening
   * the store creates a missing one.
   */
  MANIFEST,
  /** A document cannot be decoded, or is not that of the checkpoint its slot claims. */
  DOCUMENT,
  /**
   * A slot claims a checkpoint that has no document: the deletion of its session was cut short or
   * is in progress, or something else than the store has deleted the object.
   */
  MISSING_DOCUMENT,
  /** A document has no slot: something else than the store has deleted that. */
  MISSING_SLOT,
  /** A slot is damaged: it does not name its checkpoint. */
  SLOT,
  /** The version of a checkpoint is not greater than that of one before it. */
  VERSION_ORDER,
  /** A checkpoint is found by its session or by its id, but not by both. */
  UNREACHABLE,
  /** An object that is not of the store. */
  FOREIGN_OBJECT,
  /** A slot that was abandoned, or is of a session that was deleted: no damage. */
  LEFTOVER_SLOT,
  /** A document that was abandoned, or whose slot has another checkpoint: no damage. */
  LEFTOVER_DOCUMENT,
  /** A slot or a document whose writer did not create the other one: no damage. */
  UNFINISHED_WRITE;

  /** Whether a checkpoint may be lost. */
  public Severity severity() {
    return switch (this) {
      case LEFTOVER_SLOT, LEFTOVER_DOCUMENT, UNFINISHED_WRITE -> Severity.LEFTOVER;
      default -> Severity.DAMAGE;
    };
  }
}
