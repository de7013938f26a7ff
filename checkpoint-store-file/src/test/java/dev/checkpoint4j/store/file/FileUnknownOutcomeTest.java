package dev.checkpoint4j.store.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.error.CheckpointException;
import dev.checkpoint4j.error.OutcomeUnknownException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * After a put whose outcome is unknown, the first answer is final: what is absent does not appear
 * later, also after a deletion that found nothing.
 */
class FileUnknownOutcomeTest {

  private static final int MAX_PUTS = 20_000;
  private static final int UNKNOWN_OUTCOMES = 30;
  private static final int MAX_NANOS = 500_000;

  @TempDir private Path directory;

  private final Random random = new Random(1);

  /** Whether the put failed without saying whether it was applied. */
  private boolean isUnknown(FileBackendStorage store, Checkpoint checkpoint) {
    Thread caller = Thread.currentThread();
    long nanos = random.nextInt(MAX_NANOS);
    Thread interrupting =
        new Thread(
            () -> {
              LockSupport.parkNanos(nanos);
              caller.interrupt();
            });
    interrupting.start();
    boolean isUnknown = false;
    try {
      store.put(checkpoint, Expectation.any());
    } catch (OutcomeUnknownException e) {
      isUnknown = true;
    } catch (CheckpointException e) {
      assertThat(e.mayHaveBeenApplied()).isFalse();
    }
    joinUninterruptibly(interrupting);
    return isUnknown;
  }

  private static void joinUninterruptibly(Thread thread) {
    while (thread.isAlive()) {
      boolean ignored = Thread.interrupted();
      LockSupport.parkNanos(1_000);
    }
    boolean ignored = Thread.interrupted();
  }

  @Test
  void whatIsAbsentAfterwardsDoesNotAppearLater() {
    List<Checkpoint> absent = new ArrayList<>();
    int unknown = 0;
    try (FileBackendStorage store = FileStores.open(directory)) {
      for (int put = 1; put <= MAX_PUTS && unknown < UNKNOWN_OUTCOMES; put++) {
        String session = "s-" + put % 7;
        Checkpoint checkpoint =
            FileStores.checkpoint(session, put).toBuilder().id("id-" + put).build();
        if (isUnknown(store, checkpoint)) {
          unknown++;
          boolean isDeleted = unknown % 2 == 0;
          Optional<Checkpoint> found = store.get("default", checkpoint.id());
          if (isDeleted) {
            assertThat(store.delete("default", List.of(checkpoint.id())))
                .as("checkpoints deleted, where get found %s", found)
                .isEqualTo(found.isPresent() ? 1 : 0);
          }
          if (isDeleted || found.isEmpty()) {
            absent.add(checkpoint);
          }
        }
      }
      // Writers of the sessions take what the index does not know into it.
      for (int session = 0; session < 7; session++) {
        store.put(FileStores.checkpoint("s-" + session, MAX_PUTS + 1), Expectation.any());
      }
      for (Checkpoint checkpoint : absent) {
        assertThat(store.get("default", checkpoint.id()))
            .as("a checkpoint that was absent after its put had failed")
            .isEmpty();
      }
    }
    assertThat(unknown).as("puts whose outcome was unknown").isPositive();
  }
}
