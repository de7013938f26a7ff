package dev.checkpoint4j.tck;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.Page;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.spi.BackendStorage;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a session has to hold, by what its only writer was answered. At most one change is open: one
 * that failed without saying that it was not applied. The writer repeats it before he makes
 * another, so that all others are certain. Not thread-safe.
 */
final class SessionModel {

  /** A call that changes the session. */
  sealed interface Change {}

  record Put(Checkpoint checkpoint) implements Change {}

  record Delete(Set<Long> versions) implements Change {}

  record DeleteSession() implements Change {}

  private static final String RETIRED = "retired";

  /** How many refused checkpoints are checked to be absent. */
  private static final int MAX_REFUSED = 20;

  /** How much of a session a single reading covers. */
  private static final int WINDOW = 20;

  private final SessionKey key;
  private final Consumer<String> journal;
  private final NavigableMap<Long, Checkpoint> stored = new TreeMap<>();
  private final Deque<Checkpoint> absent = new ArrayDeque<>();
  private @Nullable Change open;
  private int numbers;
  private boolean retired;

  /** Each change, and each end of one, is said to the journal in a line before anything else. */
  SessionModel(SessionKey key, Consumer<String> journal) {
    this.key = key;
    this.journal = journal;
  }

  SessionKey key() {
    return key;
  }

  int size() {
    return stored.size();
  }

  Optional<Change> open() {
    return Optional.ofNullable(open);
  }

  /** What is certainly stored, the smallest version first. */
  List<Checkpoint> stored() {
    return List.copyOf(stored.values());
  }

  /** The greatest version that is certainly stored, or 0. */
  long latest() {
    return stored.isEmpty() ? 0 : stored.lastKey();
  }

  /** A checkpoint that was never created before. */
  Checkpoint make(long version) {
    return checkpoint(key, ++numbers, version);
  }

  /** Everyone knows what a checkpoint holds by its session, its number and its version. */
  private static Checkpoint checkpoint(SessionKey key, int number, long version) {
    return Checkpoint.builder(key.sessionId())
        .namespace(key.namespace())
        .id("%s.%d.%d".formatted(key.sessionId(), number, version))
        .version(version)
        .ts(Instant.EPOCH.plusMillis(number))
        .values(Map.of("owner", key.sessionId(), "text", "x".repeat(number * 37 % 2000)))
        .build();
  }

  /** What it holds is not known any more: it would be found wrong again and again. */
  void retire() {
    retired = true;
    journal.accept(RETIRED + " " + key.sessionId());
  }

  boolean isRetired() {
    return retired;
  }

  // ---- changes

  void begin(Change change) {
    journal.accept(line(change));
    open = change;
  }

  private String line(Change change) {
    String session = key.sessionId();
    if (change instanceof Put put) {
      return "put %s %d %d".formatted(session, numbers, put.checkpoint().version());
    }
    if (change instanceof Delete delete) {
      return "delete %s %s"
          .formatted(
              session,
              delete.versions().stream().map(String::valueOf).collect(Collectors.joining(",")));
    }
    return "drop " + session;
  }

  /** The open change was acknowledged. */
  void applied() {
    Change change = Objects.requireNonNull(open, "open change");
    if (change instanceof Put put) {
      stored.put(put.checkpoint().version(), put.checkpoint());
    } else {
      doomed(change).forEach(stored::remove);
    }
    open = null;
    journal.accept("applied " + key.sessionId());
  }

  /** The open change was certainly not applied, and is not made again. */
  void refused() {
    if (open instanceof Put put) {
      absent.addLast(put.checkpoint());
      if (absent.size() > MAX_REFUSED) {
        absent.removeFirst();
      }
    }
    open = null;
    journal.accept("refused " + key.sessionId());
  }

