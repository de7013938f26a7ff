package dev.checkpoint4j.store.file;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.spi.CheckpointCodec;
import dev.checkpoint4j.spi.Durability;
import dev.checkpoint4j.spi.VerificationOptions;
import dev.checkpoint4j.spi.VerificationReport;
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
    return FileBackendStorage.builder()
        .directory(directory)
        .codec(codec())
        .durability(Durability.PROCESS_CRASH)
        .open();
  }

  /** Verifies a store, without opening it. */
  static VerificationReport verify(Path directory) {
    return StoreScanner.verify(directory, codec(), VerificationOptions.defaults());
  }

  static Checkpoint checkpoint(String session, long version) {
    return Checkpoint.builder(session)
        .id(session + "-" + version)
        .version(version)
        .values(Map.of("step", version))
        .build();
  }

  static Path log(Path directory) {
    return only(directory, LogFormat.SUFFIX);
  }

  static Path index(Path directory) {
    return only(directory, NamespaceIndex.FILE_NAME);
  }

  static List<Path> logs(Path directory) {
    return files(directory, LogFormat.SUFFIX);
  }

  private static Path only(Path directory, String suffix) {
    List<Path> found = files(directory, suffix);
    if (found.size() != 1) {
      throw new IllegalStateException("not one file *" + suffix + " but " + found);
    }
    return found.get(0);
  }

  private static List<Path> files(Path directory, String suffix) {
    try (Stream<Path> files = Files.walk(directory)) {
      return files.filter(file -> file.getFileName().toString().endsWith(suffix)).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
