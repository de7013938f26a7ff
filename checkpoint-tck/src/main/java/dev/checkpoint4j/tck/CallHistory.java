package dev.checkpoint4j.tck;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.error.StorageUnavailableException;
import dev.checkpoint4j.error.VersionConflictException;
import dev.checkpoint4j.spi.BackendStorage;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * What several threads asked of one session and what they were answered, and whether there is an
 * order in which one call after the other could have been answered so. The search is that of Wing
 * and Gong ("Testing and Verifying Concurrent Objects", 1993) with the memory of Lowe ("Testing for
 * Linearizability", 2017): what was reached before is not searched again.
 */
final class CallHistory {

  /** More would not fit into the bits of a long. */
  static final int MAX_CALLS = 62;

  private enum Kind {
    PUT,
    GET,
    LATEST,
    DELETE
  }

  /**
   * A call from its start to its end, both as places in one order of all starts and ends. The
   * deletion of several ids is several calls, which take effect one by one.
   *
   * @param id of the checkpoint; for the latest that was found, or empty
   * @param version put, or read as the latest; 0 if none was
   * @param expectation of a put
   * @param found whether the put was accepted, or what was read was there
   * @param group the deletion that this one is a part of
   * @param deleted what the whole deletion returned
   */
  private record Event(
      String thread,
      Kind kind,
      String id,
      long version,
      Expectation expectation,
      boolean found,
      int group,
      long deleted,
      long start,
      long end) {

    /** What is stored after the call, by version, or nothing if it cannot be answered so. */
    Optional<SortedMap<Long, String>> after(SortedMap<Long, String> stored) {
      boolean isStored = stored.containsValue(id);
      Optional<String> latest =
          stored.isEmpty() ? Optional.empty() : Optional.ofNullable(stored.get(stored.lastKey()));
      boolean isNext =
          expectation.isMetBy(latest) && (stored.isEmpty() || version > stored.lastKey());
      return switch (kind) {
        case PUT ->
            found
                ? isStored || isNext ? Optional.of(with(stored)) : Optional.empty()
                : unchangedIf(!isStored && !isNext, stored);
        case GET -> unchangedIf(isStored == found, stored);
        case LATEST -> unchangedIf(latest.orElse("").equals(id), stored);
        case DELETE -> Optional.of(without(stored));
      };
    }

    private static Optional<SortedMap<Long, String>> unchangedIf(
        boolean possible, SortedMap<Long, String> stored) {
      return possible ? Optional.of(stored) : Optional.empty();
    }

    private SortedMap<Long, String> with(SortedMap<Long, String> stored) {
      if (stored.containsValue(id)) {
        return stored;
      }
      SortedMap<Long, String> after = new TreeMap<>(stored);
      after.put(version, id);
      return after;
    }

    private SortedMap<Long, String> without(SortedMap<Long, String> stored) {
      SortedMap<Long, String> after = new TreeMap<>(stored);
      after.values().remove(id);
      return after;
    }

    @Override
    public String toString() {
      String answer =
          switch (kind) {
            case PUT ->
                "put(%s, version %d%s): %s"
                    .formatted(
                        id,
                        version,
                        expectation.isAny() ? "" : ", " + expectation,
                        found ? "stored" : "conflict");
            case GET -> "get(%s): %s".formatted(id, found ? "found" : "empty");
            case LATEST ->
                "getBySession: "
                    + (version == 0 ? "empty" : "version %d, %s".formatted(version, id));
            case DELETE -> "delete(%s), in deletion %d, of %d".formatted(id, group, deleted);
          };
      return "[%3d, %3d] %s: %s".formatted(start, end, thread, answer);
    }
  }

  /** A listing of the session, which need not be that of one moment. */
  private record Listing(String thread, String what, Set<String> ids, long start, long end) {

    @Override
    public String toString() {
      return "[%3d, %3d] %s: %s: %s".formatted(start, end, thread, what, ids);
    }
  }

  /** What is stored after some of the calls, and how many each deletion has deleted until then. */
  private record State(
      long answered, SortedMap<Long, String> stored, SortedMap<Integer, Long> deleted) {}

  private final AtomicLong clock = new AtomicLong();
  private final Map<String, Checkpoint> put = new ConcurrentHashMap<>();
  private final List<Event> events = new ArrayList<>();
  private final List<Listing> listings = new ArrayList<>();

  // ---- recording

  void put(String thread, BackendStorage storage, Checkpoint checkpoint) {
    put(thread, storage, checkpoint, Expectation.any());
  }

  void put(String thread, BackendStorage storage, Checkpoint checkpoint, Expectation expectation) {
    put.put(checkpoint.id(), checkpoint);
    long start = clock.incrementAndGet();
    boolean stored = true;
    try {
      storage.put(checkpoint, expectation);
    } catch (VersionConflictException e) {
      stored = false;
    } catch (StorageUnavailableException e) {
      // Not applied, so it says: as if the call had not been made.
      return;
    }
    record(
        thread, Kind.PUT, checkpoint.id(), checkpoint.version(), expectation, stored, 0, 0, start);
  }

  /** Puts once more what some thread has put before, if anything. */
  void putAgain(String thread, BackendStorage storage, String id) {
    Checkpoint known = put.get(id);
    if (known != null) {
      put(thread, storage, known);
    }
  }

  void get(String thread, BackendStorage storage, String namespace, String id) {
    long start = clock.incrementAndGet();
    Optional<Checkpoint> found = storage.get(namespace, id);
    read(thread, Kind.GET, id, found, start);
  }

  long latest(String thread, BackendStorage storage, SessionKey session) {
    return latestCheckpoint(thread, storage, session).map(Checkpoint::version).orElse(0L);
  }

  Optional<Checkpoint> latestCheckpoint(String thread, BackendStorage storage, SessionKey session) {
    long start = clock.incrementAndGet();
    Optional<Checkpoint> latest = storage.getBySession(session);
    read(thread, Kind.LATEST, latest.map(Checkpoint::id).orElse(""), latest, start);
    return latest;
  }

  private void read(String thread, Kind kind, String id, Optional<Checkpoint> found, long start) {
    found.ifPresent(
        checkpoint -> {
          if (!checkpoint.equals(put.get(checkpoint.id()))) {
            throw new AssertionError(
                "%s was read, but %s was put".formatted(checkpoint, put.get(checkpoint.id())));
          }
        });
    long version = found.map(Checkpoint::version).orElse(0L);
    record(thread, kind, id, version, Expectation.any(), found.isPresent(), 0, 0, start);
  }

  void delete(String thread, BackendStorage storage, String namespace, String id) {
    delete(thread, storage, namespace, List.of(id));
  }

  /** Deletes these ids, which may contain one several times. */
  void delete(String thread, BackendStorage storage, String namespace, List<String> ids) {
    long start = clock.incrementAndGet();
    long deleted = storage.delete(namespace, ids);
    for (String id : new LinkedHashSet<>(ids)) {
      record(thread, Kind.DELETE, id, 0, Expectation.any(), true, (int) start, deleted, start);
    }
  }

  /** Reads the ids of the session, with the call that is named. */
  void list(String thread, String what, Supplier<List<String>> call) {
    long start = clock.incrementAndGet();
    Set<String> ids = new LinkedHashSet<>(call.get());
    Listing listing = new Listing(thread, what, ids, start, clock.incrementAndGet());
    synchronized (events) {
      listings.add(listing);
    }
  }

  private void record(
      String thread,
      Kind kind,
      String id,
      long version,
      Expectation expectation,
      boolean found,
      int group,
      long deleted,
      long start) {
    synchronized (events) {
      events.add(
          new Event(
              thread,
              kind,
              id,
              version,
              expectation,
              found,
              group,
              deleted,
              start,
              clock.incrementAndGet()));
    }
  }

  // ---- judging

  /** Whether the session, empty at first, could have answered one call after the other so. */
  boolean isLinearizable() {
    List<Event> calls = List.copyOf(events);
    if (calls.size() > MAX_CALLS) {
      throw new IllegalStateException(calls.size() + " calls are more than " + MAX_CALLS);
    }
    return canAnswerRest(calls, new State(0, new TreeMap<>(), new TreeMap<>()), new HashSet<>());
  }

  private static boolean canAnswerRest(List<Event> calls, State state, Set<State> dead) {
    if (state.answered() == (1L << calls.size()) - 1) {
      return true;
    }
    if (!dead.add(state)) {
      return false;
    }
    long firstEnd = Long.MAX_VALUE;
    for (int i = 0; i < calls.size(); i++) {
      if ((state.answered() >> i & 1) == 0) {
        firstEnd = Math.min(firstEnd, calls.get(i).end());
      }
    }
    for (int i = 0; i < calls.size(); i++) {
      // A call that started after another had ended cannot have been answered before it.
      if ((state.answered() >> i & 1) == 0 && calls.get(i).start() < firstEnd) {
        Optional<State> after = after(calls, state, i);
        if (after.isPresent() && canAnswerRest(calls, after.get(), dead)) {
          return true;
        }
      }
    }
    return false;
  }

  private static Optional<State> after(List<Event> calls, State state, int i) {
    Event call = calls.get(i);
    long answered = state.answered() | 1L << i;
    Optional<SortedMap<Long, String>> stored = call.after(state.stored());
    if (call.kind() != Kind.DELETE || stored.isEmpty()) {
      return stored.map(after -> new State(answered, after, state.deleted()));
    }
    SortedMap<Integer, Long> deleted = new TreeMap<>(state.deleted());
    long removed = state.stored().containsValue(call.id()) ? 1 : 0;
    long count = deleted.merge(call.group(), removed, Long::sum);
    boolean isLast = true;
    for (int j = 0; j < calls.size(); j++) {
      isLast &=
          calls.get(j).kind() != Kind.DELETE
              || calls.get(j).group() != call.group()
              || (answered >> j & 1) == 1;
    }
    return count > call.deleted() || (isLast && count < call.deleted())
        ? Optional.empty()
        : Optional.of(new State(answered, stored.get(), deleted));
  }

  /** The first listing that leaves out what was stored all the time, or contains what was not. */
  Optional<String> wrongListing() {
    for (Listing listing : listings) {
      for (String id : put.keySet()) {
        boolean isListed = listing.ids().contains(id);
        if (isListed ? wasAbsent(id, listing) : wasStored(id, listing)) {
          return Optional.of(
              "%s, which %s %s all the time".formatted(listing, isListed ? "lacked" : "held", id));
        }
      }
    }
    return Optional.empty();
  }

  private List<Event> changes(Kind kind, String id) {
    return events.stream()
        .filter(event -> event.kind() == kind && event.id().equals(id) && event.found())
        .toList();
  }

  /** A put had ended before, and no deletion that may have come after it had begun. */
  private boolean wasStored(String id, Listing listing) {
    return changes(Kind.PUT, id).stream()
        .anyMatch(
            put ->
                put.end() < listing.start()
                    && changes(Kind.DELETE, id).stream()
                        .noneMatch(
                            delete ->
                                delete.end() > put.start() && delete.start() < listing.end()));
  }

  /** Every put had not begun by then, or was followed by a deletion that had ended before. */
  private boolean wasAbsent(String id, Listing listing) {
    return changes(Kind.PUT, id).stream()
        .allMatch(
            put ->
                put.start() > listing.end()
                    || changes(Kind.DELETE, id).stream()
                        .anyMatch(
                            delete ->
                                put.end() < delete.start() && delete.end() < listing.start()));
  }

  @Override
  public String toString() {
    return events.stream()
        .sorted(Comparator.comparingLong(Event::start))
        .map(Event::toString)
        .collect(Collectors.joining("\n"));
  }
}
