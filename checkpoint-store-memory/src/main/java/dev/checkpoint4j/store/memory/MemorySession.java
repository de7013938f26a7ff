package dev.checkpoint4j.store.memory;

import dev.checkpoint4j.Checkpoint;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.StampedLock;
import org.jspecify.annotations.Nullable;

/** The checkpoints of one session. What it has is guarded by its lock. */
final class MemorySession {
  final StampedLock lock = new StampedLock();

  /** By ascending version. */
  List<Checkpoint> checkpoints = new ArrayList<>();

  /** The last of {@link #checkpoints}, in a field that may be read while others write. */
  @Nullable Checkpoint latest;

  /** Set, for good, when the last checkpoint was deleted. */
  boolean dropped;

  /**
   * Set while a change is in progress. It stays set only if an Error ended the change; then the
   * next operation resolves it.
   */
  boolean pending;

  /** Sets {@link #latest} to what {@link #checkpoints} say. */
  void refreshLatest() {
    latest = checkpoints.isEmpty() ? null : checkpoints.get(checkpoints.size() - 1);
  }

  /** Where the first version not less than {@code version} is, or would be. */
  int indexOf(long version) {
    int low = 0;
    int high = checkpoints.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (checkpoints.get(middle).version() < version) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  int indexAfter(long version) {
    return version == Long.MAX_VALUE ? checkpoints.size() : indexOf(version + 1);
  }
}
