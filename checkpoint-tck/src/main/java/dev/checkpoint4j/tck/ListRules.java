package dev.checkpoint4j.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.CheckpointMetadata;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.CheckpointQuery.Order;
import dev.checkpoint4j.Page;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.spi.Capability;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/** LIST: which checkpoints a query lists, in which order, how many at a time. */
abstract class ListRules extends LatestRules {

  /** Together more than 16 MB. */
  private static final int LARGE_BYTES = 200_000;

  private static final int LARGE_ONES = 100;

  private static final Instant MIDDLE = Instant.parse("2026-06-01T12:00:00.000001Z");

  /**
   * Times whose order is another one as texts, as local times with summer time, or without a sign.
   */
  static final List<Instant> TIMES =
      List.of(
          CheckpointHeader.MIN_TS,
          Instant.parse("1969-12-31T23:59:59.999999Z"),
          Instant.EPOCH,
          Instant.parse("2026-06-01T12:00:00Z"),
          Instant.parse("2026-06-01T12:00:00.1Z"),
          Instant.parse("2026-06-01T12:00:00.100001Z"),
          // An hour that comes twice in Europe, and one in America.
          Instant.parse("2026-10-25T00:30:00Z"),
          Instant.parse("2026-10-25T01:00:00Z"),
          Instant.parse("2026-11-01T05:30:00Z"),
          Instant.parse("2026-11-01T06:00:00Z"),
          // The same on the Chatham Islands, and an hour that is left out there.
          Instant.parse("2026-04-04T13:50:00Z"),
          Instant.parse("2026-04-04T14:10:00.000001Z"),
          Instant.parse("2026-09-26T14:10:00Z"),
          CheckpointHeader.MAX_TS.minus(1, ChronoUnit.MICROS),
          CheckpointHeader.MAX_TS);

  /** Three sessions whose names are prefixes of one another, with every field varied. */
  final List<Checkpoint> putVariety() {
    List<Checkpoint> stored = new ArrayList<>();
    for (String sessionId : List.of("s1", "s10", "s2")) {
      for (long version : new long[] {1, 2, 9, 10, 11}) {
        CheckpointMetadata.Builder metadata =
            CheckpointMetadata.builder(sessionId).attribute("of", sessionId);
        if (version % 2 == 0) {
          metadata.taskId(version == 2 ? "task" : "task2");
        }
        stored.add(
            put(
                draft(metadata.build(), version)
                    .parentId(version == 1 ? null : version < 10 ? "p" : "p2")
                    .ts(MIDDLE.plus(5 - version, ChronoUnit.MICROS))
                    .build()));
      }
    }
    return stored;
  }

  /** What the contract says the query lists, in a given order of sessions. */
  static List<String> expectedIds(
      List<Checkpoint> stored, CheckpointQuery query, List<SessionKey> sessions) {
    Comparator<Checkpoint> byVersion = Comparator.comparing(Checkpoint::version);
    return stored.stream()
        .filter(checkpoint -> query.matches(checkpoint.header()))
        .sorted(
            Comparator.comparing((Checkpoint c) -> sessions.indexOf(c.sessionKey()))
                .thenComparing(
                    query.order() == Order.OLDEST_FIRST ? byVersion : byVersion.reversed()))
        .map(Checkpoint::id)
        .toList();
  }

  /** Lists with the query, and expects exactly what the predicate chooses. */
  private void assertLists(
      List<Checkpoint> stored, CheckpointQuery query, Predicate<Checkpoint> wanted) {
    assertThat(idsOf(listAll(storage(), query)))
        .as("ids listed by %s", query)
        .containsExactlyInAnyOrderElementsOf(idsOf(stored.stream().filter(wanted).toList()));
  }

  @Rule(id = "LIST-01", level = Level.MUST)
  protected final void everythingIsListedOnceSessionBySession() {
    List<Checkpoint> stored = putVariety();
    List<Checkpoint> listed = listAll(storage());
    assertThat(idsOf(listed))
        .as("ids listed in the namespace")
        .containsExactlyInAnyOrderElementsOf(idsOf(stored));
    List<SessionKey> runs = new ArrayList<>();
    for (Checkpoint checkpoint : listed) {
      if (runs.isEmpty() || !runs.get(runs.size() - 1).equals(checkpoint.sessionKey())) {
        runs.add(checkpoint.sessionKey());
      }
    }
    assertThat(runs).as("sessions in the order they are listed").doesNotHaveDuplicates();
    for (Checkpoint checkpoint : listed) {
      assertStored("of what list returned", storage(), checkpoint);
    }
  }

