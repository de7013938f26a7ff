package dev.checkpoint4j.testsupport;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Programs that the build of this module puts beside its classes, for it and for other modules. */
final class ServerPrograms {

  private ServerPrograms() {}

  static List<Path> jars(String server) {
    Path directory = target().resolve("server-programs").resolve(server);
    if (!Files.isDirectory(directory)) {
      throw new IllegalStateException(
          "no "
              + directory
              + ": mvn process-resources -pl checkpoint-test-support fetches the servers");
    }
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(file -> file.toString().endsWith(".jar")).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path target() {
    return ownClasses().resolveSibling("");
  }

  /** Where the classes of this module are, as a directory or a jar. */
  static Path ownClasses() {
    try {
      return Path.of(
          ServerPrograms.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
