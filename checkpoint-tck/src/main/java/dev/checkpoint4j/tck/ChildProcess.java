package dev.checkpoint4j.tck;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.error.CheckpointException;
import dev.checkpoint4j.error.VersionConflictException;
import dev.checkpoint4j.spi.BackendStorage;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.lang.reflect.Constructor;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The program of a child process: opens the store of a test class and appends to a session, saying
 * at once, a line each, what it does and what it is answered. The parent counts on a line being out
 * before the next call is made.
 */
final class ChildProcess {

  static final String PUTTING = "putting";
  static final String STORED = "stored";
  static final String DELETED = "deleted";
  static final String REFUSED_TO_OPEN = "refused-to-open";

  /** Unbuffered: a line is out when the write returns, also if the process is killed then. */
  private static final FileOutputStream OUT = new FileOutputStream(FileDescriptor.out);

  private static final int PUTS_PER_DELETION = 3;

  private ChildProcess() {}

  /** Arguments: the test class, the scope's directory and name, a writer's name, how many puts. */
  public static void main(String[] args) throws ReflectiveOperationException {
    // What the backend prints is not what this process says.
    System.setOut(new PrintStream(System.err, true, StandardCharsets.UTF_8));
    TckScope scope = new TckScope(Path.of(args[1]), args[2]);
    try (BackendStorage storage = open(args[0], scope)) {
      append(storage, scope.namespace(), args[3], Integer.parseInt(args[4]));
    } catch (CheckpointException e) {
      say(REFUSED_TO_OPEN + " " + e.toString().replaceAll("\\s+", " "));
    }
  }

  private static BackendStorage open(String testClass, TckScope scope)
      throws ReflectiveOperationException {
    Constructor<?> constructor = Class.forName(testClass).getDeclaredConstructor();
    constructor.setAccessible(true);
    return ((Reads) constructor.newInstance()).open(scope);
  }

  /** Reads the latest and puts the next version, so many times. */
  private static void append(BackendStorage storage, String namespace, String writer, int puts) {
    SessionKey session = new SessionKey(namespace, "s");
    for (int number = 1; number <= puts; ) {
      Optional<Checkpoint> latest = storage.getBySession(session);
      long version = latest.map(Checkpoint::version).orElse(0L) + 1;
      Checkpoint next = checkpoint(session, writer, number, version);
      say("%s %d %d".formatted(PUTTING, number, version));
      try {
        storage.put(next, Expectation.any());
        say("%s %d %d".formatted(STORED, number, version));
        if (number % PUTS_PER_DELETION == 0) {
          putAndDelete(storage, namespace, "doomed-%s-%d".formatted(writer, number), number);
        }
        number++;
      } catch (VersionConflictException e) {
        // Another writer was faster: read again.
      }
    }
  }

  /** By id and by session in turn; of a session of its own, for others to go on undisturbed. */
  private static void putAndDelete(
      BackendStorage storage, String namespace, String name, int number) {
    SessionKey session = new SessionKey(namespace, name);
    Checkpoint doomed = checkpoint(session, name, number, 1);
    storage.put(doomed, Expectation.any());
    long deleted =
        number % (2 * PUTS_PER_DELETION) == 0
            ? storage.delete(namespace, List.of(doomed.id()))
            : storage.deleteBySession(session);
    if (deleted == 1) {
      say("%s %s %s".formatted(DELETED, name, doomed.id()));
    }
  }

  /** Parent and child know what a checkpoint holds by its writer, its number and its version. */
  static Checkpoint checkpoint(SessionKey session, String writer, int number, long version) {
    return Checkpoint.builder(session.sessionId())
        .namespace(session.namespace())
        .id("%s-%d-%d".formatted(writer, number, version))
        .ts(Instant.EPOCH.plusMillis(number))
        .version(version)
        .values(Map.of("writer", writer, "text", "x".repeat(number * 37 % 5000)))
        .build();
  }

  private static void say(String line) {
    try {
      OUT.write((line + "\n").getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
