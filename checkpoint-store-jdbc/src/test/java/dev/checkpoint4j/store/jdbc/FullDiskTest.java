package dev.checkpoint4j.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.annotation.CanIgnoreReturnValue;
import dev.checkpoint4j.error.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A disk that is full while an embedded database writes, and has space again later. */
@Timeout(120)
class FullDiskTest {

  private static final int MANY = 100;

  @TempDir private Path directory;

  @BeforeEach
  void mount() throws Exception {
    if (run("mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", directory.toString()) != 0) {
      if (Boolean.getBoolean("checkpoint.faults.required")) {
        throw new IllegalStateException("a small disk cannot be mounted here");
      }
      Assumptions.<Void>abort("SKIPPED TESTS: a small disk cannot be mounted here");
    }
  }

  @AfterEach
  void unmount() throws Exception {
    run("umount", "-l", directory.toString());
  }

  @CanIgnoreReturnValue
  private static int run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    process.getInputStream().readAllBytes();
    return process.waitFor();
  }

  @ParameterizedTest
  @EnumSource(names = {"H2", "SQLITE"})
  void storeGoesOnWhenThereIsSpaceAgain(TestDatabase database) throws Exception {
    List<Checkpoint> acknowledged = new ArrayList<>();
    try (JdbcBackendStorage store = database.store(directory, "t_").open()) {
      Path ballast = directory.resolve("ballast");
      acknowledged.add(put(store, checkpoint(1, 10)));
      fill(ballast);
      CheckpointException failure =
          catchThrowableOfType(
              CheckpointException.class,
              () -> {
                for (int version = 2; version < MANY; version++) {
                  acknowledged.add(put(store, checkpoint(version, 200_000)));
                }
              });
      assertThat(failure)
          .as("the failure of a put on a full disk")
          .hasStackTraceContaining(
              database == TestDatabase.H2 ? "No space left on device" : "full");
      assertThatThrownBy(() -> put(store, checkpoint(MANY, 400_000)))
          .as("another put on the full disk")
          .isInstanceOf(CheckpointException.class)
          .hasMessageNotContaining("transaction under way");

      Files.delete(ballast);
      acknowledged.add(putSoon(store, checkpoint(MANY + 1, 10)));
    }
    try (JdbcBackendStorage store = database.store(directory, "t_").open()) {
      assertThat(Verified.checkpoints(store)).as("what is intact").containsAll(acknowledged);
    }
  }

  /** Each connection of the pool may fail once, and is not used again. */
  private static Checkpoint putSoon(JdbcBackendStorage store, Checkpoint checkpoint) {
    for (int i = 0; i < JdbcBackendStorageBuilder.DEFAULT_POOL_SIZE; i++) {
      try {
        return put(store, checkpoint);
      } catch (CheckpointException e) {
        assertThat(e).hasMessageNotContaining("transaction under way");
      }
    }
    return put(store, checkpoint);
  }

  private static Checkpoint put(JdbcBackendStorage store, Checkpoint checkpoint) {
    store.put(checkpoint, Expectation.any());
    return checkpoint;
  }

  private static void fill(Path file) throws IOException {
    try (var out = Files.newOutputStream(file)) {
      byte[] block = new byte[4096];
      while (true) {
        out.write(block);
      }
    } catch (IOException e) {
      // Full.
    }
  }

  private static Checkpoint checkpoint(long version, int bytes) {
    byte[] noise = new byte[bytes / 2];
    new Random(version).nextBytes(noise);
    return Checkpoint.builder("s")
        .id("id-" + version)
        .version(version)
        .ts(Instant.EPOCH)
        .values(Map.of("state", HexFormat.of().formatHex(noise)))
        .build();
  }
}
