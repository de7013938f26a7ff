package dev.checkpoint4j.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.CheckpointMetadata;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.CheckpointQuery.Order;
import dev.checkpoint4j.Page;
import dev.checkpoint4j.SessionKey;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class SessionListingTest {

  private static final String NAMESPACE = "n";
  private static final List<Long> VERSIONS =
      List.of(1L, 2L, 5L, 1L << 53, (1L << 53) + 1, Long.MAX_VALUE);

  private final NavigableMap<String, NavigableMap<Long, CheckpointHeader>> sessions =
      new TreeMap<>(Comparator.reverseOrder());

  SessionListingTest() {
    for (String sessionId : List.of("a", "a ", "b", "B", "c")) {
      for (long version : VERSIONS) {
        store(sessionId, version);
      }
    }
  }

  private void store(String sessionId, long version) {
    CheckpointHeader header =
        CheckpointHeader.builder(
                CheckpointMetadata.builder(sessionId)
                    .taskId("task-" + version % 2)
                    .attribute("version", version)
                    .build())
            .namespace(NAMESPACE)
            .version(version)
            .build();
    sessions.computeIfAbsent(sessionId, id -> new TreeMap<>()).put(version, header);
  }

  private SessionListing<CheckpointHeader> listing() {
    return SessionListing.of(sessions, Function.identity());
  }

  private static CheckpointQuery.Builder all() {
    return CheckpointQuery.builder(NAMESPACE);
  }

  static Stream<CheckpointQuery> queries() {
    return Stream.of(
            all().build(),
            all().sessionId("b").build(),
            all().sessionId("absent").build(),
            all().taskId("task-1").build(),
            all().attribute("version", 5L).build(),
            all().versions(2, 1L << 53).build(),
            all().sessionId("c").versions(Long.MAX_VALUE, Long.MAX_VALUE).build(),
            all().versions(1, 1).build(),
            CheckpointQuery.builder("other").build())
        .flatMap(
            query -> Stream.of(Order.values()).map(order -> query.toBuilder().order(order).build()))
        .flatMap(
            query ->
                IntStream.of(1, 2, 6, 7, 1000)
                    .mapToObj(limit -> query.toBuilder().limit(limit).build()));
  }

  /** All that matches, without pages. */
  private List<CheckpointHeader> expected(CheckpointQuery query) {
    Comparator<CheckpointHeader> byVersion = Comparator.comparing(CheckpointHeader::version);
    return sessions.values().stream()
        .flatMap(
            versions ->
                versions.values().stream()
                    .sorted(query.order() == Order.OLDEST_FIRST ? byVersion : byVersion.reversed()))
        .filter(query::matches)
        .toList();
  }

  @ParameterizedTest
  @MethodSource("queries")
  void thePagesHoldWhatMatches(CheckpointQuery query) {
    List<CheckpointHeader> found = new ArrayList<>();
    Page<CheckpointHeader> page = listing().list(query, Optional.empty());
    while (page.nextCursor().isPresent()) {
      assertThat(page.items()).hasSize(query.limit());
      found.addAll(page.items());
      page = listing().list(query, page.nextCursor().map(ListCursor::decode));
    }
    found.addAll(page.items());
    assertThat(found).isEqualTo(expected(query));
    assertThat(page.items().isEmpty())
        .as("whether the last page is empty")
        .isEqualTo(found.isEmpty());
  }

  @ParameterizedTest
  @EnumSource
  void aPositionIsNotAnEntry(Order order) {
    CheckpointQuery query = CheckpointQuery.builder(NAMESPACE).order(order).build();
    CheckpointHeader third = expected(query).get(2);
    sessions.values().forEach(versions -> versions.values().remove(third));
    assertThat(listing().list(query, Optional.of(ListCursor.ofCheckpoint(third))).items())
        .isEqualTo(expected(query).subList(2, expected(query).size()));
    sessions.remove(third.metadata().sessionId());
    assertThat(listing().list(query, Optional.of(ListCursor.ofCheckpoint(third))).items())
        .isEqualTo(expected(query));
  }

  @ParameterizedTest
  @EnumSource
  void nothingFollowsTheLastVersion(Order order) {
    long last = order == Order.OLDEST_FIRST ? Long.MAX_VALUE : 1;
    CheckpointQuery query =
        CheckpointQuery.builder(new SessionKey(NAMESPACE, "b")).order(order).build();
    assertThat(listing().list(query, Optional.of(new ListCursor("b", last))))
        .isEqualTo(Page.of(List.of(), null));
  }

  @Test
  void sessionsComeInTheOrderOfTheBackend() {
    List<SessionKey> found = new ArrayList<>();
    Page<SessionKey> page = listing().listSessions(NAMESPACE, 2, Optional.empty());
    found.addAll(page.items());
    // One that is gone is a position as well.
    sessions.remove(page.items().get(1).sessionId());
    while (page.nextCursor().isPresent()) {
      page =
          listing().listSessions(NAMESPACE, 2, page.nextCursor().map(ListCursor::decodeSessions));
      found.addAll(page.items());
    }
    assertThat(found).extracting(SessionKey::sessionId).containsExactly("c", "b", "a ", "a", "B");
    assertThat(found).extracting(SessionKey::namespace).containsOnly(NAMESPACE);
  }

  /** Fails if more is enumerated than a page of two needs. */
  private static final class Lazy extends SessionListing<CheckpointHeader> {
    private final NavigableMap<Long, CheckpointHeader> versions;

    Lazy(NavigableMap<Long, CheckpointHeader> versions) {
      this.versions = versions;
    }

    private static <T> Iterable<T> upTo(int count, Iterable<T> all) {
      return () -> {
        var iterator = all.iterator();
        return IntStream.iterate(0, i -> i + 1)
            .mapToObj(
                i -> {
                  if (i == count) {
                    throw new IllegalStateException("one too many");
                  }
                  return iterator.next();
                })
            .iterator();
      };
    }

    @Override
    protected Iterable<String> sessions(Optional<String> first) {
      return upTo(3, List.of("x", "y", "z", "never"));
    }

    @Override
    protected Iterable<CheckpointHeader> entries(
        String sessionId, long minVersion, long maxVersion, Order order) {
      return upTo(3, versions.values());
    }

    @Override
    protected CheckpointHeader header(CheckpointHeader entry) {
      return entry;
    }
  }

  @Test
  void noMoreIsReadThanThePageNeeds() {
    NavigableMap<Long, CheckpointHeader> versions = sessions.firstEntry().getValue();
    CheckpointQuery two = CheckpointQuery.builder(NAMESPACE).limit(2).build();
    assertThat(new Lazy(versions).list(two, Optional.empty()).items()).hasSize(2);
    assertThat(new Lazy(versions).listSessions(NAMESPACE, 2, Optional.empty()).items()).hasSize(2);
    assertThatExceptionOfType(IllegalStateException.class)
        .as("what the backend throws")
        .isThrownBy(
            () -> new Lazy(versions).list(two.toBuilder().limit(3).build(), Optional.empty()))
        .withMessage("one too many");
  }

  @Test
  void entriesAreOfAnyType() {
    NavigableMap<String, NavigableMap<Long, Checkpoint>> stored = new TreeMap<>();
    Checkpoint checkpoint = Checkpoint.builder("s").build();
    stored.computeIfAbsent("s", id -> new TreeMap<>()).put(checkpoint.version(), checkpoint);
    CheckpointQuery query = CheckpointQuery.builder(checkpoint.namespace()).build();
    assertThat(SessionListing.of(stored, Checkpoint::header).list(query, Optional.empty()).items())
        .containsExactly(checkpoint);
  }

  @Test
  @SuppressWarnings("NullAway")
  void refusesNull() {
    @Nullable String none = null;
    assertThatNullPointerException()
        .isThrownBy(() -> SessionListing.of(null, Function.identity()))
        .withMessage("sessions");
    assertThatNullPointerException()
        .isThrownBy(() -> SessionListing.of(sessions, null))
        .withMessage("header");
    assertThatNullPointerException()
        .isThrownBy(() -> listing().listSessions(none, 1, Optional.empty()))
        .withMessage("namespace");
  }
}
