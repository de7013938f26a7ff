package dev.checkpoint4j.store.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.spi.Durability;
import dev.checkpoint4j.store.file.SystemTools.Mount;
import dev.checkpoint4j.testsupport.ChildJvm;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The file system stops at any moment, with what was not forced, while a process writes. What was
 * acknowledged is there afterwards, what was deleted is not.
 */
class FilePowerLossTest {

  private static final int SHARED_SESSIONS = 6;
  private static final int WRITERS = 4;

  private final long seed = Long.getLong("checkpoint.seed", System.nanoTime());
  private final SplittableRandom random = new SplittableRandom(seed);

  @TempDir Path temp;

  @ParameterizedTest
  @ValueSource(strings = {"ext4", "xfs"})
  void losesNothingThatWasAcknowledged(String type) throws Exception {
    losePowerInEachOf(1, type);
  }

  @ParameterizedTest
  @Tag("soak")
  @ValueSource(strings = {"ext4", "xfs"})
  void losesNothingThatWasAcknowledgedInManyRounds(String type) throws Exception {
    losePowerInEachOf(30, type);
  }

  private void losePowerInEachOf(int rounds, String type) throws Exception {
    SystemTools.require("mkfs." + type, "xfs_io");
    Acknowledgements said = new Acknowledgements();
    int stopped = 0;
    try (Mount mount = Mount.image(temp.resolve("mount"), type, "loop")) {
      Path store = mount.path().resolve("store");
      for (int round = 0; round < rounds; round++) {
        String when = "%s, seed %d, round %d".formatted(type, seed, round);
        try (ChildJvm writer =
            ChildJvm.start(
                temp.resolve("r" + round + ".txt"),
                FaultWriter.class,
                store.toString(),
                Durability.POWER_LOSS.name(),
                Integer.toString(SHARED_SESSIONS),
                Integer.toString(WRITERS),
                "a",
                "r" + round)) {
          writer.awaitLine("put ");
          TimeUnit.MILLISECONDS.sleep(random.nextInt(round % 2 == 0 ? 1_500 : 200));
          SystemTools.run("xfs_io", "-x", "-c", "shutdown", mount.path().toString());
          // Every writer meets the failure.
          said.add(writer.awaitSuccess());
        }
        mount.detach();
        mount.attach();
        try (FileBackendStorage storage = FileBackendStorage.open(store, FileStores.codec())) {
          said.check(storage, when);
        }
        stopped += WRITERS;
        assertThat(said.failures())
            .as("the typed errors that stopped the writers; %s", when)
            .hasSize(stopped)
            .allMatch(
                line ->
                    line.startsWith("failed StorageUnavailableException ")
                        || line.startsWith("failed OutcomeUnknownException "));
      }
    }
    System.out.printf(
        "%s: %d power losses, %d checkpoints and %d deletions acknowledged%n",
        type, rounds, said.acknowledged(), said.deletionsAcknowledged());
  }
}
