package dev.checkpoint4j.store.file;

import dev.checkpoint4j.annotation.CanIgnoreReturnValue;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;

/**
 * The checkpoints that are live at some place of a log. With them the log alone determines which of
 * its frames count: a frame was refused if its version is not greater than the latest live version
 * before it. Its writer had lost its lock, and another writer was faster.
 */
final class LiveVersions {

  private final Map<Key, Long> byId = new HashMap<>();
  private final NavigableSet<Long> versions = new TreeSet<>();

  /** Adds a checkpoint; returns false if it is refused. */
  @CanIgnoreReturnValue
  boolean add(Key id, long version) {
    if (version <= latest()) {
      return false;
    }
    byId.put(id, version);
    versions.add(version);
    return true;
  }

  void remove(Key id) {
    Long version = byId.remove(id);
    if (version != null) {
      versions.remove(version);
    }
  }

  /** The latest version; 0 if there is none. */
  long latest() {
    return versions.isEmpty() ? 0 : versions.last();
  }
}
