package dev.checkpoint4j.store.file;

import static dev.checkpoint4j.store.file.FileStores.open;
import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.testsupport.ChildJvm;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several processes on one directory. */
class FileProcessesTest {

  private static final int SESSIONS = 50;

  @TempDir Path temp;
  private final List<ChildJvm> processes = new ArrayList<>();

  @AfterEach
  void killProcesses() throws InterruptedException {
    for (ChildJvm process : processes) {
      process.close();
    }
  }

  private Path store() {
    return temp.resolve("store");
  }

  @Test
  void twoProcessesAppendingToTheSameSessionsLoseNothing() throws Exception {
    for (ChildJvm process : List.of(start("a", 1, 1500), start("b", 1, 1500))) {
      process.awaitSuccess();
    }
    Map<String, String> acknowledged = acknowledged();
    assertThat(acknowledged).hasSize(2 * 1500);
    assertThat(stored()).as("what is stored is what was acknowledged").isEqualTo(acknowledged);
  }

  @Test
  void processesKilledWhileWritingLoseNothingTheyAcknowledged() throws Exception {
    long seed = Long.getLong("checkpoint.seed", System.nanoTime());
    SplittableRandom random = new SplittableRandom(seed);
    for (int round = 0; round < 8; round++) {
      ChildJvm process = start("r" + round, 4, Integer.MAX_VALUE);
      if (round > 0) {
        // The next one is already writing beside it when this one is killed.
        awaitLines(process, random.nextInt(1, 400));
        kill(processes.get(round - 1));
      }
    }
    kill(processes.get(processes.size() - 1));
    assertThat(stored()).as("seed %d", seed).containsAllEntriesOf(acknowledged());
  }

  private static void kill(ChildJvm process) throws InterruptedException {
    assertThat(process.isAlive()).as("the process is still writing").isTrue();
    process.kill();
  }

  private static void awaitLines(ChildJvm process, int lines) throws IOException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (process.lines().size() < lines) {
      assertThat(System.nanoTime()).as("the process writes").isLessThan(deadline);
      Thread.onSpinWait();
    }
  }

  private Map<String, String> acknowledged() throws IOException {
    Map<String, String> acknowledged = new HashMap<>();
    for (ChildJvm process : processes) {
      for (String line : process.lines()) {
        String[] words = line.split(" ", 3);
        if (words[0].equals("ack")) {
          assertThat(acknowledged.put(words[1], words[2])).as("id acknowledged once").isNull();
        } else {
          assertThat(Long.parseLong(words[1]))
              .as("a refused version is not greater than the latest: %s", line)
              .isLessThanOrEqualTo(Long.parseLong(words[2]));
        }
      }
    }
    return acknowledged;
  }

  private Map<String, String> stored() {
    Map<String, String> stored = new HashMap<>();
    try (FileBackendStorage storage = open(store())) {
      for (int i = 0; i < SESSIONS; i++) {
        String session = "session-" + i;
        String parent = "-";
        long version = 0;
        for (Checkpoint checkpoint : history(storage, session)) {
          assertThat(checkpoint.version()).as("versions have no gap").isEqualTo(++version);
          assertThat(checkpoint.parentId().orElse("-")).as("parents chain").isEqualTo(parent);
          assertThat(storage.get("default", checkpoint.id())).contains(checkpoint);
          stored.put(checkpoint.id(), "%s %d %s".formatted(session, version, parent));
          parent = checkpoint.id();
        }
      }
    }
    return stored;
  }

  private static List<Checkpoint> history(FileBackendStorage storage, String session) {
    return storage
        .list(
            CheckpointQuery.builder(new SessionKey("default", session))
                .order(CheckpointQuery.Order.OLDEST_FIRST)
                .limit(1000)
                .build())
        .items();
  }

  private ChildJvm start(String name, int threads, int checkpoints) throws IOException {
    ChildJvm process =
        ChildJvm.start(
            temp.resolve(name + ".txt"),
            AppendingProcess.class,
            store().toString(),
            name,
            Integer.toString(SESSIONS),
            Integer.toString(threads),
            Integer.toString(checkpoints));
    processes.add(process);
    return process;
  }
}
