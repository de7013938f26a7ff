package dev.checkpoint4j.store.file;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What a thread has asked of the files, as Linux counts it. */
final class SystemCalls {

  static final Path OF_THIS_THREAD = Path.of("/proc/thread-self/io");

  private SystemCalls() {}

  /** How often this thread has read and written, to ask for this included. */
  static long count() {
    try {
      return Files.readAllLines(OF_THIS_THREAD).stream()
          .filter(line -> line.startsWith("sysc"))
          .mapToLong(line -> Long.parseLong(line.substring(line.indexOf(' ') + 1)))
          .sum();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
