package dev.checkpoint4j.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.CheckpointMetadata;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.CheckpointQuery.Order;
import dev.checkpoint4j.Page;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.spi.BackendStorage;
import dev.checkpoint4j.spi.Capability;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Function;
import java.util.function.IntConsumer;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** VOL: long histories and many sessions. */
abstract class VolumeRules extends ProcessRules {

  private static final int FEW = 10;

  /** More than one statement of any database takes. */
  private static final int MANY_IDS = 70_000;

  private static final int OTHER_SESSIONS = 1_000;

  /** More than an unsigned number of 16 bits counts. */
  private static final int MORE_THAN_16_BITS = 66_000;

  private static final Duration TIME_OF_MANY = Duration.ofSeconds(5);

  /** More cursors than a medium may keep. */
  private static final int CURSORS = 520;

  /** A version of which few are older. */
  private static final int OLD = 3;

  private static final Instant RARE_TS = Instant.parse("2999-12-31T23:59:59.999999Z");

  /** Where buffers and batches end; with the greatest, everything is listed. */
  private static final int[] PAGES = {64, 128, 256, 512};

  private static final int WRITERS = 8;
  private static final int READERS = 2;

  /** A cost is that of the cheapest of so many calls: what happens now and then is not counted. */
  private static final int CALLS = 5;

  @Rule(id = "VOL-01", level = Level.MUST)
  protected final void longHistoryIsKept() {
    int many = volume();
    int half = many / 2;
    BackendStorage reader = openHandle();
    List<Checkpoint> stored = new ArrayList<>();
    for (long version = 1; version <= many; version++) {
      boolean isRare = version == OLD || version == many - OLD;
      stored.add(isRare ? put(rare(version)) : put("s", version));
      if (version % 5 == 0) {
        assertThat(reader.getBySession(session("s")).map(Checkpoint::version))
            .as("latest version on another handle")
            .contains(version);
      }
    }
    if (!isVolatile()) {
      closeHandles();
    }
    IntStream.of(0, 1, 98, 99, 100, 999, 1000, 1001, 8191, 8192, many - 1)
        .filter(index -> index < many)
        .forEach(
            index ->
                assertStored("among %d versions".formatted(many), storage(), stored.get(index)));
    assertLatest("after %d puts".formatted(many), storage(), stored.get(many - 1));
    assertConflict(
        "put of version %d where %d is the latest".formatted(half, many),
        checkpoint("s", half),
        many);
    CheckpointQuery all = CheckpointQuery.builder(session("s")).limit(1000).build();
    for (Order order : Order.values()) {
      assertThat(versionsOf(listAll(storage(), all.toBuilder().order(order).build())))
          .as("versions listed in pages of 1000, %s", order)
          .containsExactlyElementsOf(
              LongStream.rangeClosed(1, many)
                  .map(i -> order == Order.OLDEST_FIRST ? i : many + 1 - i)
                  .boxed()
                  .toList());
    }
    assertThat(listAllHeaders(storage(), all).stream().map(CheckpointHeader::version))
        .as("versions of the headers listed in pages of 1000")
        .containsExactlyElementsOf(versionsOf(listAll(storage(), all)));
    put(stored.get(0));
    assertLatest("after the oldest checkpoint was put again", storage(), stored.get(many - 1));
    assertRareOnesAreFound(List.of(stored.get(many - OLD - 1), stored.get(OLD - 1)));
    assertPagesOfEverySizeEnd();
    long inside = half - 100L;
    assertThat(versionsOf(listAll(storage(), query().versions(inside, inside + 2).build())))
        .as("versions listed of %d to %d", inside, inside + 2)
        .containsExactly(inside + 2, inside + 1, inside);
    List<String> doomed = doomed(idsOf(stored.subList(0, half)));
    assertThat(storage().delete(namespace(), doomed))
        .as("what delete of %d ids returned, of which %d are stored", doomed.size(), half)
        .isEqualTo(half);
    assertThat(storage().listHeaders(all).items())
        .as("headers of the first page after half of the session was deleted")
        .hasSize(Math.min(1000, many - half));
    assertThat(storage().deleteBySession(session("s")))
        .as("what deleteBySession returned for the other half")
        .isEqualTo(many - half);
    assertHolds("after all of it was deleted", storage(), List.of());
    assertManyAreCounted();
  }

