package dev.checkpoint4j.core.internal.json;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.spi.CheckpointCodec;
import dev.checkpoint4j.testsupport.ExhaustedStack;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A codec is called where the stack ends: that call fails, and no other one notices. */
class ExhaustedStackTest {

  private static final int THREADS = 40;

  private final CheckpointCodec codec = new JacksonCheckpointCodec();
  private final Checkpoint checkpoint =
      Sample.of(Map.of("list", List.of(Map.of("key", "value"), 1.5, 2L)));

  @Test
  void leavesNothingBehindThatOthersWaitFor() throws Exception {
    // So that no class is loaded at the end of the stack, which would be the end of that class.
    assertThat(codec.decode(codec.encode(checkpoint))).isEqualTo(checkpoint);
    List<Integer> failures = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      failures.add(
          ExhaustedStack.run(
              i * 64L,
              failed -> {
                if (!codec.decode(codec.encode(checkpoint)).equals(checkpoint)) {
                  throw new AssertionError("another checkpoint was decoded");
                }
              }));
    }
    assertThat(failures).as("calls where the stack ended").allMatch(count -> count > 0);
    for (int i = 0; i < THREADS; i++) {
      assertThat(ExhaustedStack.onAnotherThread(() -> codec.decode(codec.encode(checkpoint))))
          .as("what another thread encodes and decodes afterwards")
          .isEqualTo(checkpoint);
    }
  }
}
