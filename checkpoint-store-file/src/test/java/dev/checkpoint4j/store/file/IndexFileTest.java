package dev.checkpoint4j.store.file;

import static dev.checkpoint4j.store.file.FileStores.checkpoint;
import static dev.checkpoint4j.store.file.FileStores.codec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.error.StorageUnavailableException;
import dev.checkpoint4j.store.file.faults.Faults.Interference;
import dev.checkpoint4j.store.file.faults.Faults.Target;
import dev.checkpoint4j.store.file.faults.FaultyFileSystem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * An interrupt closes the channels of an index, and before they are opened again another index is
 * at the path, perhaps with the same inode number. No position of the old index is used.
 */
class IndexFileTest {

  /** How another index comes to the path. */
  private enum Replacement {
    /** As after the inode number was given to the new file. */
    OVERWRITTEN {
      @Override
      void replace(Path index, byte[] other) throws IOException {
        Object inode = PlainFiles.identity(index);
        Files.write(index, other);
        assertThat(PlainFiles.identity(index)).as("the inode").isEqualTo(inode);
      }
    },
    RENAMED {
      @Override
      void replace(Path index, byte[] other) throws IOException {
        Path temporary = Files.write(index.resolveSibling("other.tmp"), other);
        Files.move(temporary, index, StandardCopyOption.ATOMIC_MOVE);
      }
    },
    /** On many file systems the new file gets the inode number of the deleted one. */
    CREATED_AGAIN {
      @Override
      void replace(Path index, byte[] other) throws IOException {
        Files.delete(index);
        Files.write(index, other);
      }
    };

    abstract void replace(Path index, byte[] other) throws IOException;
  }

  @TempDir Path root;
  private Path store;
  private FaultyFileSystem fileSystem;

  @BeforeEach
  void storeTwoSessions() throws IOException {
    store = root.resolve("store");
    try (FileBackendStorage storage = FileStores.open(store)) {
      storage.put(checkpoint("a", 1), Expectation.any());
      storage.put(checkpoint("b", 1), Expectation.any());
    }
    fileSystem = new FaultyFileSystem(root, /* failedForceDrops= */ false);
  }

  private Path index() {
    return FileStores.index(store);
  }

  /** A path as the store sees it. */
  private Path seen(Path real) {
    return fileSystem.root().resolve(root.relativize(real).toString());
  }

  private IndexFile open() throws IOException {
    return Objects.requireNonNull(IndexFile.open(seen(index()), /* isWritable= */ true));
  }

  /** An index of the same checkpoints in another order, as after a rebuild. */
  private byte[] otherIndex() throws IOException {
    byte[] other = Files.readAllBytes(index());
    assertThat(other).as("the head and two records").hasSize(3 * IndexRecord.BYTES);
    byte[] a = Arrays.copyOfRange(other, IndexRecord.BYTES, 2 * IndexRecord.BYTES);
    System.arraycopy(IndexFile.newHead(), 0, other, 0, IndexRecord.BYTES);
    System.arraycopy(other, 2 * IndexRecord.BYTES, other, IndexRecord.BYTES, IndexRecord.BYTES);
    System.arraycopy(a, 0, other, 2 * IndexRecord.BYTES, IndexRecord.BYTES);
    return other;
  }

  /** Interrupts the next read of the index, which closes its channel; then runs something. */
  private void interruptNextRead(Interference then) {
    fileSystem.before(
        Target.READ,
        "/" + NamespaceIndex.FILE_NAME,
        () -> {
          Thread.currentThread().interrupt();
          then.run();
        });
  }

  @ParameterizedTest
  @EnumSource(Replacement.class)
  void anIndexThatReplacedAClosedOneIsNotReadInItsPlace(Replacement replacement)
      throws IOException {
    byte[] other = otherIndex();
    try (IndexFile file = open()) {
      interruptNextRead(() -> replacement.replace(index(), other));
      byte[] record = new byte[IndexRecord.BYTES];
      assertThatExceptionOfType(NamespaceIndex.ChangedException.class)
          .as("reading a record of an index that was replaced")
          .isThrownBy(() -> file.read(record, record.length, IndexRecord.BYTES));
    } finally {
      assertThat(Thread.interrupted()).as("the interrupt").isTrue();
    }
  }

  @Test
  void anIndexThatIsStillThereIsReadOn() throws IOException {
    byte[] content = Files.readAllBytes(index());
    try (IndexFile file = open()) {
      interruptNextRead(() -> {});
      byte[] record = new byte[IndexRecord.BYTES];
      assertThat(file.read(record, record.length, IndexRecord.BYTES)).isEqualTo(record.length);
      assertThat(record)
          .isEqualTo(Arrays.copyOfRange(content, IndexRecord.BYTES, 2 * IndexRecord.BYTES));
    } finally {
      assertThat(Thread.interrupted()).as("the interrupt").isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource(Replacement.class)
  void noOtherThreadFindsWhatItDidNotAskFor(Replacement replacement) throws IOException {
    byte[] other = otherIndex();
    SessionKey a = new SessionKey("default", "a");
    try (FileBackendStorage storage = FileBackendStorage.open(seen(store), codec())) {
      assertThat(storage.getBySession(a).map(Checkpoint::id)).contains("a-1");
      interruptNextRead(() -> replacement.replace(index(), other));
      assertThatExceptionOfType(StorageUnavailableException.class)
          .as("the read that was interrupted")
          .isThrownBy(() -> storage.getBySession(a));
      assertThat(Thread.interrupted()).as("the interrupt").isTrue();
      assertThat(storage.getBySession(a).map(Checkpoint::id))
          .as("the latest of session a")
          .contains("a-1");
      assertThat(storage.get("default", "b-1").map(Checkpoint::id)).contains("b-1");
    }
  }
}
