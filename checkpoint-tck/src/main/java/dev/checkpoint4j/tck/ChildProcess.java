package dev.checkpoint4j.tck;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.error.CheckpointException;
import dev.checkpoint4j.error.VersionConflictException;
import dev.checkpoint4j.spi.BackendStorage;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
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
 * The program of a child process: opens the store of a test class, and makes the calls that its
 * parent asks for, or appends to a session, saying at once, a line each, what it does and what it
 * is answered. The parent counts on a line being out before the next call is made.
 */
final class ChildProcess {

  static final String PUTTING = "putting";
  static final String STORED = "stored";
  static final String DELETED = "deleted";
  static final String APPENDED = "appended";
  static final String ANSWER = "answer";
  static final String REFUSED_TO_OPEN = "refused-to-open";

  /** Unbuffered: a line is out when the write returns, also if the process is killed then. */
  private static final FileOutputStream OUT = new FileOutputStream(FileDescriptor.out);

  private static final int PUTS_PER_DELETION = 3;

  /** No two charsets write it alike. */
  private static final String TEXT = "\u00e9\u0131\u65e5\ud83d\ude00";

  private ChildProcess() {}

  /** The parent asks to append as a writer so many times, or to make a call. */
  static final String APPEND = "append";

  static final String CALL = "call";

  /** The parent asks to delete so many checkpoints one by one, by id or by session. */
  static final String DELETE = "delete";

  static final String DELETING = "deleting";

  /** Arguments: the test class, the scope's directory and name. */
  public static void main(String[] args) throws ReflectiveOperationException, IOException {
    // What the backend prints is not what this process says.
    System.setOut(new PrintStream(System.err, true, StandardCharsets.UTF_8));
    TckScope scope = new TckScope(Path.of(args[1]), args[2]);
    try (BackendStorage storage = open(args[0], scope)) {
      serve(storage, scope.namespace());
    } catch (CheckpointException e) {
      say(REFUSED_TO_OPEN + " " + e.toString().replaceAll("\\s+", " "));
    }
  }

  /** Does what the lines of the parent ask, until there are no more. */
  private static void serve(BackendStorage storage, String namespace) throws IOException {
    BufferedReader requests =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = requests.readLine(); line != null; line = requests.readLine()) {
      String[] words = line.split(" ", -1);
      switch (words[0]) {
        case APPEND -> {
          append(storage, namespace, words[1], Integer.parseInt(words[2]));
          say(APPENDED);
        }
        case DELETE -> {
          say(DELETING);
          say(
              ANSWER
                  + " "
                  + delete(
                      storage,
                      namespace,
                      Boolean.parseBoolean(words[1]),
                      words[2],
                      Integer.parseInt(words[3])));
        }
        case CALL -> say(ANSWER + " " + RemoteStorage.answer(storage, words[1]));
        default -> throw new IllegalArgumentException(line);
      }
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
      String numbers = " " + number + " " + version;
      say(PUTTING + numbers);
      try {
        storage.put(next, Expectation.any());
        say(STORED + numbers);
        if (number % PUTS_PER_DELETION == 0) {
          putAndDelete(storage, namespace, "doomed-" + writer + "-" + number, number);
        }
        number++;
      } catch (VersionConflictException e) {
        // Another writer was faster: read again.
      }
    }
  }

  /**
   * Deletes checkpoints one by one: with an id and a session of the same name, which ends with a
   * number.
   *
   * @return how many checkpoints the backend says that it deleted
   */
  static long delete(
      BackendStorage storage, String namespace, boolean isBySession, String prefix, int count) {
    long deleted = 0;
    for (int i = 0; i < count; i++) {
      deleted +=
          isBySession
              ? storage.deleteBySession(new SessionKey(namespace, prefix + i))
              : storage.delete(namespace, List.of(prefix + i));
    }
    return deleted;
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
      say(DELETED + " " + name + " " + doomed.id());
    }
  }

  /** Parent and child know what a checkpoint holds by its writer, its number and its version. */
  static Checkpoint checkpoint(SessionKey session, String writer, int number, long version) {
    return Checkpoint.builder(session.sessionId())
        .namespace(session.namespace())
        // Not by a format: some locales have digits of their own.
        .id(writer + "-" + number + "-" + version)
        .ts(Instant.EPOCH.plusMillis(number))
        .version(version)
        .values(Map.of("writer", writer, "text", TEXT + "x".repeat(number * 37 % 5000)))
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
