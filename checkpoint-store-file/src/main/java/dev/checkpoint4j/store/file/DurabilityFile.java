package dev.checkpoint4j.store.file;

import dev.checkpoint4j.spi.Durability;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;

/**
 * The file that says whether all of the store was forced: {@code POWER_LOSS}, or {@code
 * PROCESS_CRASH} if a process that does not force has used the store since.
 */
final class DurabilityFile {

  static final String NAME = StoreDirectory.MARKER + ".durability";

  private static final int MAX_BYTES = 64;

  private DurabilityFile() {}

  /**
   * Updates the file before this process uses the store.
   *
   * <p>A process that forces, and is alone, first forces what the last ones have not. Beside others
   * that do not force it cannot promise more than they do.
   */
  static void enter(Durability durability, boolean isAlone, Path directory, DurableFiles files)
      throws IOException {
    boolean forces = durability == Durability.POWER_LOSS;
    if (says(durability, directory) || (forces && !isAlone)) {
      return;
    }
    if (forces) {
      forceAll(directory);
    }
    files.replace(directory.resolve(NAME), text(durability));
  }

  /** A new store, or one of an earlier version, has no file. */
  private static boolean says(Durability durability, Path directory) throws IOException {
    try {
      return PlainFiles.readText(directory.resolve(NAME), MAX_BYTES).equals(text(durability));
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  private static String text(Durability durability) {
    return durability + "\n";
  }

  private static void forceAll(Path directory) throws IOException {
    force(directory.resolve(StoreDirectory.MARKER));
    for (Path namespace : PlainFiles.list(directory)) {
      if (Key.PATTERN.matcher(namespace.getFileName().toString()).matches()) {
        Path name = namespace.resolve(FileNamespace.NAME_FILE);
        if (PlainFiles.requireFile(name).isPresent()) {
          force(name);
        }
        Set<Path> shards = new HashSet<>();
        for (Path log : SessionLogs.files(namespace)) {
          force(log);
          shards.add(Objects.requireNonNull(log.getParent(), "shard"));
        }
        for (Path shard : shards) {
          DurableFiles.FORCED.forceName(shard);
        }
        DurableFiles.FORCED.forceName(namespace);
      }
    }
  }

  private static void force(Path file) throws IOException {
    try (FileChannel channel = PlainFiles.open(file, Set.of(StandardOpenOption.READ))) {
      DurableFiles.FORCED.force(channel);
    }
    DurableFiles.FORCED.forceName(file);
  }
}
