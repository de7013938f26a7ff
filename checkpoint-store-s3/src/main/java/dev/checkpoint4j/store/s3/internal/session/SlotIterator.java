package dev.checkpoint4j.store.s3.internal.session;

import dev.checkpoint4j.store.s3.internal.client.ObjectListing;
import dev.checkpoint4j.store.s3.internal.layout.NamespaceObjects;
import dev.checkpoint4j.store.s3.internal.layout.NamespaceObjects.SlotPage;
import dev.checkpoint4j.store.s3.internal.layout.ObjectKeys;
import dev.checkpoint4j.store.s3.internal.layout.Slot;
import dev.checkpoint4j.store.s3.internal.layout.SlotKind;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The claimed slots of one session, or of all sessions of a namespace one after the other. Requests
 * each page when it is needed. For one thread.
 */
abstract class SlotIterator {

  final NamespaceObjects objects;

  /** What the keys of all slots begin with. */
  final String prefix;

  private final Deque<Slot> claimed = new ArrayDeque<>();
  private @Nullable Slot first;
  private boolean skipsCopies;

  private SlotIterator(NamespaceObjects objects, String prefix) {
    this.objects = objects;
    this.prefix = prefix;
  }

  /**
   * Begins with the newest slot of each session.
   *
   * @param startAfter the key after which it starts, if set
   * @param expected how many slots the caller will take
   */
  static SlotIterator newestFirst(
      NamespaceObjects objects, String prefix, @Nullable String startAfter, int expected) {
    return new NewestFirst(objects, prefix, startAfter, expected);
  }

  /**
   * Begins with the oldest slot of each session.
   *
   * @param startAfter the key of the slot after which it starts, if set
   */
  static SlotIterator oldestFirst(
      NamespaceObjects objects, String prefix, @Nullable String startAfter) {
    return new OldestFirst(objects, prefix, startAfter);
  }

  /** Skips copies of tombstones rather than fail. */
  SlotIterator skippingCopies() {
    skipsCopies = true;
    return this;
  }

  /** Requests some more slots, of any kind and in order; null if there are none. */
  abstract @Nullable List<Slot> fetch();

  /** Skips the rest of a session. */
  void skip(String sessionPrefix) {
    claimed.removeIf(slot -> slot.sessionPrefix().equals(sessionPrefix));
  }

  /** The next claimed slots; fewer than {@code count} only at the end. */
  List<Slot> take(int count) {
    fill(count);
    List<Slot> taken = new ArrayList<>();
    while (taken.size() < count && !claimed.isEmpty()) {
      taken.add(claimed.remove());
    }
    return taken;
  }

  boolean hasMore() {
    fill(1);
    return !claimed.isEmpty();
  }

  /** The first slot of any kind, once slots were taken; null if there is none. */
  @Nullable Slot first() {
    return first;
  }

  private void fill(int count) {
    while (claimed.size() < count) {
      List<Slot> more = fetch();
      if (more == null) {
        return;
      }
      if (first == null && !more.isEmpty()) {
        first = more.get(0);
      }
      more.stream().filter(Slot::isClaimed).forEach(claimed::add);
    }
  }

  final SlotPage page(@Nullable String startAfter, int limit) {
    SlotPage page = objects.slotPage(prefix, startAfter, limit);
    return new SlotPage(withoutCopies(page.slots()), page.next());
  }

  final List<Slot> withoutCopies(List<Slot> slots) {
    if (skipsCopies) {
      return slots.stream().filter(slot -> !objects.isCopy(slot)).toList();
    }
    slots.forEach(objects::requireOriginal);
    return slots;
  }

  private static final class NewestFirst extends SlotIterator {

    private @Nullable String startAfter;
    private int limit;
    private boolean isAtEnd;

    NewestFirst(
        NamespaceObjects objects, String prefix, @Nullable String startAfter, int expected) {
      super(objects, prefix);
      this.startAfter = startAfter;
      this.limit = Math.min(expected, ObjectListing.MAX_OBJECTS);
    }

