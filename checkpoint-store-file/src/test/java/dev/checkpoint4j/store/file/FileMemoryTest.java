package dev.checkpoint4j.store.file;

import static dev.checkpoint4j.store.file.FileStores.open;
import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.Expectation;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is left in memory of a large checkpoint. */
class FileMemoryTest {

  private static final int BYTES = 16 << 20;

  @TempDir Path directory;

  @Test
  void aThreadThatWroteAndReadALargeCheckpointKeepsNoBufferOfItsSize() throws Exception {
    Checkpoint large =
        Checkpoint.builder("s")
            .id("large")
            .version(1)
            .values(Map.of("text", "x".repeat(BYTES)))
            .build();
    ExecutorService thread = Executors.newSingleThreadExecutor();
    try (FileBackendStorage storage = open(directory)) {
      long before = directMemory();
      assertThat(
              thread
                  .submit(
                      () -> {
                        storage.put(large, Expectation.any());
                        return storage.get(large.namespace(), "large");
                      })
                  .get())
          .as("the large checkpoint")
          .contains(large);
      assertThat(directMemory() - before)
          .as("bytes outside the heap, kept by a living thread")
          .isLessThan(BYTES / 4);
    } finally {
      thread.shutdown();
    }
  }

  private static long directMemory() {
    return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
        .filter(pool -> pool.getName().equals("direct"))
        .mapToLong(BufferPoolMXBean::getMemoryUsed)
        .sum();
  }
}
