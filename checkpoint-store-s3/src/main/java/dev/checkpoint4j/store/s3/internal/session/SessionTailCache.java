package dev.checkpoint4j.store.s3.internal.session;

import dev.checkpoint4j.store.s3.internal.ClockReading;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What a handle remembers of the sessions it has written or read, so that the next put or read need
 * not list them. An outdated entry is harmless: a put finds the next slot taken, and a read finds
 * the next slot or a tombstone. An entry expires long before its slots may be removed. Safe for use
 * by several threads.
 */
public final class SessionTailCache {

  /** How long an entry is used; {@link S3Namespace#MIN_AGE} is much longer. */
  public static final Duration MAX_AGE = Duration.ofSeconds(60);

  private static final int MAX_SESSIONS = 10_000;

  /** Each upload reduces the recorded upload time by this part, unless it took longer. */
  private static final int UPLOAD_TIME_DECAY = 8;

  private record Entry(TailPosition position, ClockReading since) {
    boolean isRecent() {
      return since.isWithin(MAX_AGE);
    }
  }

  private final Map<String, Entry> entries = newMap();

  /** When another writer of a session was last observed. */
  private final Map<String, ClockReading> contended = newMap();

  private long uploadNanos;

  private static <V> Map<String, V> newMap() {
    return new LinkedHashMap<>(16, 0.75f, true) {
      private static final long serialVersionUID = 1;

      @Override
      protected boolean removeEldestEntry(Map.Entry<String, V> eldest) {
        return size() > MAX_SESSIONS;
      }
    };
  }

  synchronized Optional<TailPosition> get(String sessionPrefix) {
    Entry entry = entries.get(sessionPrefix);
    return entry != null && entry.isRecent() ? Optional.of(entry.position()) : Optional.empty();
  }

  /**
   * Remembers a position, unless a later one is remembered: slot numbers only grow.
   *
   * @param since taken before the position was read
   */
  synchronized void put(String sessionPrefix, TailPosition position, ClockReading since) {
    entries.merge(
        sessionPrefix,
        new Entry(position, since),
        (before, now) ->
            before.isRecent() && before.position().slotNumber() > now.position().slotNumber()
                ? before
                : now);
  }

  synchronized void invalidate(String sessionPrefix) {
    entries.remove(sessionPrefix);
  }

  /** Whether another writer of the session was observed recently. */
  synchronized boolean isContended(String sessionPrefix) {
    ClockReading observed = contended.get(sessionPrefix);
    return observed != null && observed.isWithin(MAX_AGE);
  }

  synchronized void setContended(String sessionPrefix, ClockReading observed) {
    contended.put(sessionPrefix, observed);
  }

  /** About how long the slowest recent upload of this handle took. */
  synchronized Duration uploadTime() {
    return Duration.ofNanos(uploadNanos);
  }

  synchronized void addUploadTime(Duration taken) {
    uploadNanos = Math.max(taken.toNanos(), uploadNanos - uploadNanos / UPLOAD_TIME_DECAY);
  }
}
