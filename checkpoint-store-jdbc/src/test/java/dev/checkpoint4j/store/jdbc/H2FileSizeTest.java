package dev.checkpoint4j.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointMetadata;
import dev.checkpoint4j.Expectation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * How large the file of H2 is in proportion to what is in it, while the store is open and after.
 */
class H2FileSizeTest {

  private static final int WRITERS = 4;
  private static final int PUTS = 75;
  private static final int MANY_PUTS = 1_000;

  /** So much is not worth to be removed from a file of any size. */
  private static final long GARBAGE_OF_SMALL_FILES = 16 << 20;

  /** In their rows, and in tables of H2's own. */
  @ParameterizedTest
  @ValueSource(ints = {2_000, 12_000})
  void isAtMostTwiceThatOfTheDocuments(int characters, @TempDir Path directory) throws Exception {
    List<Checkpoint> stored = new ArrayList<>();
    ExecutorService threads = Executors.newFixedThreadPool(WRITERS);
    try (JdbcBackendStorage store = open(directory)) {
      List<Future<List<Checkpoint>>> writers = new ArrayList<>();
      for (int number = 0; number < WRITERS; number++) {
        Random random = new Random(number);
        String session = "session-" + number;
        writers.add(threads.submit(() -> put(store, session, characters, PUTS, random)));
      }
      for (Future<List<Checkpoint>> writer : writers) {
        stored.addAll(writer.get());
      }
    } finally {
      threads.shutdownNow();
    }

    long file = fileBytes(directory);
    try (JdbcBackendStorage store = open(directory)) {
      assertThat(Verified.checkpoints(store))
          .as("what is stored after the file was compacted")
          .containsExactlyInAnyOrderElementsOf(stored);
      assertThat(file)
          .as("bytes of the file")
          .isLessThanOrEqualTo(2 * Verified.report(store).bytes());
    }
  }

  /** As long as the store is open; without compaction, the file would have ten times as much. */
  @Test
  void isAtMostTwiceThatOfTheDocumentsWhileOpen(@TempDir Path directory) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(WRITERS);
    try (JdbcBackendStorage store = open(directory)) {
      List<Future<List<Checkpoint>>> writers = new ArrayList<>();
      for (int number = 0; number < WRITERS; number++) {
        Random random = new Random(number);
        String session = "session-" + number;
        writers.add(threads.submit(() -> put(store, session, 4_000, MANY_PUTS, random)));
      }
      List<Checkpoint> stored = new ArrayList<>();
      for (Future<List<Checkpoint>> writer : writers) {
        stored.addAll(writer.get());
      }
      assertThat(Verified.checkpoints(store))
          .as("what is stored")
          .containsExactlyInAnyOrderElementsOf(stored);
      assertThat(fileBytes(directory))
          .as("bytes of the file")
          .isLessThanOrEqualTo(2 * Verified.report(store).bytes() + GARBAGE_OF_SMALL_FILES);
    } finally {
      threads.shutdownNow();
    }
  }

  private static long fileBytes(Path directory) throws IOException {
    return Files.size(directory.resolve("db.mv.db"));
  }

  private static JdbcBackendStorage open(Path directory) {
    return JdbcBackendStorage.builder()
        .url("jdbc:h2:" + directory.resolve("db"))
        .codec(TestCodec.INSTANCE)
        .open();
  }

  private static List<Checkpoint> put(
      JdbcBackendStorage store, String session, int characters, int puts, Random random) {
    List<Checkpoint> put = new ArrayList<>();
    for (int version = 1; version <= puts; version++) {
      StringBuilder text = new StringBuilder();
      random.ints(characters, 'a', 'z').forEach(letter -> text.append((char) letter));
      Checkpoint checkpoint =
          Checkpoint.builder(CheckpointMetadata.of(session))
              .id(session + "-" + random.nextLong())
              .version(version)
              .values(Map.of("text", text.toString()))
              .build();
      store.put(checkpoint, Expectation.any());
      put.add(checkpoint);
    }
    return put;
  }
}
