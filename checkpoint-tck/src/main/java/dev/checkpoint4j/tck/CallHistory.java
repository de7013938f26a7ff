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
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
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
   * A call from its start to its end, both as places in one order of all starts and ends.
   *
   * @param id of the checkpoint; empty for the latest
   * @param version put, or read as the latest; 0 if none was
   * @param found whether the put was accepted, or what was read or deleted was there
   */
  private record Event(
      String thread, Kind kind, String id, long version, boolean found, long start, long end) {

    /** What is stored after the call, by version, or nothing if it cannot be answered so. */
    Optional<SortedMap<Long, String>> after(SortedMap<Long, String> stored) {
      boolean isStored = stored.containsValue(id);
      long latest = stored.isEmpty() ? 0 : stored.lastKey();
      return switch (kind) {
        case PUT ->
            found
                ? isStored || version > latest ? Optional.of(with(stored)) : Optional.empty()
                : unchangedIf(!isStored && version <= latest, stored);
        case GET -> unchangedIf(isStored == found, stored);
        case LATEST -> unchangedIf(latest == version, stored);
        case DELETE -> isStored == found ? Optional.of(without(stored)) : Optional.empty();
      };
    }

    private static Optional<SortedMap<Long, String>> unchangedIf(
        boolean possible, SortedMap<Long, String> stored) {
      return possible ? Optional.of(stored) : Optional.empty();
    }

    private SortedMap<Long, String> with(SortedMap<Long, String> stored) {
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
                "put(%s, version %d): %s".formatted(id, version, found ? "stored" : "conflict");
            case GET -> "get(%s): %s".formatted(id, found ? "found" : "empty");
            case LATEST -> "getBySession: " + (version == 0 ? "empty" : "version " + version);
            case DELETE -> "delete(%s): %s".formatted(id, found ? 1 : 0);
          };
      return "[%3d, %3d] %s: %s".formatted(start, end, thread, answer);
    }
  }

  private record State(long answered, SortedMap<Long, String> stored) {}

  private final AtomicLong clock = new AtomicLong();
  private final List<Event> events = new ArrayList<>();

  // ---- recording

  void put(String thread, BackendStorage storage, Checkpoint checkpoint) {
    long start = clock.incrementAndGet();
    boolean stored = true;
    try {
      storage.put(checkpoint, Expectation.any());
    } catch (VersionConflictException e) {
      stored = false;
    } catch (StorageUnavailableException e) {
      // Not applied, so it says: as if the call had not been made.
      return;
    }
    record(thread, Kind.PUT, checkpoint.id(), checkpoint.version(), stored, start);
  }

  void get(String thread, BackendStorage storage, String namespace, String id) {
    long start = clock.incrementAndGet();
    boolean found = storage.get(namespace, id).isPresent();
    record(thread, Kind.GET, id, 0, found, start);
  }

  long latest(String thread, BackendStorage storage, SessionKey session) {
    long start = clock.incrementAndGet();
    long version = storage.getBySession(session).map(Checkpoint::version).orElse(0L);
    record(thread, Kind.LATEST, "", version, version > 0, start);
    return version;
  }

  void delete(String thread, BackendStorage storage, String namespace, String id) {
    long start = clock.incrementAndGet();
    boolean found = storage.delete(namespace, List.of(id)) > 0;
    record(thread, Kind.DELETE, id, 0, found, start);
  }

  private void record(
      String thread, Kind kind, String id, long version, boolean found, long start) {
    Event event = new Event(thread, kind, id, version, found, start, clock.incrementAndGet());
    synchronized (events) {
      events.add(event);
    }
  }

  // ---- judging

  /** Whether the session, empty at first, could have answered one call after the other so. */
  boolean isLinearizable() {
    List<Event> calls = List.copyOf(events);
    if (calls.size() > MAX_CALLS) {
      throw new IllegalStateException(calls.size() + " calls are more than " + MAX_CALLS);
    }
    return canAnswerRest(calls, new State(0, new TreeMap<>()), new HashSet<>());
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
        Optional<SortedMap<Long, String>> after = calls.get(i).after(state.stored());
        if (after.isPresent()
            && canAnswerRest(calls, new State(state.answered() | 1L << i, after.get()), dead)) {
          return true;
        }
      }
    }
    return false;
  }

  @Override
  public String toString() {
    return events.stream()
        .sorted(Comparator.comparingLong(Event::start))
        .map(Event::toString)
        .collect(Collectors.joining("\n"));
  }
}
