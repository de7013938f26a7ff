package dev.checkpoint4j.store.file;

import static dev.checkpoint4j.store.file.FileStores.checkpoint;
import static dev.checkpoint4j.store.file.FileStores.open;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.condition.OS.WINDOWS;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.error.BackendConfigurationException;
import dev.checkpoint4j.error.CheckpointException;
import dev.checkpoint4j.error.CorruptCheckpointException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Links and pipes in a store: nothing outside of its directory is read or changed, and nobody waits
 * at a pipe.
 */
@DisabledOnOs(value = WINDOWS, disabledReason = "has no pipes in directories")
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class FileTypesTest {

  private static final SessionKey SESSION = new SessionKey(Checkpoint.DEFAULT_NAMESPACE, "s");

  /** A part of the store. */
  private enum Part {
    MARKER,
    LOCKS,
    NAMESPACE,
    NAME,
    SHARD,
    LOG;

    Path of(Path store) {
      Path log = FileStores.log(store);
      Path shard = log.resolveSibling("");
      return switch (this) {
        case MARKER -> store.resolve(StoreDirectory.MARKER);
        case LOCKS -> store.resolve(StoreDirectory.LOCKS);
        case NAMESPACE -> shard.resolveSibling("");
        case NAME -> shard.resolveSibling(FileNamespace.NAME_FILE);
        case SHARD -> shard;
        case LOG -> log;
      };
    }
  }

  /** What takes the place of the part. */
  enum Instead {
    LINK_TO_IT {
      @Override
      void put(Path part, Path moved) throws IOException {
        Files.createSymbolicLink(part, moved);
      }
    },
    DANGLING_LINK {
      @Override
      void put(Path part, Path moved) throws IOException {
        Files.createSymbolicLink(part, moved.resolveSibling("nowhere"));
      }
    },
    PIPE {
      @Override
      void put(Path part, Path moved) throws IOException {
        try {
          int exitCode = new ProcessBuilder("mkfifo", part.toString()).start().waitFor();
          assertThat(exitCode).as("exit code of mkfifo").isZero();
        } catch (InterruptedException e) {
          throw new IOException(e);
        }
      }
    };

    abstract void put(Path part, Path moved) throws IOException;
  }

  @TempDir Path temp;
  private Path store;
  private Path moved;

  @BeforeEach
  void storeACheckpoint() throws IOException {
    store = temp.resolve("store");
    moved = Files.createDirectory(temp.resolve("outside")).resolve("moved");
    try (FileBackendStorage storage = open(store)) {
      storage.put(checkpoint("s", 1), Expectation.any());
    }
  }

  static Stream<Arguments> parts() {
    return Stream.of(Part.values())
        .flatMap(part -> Stream.of(Instead.values()).map(instead -> Arguments.of(part, instead)));
  }

  @ParameterizedTest
  @MethodSource("parts")
  void aStoreWithAnythingElseInAPlaceOfItsOwnIsNotOpened(Part part, Instead instead)
      throws IOException {
    Path place = part.of(store);
    Files.move(place, moved);
    instead.put(place, moved);
    Map<Path, String> outside = content(temp.resolve("outside"));

    assertThatExceptionOfType(BackendConfigurationException.class)
        .isThrownBy(() -> open(store).close())
        .withMessageContaining(place + " is a ");
    assertThat(content(temp.resolve("outside"))).as("what is outside").isEqualTo(outside);

    Files.delete(place);
    Files.move(moved, place);
    try (FileBackendStorage storage = open(store)) {
      assertThat(storage.getBySession(SESSION)).as("with the part back in its place").isPresent();
    }
  }

  @ParameterizedTest
  @EnumSource(Instead.class)
  void aLogThatIsReplacedWhileTheStoreIsOpenIsNeitherReadNorWritten(Instead instead)
      throws IOException {
    replacedWhileOpen(Part.LOG, instead);
  }

  @ParameterizedTest
  @EnumSource(Instead.class)
  void aDirectoryOfLogsThatIsReplacedWhileTheStoreIsOpenIsNotUsed(Instead instead)
      throws IOException {
    replacedWhileOpen(Part.SHARD, instead);
  }

  private void replacedWhileOpen(Part part, Instead instead) throws IOException {
    Path place = part.of(store);
    try (FileBackendStorage storage = open(store)) {
      Files.move(place, moved);
      instead.put(place, moved);
      Map<Path, String> outside = content(temp.resolve("outside"));

      assertThatExceptionOfType(CorruptCheckpointException.class)
          .isThrownBy(() -> storage.getBySession(SESSION))
          .withMessageContaining(place + " is a ");
      assertThatExceptionOfType(CheckpointException.class)
          .isThrownBy(() -> storage.put(checkpoint("s", 2), Expectation.any()))
          .satisfies(e -> assertThat(e.mayHaveBeenApplied()).as("applied").isFalse());
      assertThat(content(temp.resolve("outside"))).as("what is outside").isEqualTo(outside);
    }
  }

  @ParameterizedTest
  @EnumSource(Instead.class)
  void aNamespaceIsNotMadeWhereThereIsSomethingElse(Instead instead) throws IOException {
    Path place = store.resolve(Key.of("new").toString());
    try (FileBackendStorage storage = open(store)) {
      instead.put(place, Files.createDirectory(moved));
      assertThatExceptionOfType(CorruptCheckpointException.class)
          .isThrownBy(
              () ->
                  storage.put(
                      checkpoint("s", 1).toBuilder().namespace("new").build(), Expectation.any()))
          .withMessageContaining(place + " is a ");
      assertThat(content(temp.resolve("outside"))).as("what is outside").containsOnlyKeys(moved);
    }
  }

  @ParameterizedTest
  @EnumSource(Instead.class)
  void anIndexThatIsSomethingElseIsBuiltAgainInItsPlace(Instead instead) throws IOException {
    Path index = FileStores.index(store);
    Files.move(index, moved);
    instead.put(index, moved);
    Map<Path, String> outside = content(temp.resolve("outside"));
    try (FileBackendStorage storage = open(store)) {
      storage.put(checkpoint("s", 2), Expectation.any());
      assertThat(storage.getBySession(SESSION).orElseThrow().version()).isEqualTo(2);
    }
    assertThat(content(temp.resolve("outside"))).as("what is outside").isEqualTo(outside);
  }

  @Test
  void theStoreItselfMayBeReachedThroughALink() throws IOException {
    Files.move(store, moved);
    Files.createSymbolicLink(store, moved);
    try (FileBackendStorage storage = open(store)) {
      storage.put(checkpoint("s", 2), Expectation.any());
      assertThat(storage.getBySession(SESSION).orElseThrow().version()).isEqualTo(2);
    }
  }

  private static Map<Path, String> content(Path directory) throws IOException {
    Map<Path, String> content = new TreeMap<>();
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.filter(each -> !each.equals(directory)).toList()) {
        content.put(
            file,
            Files.isDirectory(file)
                ? "a directory"
                : Files.readString(file, StandardCharsets.ISO_8859_1));
      }
    }
    return content;
  }
}