  /** Neighbours that are one number as a double, and the greatest, after which there is none. */
  private List<Checkpoint> putGreatVersions(String sessionId) {
    long exact = 1L << 53;
    List<Checkpoint> stored = new ArrayList<>();
    for (long version :
        new long[] {exact, exact + 1, exact + 2, exact + 3, Long.MAX_VALUE - 1, Long.MAX_VALUE}) {
      // Ids in the opposite order, for a backend that orders by them what it takes for equal.
      String id = "great-" + (9 - stored.size());
      stored.add(put(draft(sessionId, version).id(id).build()));
    }
    return stored;
  }

  @Rule(id = "LIST-02", level = Level.MUST)
  protected final void ordersAreThoseAsked() {
    putVariety();
    List<Checkpoint> great = putGreatVersions("great");
    for (Order order : Order.values()) {
      assertThat(versionsOf(listAll(storage(), query().sessionId("great").order(order).build())))
          .as("versions of 2^53 and above, %s", order)
          .isSortedAccordingTo(
              order == Order.OLDEST_FIRST ? Comparator.naturalOrder() : Comparator.reverseOrder())
          .hasSameSizeAs(great);
      List<Checkpoint> listed = listAll(storage(), query().sessionId("s1").order(order).build());
      assertThat(versionsOf(listed))
          .as("versions of one session, %s", order)
          .isSortedAccordingTo(
              order == Order.OLDEST_FIRST ? Comparator.naturalOrder() : Comparator.reverseOrder())
          .hasSize(5);
    }
    assertThat(sessionsListed(Order.OLDEST_FIRST))
        .as("order of sessions, oldest version first, compared with newest first")
        .isEqualTo(sessionsListed(Order.NEWEST_FIRST));
    assertThat(listAll(storage(), query().build()))
        .as("order unless one is asked for, compared with newest first")
        .isEqualTo(listAll(storage(), query().order(Order.NEWEST_FIRST).build()));
  }

  private List<SessionKey> sessionsListed(Order order) {
    return listAll(storage(), query().order(order).build()).stream()
        .map(Checkpoint::sessionKey)
        .distinct()
        .toList();
  }

  @Rule(id = "LIST-03", level = Level.MUST)
  protected final void sessionIsMatchedExactly() {
    List<Checkpoint> stored = putVariety();
    for (String sessionId : List.of("s1", "s10", "s2", "s", "S1")) {
      assertLists(
          stored,
          query().sessionId(sessionId).build(),
          checkpoint -> checkpoint.metadata().sessionId().equals(sessionId));
    }
  }

  @Rule(id = "LIST-04", level = Level.MUST)
  protected final void taskIsMatchedExactly() {
    List<Checkpoint> stored = putVariety();
    for (String taskId : List.of("task", "task2", "tas", "Task")) {
      assertLists(
          stored,
          query().taskId(taskId).build(),
          checkpoint -> checkpoint.metadata().taskId().equals(Optional.of(taskId)));
    }
  }

  @Rule(id = "LIST-05", level = Level.MUST)
  protected final void parentIsMatchedExactly() {
    List<Checkpoint> stored = putVariety();
    for (String parentId : List.of("p", "p2", "P", "absent")) {
      assertLists(
          stored,
          query().parentId(parentId).build(),
          checkpoint -> checkpoint.parentId().equals(Optional.of(parentId)));
    }
  }

  @Rule(id = "LIST-06", level = Level.MUST)
  protected final void versionRangeIncludesBothEnds() {
    List<Checkpoint> stored = putVariety();
    for (long[] range :
        new long[][] {{2, 10}, {9, 9}, {3, 8}, {1, 1}, {11, Long.MAX_VALUE}, {12, 100}}) {
      assertLists(
          stored,
          query().versions(range[0], range[1]).build(),
          checkpoint -> checkpoint.version() >= range[0] && checkpoint.version() <= range[1]);
    }
    List<Checkpoint> great = putGreatVersions("great");
    for (Checkpoint one : great) {
      assertLists(
          great,
          query().versions(one.version(), one.version()).build(),
          found -> found.equals(one));
      assertLists(
          great,
          query().versions(one.version(), Long.MAX_VALUE).build(),
          found -> found.version() >= one.version());
    }
  }

