package dev.checkpoint4j.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointMetadata;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LookalikePairTest {

  /** As long as that of the rules MODEL in their millionth run. */
  private static final String PREFIX = "tck-abcdefghijkl-1000000-";

  static Stream<LookalikePair> pairs() {
    return LookalikePair.all(new Random(20_261_130)).stream();
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void textsAreLegalAndDifferentInEveryField(LookalikePair pair) {
    List<String> namespaces = pair.after(PREFIX, 255);
    List<String> ids = pair.after("1-", 255);
    List<String> sessions = pair.after("", 512);
    for (List<String> texts : List.of(namespaces, ids, sessions)) {
      assertThat(texts).as("texts of %s", pair.reason()).hasSize(2).doesNotHaveDuplicates();
    }
    assertThat(namespaces).allSatisfy(namespace -> assertThat(namespace).contains(PREFIX));
    for (int i = 0; i < 2; i++) {
      Checkpoint legal =
          Checkpoint.builder(
                  CheckpointMetadata.builder(sessions.get(i)).taskId(sessions.get(i)).build())
              .namespace(namespaces.get(i))
              .id(ids.get(i))
              .parentId(pair.after("", 255).get(i))
              .build();
      assertThat(legal.id()).as("id of %s", legal).contains("1-");
    }
  }
}