    @Override
    @Nullable List<Slot> fetch() {
      if (isAtEnd) {
        return null;
      }
      SlotPage page = page(startAfter, limit);
      limit = ObjectListing.MAX_OBJECTS;
      isAtEnd = !page.isTruncated();
      startAfter = page.next();
      List<Slot> slots = new ArrayList<>();
      String ended = null;
      for (Slot slot : page.slots()) {
        if (!slot.sessionPrefix().equals(ended)) {
          slots.add(slot);
          ended = slot.kind() == SlotKind.SESSION_TOMBSTONE ? slot.sessionPrefix() : null;
        }
      }
      if (ended != null) {
        startAfter = ObjectKeys.endOf(ended);
        isAtEnd |= prefix.equals(ended);
      }
      return slots;
    }

    @Override
    void skip(String sessionPrefix) {
      super.skip(sessionPrefix);
      if (startAfter != null && startAfter.startsWith(sessionPrefix)) {
        startAfter = ObjectKeys.endOf(sessionPrefix);
      }
    }
  }

  /**
   * Lists a session from its newest slot on, as a bucket orders keys, and reverses the page. Lists
   * a session that is longer than a page in windows of slot numbers, the oldest first.
   */
  private static final class OldestFirst extends SlotIterator {

    /** The key after which the listing of sessions continues. */
    private @Nullable String startAfter;

    private boolean isAtEnd;

    /** The session that is listed by windows, the start of its next window, its newest slot. */
    private @Nullable String longSession;

    private long window;
    private long newest;

    /** The session in which the iterator starts, after a slot number. */
    private @Nullable String started;

    private long startedAt;

    OldestFirst(NamespaceObjects objects, String prefix, @Nullable String after) {
      super(objects, prefix);
      if (after != null) {
        started = ObjectKeys.sessionPrefixOf(after);
        startedAt = ObjectKeys.slotNumber(after);
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
      SlotPage page = page(startAfter, ObjectListing.MAX_OBJECTS);
      List<Slot> slots = new ArrayList<>();
      int from = 0;
      while (from < page.slots().size()) {
        String sessionPrefix = page.slots().get(from).sessionPrefix();
        int to = from;
        while (to < page.slots().size()
            && page.slots().get(to).sessionPrefix().equals(sessionPrefix)) {
          to++;
        }
        boolean isWhole = to < page.slots().size() || !page.isTruncated();
        if (isWhole) {
          slots.addAll(ascending(page.slots().subList(from, to)));
          startAfter = ObjectKeys.endOf(sessionPrefix);
        } else if (from == 0) {
          longSession = sessionPrefix;
          window = sessionPrefix.equals(started) ? startedAt + 1 : 1;
          newest = page.slots().get(0).number();
          startAfter = ObjectKeys.endOf(sessionPrefix);
        }
        from = to;
      }
      isAtEnd = !page.isTruncated();
      if (page.slots().isEmpty()) {
        startAfter = page.next();
      }
      return slots;
    }

    private List<Slot> window(String sessionPrefix) {
      long end = window + ObjectListing.MAX_OBJECTS;
      List<Slot> slots =
          objects
              .slots(sessionPrefix, end > newest ? null : ObjectKeys.slot(sessionPrefix, end))
              .dropWhile(slot -> slot.number() >= end)
              .takeWhile(slot -> slot.number() >= window)
              .limit(ObjectListing.MAX_OBJECTS)
              .toList();
      List<Slot> ascending = ascending(withoutCopies(slots));
      window = end;
      if (window > newest) {
        longSession = null;
      }
      return ascending;
    }

    /** Reverses the slots of one session, down to its last session tombstone. */
    private List<Slot> ascending(List<Slot> newestFirst) {
      List<Slot> slots = new ArrayList<>();
      for (Slot slot : newestFirst) {
        if (slot.kind() == SlotKind.SESSION_TOMBSTONE) {
          break;
        }
        if (!slot.sessionPrefix().equals(started) || slot.number() > startedAt) {
          slots.add(slot);
        }
      }
      Collections.reverse(slots);
      return slots;
    }

    @Override
    void skip(String sessionPrefix) {
      super.skip(sessionPrefix);
      if (sessionPrefix.equals(longSession)) {
        longSession = null;
      }
    }
  }
}
