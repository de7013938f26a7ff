package dev.checkpoint4j.store.file;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.error.CheckpointException;
import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.stream.Stream;

/**
 * A process that does what its arguments say, one after the other, on a store whose directory is
 * the first, and says how each went: {@code <command> -> ok}, {@code present}, {@code absent}, a
 * number, or the name of a typed error. Anything else ends it with an exit code.
 */
final class FaultProbe {

  private final FileBackendStorage storage;
  private final Deque<FileInputStream> descriptors = new ArrayDeque<>();

  private FaultProbe(FileBackendStorage storage) {
    this.storage = storage;
  }

  public static void main(String[] args) throws IOException {
    loadClasses();
    FileBackendStorage storage;
    try {
      storage = FileBackendStorage.open(Path.of(args[0]), FileStores.codec());
    } catch (CheckpointException e) {
      say("open", e.getClass().getSimpleName());
      return;
    }
    FaultProbe probe = new FaultProbe(storage);
    for (String command : List.of(args).subList(1, args.length)) {
      String outcome;
      try {
        outcome = probe.run(command.split(" ", -1));
      } catch (CheckpointException e) {
        System.err.println(e);
        outcome = e.getClass().getSimpleName();
      }
      say(command, outcome);
    }
    probe.descriptors.clear();
    storage.close();
  }

  private static void say(String command, String outcome) {
    System.out.println(command + " -> " + outcome);
  }

  private String run(String[] words) throws IOException {
    switch (words[0]) {
      case "put" ->
          storage.put(
              FileStores.checkpoint(words[1], Long.parseLong(words[2])).toBuilder()
                  .ts(Instant.EPOCH)
                  .build(),
              Expectation.any());
      case "get" -> {
        return storage
            .get(Checkpoint.DEFAULT_NAMESPACE, words[1])
            .map(found -> "present")
            .orElse("absent");
      }
      case "latest" -> {
        return storage.getBySession(session(words[1])).map(Checkpoint::id).orElse("absent");
      }
      case "delete" -> {
        return Long.toString(
            storage.delete(Checkpoint.DEFAULT_NAMESPACE, List.of(words[1].split(",", -1))));
      }
      case "deleteBySession" -> {
        return Long.toString(storage.deleteBySession(session(words[1])));
      }
      case "exhaust" -> exhaust();
      case "release" -> {
        for (int i = Integer.parseInt(words[1]); i > 0 && !descriptors.isEmpty(); i--) {
          descriptors.pop().close();
        }
      }
      default -> throw new IllegalArgumentException(words[0]);
    }
    return "ok";
  }

  private static SessionKey session(String id) {
    return new SessionKey(Checkpoint.DEFAULT_NAMESPACE, id);
  }

  /** Opens files until no more can be opened. */
  @SuppressWarnings("InfiniteLoopStatement")
  private void exhaust() {
    try {
      while (true) {
        descriptors.push(new FileInputStream("/dev/null"));
      }
    } catch (IOException e) {
      System.err.println(descriptors.size() + " opened: " + e);
    }
  }

  /**
   * A class in a directory, unlike one in a jar, takes a descriptor to be loaded. Those of the
   * servers of other tests cannot be loaded here.
   */
  private static void loadClasses() throws IOException {
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      Path root = Path.of(entry);
      if (!Files.isDirectory(root) || entry.endsWith("test-classes")) {
        continue;
      }
      try (Stream<Path> files = Files.walk(root)) {
        List<String> names =
            files
                .map(file -> root.relativize(file).toString())
                .filter(name -> name.endsWith(".class") && !name.contains("testsupport"))
                .toList();
        for (String name : names) {
          Class.forName(
              name.substring(0, name.length() - ".class".length())
                  .replace(File.separatorChar, '.'));
        }
      } catch (ClassNotFoundException e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
