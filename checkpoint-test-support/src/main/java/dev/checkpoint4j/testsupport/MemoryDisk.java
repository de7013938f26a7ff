package dev.checkpoint4j.testsupport;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Directories of tests in memory, where the machine has room for them: most tests do not need a
 * disk, and a forced write to one takes a hundred times as long. The system property {@code
 * checkpoint.test.disk} keeps them on disk.
 */
final class MemoryDisk {

  private static final Path SHARED_MEMORY = Path.of("/dev/shm");
  private static final long ROOM = 4L << 30;

  private static final Path PARENT = newParent();

  private MemoryDisk() {}

  /** A new directory; below {@code target} or the temporary directory if memory is scarce. */
  static Path newDirectory(String prefix) {
    try {
      return Files.createTempDirectory(
          PARENT, "%d-%s-".formatted(ProcessHandle.current().pid(), prefix));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path newParent() {
    try {
      if (Boolean.getBoolean("checkpoint.test.disk")
          || !Files.isWritable(SHARED_MEMORY)
          || Files.getFileStore(SHARED_MEMORY).getUsableSpace() < ROOM) {
        return ServerFiles.base();
      }
      Path parent =
          Files.createDirectories(
              SHARED_MEMORY.resolve("checkpoint-tests-" + System.getProperty("user.name")));
      deleteWhatEndedProcessesLeft(parent);
      return parent;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void deleteWhatEndedProcessesLeft(Path parent) throws IOException {
    try (Stream<Path> directories = Files.list(parent)) {
      List<Path> left =
          directories.filter(directory -> ProcessHandle.of(owner(directory)).isEmpty()).toList();
      left.forEach(ServerFiles::delete);
    }
  }

  private static long owner(Path directory) {
    return Long.parseLong(directory.getFileName().toString().split("-", 2)[0]);
  }
}
