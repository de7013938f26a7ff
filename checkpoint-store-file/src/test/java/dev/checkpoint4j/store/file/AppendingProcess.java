package dev.checkpoint4j.store.file;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.error.VersionConflictException;
import java.nio.file.Path;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * A process that appends to sessions others append to as well. Says, a line each, what was
 * acknowledged ({@code ack id session version parent}) and refused ({@code conflict version latest}).
 */
final class AppendingProcess {

  private AppendingProcess() {}

  /** Arguments: the directory, the process's name, how many sessions, how many checkpoints. */
  public static void main(String[] args) {
    String name = args[1];
    int sessions = Integer.parseInt(args[2]);
    int checkpoints = Integer.parseInt(args[3]);
    SplittableRandom random = new SplittableRandom(name.hashCode());
    StringBuilder output = new StringBuilder();
    try (FileBackendStorage storage = FileStores.open(Path.of(args[0]))) {
      for (int i = 0; i < checkpoints; ) {
        String session = "session-" + random.nextInt(sessions);
        Checkpoint latest =
            storage.getBySession(new SessionKey("default", session)).orElse(null);
        Checkpoint next =
            (latest == null ? Checkpoint.builder(session) : latest.next())
                .id(name + "-" + i)
                .values(Map.of("writer", name, "number", i))
                .build();
        try {
          storage.put(next);
          output
              .append("ack %s %s %d %s\n"
                  .formatted(next.id(), session, next.version(), next.parentId().orElse("-")));
          i++;
        } catch (VersionConflictException e) {
          output.append("conflict %d %d\n".formatted(e.version(), e.latestVersion()));
        }
      }
    }
    System.out.print(output);
  }
}
