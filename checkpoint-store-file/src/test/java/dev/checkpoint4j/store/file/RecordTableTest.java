package dev.checkpoint4j.store.file;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RecordTableTest {

  /** Keys of few fingerprints, so that many share one and many others its neighbourhood. */
  private static Key key(Random random) {
    return new Key(random.nextInt(20), random.nextInt(40) * 0x1_0000_0001L);
  }

  @Test
  void behavesLikeAMapWhateverIsAddedAndRemoved() throws IOException {
    Random random = new Random(20261124);
    RecordTable table = new RecordTable();
    Map<Key, Integer> expected = new HashMap<>();
    Map<Integer, Key> keys = new HashMap<>();
    for (int number = 1; number <= 50_000; number++) {
      Key key = key(random);
      Integer known = expected.remove(key);
      if (known == null) {
        table.add(key, number);
        expected.put(key, number);
        keys.put(number, key);
      } else {
        table.remove(key, known);
      }
      Key other = key(random);
      assertThat(table.find(other, candidate -> other.equals(keys.get(candidate))))
          .as("step %d, the record of %s", number, other)
          .isEqualTo(expected.getOrDefault(other, 0));
      assertThat(table.size()).as("step %d, how many there are", number).isEqualTo(expected.size());
    }
  }

  @Test
  void removingWhatIsNotThereChangesNothing() throws IOException {
    RecordTable table = new RecordTable();
    Key key = new Key(1, 2);
    table.add(key, 7);
    table.remove(key, 8);
    table.remove(new Key(1, 3), 7);
    assertThat(table.find(key, number -> true)).isEqualTo(7);
  }
}