  /** The ids with many absent ones in between, some of them twice: an odd number. */
  private static List<String> doomed(List<String> stored) {
    int middle = stored.size() / 2;
    List<String> doomed = new ArrayList<>(stored.subList(0, middle));
    int absent = MANY_IDS - stored.size();
    IntStream.range(0, absent + (absent + stored.size() + FEW + 1) % 2)
        .forEach(i -> doomed.add("absent-" + i));
    // Once more, far from where they were before.
    doomed.addAll(stored.subList(0, FEW));
    doomed.addAll(stored.subList(middle, stored.size()));
    return doomed;
  }

  /** As many as the time allows: more than 16 bits count on a fast medium. */
  private void assertManyAreCounted() {
    List<String> ids = idsOf(putAsManyAsTheTimeAllows());
    assertThat(storage().delete(namespace(), ids))
        .as("what delete of %d stored ids returned", ids.size())
        .isEqualTo(ids.size());
    int count = putAsManyAsTheTimeAllows().size();
    assertThat(storage().deleteBySession(session("s")))
        .as("what deleteBySession of %d checkpoints returned", count)
        .isEqualTo(count);
    assertHolds("after all of it was deleted again", storage(), List.of());
  }

  private List<Checkpoint> putAsManyAsTheTimeAllows() {
    HistoryBudget.Clock clock = run().histories().startList(TIME_OF_MANY);
    List<Checkpoint> stored = new ArrayList<>();
    while (stored.size() < MORE_THAN_16_BITS && clock.isOneMore()) {
      stored.add(put("s", stored.size() + 1L));
    }
    return stored;
  }

  /** The only ones with these conditions, near both ends of a long history. */
  private Checkpoint rare(long version) {
    CheckpointMetadata metadata =
        CheckpointMetadata.builder("s").taskId("rare").attribute("rare", true).build();
    return draft(metadata, version).parentId("rare").ts(RARE_TS).build();
  }

  /** Each condition matches two of a long history, the newest first; at once, to save time. */
  private void assertRareOnesAreFound(List<Checkpoint> rare) {
    List<CheckpointQuery> queries =
        new ArrayList<>(
            List.of(
                query().taskId("rare").build(),
                query().parentId("rare").order(Order.OLDEST_FIRST).build(),
                query().tsFrom(RARE_TS).build()));
    if (declares(Capability.ATTRIBUTE_QUERY)) {
      queries.add(query().attribute("rare", true).order(Order.OLDEST_FIRST).build());
    }
    List<String> newestFirst = idsOf(rare);
    List<String> oldestFirst = List.of(newestFirst.get(1), newestFirst.get(0));
    BackendStorage handle = storage();
    List<Callable<Boolean>> tasks = new ArrayList<>();
    for (CheckpointQuery each : queries) {
      CheckpointQuery query = each.toBuilder().limit(1 + random().nextInt(2)).build();
      boolean isOfHeaders = random().nextBoolean();
      tasks.add(
          () -> {
            List<String> ids =
                isOfHeaders
                    ? listAllHeaders(handle, query).stream().map(CheckpointHeader::id).toList()
                    : idsOf(listAll(handle, query));
            assertThat(ids)
                .as("ids listed by %s, which matches two of many", query)
                .isEqualTo(query.order() == Order.OLDEST_FIRST ? oldestFirst : newestFirst);
            return true;
          });
    }
    assertThat(Race.results("listing what is rare", tasks)).containsOnly(true);
  }

  /** Pages that are full and followed by one entry. */
  private void assertPagesOfEverySizeEnd() {
    BackendStorage handle = storage();
    List<Callable<Boolean>> tasks = new ArrayList<>();
    for (int limit : PAGES) {
      CheckpointQuery query =
          CheckpointQuery.builder(session("s"))
              .versions(1, limit + 1L)
              .order(Order.OLDEST_FIRST)
              .limit(limit)
              .build();
      List<Long> versions = LongStream.rangeClosed(1, limit + 1L).boxed().toList();
      tasks.add(
          () -> {
            assertThat(listAllHeaders(handle, query).stream().map(CheckpointHeader::version))
                .as("versions of the headers listed by %s", query)
                .containsExactlyElementsOf(versions);
            assertThat(versionsOf(listAll(handle, query)))
                .as("versions listed by %s", query)
                .containsExactlyElementsOf(versions);
            return true;
          });
    }
    assertThat(Race.results("listing pages of several sizes", tasks)).containsOnly(true);
  }

