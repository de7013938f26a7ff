package dev.checkpoint4j.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointMetadata;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.testsupport.ChildJvm;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A process that writes to a file of H2, and compacts it meanwhile, is killed and started again:
 * what was acknowledged is there, and the file has never grown to what it is without compaction.
 */
@Timeout(1_200)
class H2KilledTest {

  private static final int WRITERS = 8;
  private static final int MIN_OPERATIONS = 600;
  private static final int MAX_OPERATIONS = 3_000;
  private static final int MAX_CHARACTERS = 4_000;

  /** What a commit was seen to write is 45 KB. */
  private static final long BYTES_OF_A_COMMIT = 20_000;

  @TempDir Path directory;

  @Test
  void losesNothingThatWasAcknowledged() throws Exception {
    killInEachOf(3);
  }

  @Test
  @Tag("soak")
  void losesNothingThatWasAcknowledgedInManyRounds() throws Exception {
    killInEachOf(20);
  }

  private void killInEachOf(int rounds) throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    List<List<Integer>> acknowledged = new ArrayList<>();
    for (int round = 0; round < rounds; round++) {
      int operations = MIN_OPERATIONS + random.nextInt(MAX_OPERATIONS - MIN_OPERATIONS);
      acknowledged.add(killedAfter(operations, round));
      long bytes = Files.size(directory.resolve("db.mv.db"));
      String when = "after round %d of seed %d".formatted(round, seed);
      try (JdbcBackendStorage store = open(directory)) {
        List<Checkpoint> stored = Verified.checkpoints(store);
        for (int each = 0; each <= round; each++) {
          for (int writer = 0; writer < WRITERS; writer++) {
            String session = session(each, writer);
            int done = acknowledged.get(each).get(writer);
            assertThat(
                    stored.stream()
                        .filter(checkpoint -> checkpoint.metadata().sessionId().equals(session))
                        .toList())
                .as("what is stored of %s %s", session, when)
                .isIn(storedBy(session, done), storedBy(session, done + 1));
          }
        }
        long commits = acknowledged.get(round).stream().mapToLong(Integer::longValue).sum();
        assertThat(bytes)
            .as("bytes of the file %s", when)
            .isLessThan(2 * Verified.report(store).bytes() + BYTES_OF_A_COMMIT * commits);
      }
    }
  }

  /** How many operations of each writer were acknowledged before the process was killed. */
  private List<Integer> killedAfter(int operations, int round) throws IOException {
    Process process =
        new ProcessBuilder(
                ChildJvm.command(
                    List.of(), H2KilledTest.class, directory.toString(), Integer.toString(round)))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    int[] acknowledged = new int[WRITERS];
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      int read = 0;
      String line;
      while ((line = lines.readLine()) != null) {
        acknowledged[Integer.parseInt(line)]++;
        if (++read == operations) {
          // Not by the process itself, which would close what is still to be read.
          process.toHandle().destroyForcibly();
        }
      }
      assertThat(read).as("operations before the process ended").isGreaterThanOrEqualTo(operations);
    } finally {
      process.destroyForcibly();
    }
    process.onExit().join();
    return IntStream.of(acknowledged).boxed().toList();
  }

  // What a writer does

  private static String session(int round, int writer) {
    return "round-%d-writer-%d".formatted(round, writer);
  }

  private static Checkpoint checkpoint(String session, long version) {
    Random random = new Random(31L * session.hashCode() + version);
    StringBuilder text = new StringBuilder();
    random
        .ints(random.nextInt(MAX_CHARACTERS), 'a', 'z' + 1)
        .forEach(letter -> text.append((char) letter));
    return Checkpoint.builder(CheckpointMetadata.of(session))
        .id("%s-%d-%d".formatted(session, random.nextInt(1_000_000), version))
        .version(version)
        .values(Map.of("text", text.toString()))
        .ts(Instant.EPOCH)
        .build();
  }

  /** Each eighth operation deletes what the third before it has put. */
  private static boolean isDeletion(long operation) {
    return operation % 8 == 0;
  }

  private static void run(JdbcBackendStorage store, String session, long operation) {
    if (isDeletion(operation)) {
      store.delete("default", List.of(checkpoint(session, operation - 3).id()));
    } else {
      store.put(checkpoint(session, operation), Expectation.any());
    }
  }

  /** What is stored after so many operations. */
  private static List<Checkpoint> storedBy(String session, int operations) {
    return LongStream.rangeClosed(1, operations)
        .filter(operation -> !isDeletion(operation))
        .filter(operation -> (operation + 3) % 8 != 0 || operation + 3 > operations)
        .mapToObj(operation -> checkpoint(session, operation))
        .toList();
  }

  private static JdbcBackendStorage open(Path directory) {
    return JdbcBackendStorage.builder()
        .url("jdbc:h2:" + directory.resolve("db"))
        .codec(TestCodec.INSTANCE)
        .open();
  }

  /** The process that is killed: each line of what it says is one operation of a writer. */
  public static void main(String[] arguments) {
    JdbcBackendStorage store = open(Path.of(arguments[0]));
    int round = Integer.parseInt(arguments[1]);
    // Unbuffered: a line is out when the write returns, also if the process is killed then.
    FileOutputStream out = new FileOutputStream(FileDescriptor.out);
    ExecutorService threads = Executors.newFixedThreadPool(WRITERS);
    for (int number = 0; number < WRITERS; number++) {
      String session = session(round, number);
      byte[] line = (number + "\n").getBytes(StandardCharsets.UTF_8);
      threads.execute(
          () -> {
            try {
              for (long operation = 1; ; operation++) {
                run(store, session, operation);
                out.write(line);
              }
            } catch (IOException e) {
              throw new IllegalStateException(e);
            }
          });
    }
  }
}
