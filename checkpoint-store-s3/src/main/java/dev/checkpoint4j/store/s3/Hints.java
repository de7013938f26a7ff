package dev.checkpoint4j.store.s3;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What this handle knows of sessions it has written to or read, so that the next put, or the next
 * look for the latest checkpoint, need not list. Nothing becomes wrong if it is out of date: then
 * the slot behind the one that is remembered is taken, or the document is given up. It is forgotten
 * long before slots that were given up are removed. Safe for use by several threads.
 */
final class Hints {

  /** How long a hint is used; {@link Deletions#GRACE} is much longer. */
  private static final Duration USED = Duration.ofSeconds(60);

  private static final int MOST_SESSIONS = 10_000;

  /**
   * The end of a session.
   *
   * @param slot the number of its newest slot; 0 if it has none
   * @param version its latest version; 0 if it has none
   * @param document the name of the document that belongs to the newest slot; null if there is
   *     none, or if it is not to be read without a listing
   */
  record End(long slot, long version, @Nullable String document) {

    /** Where the newest slot is that of a document. */
    static End of(long slot, String documentName, Document document) {
      return new End(slot, document.number(), document.isLarge() ? null : documentName);
    }

    End withoutDocument() {
      return new End(slot, version, null);
    }
  }

  /** By both clocks: the one stands still while the machine sleeps, the other may be set. */
  record Moment(long nanos, long millis) {

    static Moment now() {
      return new Moment(System.nanoTime(), System.currentTimeMillis());
    }

    /** Whether it is not long ago. */
    boolean isRecent() {
      Moment now = now();
      return isWithin(now.nanos - nanos, USED.toNanos())
          && isWithin(now.millis - millis, USED.toMillis());
    }

    private static boolean isWithin(long age, long most) {
      return age >= 0 && age < most;
    }
  }

  private record Hint(End end, Moment since) {}

  private final Map<String, Hint> hints =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Hint> eldest) {
          return size() > MOST_SESSIONS;
        }
      };

  synchronized Optional<End> get(String session) {
    Hint hint = hints.get(session);
    return hint != null && hint.since().isRecent() ? Optional.of(hint.end()) : Optional.empty();
  }

  /**
   * Remembers an end, unless a later one is remembered: the numbers of slots only grow.
   *
   * @param since before it was learned
   */
  synchronized void put(String session, End end, Moment since) {
    hints.merge(
        session,
        new Hint(end, since),
        (before, now) ->
            before.since().isRecent() && before.end().slot() > now.end().slot() ? before : now);
  }

  synchronized void forget(String session) {
    hints.remove(session);
  }
}
