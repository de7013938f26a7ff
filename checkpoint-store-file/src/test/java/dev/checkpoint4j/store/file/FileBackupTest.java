package dev.checkpoint4j.store.file;

import static dev.checkpoint4j.store.file.FileStores.checkpoint;
import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.SessionKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A copy of the directory, as docs/file.md says to make one, is a store. */
class FileBackupTest {

  private static final SessionKey SESSION = new SessionKey("default", "s");

  @TempDir Path temp;

  @Test
  void aCopyWhoseIndexIsNewerThanItsLogsIsSound() throws IOException {
    Path store = temp.resolve("store");
    Path copy = temp.resolve("copy");
    try (FileBackendStorage storage = FileStores.open(store)) {
      for (int version = 1; version <= 3; version++) {
        storage.put(checkpoint("s", version), Expectation.any());
      }
      storage.put(checkpoint("deleted", 1), Expectation.any());
      List<Path> files = files(store);
      for (Path file : files) {
        if (!file.endsWith(NamespaceIndex.FILE_NAME)) {
          copy(store, file, copy);
        }
      }
      storage.put(checkpoint("s", 4), Expectation.any());
      storage.put(checkpoint("t", 1), Expectation.any());
      storage.deleteBySession(new SessionKey("default", "deleted"));
      copy(store, FileStores.index(store), copy);
    }
    assertThat(FileStores.verify(copy).findings()).as("what verify finds in the copy").isEmpty();
    try (FileBackendStorage storage = FileStores.open(copy)) {
      assertThat(versions(storage)).as("of the copy").containsExactly(3L, 2L, 1L);
      assertThat(storage.get("default", "deleted-1")).isPresent();
      assertThat(storage.get("default", "t-1")).isEmpty();
      storage.put(checkpoint("s", 4), Expectation.any());
    }
    assertThat(FileStores.verify(copy).findings()).isEmpty();
    try (FileBackendStorage storage = FileStores.open(copy)) {
      assertThat(versions(storage)).containsExactly(4L, 3L, 2L, 1L);
    }
  }

  /** A process that copies files does not force them. */
  @Test
  void aCopyIsForcedBeforeItIsUsed() throws IOException {
    Path store = temp.resolve("store");
    Path copy = temp.resolve("copy");
    try (FileBackendStorage storage = FileBackendStorage.open(store, FileStores.codec())) {
      storage.put(checkpoint("s", 1), Expectation.any());
      for (Path file : files(store)) {
        copy(store, file, copy);
      }
    }
    // Written again after all files were forced.
    Path durability = copy.resolve(DurabilityFile.NAME);
    Object copied = PlainFiles.identity(durability);
    FileBackendStorage.open(copy, FileStores.codec()).close();
    Object forced = PlainFiles.identity(durability);
    assertThat(forced).isNotEqualTo(copied);
    FileBackendStorage.open(copy, FileStores.codec()).close();
    assertThat(PlainFiles.identity(durability)).as("when it was forced before").isEqualTo(forced);
  }

  @Test
  void aDirectoryThatIsMovedIsTheSameStore() throws IOException {
    Path store = temp.resolve("store");
    Path moved = temp.resolve("moved");
    try (FileBackendStorage storage = FileStores.open(store)) {
      storage.put(checkpoint("s", 1), Expectation.any());
    }
    Files.move(store, moved);
    try (FileBackendStorage storage = FileStores.open(moved)) {
      assertThat(versions(storage)).containsExactly(1L);
    }
  }

  private static List<Long> versions(FileBackendStorage storage) {
    return storage.list(CheckpointQuery.builder(SESSION).build()).items().stream()
        .map(found -> found.version())
        .toList();
  }

  private static List<Path> files(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      return new ArrayList<>(files.filter(Files::isRegularFile).toList());
    }
  }

  private static void copy(Path from, Path file, Path to) throws IOException {
    Path target = to.resolve(from.relativize(file).toString());
    Files.createDirectories(target.getParent());
    Files.copy(file, target);
  }
}