  @Rule(id = "LIST-07", level = Level.MUST)
  protected final void timeRangeIncludesItsStartOnly() {
    List<Checkpoint> stored = putVariety();
    Instant from = MIDDLE.minus(5, ChronoUnit.MICROS);
    Instant before = MIDDLE.plus(4, ChronoUnit.MICROS);
    assertLists(
        stored, query().tsFrom(from).build(), checkpoint -> !checkpoint.ts().isBefore(from));
    assertLists(
        stored, query().tsBefore(before).build(), checkpoint -> checkpoint.ts().isBefore(before));
    assertLists(
        stored,
        query().tsFrom(from).tsBefore(before).build(),
        checkpoint -> !checkpoint.ts().isBefore(from) && checkpoint.ts().isBefore(before));
    assertLists(stored, query().tsFrom(before).tsBefore(before).build(), checkpoint -> false);
    assertLists(
        stored,
        query().tsFrom(CheckpointHeader.MIN_TS).tsBefore(CheckpointHeader.MAX_TS).build(),
        checkpoint -> true);
    for (Instant ts : TIMES) {
      stored.add(put(draft("times", stored.size()).ts(ts).build()));
    }
    List<Instant> bounds = new ArrayList<>(TIMES);
    bounds.addAll(List.of(Instant.MIN, Instant.MAX));
    for (Instant bound : bounds) {
      assertLists(
          stored, query().tsFrom(bound).build(), checkpoint -> !checkpoint.ts().isBefore(bound));
      assertLists(
          stored, query().tsBefore(bound).build(), checkpoint -> checkpoint.ts().isBefore(bound));
    }
  }

  @Rule(id = "LIST-08", level = Level.MUST)
  protected final void conditionsCombine() {
    List<Checkpoint> here = putVariety();
    List<Checkpoint> there = new ArrayList<>();
    for (Checkpoint checkpoint : here) {
      if (checkpoint.version() != 9) {
        there.add(put(checkpoint.toBuilder().namespace(elsewhere()).parentId("p").build()));
      }
    }
    Map<String, List<Checkpoint>> stored = new LinkedHashMap<>();
    stored.put(namespace(), here);
    stored.put(elsewhere(), there);
    stored.put(namespace() + "-3", List.of());
    Map<String, List<SessionKey>> sessions = new LinkedHashMap<>();
    for (String namespace : stored.keySet()) {
      sessions.put(namespace, listSessions(storage(), namespace, 10));
    }
    int[] limits = {1, 2, 3, 5, CheckpointQuery.MAX_LIMIT};
    int next = random().nextInt(limits.length);
    for (CheckpointQuery.Builder builder : everyCombination(stored.keySet())) {
      CheckpointQuery query = builder.limit(limits[next++ % limits.length]).build();
      assertThat(idsOf(listAll(storage(), query)))
          .as("ids listed page by page by %s", query)
          .containsExactlyElementsOf(
              expectedIds(
                  stored.getOrDefault(query.namespace(), List.of()),
                  query,
                  sessions.getOrDefault(query.namespace(), List.of())));
    }
  }

  private String elsewhere() {
    return namespace() + "-2";
  }

  /** Every condition with every other, each also left out and in a form that nothing matches. */
  private List<CheckpointQuery.Builder> everyCombination(Set<String> namespaces) {
    List<List<UnaryOperator<CheckpointQuery.Builder>>> dimensions =
        new ArrayList<>(
            List.of(
                List.of(query -> query.sessionId("s10"), query -> query.sessionId("absent")),
                List.of(query -> query.taskId("task2"), query -> query.taskId("absent")),
                List.of(query -> query.parentId("p"), query -> query.parentId("absent")),
                List.of(query -> query.versions(2, 10), query -> query.versions(12, 20)),
                List.of(
                    query -> query.tsFrom(MIDDLE),
                    query -> query.tsBefore(MIDDLE),
                    query -> query.tsFrom(MIDDLE.minusNanos(5_000)).tsBefore(MIDDLE)),
                List.of(query -> query.order(Order.OLDEST_FIRST))));
    if (declares(Capability.ATTRIBUTE_QUERY)) {
      dimensions.add(
          List.of(query -> query.attribute("of", "s1"), query -> query.attribute("of", null)));
    }
    List<CheckpointQuery.Builder> combinations = new ArrayList<>();
    namespaces.forEach(namespace -> combinations.add(CheckpointQuery.builder(namespace)));
    for (List<UnaryOperator<CheckpointQuery.Builder>> dimension : dimensions) {
      for (CheckpointQuery.Builder without : List.copyOf(combinations)) {
        for (UnaryOperator<CheckpointQuery.Builder> condition : dimension) {
          combinations.add(condition.apply(without.build().toBuilder()));
        }
      }
    }
    return combinations;
  }

  @Rule(id = "LIST-09", level = Level.MUST)
  protected final void everyLimitGivesTheSameList() {
    List<Checkpoint> stored = putVariety();
    // Between the others: the greatest version of one session is followed by another session.
    stored.addAll(putGreatVersions("s11"));
    List<SessionKey> sessions = listSessions(storage(), namespace(), 10);
    for (Order order : Order.values()) {
      for (int limit = 1; limit <= stored.size() + 1; limit++) {
        CheckpointQuery query = query().order(order).limit(limit).build();
        assertThat(idsOf(listAll(storage(), query)))
            .as("ids listed in pages of %d, %s", limit, order)
            .containsExactlyElementsOf(expectedIds(stored, query, sessions));
      }
    }
    assertPagesOfManyBytesAreWhole();
  }

