package dev.checkpoint4j.core.internal.json;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.spi.CheckpointCodec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A codec is called where the stack ends: that call fails, and no other one notices. */
class ExhaustedStackTest {

  private static final int THREADS = 40;
  private static final long SMALL_STACK = 1 << 18;

  private final CheckpointCodec codec = new JacksonCheckpointCodec();
  private final Checkpoint checkpoint =
      Sample.of(Map.of("list", List.of(Map.of("key", "value"), 1.5, 2L)));

  /** Uses the codec at the end of the stack, and at each level above until that succeeds. */
  private final class Diver implements Callable<Integer> {
    private int failed;
    private boolean succeeded;

    @Override
    public Integer call() {
      dive();
      return failed;
    }

    private void dive() {
      if (succeeded) {
        return;
      }
      try {
        dive();
      } catch (StackOverflowError e) {
        // The end of the stack.
      }
      if (!succeeded) {
        try {
          succeeded = codec.decode(codec.encode(checkpoint)).equals(checkpoint);
        } catch (StackOverflowError e) {
          failed++;
        }
      }
    }
  }

  @Test
  void leavesNothingBehindThatOthersWaitFor() throws Exception {
    // So that no class is loaded at the end of the stack, which would be the end of that class.
    assertThat(codec.decode(codec.encode(checkpoint))).isEqualTo(checkpoint);
    List<Integer> failures = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      failures.add(inAThread(new Diver(), SMALL_STACK + i * 64L));
    }
    assertThat(failures).as("calls where the stack ended").allMatch(count -> count > 0);
    for (int i = 0; i < THREADS; i++) {
      assertThat(inAThread(() -> codec.decode(codec.encode(checkpoint)), 0))
          .as("what another thread encodes and decodes afterwards")
          .isEqualTo(checkpoint);
    }
  }

  private static <T> T inAThread(Callable<T> task, long stack) throws Exception {
    FutureTask<T> future = new FutureTask<>(task);
    Thread thread = new Thread(null, future, "exhausted", stack);
    thread.setDaemon(true);
    thread.start();
    return future.get(20, TimeUnit.SECONDS);
  }
}
