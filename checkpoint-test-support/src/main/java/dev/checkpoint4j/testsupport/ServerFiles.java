package dev.checkpoint4j.testsupport;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Files of servers. */
final class ServerFiles {

  private ServerFiles() {}

  /** Below {@code target} of the module whose tests run. */
  static Path base() {
    Path target = Path.of("target");
    Path base =
        Files.isDirectory(target)
            ? target.resolve("servers")
            : Path.of(System.getProperty("java.io.tmpdir"))
                .resolve("checkpoint-servers-" + System.getProperty("user.name"));
    try {
      return Files.createDirectories(base.toAbsolutePath());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Path newDirectory(String prefix) {
    try {
      return Files.createTempDirectory(base(), prefix + "-");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static void delete(Path directory) {
    try (Stream<Path> tree = Files.walk(directory)) {
      List<Path> leavesFirst = tree.sorted(Comparator.reverseOrder()).toList();
      for (Path path : leavesFirst) {
        Files.deleteIfExists(path);
      }
    } catch (NoSuchFileException e) {
      // Nothing to delete.
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The text of a log, for the message of a failure; empty if there is none. */
  static String read(Path log) {
    try {
      return Files.exists(log) ? Files.readString(log) : "";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