  /** One page of some 20 MB, of which 5 MB are attributes. */
  private void assertPagesOfManyBytesAreWhole() {
    int bytes = (int) Math.min(LARGE_BYTES, storage().descriptor().maxDocumentBytes() / 4);
    String text =
        random()
            .ints(bytes, '0', 'z')
            .filter(Character::isLetterOrDigit)
            .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
            .toString();
    List<Checkpoint> stored = new ArrayList<>();
    for (int version = 1; version <= LARGE_ONES; version++) {
      CheckpointMetadata metadata =
          CheckpointMetadata.builder("large")
              .attribute("text", version + text.substring(text.length() * 2 / 3))
              .build();
      stored.add(put(draft(metadata, version).values(Map.of("text", version + text)).build()));
    }
    for (int limit : new int[] {CheckpointQuery.MAX_LIMIT, 30}) {
      CheckpointQuery query =
          query().sessionId("large").order(Order.OLDEST_FIRST).limit(limit).build();
      // Not compared by AssertJ, whose message would hold all of them.
      assertThat(listAll(storage(), query).equals(stored))
          .as("whether %d checkpoints of %d bytes are listed by %s", LARGE_ONES, bytes, query)
          .isTrue();
      assertThat(
              listAllHeaders(storage(), query)
                  .equals(stored.stream().map(Checkpoint::header).toList()))
          .as("whether the headers of %d checkpoints are listed by %s", LARGE_ONES, query)
          .isTrue();
    }
  }

  @Rule(id = "LIST-10", level = Level.MUST)
  protected final void limitCountsMatchesOnly() {
    putAll("s1", 1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
    putAll("s2", 1, 2, 3);
    List<Checkpoint> wanted = new ArrayList<>();
    for (long version : new long[] {11, 20}) {
      wanted.add(put(draft(CheckpointMetadata.of("s1", "rare"), version).build()));
    }
    putAll("s1", 30, 31, 32);
    Page<Checkpoint> page = storage().list(query().taskId("rare").limit(2).build());
    assertThat(idsOf(page.items()))
        .as("one page of limit 2, where 2 of 18 checkpoints match")
        .containsExactlyInAnyOrderElementsOf(idsOf(wanted));
    assertThat(storage().list(query().taskId("rare").limit(1).build()).items())
        .as("one page of limit 1, where 2 of 18 checkpoints match")
        .hasSize(1);
    assertThat(storage().list(query().versions(1, 1).limit(2).build()).items())
        .as("one page of limit 2, where the first version of 2 sessions matches")
        .hasSize(2);
  }

  @Rule(id = "LIST-11", level = Level.MUST)
  protected final void headersAreThoseOfTheCheckpoints() {
    putVariety();
    for (CheckpointQuery query :
        List.of(
            query().build(),
            query().limit(4).order(Order.OLDEST_FIRST).build(),
            query().sessionId("s1").limit(2).build(),
            query().taskId("task").limit(1).build(),
            query().versions(2, 9).limit(3).build())) {
      assertThat(listAllHeaders(storage(), query))
          .as("headers listed by %s, compared with those of list", query)
          .isEqualTo(listAll(storage(), query).stream().map(Checkpoint::header).toList());
    }
  }

  @Rule(id = "LIST-12", level = Level.MUST)
  protected final void noMatchIsAnEmptyLastPage() {
    putVariety();
    for (CheckpointQuery query :
        List.of(
            query().sessionId("absent").build(),
            query().taskId("absent").limit(1).build(),
            query().versions(1000, 2000).build(),
            CheckpointQuery.builder(namespace() + "-2").build())) {
      Page<Checkpoint> page = storage().list(query);
      assertThat(page.items()).as("entries listed by %s", query).isEmpty();
      assertThat(page.nextCursor()).as("cursor after an empty page of %s", query).isEmpty();
    }
  }

  @Rule(id = "LIST-13", level = Level.SHOULD)
  protected final void headersAreListedWithoutValues() {
    put("s", 1);
    put("s", 2);
    requireCodec();
    long before = scope().probe().decodes();
    assertThat(storage().listHeaders(query().build()).items()).as("headers listed").hasSize(2);
    assertThat(scope().probe().decodes() - before)
        .as("documents decoded as a whole to list two headers")
        .isZero();
  }
}
