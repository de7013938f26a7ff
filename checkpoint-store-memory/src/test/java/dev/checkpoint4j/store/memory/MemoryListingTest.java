package dev.checkpoint4j.store.memory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.CheckpointQuery.Order;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.spi.ListCursor;
import dev.checkpoint4j.testsupport.StepCounter;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a page looks at does not depend on how much there is. */
class MemoryListingTest {

  private static final int MANY = 100_000;

  /** Counts how often an element is read, and how often one is moved. */
  private static final class Counting extends ArrayList<Checkpoint> {
    private static final long serialVersionUID = 1;
    private transient int looks;
    private transient long moves;

    @Override
    public Checkpoint get(int index) {
      looks++;
      return super.get(index);
    }

    /** One pass, in the JDK. */
    @Override
    public boolean removeIf(Predicate<? super Checkpoint> filter) {
      moves += size();
      return super.removeIf(filter);
    }

    @Override
    public Checkpoint remove(int index) {
      moves += size() - index - 1;
      return super.remove(index);
    }
  }

  @ParameterizedTest
  @EnumSource(Order.class)
  void aPageOfVersionsLooksAtThosePagesOnly(Order order) {
    MemorySession session = new MemorySession();
    Counting checkpoints = new Counting();
    for (int version = 1; version <= MANY; version++) {
      checkpoints.add(Checkpoint.builder("s").id("i" + version).version(version).build());
    }
    session.checkpoints = checkpoints;
    CheckpointQuery.Builder query =
        CheckpointQuery.builder(new SessionKey("default", "s")).order(order);
    for (long[] range :
        new long[][] {
          {1, Long.MAX_VALUE}, {1, 5}, {MANY / 2, MANY / 2}, {MANY, MANY}, {MANY + 1, MANY + 9}
        }) {
      for (Optional<Long> start :
          List.of(Optional.<Long>empty(), Optional.of(3L), Optional.of(MANY / 2L))) {
        checkpoints.looks = 0;
        List<Checkpoint> page =
            MemoryNamespace.matching(
                session, query.versions(range[0], range[1]).build(), start, 11);
        assertThat(page)
            .as("versions %s to %s from %s on", range[0], range[1], start)
            .hasSizeLessThanOrEqualTo(11)
            .allMatch(each -> each.version() >= range[0] && each.version() <= range[1]);
        assertThat(checkpoints.looks)
            .as("looks: a page, and three binary searches of 17 steps")
            .isLessThanOrEqualTo(11 + 3 * 18);
      }
    }
  }

  @Test
  void aDeletionOfManyMovesEachCheckpointAtMostOnce() {
    MemoryBackendStorage.Store store = new MemoryBackendStorage.Store();
    try (MemoryBackendStorage storage = new MemoryBackendStorage(store, () -> {})) {
      SessionKey key = new SessionKey("default", "s");
      Counting checkpoints = new Counting();
      storage.put(Checkpoint.builder("s").id("i0").version(1).build(), Expectation.any());
      MemorySession session = Objects.requireNonNull(store.sessions.get(key));
      checkpoints.addAll(session.checkpoints);
      session.checkpoints = checkpoints;
      for (int i = 1; i < 10_000; i++) {
        storage.put(Checkpoint.builder("s").id("i" + i).version(i + 1).build(), Expectation.any());
      }
      // Each third one but the last; in another order than that of the versions.
      List<String> ids =
          IntStream.iterate(9_996, i -> i >= 0, i -> i - 3).mapToObj(i -> "i" + i).toList();
      assertThat(storage.delete("default", ids)).isEqualTo(ids.size());
      assertThat(checkpoints.moves).as("moves").isBetween(1L, 10_000L);
      assertThat(storage.getBySession(key).map(Checkpoint::id)).contains("i9999");
      assertThat(session.checkpoints)
          .as("what is left")
          .extracting(Checkpoint::id)
          .isEqualTo(
              IntStream.range(0, 10_000)
                  .mapToObj(i -> "i" + i)
                  .filter(id -> !ids.contains(id))
                  .toList());
    }
  }

  @Test
  void versionsOfARangeArePagedWithoutGaps() {
    try (MemoryBackendStorage store = MemoryBackendStorage.create()) {
      for (int version = 2; version <= 40; version += 2) {
        store.put(Checkpoint.builder("s").version(version).build(), Expectation.any());
      }
      for (Order order : Order.values()) {
        CheckpointQuery.Builder query =
            CheckpointQuery.builder(new SessionKey("default", "s"))
                .order(order)
                .versions(5, 31)
                .limit(3);
        List<Long> versions = new ArrayList<>();
        Optional<String> cursor = Optional.empty();
        for (int page = 0; page < 10 && (page == 0 || cursor.isPresent()); page++) {
          var found = store.list(query.cursor(cursor.orElse(null)).build());
          found.items().forEach(each -> versions.add(each.version()));
          cursor = found.nextCursor();
        }
        List<Long> expected = new ArrayList<>();
        for (long version = 6; version <= 30; version += 2) {
          expected.add(order == Order.OLDEST_FIRST ? version : 36 - version);
        }
        assertThat(versions).as("versions, %s", order).isEqualTo(expected);
      }
    }
  }

  /** A page of 100, and the entry that shows whether there is another page. */
  @ParameterizedTest
  @EnumSource(Order.class)
  void aPageAcrossSessionsTakesAsManyStepsHoweverManySessionsThereAre(Order order) {
    List<Long> few = steps(1_000, order);
    assertThat(few)
        .as("steps to the first and a middle page of checkpoints and of sessions")
        .allMatch(steps -> steps > 100 && steps < 500);
    List<Long> many = steps(10_000, order);
    for (int i = 0; i < few.size(); i++) {
      assertThat(many.get(i))
          .as("steps to page %s among ten times as many sessions, in the order %s", i, order)
          .isLessThanOrEqualTo(2 * few.get(i));
    }
  }

  private static List<Long> steps(int sessions, Order order) {
    StepCounter counter = new StepCounter();
    MemoryBackendStorage.Store store = new MemoryBackendStorage.Store();
    store.namespaces.put(
        "default",
        new MemoryNamespace(
            "default", store.sessions, counter.count(new ConcurrentSkipListSet<>())));
    List<Long> steps = new ArrayList<>();
    try (MemoryBackendStorage storage = new MemoryBackendStorage(store, () -> {})) {
      for (int i = 0; i < sessions; i++) {
        storage.put(
            Checkpoint.builder("s-%06d".formatted(i)).id("i-" + i).version(1).build(),
            Expectation.any());
      }
      String middle = "s-%06d".formatted(sessions / 2);
      for (Optional<String> start :
          List.of(Optional.<String>empty(), Optional.of(new ListCursor(middle, 1).encode()))) {
        CheckpointQuery.Builder query = CheckpointQuery.builder("default").order(order).limit(100);
        start.ifPresent(query::cursor);
        long ignored = counter.take();
        assertThat(storage.list(query.build()).items()).hasSize(100);
        steps.add(counter.take());
      }
      for (Optional<String> start :
          List.of(Optional.<String>empty(), Optional.of(ListCursor.ofSession(middle).encode()))) {
        assertThat(storage.listSessions("default", 100, start).items()).hasSize(100);
        steps.add(counter.take());
      }
    }
    return steps;
  }
}
