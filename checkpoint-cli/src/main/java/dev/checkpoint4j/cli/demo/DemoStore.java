package dev.checkpoint4j.cli.demo;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.cli.support.CommandFailedException;
import dev.checkpoint4j.cli.support.FileUrl;
import dev.checkpoint4j.cli.support.StoreAddress;
import dev.checkpoint4j.spi.CheckpointCodec;
import dev.checkpoint4j.spi.CodecLookup;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The store a demo works on: the user's, or a temporary folder. */
final class DemoStore {

  private final StoreAddress address;
  private final @Nullable Path folder;
  private final boolean temporary;

  private DemoStore(StoreAddress address, @Nullable Path folder, boolean temporary) {
    this.address = address;
    this.folder = folder;
    this.temporary = temporary;
  }

  /** A file store in a new folder. */
  static DemoStore inTemporaryFolder() {
    try {
      return temporaryIn(Files.createTempDirectory("checkpoint-demo-"));
    } catch (IOException e) {
      throw CommandFailedException.usage(
          "no temporary folder can be created (" + e + "); use --store, or set java.io.tmpdir");
    }
  }

  static DemoStore temporaryIn(Path folder) {
    return new DemoStore(StoreAddress.of(FileUrl.of(folder)), folder, true);
  }

  /** The user's store. */
  static DemoStore at(StoreAddress address) {
    return new DemoStore(address, FileUrl.folder(address.url()).orElse(null), false);
  }

  StoreAddress address() {
    return address;
  }

  boolean isTemporary() {
    return temporary;
  }

  /** Whether the size of the store can be seen from outside. */
  boolean isMeasurable() {
    return folder != null;
  }

  /** The bytes of all files of a measurable store. */
  long size() {
    if (folder == null || !Files.isDirectory(folder)) {
      return 0;
    }
    return contents(folder).stream()
        .filter(Files::isRegularFile)
        .mapToLong(DemoStore::sizeOf)
        .sum();
  }

  /** What a checkpoint takes up in a store that is not measurable: its document. */
  static ToLongFunction<Checkpoint> documentSize() {
    CheckpointCodec codec = CodecLookup.find();
    return checkpoint -> codec.encode(checkpoint).length;
  }

  /** Deletes a temporary store, as far as that is possible. */
  void deleteIfTemporary() {
    if (temporary && folder != null) {
      contents(folder).stream().sorted(Comparator.reverseOrder()).forEach(DemoStore::delete);
    }
  }

  private static List<Path> contents(Path folder) {
    try (Stream<Path> paths = Files.walk(folder)) {
      return paths.toList();
    } catch (IOException | UncheckedIOException e) {
      return List.of();
    }
  }

  private static long sizeOf(Path file) {
    try {
      return Files.size(file);
    } catch (NoSuchFileException e) {
      return 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void delete(Path path) {
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      // The folder is in the system's own place for temporary files.
    }
  }
}
