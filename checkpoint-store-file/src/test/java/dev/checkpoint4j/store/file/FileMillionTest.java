package dev.checkpoint4j.store.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.testsupport.ChildJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A million checkpoints in processes whose heap could not hold them. */
@Tag("soak")
class FileMillionTest {

  private static final int SESSIONS = 10_000;
  private static final int CHECKPOINTS_OF_A_SESSION = 100;
  private static final int MAX_DESCRIPTORS = 100;
  private static final long MAX_MEGABYTES_LIVE = 128;

  @TempDir Path temp;

  @Test
  void areMadeAndReadWithBoundedHeapAndFiles() throws Exception {
    report(run("build"));
    List<String> said = run("read");
    report(said);
    assertThat(said)
        .contains("latest 100", "get session-7777-50", "page 100", "sessions 1000")
        .last()
        .satisfies(
            line -> {
              String[] words = line.split(" ", -1);
              assertThat(Long.parseLong(words[1])).as("descriptors").isLessThan(MAX_DESCRIPTORS);
              assertThat(Long.parseLong(words[3]))
                  .as("megabytes that live")
                  .isLessThan(MAX_MEGABYTES_LIVE);
            });
  }

  private static void report(List<String> lines) {
    lines.forEach(System.out::println);
  }

  private List<String> run(String what) throws Exception {
    try (ChildJvm process =
        ChildJvm.start(
            temp.resolve(what + ".txt"),
            List.of(),
            List.of("-Xmx256m"),
            Million.class,
            temp.resolve("store").toString(),
            what)) {
      return process.awaitSuccess();
    }
  }

  /** The process: builds the store, or reads from it. */
  static final class Million {

    private Million() {}

    public static void main(String[] args) throws IOException {
      long start = System.nanoTime();
      try (FileBackendStorage storage = FileStores.open(Path.of(args[0]))) {
        System.out.printf("took open %d ms%n", (System.nanoTime() - start) / 1_000_000);
        if (args[1].equals("build")) {
          build(storage);
          System.out.printf("took build %d ms%n", (System.nanoTime() - start) / 1_000_000);
        } else {
          read(storage, start);
        }
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        System.out.printf(
            "descriptors %d megabytes %d%n",
            descriptors(), (runtime.totalMemory() - runtime.freeMemory()) >> 20);
      }
    }

    /** All sessions grow at the same time, as they do in life. */
    private static void build(FileBackendStorage storage) {
      for (int version = 1; version <= CHECKPOINTS_OF_A_SESSION; version++) {
        for (int i = 0; i < SESSIONS; i++) {
          storage.put(
              Checkpoint.builder("session-" + i)
                  .id("session-" + i + "-" + version)
                  .version(version)
                  .values(Map.of("step", version))
                  .build(),
              Expectation.any());
        }
      }
    }

    private static void read(FileBackendStorage storage, long start) {
      String namespace = Checkpoint.DEFAULT_NAMESPACE;
      SessionKey session = new SessionKey(namespace, "session-4321");
      System.out.printf("latest %d%n", storage.getBySession(session).orElseThrow().version());
      System.out.printf("took first latest %d ms%n", (System.nanoTime() - start) / 1_000_000);
      System.out.printf(
          "get %s%n", storage.get(namespace, "session-7777-50").map(Checkpoint::id).orElse("-"));
      System.out.printf(
          "page %d%n",
          storage.list(CheckpointQuery.builder(namespace).limit(100).build()).items().size());
      System.out.printf(
          "sessions %d%n", storage.listSessions(namespace, 1_000, Optional.empty()).items().size());
      long reads = System.nanoTime();
      for (int i = 0; i < SESSIONS; i++) {
        if (storage.getBySession(new SessionKey(namespace, "session-" + i)).isEmpty()) {
          throw new IllegalStateException("no session " + i);
        }
      }
      System.out.printf(
          "took %d latest %d ms%n", SESSIONS, (System.nanoTime() - reads) / 1_000_000);
    }

    private static long descriptors() throws IOException {
      Path open = Path.of("/proc/self/fd");
      if (!Files.isDirectory(open)) {
        return 0;
      }
      try (Stream<Path> descriptors = Files.list(open)) {
        return descriptors.count();
      }
    }
  }
}