  /** A checkpoint of the history: small, since it is their number that counts. */
  private List<Checkpoint> putHistory(long from, long to) {
    List<Checkpoint> stored = new ArrayList<>();
    for (long version = from; version <= to; version++) {
      stored.add(put("s", version));
    }
    return stored;
  }

  @Rule(id = "VOL-02", level = Level.MUST)
  protected final void manySessionsAreKept() {
    int many = volume();
    AtomicReferenceArray<@Nullable Checkpoint> acknowledged = new AtomicReferenceArray<>(many);
    CountDownLatch writing = new CountDownLatch(WRITERS);
    // As many as puts: on some media readers would keep the writers waiting.
    Semaphore reads = new Semaphore(0);
    List<Callable<List<Checkpoint>>> writers = new ArrayList<>();
    for (int i = 0; i < WRITERS; i++) {
      int first = i;
      writers.add(
          () -> {
            List<Checkpoint> stored = new ArrayList<>();
            try {
              for (int session = first; session < many; session += WRITERS) {
                Checkpoint next = put("session-" + session, 1);
                stored.add(next);
                acknowledged.set(session, next);
                reads.release();
              }
            } finally {
              writing.countDown();
            }
            return stored;
          });
    }
    storage();
    BackendStorage reader = openHandle();
    for (int i = 0; i < READERS; i++) {
      Random choices = new Random(random().nextLong());
      writers.add(
          () -> {
            while (reads.tryAcquire(100, TimeUnit.MILLISECONDS) || writing.getCount() > 0) {
              Checkpoint known = acknowledged.get(choices.nextInt(many));
              if (known != null) {
                assertStored("while sessions are started", reader, known);
              }
            }
            return List.of();
          });
    }
    Map<SessionKey, Checkpoint> stored =
        Race.results("%d writers starting %d sessions".formatted(WRITERS, many), writers).stream()
            .flatMap(List::stream)
            .collect(Collectors.toMap(Checkpoint::sessionKey, Function.identity()));
    List<SessionKey> sessions = listSessions(storage(), namespace(), 1000);
    assertThat(sessions).as("sessions listed").hasSize(many);
    assertThat(new HashSet<>(sessions)).as("sessions listed").isEqualTo(stored.keySet());
    Set<String> listed = new HashSet<>();
    Optional<String> cursor = Optional.empty();
    do {
      CheckpointQuery query = query().limit(1000).cursor(cursor.orElse(null)).build();
      Page<Checkpoint> page = storage().list(query);
      checkPage("list", 1000, page);
      listed.addAll(idsOf(page.items()));
      cursor = page.nextCursor();
    } while (cursor.isPresent() && listed.size() <= many);
    assertThat(listed).as("ids listed").hasSize(many);
    assertManyCursorsWork(
        "listSessions",
        sessions,
        session -> true,
        (limit, after) -> reader.listSessions(namespace(), limit, after));
    stored.values().stream()
        .limit(100)
        .forEach(
            checkpoint -> assertLatest("among %d sessions".formatted(many), storage(), checkpoint));
    assertThat(storage().deleteBySession(session("session-" + 1234 % many)))
        .as("what deleteBySession of one of many sessions returned")
        .isEqualTo(1);
    assertThat(listSessions(storage(), namespace(), 1000))
        .as("sessions after one of many was deleted")
        .hasSize(many - 1);
    putManyNamespaces();
    assertManyCursorsWork(
        "listNamespaces",
        allPages("listNamespaces", 1000, after -> reader.listNamespaces(1000, after)),
        name -> name.startsWith(namespace()),
        reader::listNamespaces);
  }

  private void putManyNamespaces() {
    asOftenAsTheTimeAllows(
        "start namespaces",
        CURSORS + 1,
        number -> put(draft("s", 1).namespace(namespace() + "-" + number).build()));
  }

  /** A page of names. */
  private interface PageOfNames<T> {
    Page<T> of(int limit, Optional<String> after);
  }

