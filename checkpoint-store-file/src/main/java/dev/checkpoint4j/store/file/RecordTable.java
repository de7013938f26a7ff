package dev.checkpoint4j.store.file;

import java.io.IOException;

/**
 * The numbers of index records by the keys they are about. Only 32 bits of a key are kept, so that
 * an entry takes 8 bytes. The caller of a lookup compares the whole key with the record.
 *
 * <p>Open addressing with linear probing; removing moves entries back (D. E. Knuth, The Art of
 * Computer Programming, volume 3, section 6.4, algorithms L and R).
 */
final class RecordTable {

  private static final int MIN_SLOTS = 16;
  private static final long NUMBER = 0xffff_ffffL;

  /** The fingerprint of a key in the upper half, the record's number in the lower; 0 is free. */
  private long[] slots = new long[MIN_SLOTS];

  private int size;

  /** Whether a record is about the key of the lookup. */
  interface Match {
    boolean test(int number) throws IOException;
  }

  int size() {
    return size;
  }

  void clear() {
    slots = new long[MIN_SLOTS];
    size = 0;
  }

  /**
   * Looks for a record.
   *
   * @return its number, or 0 if there is none
   */
  int find(Key key, Match match) throws IOException {
    int fingerprint = fingerprint(key);
    for (int i = home(fingerprint); slots[i] != 0; i = next(i)) {
      if (fingerprint(slots[i]) == fingerprint && match.test(number(slots[i]))) {
        return number(slots[i]);
      }
    }
    return 0;
  }

  /** Adds a record about a key that has none. */
  void add(Key key, int number) {
    if (++size > slots.length / 4 * 3) {
      grow();
    }
    insert(slot(key, number));
  }

  /** Removes a record, if it is there under that key. */
  void remove(Key key, int number) {
    long removed = slot(key, number);
    int hole = home(fingerprint(removed));
    while (slots[hole] != removed) {
      if (slots[hole] == 0) {
        return;
      }
      hole = next(hole);
    }
    size--;
    for (int i = next(hole); slots[i] != 0; i = next(i)) {
      int home = home(fingerprint(slots[i]));
      if (((i - home) & (slots.length - 1)) >= ((i - hole) & (slots.length - 1))) {
        slots[hole] = slots[i];
        hole = i;
      }
    }
    slots[hole] = 0;
  }

  private void insert(long slot) {
    int i = home(fingerprint(slot));
    while (slots[i] != 0) {
      i = next(i);
    }
    slots[i] = slot;
  }

  private void grow() {
    long[] old = slots;
    slots = new long[Math.multiplyExact(2, old.length)];
    for (long slot : old) {
      if (slot != 0) {
        insert(slot);
      }
    }
  }

  /** Any bits of a key will do: it is a hash itself. */
  private static int fingerprint(Key key) {
    return (int) key.low();
  }

  private static int fingerprint(long slot) {
    return (int) (slot >>> Integer.SIZE);
  }

  private static int number(long slot) {
    return (int) (slot & NUMBER);
  }

  private static long slot(Key key, int number) {
    return ((long) fingerprint(key) << Integer.SIZE) | (number & NUMBER);
  }

  private int home(int fingerprint) {
    return fingerprint & (slots.length - 1);
  }

  private int next(int i) {
    return (i + 1) & (slots.length - 1);
  }
}
