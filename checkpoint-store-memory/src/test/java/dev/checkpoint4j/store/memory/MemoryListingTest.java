package dev.checkpoint4j.store.memory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.CheckpointQuery.Order;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.SessionKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a page looks at does not depend on how much there is. */
class MemoryListingTest {

  private static final int MANY = 100_000;

  /** Counts how often an element is read. */
  private static final class Counting extends ArrayList<Checkpoint> {
    private static final long serialVersionUID = 1;
    private transient int looks;

    @Override
    public Checkpoint get(int index) {
      looks++;
      return super.get(index);
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
}
