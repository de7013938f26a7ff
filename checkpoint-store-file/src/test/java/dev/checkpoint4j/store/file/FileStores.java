package dev.checkpoint4j.store.file;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.spi.CheckpointCodec;
import dev.checkpoint4j.spi.Durability;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.stream.Stream;

/** What the tests of the file store share. */
final class FileStores {

  private FileStores() {}

  static CheckpointCodec codec() {
    return ServiceLoader.load(CheckpointCodec.class).findFirst().orElseThrow();
  }

  /** A store that does not force: for tests that do not crash a machine. */
  static FileBackendStorage open(Path directory) {
    return FileBackendStorage.open(
        directory, codec(), Durability.PROCESS_CRASH, FileBackendStorage.DEFAULT_LOCK_TIMEOUT);
  }

  static Checkpoint checkpoint(String session, long version) {
    return Checkpoint.builder(session)
        .id(session + "-" + version)
        .version(version)
        .values(Map.of("step", version))
        .build();
  }

  static Path log(Path directory) {
    return only(directory, SessionLog.SUFFIX);
  }

  static Path index(Path directory) {
    return only(directory, NamespaceIndex.FILE_NAME);
  }

  private static Path only(Path directory, String suffix) {
    try (Stream<Path> files = Files.walk(directory)) {
      List<Path> found =
          files.filter(file -> file.getFileName().toString().endsWith(suffix)).toList();
      if (found.size() != 1) {
        throw new IllegalStateException("not one file *" + suffix + " but " + found);
      }
      return found.get(0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
