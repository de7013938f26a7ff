package dev.checkpoint4j.store.file;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What the index knows of one session, compared with a sorted map. */
class SessionStateTest {

  private static final Key SESSION = Key.of("s");

  private final Map<Integer, FramePosition> records = new HashMap<>();
  private final SessionState state =
      new SessionState(
          SESSION, 1, number -> Objects.requireNonNull(records.get(number), "no such record"));

  private void add(int number, long version) {
    FramePosition position =
        new FramePosition(SESSION, Key.of("id " + number), version, number * 100L, 100, 40);
    records.put(number, position);
    assertThat(state.add(number, position)).isTrue();
  }

  private void remove(int number) throws IOException {
    state.remove(number, Objects.requireNonNull(records.get(number)));
  }

  @Test
  void manyRemovalsMoveTheOthersOnce() throws IOException {
    int count = 1_000;
    for (int number = 1; number <= count; number++) {
      add(number, number);
    }
    for (int number = 1; number < count; number += 2) {
      remove(number);
      assertThat(state.length()).as("places while nothing is read").isEqualTo(count);
    }
    assertThat(state.size()).isEqualTo(count / 2);
    assertThat(state.number(0)).isEqualTo(2);
    assertThat(state.length()).as("places once something was read").isEqualTo(count / 2);
  }

  @Test
  void holdsWhatWasAddedAndNotRemoved() throws IOException {
    Random random = new Random(7);
    TreeMap<Integer, Long> expected = new TreeMap<>();
    long version = 0;
    for (int number = 1; number <= 3_000; number++) {
      if (expected.isEmpty() || random.nextInt(5) > 1) {
        version = expected.isEmpty() ? version : expected.lastEntry().getValue();
        version += 1 + random.nextInt(3);
        add(number, version);
        expected.put(number, version);
      } else {
        List<Integer> numbers = new ArrayList<>(expected.keySet());
        int gone =
            numbers.get(
                random.nextInt(3) == 0 ? numbers.size() - 1 : random.nextInt(numbers.size()));
        remove(gone);
        // Once more, as a record that is read twice: it is gone already.
        remove(gone);
        expected.remove(gone);
      }
      if (random.nextInt(20) == 0) {
        check(expected);
      }
    }
    check(expected);
  }

  private void check(TreeMap<Integer, Long> expected) throws IOException {
    assertThat(state.size()).isEqualTo(expected.size());
    assertThat(state.liveBytes()).isEqualTo(100L * expected.size());
    assertThat(state.latest().map(FramePosition::version).orElse(0L))
        .isEqualTo(expected.isEmpty() ? 0L : expected.lastEntry().getValue());
    assertThat(state.latestVersion().orElse(0))
        .isEqualTo(expected.isEmpty() ? 0L : expected.lastEntry().getValue());
    assertThat(state.positions(0, state.size()))
        .extracting(FramePosition::version)
        .isEqualTo(List.copyOf(expected.values()));
    for (long version : expected.values()) {
      int index = state.indexOf(version);
      assertThat(state.positions(index, index + 1))
          .extracting(FramePosition::version)
          .containsExactly(version);
    }
  }
}
