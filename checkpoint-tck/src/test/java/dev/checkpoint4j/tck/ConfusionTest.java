package dev.checkpoint4j.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.Checkpoint;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ConfusionTest {

  /** As long as those of the rules MODEL are in their millionth run. */
  private static final String PREFIX = "tck-abcdefghijkl-1000000-";

  @ParameterizedTest
  @EnumSource(Confusion.class)
  void namesAreLegalAndDifferentAndRepeatable(Confusion confusion) {
    for (int seed = 0; seed < 500; seed++) {
      List<String> names = confusion.names(new Random(seed));
      assertThat(names)
          .as("names of %s with seed %d", confusion, seed)
          .hasSize(Confusion.NAMES)
          .doesNotHaveDuplicates()
          .isEqualTo(confusion.names(new Random(seed)));
      for (String name : names) {
        Checkpoint legal =
            Checkpoint.builder(name)
                .namespace(PREFIX + name)
                .id("2-" + name)
                .parentId(name)
                .build();
        assertThat(legal.id()).as("id of %s", legal).endsWith(name);
      }
    }
  }
}
