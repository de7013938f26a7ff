package dev.checkpoint4j.store.s3.internal.session;

import dev.checkpoint4j.store.s3.internal.layout.ObjectKeys;
import dev.checkpoint4j.store.s3.internal.layout.SlotClaim;

/** Where a put stores its checkpoint: a slot, and a generation of the id. */
record PutTarget(String slotKey, SlotClaim claim) {

  String sessionPrefix() {
    return ObjectKeys.sessionPrefixOf(slotKey);
  }

  long slotNumber() {
    return ObjectKeys.slotNumber(slotKey);
  }
}