  /** Does to a model what its journal says. */
  void replay(String[] words) {
    switch (words[0]) {
      case "put" -> {
        numbers = Integer.parseInt(words[2]);
        open = new Put(checkpoint(key, numbers, Long.parseLong(words[3])));
      }
      case "delete" ->
          open =
              new Delete(
                  Set.of(words[2].split(",", -1)).stream()
                      .map(Long::valueOf)
                      .collect(Collectors.toSet()));
      case "drop" -> open = new DeleteSession();
      case "applied" -> applied();
      case "refused" -> refused();
      case RETIRED -> retire();
      default -> throw new IllegalArgumentException(String.join(" ", words));
    }
  }

  /** Makes the change; how many checkpoints the backend says that it deleted. */
  long make(BackendStorage handle, Change change) {
    if (change instanceof Put put) {
      handle.put(put.checkpoint(), expectation());
      return 0;
    }
    if (change instanceof Delete delete) {
      List<String> ids = new ArrayList<>(List.of("absent." + key.sessionId()));
      stored.values().stream()
          .filter(each -> delete.versions().contains(each.version()))
          .forEach(each -> ids.add(each.id()));
      return handle.delete(key.namespace(), ids);
    }
    return handle.deleteBySession(key);
  }

  /**
   * What is certain, for two puts of three. The put is the only open change: when it is repeated,
   * also by another process, it expects the same.
   */
  private Expectation expectation() {
    if (numbers % 3 == 0) {
      return Expectation.any();
    }
    return stored.isEmpty()
        ? Expectation.noSession()
        : Expectation.latestIs(stored.lastEntry().getValue().id());
  }

  /** How many checkpoints a change deletes if it is not disturbed. */
  int deletedBy(Change change) {
    return doomed(change).size();
  }

  private Set<Long> doomed(Change change) {
    if (change instanceof Delete delete) {
      return delete.versions();
    }
    return change instanceof DeleteSession ? new TreeSet<>(stored.keySet()) : Set.of();
  }

  // ---- answers: each method says what is wrong with one

  private boolean isCertain(Checkpoint checkpoint) {
    return open == null || !doomed(open).contains(checkpoint.version());
  }

  /** What may be stored: what is certain, and what an open put has stored perhaps. */
  private NavigableMap<Long, Checkpoint> possible() {
    NavigableMap<Long, Checkpoint> possible = new TreeMap<>(stored);
    if (open instanceof Put put) {
      possible.put(put.checkpoint().version(), put.checkpoint());
    }
    return possible;
  }

  Optional<String> wrongLatest(Optional<Checkpoint> answer) {
    for (Checkpoint candidate : possible().descendingMap().values()) {
      if (answer.isPresent() && answer.get().equals(candidate)) {
        return Optional.empty();
      }
      if (stored.containsKey(candidate.version()) && isCertain(candidate)) {
        return Optional.of(
            "the latest is %s, but %s is stored".formatted(name(answer), name(candidate)));
      }
    }
    return answer.map(
        found -> "the latest is %s, but nothing is stored".formatted(name(Optional.of(found))));
  }

  Optional<String> wrongGet(Checkpoint asked, Optional<Checkpoint> answer) {
    if (answer.isPresent()) {
      return answer.get().equals(possible().get(asked.version()))
          ? Optional.empty()
          : Optional.of("get of %s answers %s".formatted(name(asked), name(answer)));
    }
    return asked.equals(stored.get(asked.version())) && isCertain(asked)
        ? Optional.of("get of %s is empty, but it is stored".formatted(name(asked)))
        : Optional.empty();
  }

  /** A page of the versions from the given one on, oldest first. */
  Optional<String> wrongPage(long from, Page<CheckpointHeader> page) {
    List<CheckpointHeader> items = page.items();
    long to =
        page.nextCursor().isEmpty() || items.isEmpty()
            ? Long.MAX_VALUE
            : items.get(items.size() - 1).version();
    return wrongListing(possible().subMap(from, true, to, true), items);
  }

