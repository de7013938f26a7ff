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

  /** The numbers of the records of the live checkpoints, by ascending number and version. */
  private int[] live = new int[FIRST_CAPACITY];

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
    if (size == live.length) {
      live = Arrays.copyOf(live, Math.addExact(size, size));
    }
    live[size++] = number;
    latestVersion = position.version();
    liveBytes += position.length();
    extendTo(position.end());
    return true;
  }

  void remove(int number, FramePosition position) throws IOException {
    int index = Arrays.binarySearch(live, 0, size, number);
    if (index < 0) {
      return;
    }
    System.arraycopy(live, index + 1, live, index, size - index - 1);
    size--;
    liveBytes -= position.length();
    if (index == size && size > 0) {
      latestVersion = position(size - 1).version();
    }
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
    return live[index];
  }

  private FramePosition position(int index) throws IOException {
    return records.position(live[index]);
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
    return size == 0 ? Optional.empty() : Optional.of(position(size - 1));
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
