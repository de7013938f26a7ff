package dev.checkpoint4j.store.file;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What the index knows of one session and its log. Of a checkpoint that is the number of its
 * record, which is read when it is needed. Guarded by the {@link NamespaceIndex}.
 */
final class SessionState {

  /** Reads the place of a checkpoint by the number of its record. */
  interface Records {
    Location location(int number) throws IOException;
  }

  private static final int FIRST_CAPACITY = 4;

  final Key key;

  /** Which log this is about: a log that is written anew gets another number. */
  final int generation;

  private final Records records;

  /** Where the log ends, as far as its content is acknowledged. */
  private long end;

  /** The numbers of the records of what is live, ascending; so are the versions. */
  private int[] live = new int[FIRST_CAPACITY];

  private int size;
  private long liveBytes;
  private long latestVersion;

  SessionState(Key key, int generation, Records records) {
    this.key = key;
    this.generation = generation;
    this.records = records;
  }

  /** Takes a checkpoint as the latest, if its version is greater than those that are known. */
  boolean add(int number, Location location) {
    if (size > 0 && location.version() <= latestVersion) {
      return false;
    }
    if (size == live.length) {
      live = Arrays.copyOf(live, Math.addExact(size, size));
    }
    live[size++] = number;
    latestVersion = location.version();
    liveBytes += location.length();
    extendTo(location.end());
    return true;
  }

  void remove(int number, Location location) throws IOException {
    int index = Arrays.binarySearch(live, 0, size, number);
    if (index < 0) {
      return;
    }
    System.arraycopy(live, index + 1, live, index, size - index - 1);
    size--;
    liveBytes -= location.length();
    if (index == size && size > 0) {
      latestVersion = location(size - 1).version();
    }
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

  /** Of what {@link #latest} finds, without a look at its record. */
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

  private Location location(int index) throws IOException {
    return records.location(live[index]);
  }

  /** The checkpoints from one index to, not including, another one, by ascending version. */
  List<Location> locations(int from, int to) throws IOException {
    List<Location> locations = new ArrayList<>(to - from);
    for (int i = from; i < to; i++) {
      locations.add(location(i));
    }
    return locations;
  }

  Optional<Location> latest() throws IOException {
    return size == 0 ? Optional.empty() : Optional.of(location(size - 1));
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
      if (location(middle).version() < version) {
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