  private Optional<String> wrongListing(
      NavigableMap<Long, Checkpoint> possible, List<CheckpointHeader> items) {
    long before = 0;
    Set<Long> listed = new HashSet<>();
    for (CheckpointHeader item : items) {
      Checkpoint expected = possible.get(item.version());
      if (expected == null || !expected.header().equals(item) || item.version() <= before) {
        return Optional.of(
            "%s is listed after version %d, but is not stored or not there"
                .formatted(item.id(), before));
      }
      before = item.version();
      listed.add(item.version());
    }
    return possible.values().stream()
        .filter(each -> stored.containsKey(each.version()) && isCertain(each))
        .filter(each -> !listed.contains(each.version()))
        .findFirst()
        .map(each -> "%s is not listed, but it is stored".formatted(name(each)));
  }

  Optional<String> wrongSessions(Collection<SessionKey> listed) {
    boolean certain = stored.values().stream().anyMatch(this::isCertain);
    if (certain && !listed.contains(key)) {
      return Optional.of("listSessions leaves out " + key.sessionId() + ", which is not empty");
    }
    return possible().isEmpty() && listed.contains(key)
        ? Optional.of("listSessions lists " + key.sessionId() + ", which is empty")
        : Optional.empty();
  }

  /** Other sessions may be in the namespace: it may be listed although this one is empty. */
  Optional<String> wrongNamespaces(Collection<String> listed) {
    return stored.values().stream().anyMatch(this::isCertain) && !listed.contains(key.namespace())
        ? Optional.of(
            "listNamespaces leaves out the namespace of %s, which is not empty"
                .formatted(key.sessionId()))
        : Optional.empty();
  }

  /** A query for a few versions from the given one on. */
  CheckpointQuery window(long from) {
    return CheckpointQuery.builder(key)
        .versions(from, Long.MAX_VALUE)
        .order(CheckpointQuery.Order.OLDEST_FIRST)
        .limit(WINDOW)
        .build();
  }

  private static String name(Checkpoint checkpoint) {
    return "version %d of %s".formatted(checkpoint.version(), checkpoint.metadata().sessionId());
  }

  private static String name(Optional<Checkpoint> answer) {
    return answer.map(found -> "%s (id %s)".formatted(name(found), found.id())).orElse("empty");
  }

  /**
   * Reads all of the session in every way there is; what is wrong. What is lost is counted once: it
   * is not expected any more.
   */
  List<String> compare(String where, BackendStorage handle, Consumer<Checkpoint> lost) {
    List<String> wrong = new ArrayList<>();
    Consumer<String> add = problem -> wrong.add(where + ": " + problem);
    List<Checkpoint> missing = new ArrayList<>();
    for (Checkpoint each : possible().values()) {
      Optional<Checkpoint> found = handle.get(key.namespace(), each.id());
      wrongGet(each, found).ifPresent(add);
      if (found.isEmpty() && stored.containsValue(each) && isCertain(each)) {
        missing.add(each);
      }
    }
    for (Checkpoint each : absent) {
      handle
          .get(key.namespace(), each.id())
          .ifPresent(found -> add.accept(name(found) + " was refused, but is stored"));
    }
    CheckpointQuery all = window(1).toBuilder().limit(CheckpointQuery.MAX_LIMIT).build();
    wrongLatest(handle.getBySession(key)).ifPresent(add);
    wrongListing(possible(), headers(listAll(all, handle::list)))
        .ifPresent(problem -> add.accept("list: " + problem));
    wrongListing(possible(), listAll(all, handle::listHeaders))
        .ifPresent(problem -> add.accept("listHeaders: " + problem));
    missing.forEach(
        each -> {
          lost.accept(each);
          stored.remove(each.version());
        });
    return wrong;
  }

  private static List<CheckpointHeader> headers(List<Checkpoint> checkpoints) {
    return checkpoints.stream().map(Checkpoint::header).toList();
  }

  private static <T> List<T> listAll(
      CheckpointQuery query, Function<CheckpointQuery, Page<T>> list) {
    return Reads.allPages(
        query.toString(),
        query.limit(),
        cursor -> list.apply(query.toBuilder().cursor(cursor.orElse(null)).build()));
  }
}
