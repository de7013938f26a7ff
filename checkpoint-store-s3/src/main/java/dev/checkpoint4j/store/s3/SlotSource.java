package dev.checkpoint4j.store.s3;

import dev.checkpoint4j.store.s3.Bucket.Listing;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The slots of one session, or of all sessions of a namespace, one session after the other, that
 * claim a checkpoint; fetched as they are needed. For one thread.
 */
abstract class SlotSource {

  /** What one request lists at most. */
  static final int MOST_KEYS = 1000;

  final Bucket bucket;

  /** What the keys of all slots begin with. */
  final String prefix;

  private final Deque<Slot> claims = new ArrayDeque<>();
  private @Nullable Slot first;

  private SlotSource(Bucket bucket, String prefix) {
    this.bucket = bucket;
    this.prefix = prefix;
  }

  /**
   * The newest slot of each session first.
   *
   * @param startAfter the key behind which it starts, if set
   * @param expected how many slots will be asked for
   */
  static SlotSource newestFirst(
      Bucket bucket, String prefix, @Nullable String startAfter, int expected) {
    return new NewestFirst(bucket, prefix, startAfter, expected);
  }

  /**
   * The oldest slot of each session first.
   *
   * @param after the key of the slot behind which it starts, if set
   */
  static SlotSource oldestFirst(Bucket bucket, String prefix, @Nullable String after) {
    return new OldestFirst(bucket, prefix, after);
  }

  /** Fetches some more slots, of any kind and in order; null if there are none. */
  abstract @Nullable List<Slot> fetch();

  /** Leaves out what is left of the session. */
  void skip(String session) {
    claims.removeIf(slot -> slot.session().equals(session));
  }

  /** The next slots that claim a checkpoint: as many as asked for, unless there are no more. */
  List<Slot> take(int count) {
    fill(count);
    List<Slot> taken = new ArrayList<>();
    while (taken.size() < count && !claims.isEmpty()) {
      taken.add(claims.remove());
    }
    return taken;
  }

  boolean hasMore() {
    fill(1);
    return !claims.isEmpty();
  }

  /** The first slot of all that were fetched, of any kind. */
  @Nullable Slot first() {
    return first;
  }

  private void fill(int count) {
    while (claims.size() < count) {
      List<Slot> more = fetch();
      if (more == null) {
        return;
      }
      if (first == null && !more.isEmpty()) {
        first = more.get(0);
      }
      more.stream().filter(slot -> slot.kind().isClaim()).forEach(claims::add);
    }
  }

  private static final class NewestFirst extends SlotSource {

    private @Nullable String startAfter;
    private int next;
    private boolean isAtEnd;

    NewestFirst(Bucket bucket, String prefix, @Nullable String startAfter, int expected) {
      super(bucket, prefix);
      this.startAfter = startAfter;
      this.next = Math.min(expected, MOST_KEYS);
    }

    @Override
    @Nullable List<Slot> fetch() {
      if (isAtEnd) {
        return null;
      }
      Listing listing = bucket.list(prefix, startAfter, next);
      next = MOST_KEYS;
      isAtEnd = !listing.isTruncated();
      List<Slot> slots = new ArrayList<>();
      String ended = null;
      for (Slot slot : listing.slots()) {
        startAfter = slot.key();
        if (!slot.session().equals(ended)) {
          slots.add(slot);
          ended = slot.kind() == SlotKind.ENDED ? slot.session() : null;
        }
      }
      if (ended != null) {
        startAfter = Keys.endOf(ended);
        isAtEnd |= prefix.equals(ended);
      }
      return slots;
    }

    @Override
    void skip(String session) {
      super.skip(session);
      if (startAfter != null && startAfter.startsWith(session)) {
        startAfter = Keys.endOf(session);
      }
    }
  }

  /**
   * Lists a session from its newest slot on, as a bucket is listed, and turns that round; of a long
   * one, windows of numbers from the oldest on.
   */
  private static final class OldestFirst extends SlotSource {

    /** Where the listing of sessions goes on. */
    private @Nullable String startAfter;

    private boolean isAtEnd;

    /** The session that is listed by windows, its next window, and its newest slot. */
    private @Nullable String longSession;

    private long window;
    private long newest;

    /** The session that starts behind a number. */
    private @Nullable String started;

    private long startedAt;

    OldestFirst(Bucket bucket, String prefix, @Nullable String after) {
      super(bucket, prefix);
      if (after != null) {
        started = Keys.sessionOf(after);
        startedAt = Keys.slotNumber(after);
        startAfter = started;
      }
    }

    @Override
    @Nullable List<Slot> fetch() {
      if (longSession != null) {
        return window(longSession);
      }
      if (isAtEnd) {
        return null;
      }
      Listing listing = bucket.list(prefix, startAfter, MOST_KEYS);
      List<Slot> slots = new ArrayList<>();
      int from = 0;
      while (from < listing.slots().size()) {
        String session = listing.slots().get(from).session();
        int to = from;
        while (to < listing.slots().size() && listing.slots().get(to).session().equals(session)) {
          to++;
        }
        boolean isWhole = to < listing.slots().size() || !listing.isTruncated();
        if (isWhole) {
          slots.addAll(ascending(listing.slots().subList(from, to)));
          startAfter = Keys.endOf(session);
        } else if (from == 0) {
          longSession = session;
          window = session.equals(started) ? startedAt + 1 : 1;
          newest = listing.slots().get(0).number();
          startAfter = Keys.endOf(session);
        }
        from = to;
      }
      isAtEnd = !listing.isTruncated();
      return slots;
    }

    private List<Slot> window(String session) {
      long end = window + MOST_KEYS;
      List<Slot> slots =
          bucket
              .list(session, end > newest ? null : Keys.slot(session, end), MOST_KEYS)
              .slots()
              .stream()
              .filter(slot -> slot.number() >= window && slot.number() < end)
              .toList();
      List<Slot> ascending = ascending(slots);
      window = end;
      if (window > newest) {
        longSession = null;
      }
      return ascending;
    }

    /** Turns the slots of one session round, from the last end of it on. */
    private List<Slot> ascending(List<Slot> newestFirst) {
      List<Slot> slots = new ArrayList<>();
      for (Slot slot : newestFirst) {
        if (slot.kind() == SlotKind.ENDED) {
          break;
        }
        if (!slot.session().equals(started) || slot.number() > startedAt) {
          slots.add(slot);
        }
      }
      Collections.reverse(slots);
      return slots;
    }

    @Override
    void skip(String session) {
      super.skip(session);
      if (session.equals(longSession)) {
        longSession = null;
      }
    }
  }
}
