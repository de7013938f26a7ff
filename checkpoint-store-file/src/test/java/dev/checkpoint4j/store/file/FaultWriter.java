package dev.checkpoint4j.store.file;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.annotation.CanIgnoreReturnValue;
import dev.checkpoint4j.error.CheckpointException;
import dev.checkpoint4j.error.VersionConflictException;
import dev.checkpoint4j.spi.Durability;
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
import org.jspecify.annotations.Nullable;

/**
 * A process whose threads write until it is killed, or the store fails: they append to sessions
 * that all processes share, and fill, thin out, delete and create sessions of their own. Before and
 * after each change they say so, a line each:
 *
 * <pre>
 * putting id session version      put id | refused id
 * deleting session id id ...      deleted session id id ...
 * failed error message            (a typed error)
 * broken error                    (anything else)
 * </pre>
 */
final class FaultWriter {

  /** Unbuffered: a line is out as soon as the write returns, also when the process is killed. */
  private static final FileOutputStream OUT = new FileOutputStream(FileDescriptor.out);

  private static final String NAMESPACE = Checkpoint.DEFAULT_NAMESPACE;
  private static final int OWN_SESSIONS = 2;

  private final FileBackendStorage storage;
  private final int sharedSessions;
  private final String owner;
  private final String name;
  private final SplittableRandom random;
  private int tried;

  private FaultWriter(
      FileBackendStorage storage, int sharedSessions, String owner, String name, long seed) {
    this.storage = storage;
    this.sharedSessions = sharedSessions;
    this.owner = owner;
    this.name = name;
    this.random = new SplittableRandom(seed);
  }

  /**
   * Arguments: the directory, the durability, how many shared sessions and threads, who owns the
   * threads' sessions (each owner runs once at a time), and a name for this run.
   */
  public static void main(String[] args) throws Exception {
    FileBackendStorage storage =
        FileBackendStorage.builder()
            .directory(Path.of(args[0]))
            .codec(FileStores.codec())
            .durability(Durability.valueOf(args[1]))
            .open();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < Integer.parseInt(args[3]); i++) {
      String name = args[5] + "." + i;
      FaultWriter writer =
          new FaultWriter(
              storage, Integer.parseInt(args[2]), args[4] + "." + i, name, name.hashCode());
      Thread thread = new Thread(writer::write, name);
      thread.start();
      threads.add(thread);
    }
    for (Thread thread : threads) {
      thread.join();
    }
  }

  static String sharedSession(int number) {
    return "shared-" + number;
  }

  /** What the checkpoint with some id holds: up to 2 KB if it is of a shared session, else 12. */
  static Map<String, Object> values(String id) {
    SplittableRandom random = new SplittableRandom(id.hashCode());
    int length = id.startsWith("shared") ? random.nextInt(2_000) : random.nextInt(4_000, 12_000);
    StringBuilder text = new StringBuilder(length);
    while (text.length() < length) {
      text.append(Long.toString(random.nextLong(), Character.MAX_RADIX));
    }
    return Map.of("id", id, "text", text.toString());
  }

  private void write() {
    try {
      while (true) {
        if (random.nextBoolean()) {
          appendToShared();
        } else {
          changeOwn("own-" + owner + "-" + random.nextInt(OWN_SESSIONS));
        }
      }
    } catch (CheckpointException e) {
      say("failed " + e.getClass().getSimpleName() + " " + e.operation() + " " + e.getMessage());
    } catch (RuntimeException | Error e) {
      say("broken " + e);
      e.printStackTrace();
    }
  }

  private void appendToShared() {
    String session = sharedSession(random.nextInt(sharedSessions));
    put("shared", session, storage.getBySession(new SessionKey(NAMESPACE, session)).orElse(null));
  }

  /** Fills a session with some checkpoints, then deletes some of them, or all. */
  private void changeOwn(String session) {
    SessionKey key = new SessionKey(NAMESPACE, session);
    List<String> ids =
        storage
            .listHeaders(
                CheckpointQuery.builder(key).order(CheckpointQuery.Order.OLDEST_FIRST).build())
            .items()
            .stream()
            .map(CheckpointHeader::id)
            .toList();
    @Nullable Checkpoint latest = storage.getBySession(key).orElse(null);
    for (int i = ids.size(); i < 20; i++) {
      latest = put("own", session, latest);
      if (random.nextInt(10) == 0) {
        // Goes on another time.
        return;
      }
    }
    if (ids.isEmpty()) {
      return;
    }
    int choice = random.nextInt(10);
    List<String> chosen = choice < 7 ? ids.subList(0, ids.size() - ids.size() / 8) : idsOf(key);
    String line = session + " " + String.join(" ", chosen);
    say("deleting " + line);
    if (choice < 8) {
      storage.delete(NAMESPACE, chosen);
    } else {
      storage.deleteBySession(key);
    }
    say("deleted " + line);
  }

  private List<String> idsOf(SessionKey session) {
    return storage
        .listHeaders(CheckpointQuery.builder(session).limit(1_000).build())
        .items()
        .stream()
        .map(CheckpointHeader::id)
        .toList();
  }

  @CanIgnoreReturnValue
  private Checkpoint put(String kind, String session, @Nullable Checkpoint latest) {
    String id = kind + "-" + name + "-" + tried++;
    Checkpoint next =
        (latest == null ? Checkpoint.builder(session) : latest.next())
            .id(id)
            .values(values(id))
            .build();
    say("putting %s %s %d".formatted(id, session, next.version()));
    try {
      storage.put(next, Expectation.any());
      say("put " + id);
    } catch (VersionConflictException e) {
      say("refused " + id);
    }
    return next;
  }

  private static void say(String line) {
    try {
      OUT.write((line.replace('\n', ' ') + "\n").getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
