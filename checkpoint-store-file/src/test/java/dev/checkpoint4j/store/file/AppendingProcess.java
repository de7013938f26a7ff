package dev.checkpoint4j.store.file;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.error.VersionConflictException;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * A process that appends to sessions others append to as well. Says at once, a line each, what was
 * acknowledged ({@code ack id session version parent}) and refused ({@code conflict version
 * latest}).
 */
final class AppendingProcess {

  /** Unbuffered: a line is out as soon as the write returns, also when the process is killed. */
  private static final FileOutputStream OUT = new FileOutputStream(FileDescriptor.out);

  private AppendingProcess() {}

  /** Arguments: the directory, a name, how many sessions, threads, checkpoints of each thread. */
  public static void main(String[] args) throws Exception {
    int threads = Integer.parseInt(args[3]);
    ExecutorService executor = Executors.newFixedThreadPool(threads);
    try (FileBackendStorage storage = FileStores.open(Path.of(args[0]))) {
      List<Callable<Void>> writers = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        String name = args[1] + "." + i;
        writers.add(
            () -> append(storage, name, Integer.parseInt(args[2]), Integer.parseInt(args[4])));
      }
      for (Future<Void> writer : executor.invokeAll(writers)) {
        writer.get();
      }
    } finally {
      executor.shutdown();
    }
  }

  private static Void append(
      FileBackendStorage storage, String name, int sessions, int checkpoints) {
    SplittableRandom random = new SplittableRandom(name.hashCode());
    int appended = 0;
    while (appended < checkpoints) {
      String session = "session-" + random.nextInt(sessions);
      Checkpoint latest = storage.getBySession(new SessionKey("default", session)).orElse(null);
      Checkpoint next =
          (latest == null ? Checkpoint.builder(session) : latest.next())
              .id(name + "-" + appended)
              .values(Map.of("writer", name, "number", appended))
              .build();
      try {
        storage.put(next, Expectation.any());
        say(
            "ack %s %s %d %s\n"
                .formatted(next.id(), session, next.version(), next.parentId().orElse("-")));
        appended++;
      } catch (VersionConflictException e) {
        say("conflict %d %d\n".formatted(e.version(), e.latestVersion()));
      }
    }
    return null;
  }

  private static void say(String line) {
    try {
      OUT.write(line.getBytes(StandardCharsets.US_ASCII));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
