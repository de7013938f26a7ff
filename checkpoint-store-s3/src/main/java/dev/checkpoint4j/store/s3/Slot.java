package dev.checkpoint4j.store.s3;

import java.time.Instant;

/**
 * A slot of a session as a listing shows it.
 *
 * @param key its key
 * @param size in bytes
 * @param etag its ETag without quotes
 * @param modified when it was written last, by the clock of the server
 */
record Slot(String key, long size, String etag, Instant modified) {

  SlotKind kind() {
    return SlotKind.ofSize(size);
  }

  String session() {
    return Keys.sessionOf(key);
  }

  long number() {
    return Keys.slotNumber(key);
  }
}
