package dev.checkpoint4j.store.file;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the index knows of one session and its log. Guarded by the {@link NamespaceIndex}. */
final class SessionState {

  final Key key;

  /** Which log this is about: a log that is written anew gets another number. */
  final int generation;

  /** Where the log ends, as far as its content is acknowledged. */
  private long end;

  /** By ascending version. */
  private final List<Location> live = new ArrayList<>();

  private long liveBytes;

  /** Read from the log when it is first needed. */
  @Nullable String sessionId;

  SessionState(Key key, int generation) {
    this.key = key;
    this.generation = generation;
  }

  void add(Location location) {
    live.add(location);
    liveBytes += location.length();
    extendTo(location.end());
  }

  void remove(Location location) {
    int index = indexOf(location.version());
    if (index < live.size() && live.get(index).equals(location)) {
      live.remove(index);
      liveBytes -= location.length();
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

  List<Location> live() {
    return live;
  }

  @Nullable Location latest() {
    return live.isEmpty() ? null : live.get(live.size() - 1);
  }

  /** Where the first version not less than {@code version} is, or would be. */
  int indexOf(long version) {
    int low = 0;
    int high = live.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (live.get(middle).version() < version) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  int indexAfter(long version) {
    return version == Long.MAX_VALUE ? live.size() : indexOf(version + 1);
  }
}
