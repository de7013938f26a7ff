package dev.checkpoint4j.store.file;

import static dev.checkpoint4j.store.file.FileStores.open;
import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.SessionKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several processes on one directory. */
class FileProcessesTest {

  private static final int SESSIONS = 50;
  private static final int CHECKPOINTS = 1500;

  @TempDir Path temp;

  @Test
  void twoProcessesAppendingToTheSameSessionsLoseNothing() throws Exception {
    Path store = temp.resolve("store");
    List<Path> outputs = new ArrayList<>();
    List<Process> processes = new ArrayList<>();
    for (String name : List.of("a", "b")) {
      Path output = temp.resolve(name + ".txt");
      outputs.add(output);
      processes.add(start(store, name, output));
    }
    for (Process process : processes) {
      assertThat(process.waitFor(5, TimeUnit.MINUTES)).as("the process ends").isTrue();
      assertThat(process.exitValue()).as("exit code of the process").isZero();
    }

    Map<String, String> acknowledged = new HashMap<>();
    for (Path output : outputs) {
      for (String line : Files.readAllLines(output)) {
        String[] words = line.split(" ", 3);
        if (words[0].equals("ack")) {
          assertThat(acknowledged.put(words[1], words[2])).as("id acknowledged once").isNull();
        } else {
          String[] versions = line.split(" ", -1);
          assertThat(Long.parseLong(versions[1]))
              .as("a refused version is not greater than the latest: %s", line)
              .isLessThanOrEqualTo(Long.parseLong(versions[2]));
        }
      }
    }
    assertThat(acknowledged).hasSize(2 * CHECKPOINTS);

    Map<String, String> stored = new HashMap<>();
    try (FileBackendStorage storage = open(store)) {
      for (int i = 0; i < SESSIONS; i++) {
        String session = "session-" + i;
        String parent = "-";
        long version = 0;
        for (Checkpoint checkpoint : history(storage, session)) {
          assertThat(checkpoint.version()).as("versions have no gap").isEqualTo(++version);
          assertThat(checkpoint.parentId().orElse("-")).as("parents chain").isEqualTo(parent);
          parent = checkpoint.id();
          stored.put(
              checkpoint.id(),
              "%s %d %s".formatted(session, version, checkpoint.parentId().orElse("-")));
        }
      }
    }
    assertThat(stored).as("what is stored is what was acknowledged").isEqualTo(acknowledged);
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

  private static Process start(Path store, String name, Path output) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
            AppendingProcess.class.getName(),
            store.toString(),
            name,
            Integer.toString(SESSIONS),
            Integer.toString(CHECKPOINTS))
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .redirectOutput(output.toFile())
        .start();
  }
}