  /** Hundreds of listings begin, or as many as the time allows, before each of them continues. */
  private <T> void assertManyCursorsWork(
      String method, List<T> all, Predicate<T> isOfTest, PageOfNames<T> page) {
    Map<Integer, String> cursors = new ConcurrentHashMap<>();
    asOftenAsTheTimeAllows(
        "begin listings with " + method,
        Math.min(CURSORS, all.size() - 1),
        number ->
            cursors.put(
                number,
                page.of(number + 1, Optional.empty())
                    .nextCursor()
                    .orElseThrow(
                        () -> new AssertionError("a page of %s has no cursor".formatted(method)))));
    List<Callable<Boolean>> tasks = new ArrayList<>();
    for (int i = 0; i < WRITERS; i++) {
      int first = i;
      tasks.add(
          () -> {
            for (int number = first; number < cursors.size(); number += WRITERS) {
              T next = all.get(number + 1);
              assertThat(
                      page.of(1, Optional.ofNullable(cursors.get(number))).items().stream()
                          .filter(isOfTest)
                          .toList())
                  .as(
                      "%s after a page of %d, where %d listings have begun",
                      method, number + 1, cursors.size())
                  .isEqualTo(Stream.of(next).filter(isOfTest).toList());
            }
            return true;
          });
    }
    assertThat(Race.results("threads that continue " + method, tasks)).containsOnly(true);
  }

  /** Steps with the numbers from 0, on several threads. */
  private void asOftenAsTheTimeAllows(String what, int most, IntConsumer step) {
    HistoryBudget.Clock clock = run().histories().startList(TIME_OF_MANY);
    AtomicInteger next = new AtomicInteger();
    List<Callable<Boolean>> tasks = new ArrayList<>();
    for (int i = 0; i < WRITERS; i++) {
      tasks.add(
          () -> {
            while (next.get() < most && clock.isOneMore()) {
              int number = next.getAndIncrement();
              if (number < most) {
                step.accept(number);
              }
            }
            return true;
          });
    }
    assertThat(Race.results("threads that " + what, tasks)).containsOnly(true);
  }

  @Rule(id = "VOL-03", level = Level.MUST)
  protected final void costDoesNotGrowWithTheHistory() {
    put("other", 1);
    Map<String, LongSupplier> counters = new LinkedHashMap<>();
    if (scope().isCodecUsed()) {
      counters.put("calls of the codec", scope().probe()::calls);
    }
    operationCounter(scope())
        .ifPresent(counter -> counters.put("operations of the medium", counter));
    if (counters.isEmpty()) {
      throw notApplicable(
          "the test class offers no operationCounter, and the backend does not encode with"
              + " scope.codec()");
    }
    int many = volume();
    Checkpoint oldest = putHistory(1, FEW).get(0);
    Map<String, Long> before = costs(counters, oldest);
    putHistory(storage().getBySession(session("s")).orElseThrow().version() + 1, many);
    for (int i = 0; i < OTHER_SESSIONS; i++) {
      put("other-" + i, 1);
    }
    Map<String, Long> after = costs(counters, oldest);
    before.forEach(
        (what, cost) ->
            assertThat(after.get(what))
                .as(
                    "%s with %d versions and %d other sessions, where it was %d with %d and one",
                    what, many, OTHER_SESSIONS, cost, FEW)
                .isLessThanOrEqualTo(cost));
  }

  /** What single calls cost now, by what is counted. */
  private Map<String, Long> costs(Map<String, LongSupplier> counters, Checkpoint oldest) {
    BackendStorage handle = storage();
    CheckpointQuery newest = CheckpointQuery.builder(session("s")).limit(1).build();
    Map<String, Runnable> calls = new LinkedHashMap<>();
    calls.put("get", () -> assertStored("while its cost is counted", handle, oldest));
    calls.put("getBySession", () -> assertThat(handle.getBySession(session("s"))).isPresent());
    calls.put(
        "listHeaders of the newest",
        () -> assertThat(handle.listHeaders(newest).items()).hasSize(1));
    calls.put(
        "getBySession and put of the next",
        () -> put("s", handle.getBySession(session("s")).orElseThrow().version() + 1));
    Map<String, Long> costs = new LinkedHashMap<>();
    counters.forEach(
        (counted, counter) ->
            calls.forEach(
                (what, call) -> costs.put(counted + " for " + what, cost(counter, call))));
    return costs;
  }

  private static long cost(LongSupplier counter, Runnable call) {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < CALLS; i++) {
      long before = counter.getAsLong();
      call.run();
      least = Math.min(least, counter.getAsLong() - before);
    }
    return least;
  }
}
