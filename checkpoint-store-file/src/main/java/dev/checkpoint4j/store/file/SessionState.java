package dev.checkpoint4j.store.file;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What the index knows of one session and its log. It keeps the numbers of the checkpoints'
 * records, which are read when they are needed. Guarded by the {@link NamespaceIndex}.
 */
final class SessionState {

  /** Reads the position of a checkpoint by the number of its record. */
  interface Records {
    FramePosition position(int number) throws IOException;
  }

  private static final int FIRST_CAPACITY = 4;

  final Key key;

  /** The generation of the log; a rewritten log gets another one. */
  final int generation;

  private final Records records;

  /** Where the part of the log ends that the index knows. */
  private long end;

  /**
   * The numbers of the records of the live checkpoints, by ascending number and version. That of a
   * removed one is negative until all of these are dropped together, in one pass. The last one is
   * live.
   */
  private int[] live = new int[FIRST_CAPACITY];

  private int length;
  private int size;
  private long liveBytes;
  private long latestVersion;

  /** Whether this process has forced the names of the log and of its directories. */
  private boolean isNameForced;

  SessionState(Key key, int generation, Records records) {
    this.key = key;
    this.generation = generation;
    this.records = records;
  }

  /**
   * Adds a checkpoint as the latest; returns false if its version is not greater than all others.
   */
  boolean add(int number, FramePosition position) {
    if (size > 0 && position.version() <= latestVersion) {
      return false;
    }
    if (length == live.length) {
      dropRemoved();
      live = Arrays.copyOf(live, Math.max(FIRST_CAPACITY, Math.addExact(size, size)));
    }
    live[length++] = number;
    size++;
    latestVersion = position.version();
    liveBytes += position.length();
    extendTo(position.end());
    return true;
  }

  void remove(int number, FramePosition position) throws IOException {
    int index = find(number);
    if (index < 0 || live[index] < 0) {
      return;
    }
    live[index] = -number;
    size--;
    liveBytes -= position.length();
    if (index == length - 1) {
      while (length > 0 && live[length - 1] < 0) {
        length--;
      }
      if (size > 0) {
        latestVersion = records.position(live[length - 1]).version();
      }
    }
  }

  /** Where a record is, removed or not; negative if it is not there. */
  private int find(int number) {
    int low = 0;
    int high = length - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      int found = Math.abs(live[middle]);
      if (found == number) {
        return middle;
      }
      if (found < number) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return -1;
  }

  private void dropRemoved() {
    if (size < length) {
      int kept = 0;
      for (int i = 0; i < length; i++) {
        if (live[i] > 0) {
          live[kept++] = live[i];
        }
      }
      length = kept;
    }
  }

  /** How many places are in use, also for removed checkpoints. */
  int length() {
    return length;
  }

  boolean isNameForced() {
    return isNameForced;
  }

  void markNameForced() {
    isNameForced = true;
  }

  void extendTo(long newEnd) {
    end = Math.max(end, newEnd);
  }

  long end() {
    return end;
  }

  long liveBytes() {
    return liveBytes;
  }

  /** The version of {@link #latest}, without reading its record. */
  OptionalLong latestVersion() {
    return size == 0 ? OptionalLong.empty() : OptionalLong.of(latestVersion);
  }

  /** How many checkpoints are live. */
  int size() {
    return size;
  }

  int number(int index) {
    dropRemoved();
    return live[index];
  }

  private FramePosition position(int index) throws IOException {
    return records.position(number(index));
  }

  /** The checkpoints from one index to, not including, another one, by ascending version. */
  List<FramePosition> positions(int from, int to) throws IOException {
    List<FramePosition> positions = new ArrayList<>(to - from);
    for (int i = from; i < to; i++) {
      positions.add(position(i));
    }
    return positions;
  }

  Optional<FramePosition> latest() throws IOException {
    return size == 0 ? Optional.empty() : Optional.of(records.position(live[length - 1]));
  }

  /** Where the first version not less than {@code version} is, or would be. */
  int indexOf(long version) throws IOException {
    if (size == 0 || version > latestVersion) {
      return size;
    }
    int low = 0;
    int high = version > 1 ? size : 0;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (position(middle).version() < version) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  int indexAfter(long version) throws IOException {
    return version == Long.MAX_VALUE ? size : indexOf(version + 1);
  }
}
