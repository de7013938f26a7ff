package dev.checkpoint4j.store.file;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;

/**
 * Finds keys that are added more than once, in bounded memory. If there are too many, the upper
 * half of their range waits for another round, in which all keys are added again. Different ids may
 * have the same key, so the caller has to compare the ids of what is found.
 */
final class RepeatedIds {

  private static final int MAX_REPEATED = 10_000;

  private final int maxKeys;
  private final Set<Long> repeated = new HashSet<>();
  private long[] keys = new long[1024];
  private int count;

  /** Keys of this round: from {@code first} to {@code last}. */
  private long first = Long.MIN_VALUE;

  private long last = Long.MAX_VALUE;

  RepeatedIds() {
    this(1 << 21);
  }

  RepeatedIds(int maxKeys) {
    this.maxKeys = maxKeys;
  }

  void add(long key) {
    if (key < first || key > last) {
      return;
    }
    if (count == maxKeys) {
      makeRoom();
      add(key);
      return;
    }
    if (count == keys.length) {
      keys = Arrays.copyOf(keys, Math.min(maxKeys, 2 * count));
    }
    keys[count++] = key;
  }

  private void makeRoom() {
    collect();
    if (count > maxKeys / 2) {
      // What is left differs, so the lower half is not empty and ends before the upper one.
      count /= 2;
      last = keys[count - 1];
    }
  }

  /** Notes what is there twice, and keeps one of each. */
  private void collect() {
    Arrays.sort(keys, 0, count);
    int kept = 0;
    for (int i = 0; i < count; i++) {
      if (kept > 0 && keys[kept - 1] == keys[i]) {
        if (repeated.size() < MAX_REPEATED) {
          repeated.add(keys[i]);
        }
      } else {
        keys[kept++] = keys[i];
      }
    }
    count = kept;
  }

  /** Ends a round; whether there has to be another one. */
  boolean startNextRound() {
    collect();
    count = 0;
    if (last == Long.MAX_VALUE) {
      return false;
    }
    first = last + 1;
    last = Long.MAX_VALUE;
    return true;
  }

  Set<Long> repeated() {
    return repeated;
  }
}
