package dev.checkpoint4j.store.file.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.error.BackendConfigurationException;
import dev.checkpoint4j.error.CheckpointException;
import dev.checkpoint4j.error.CorruptCheckpointException;
import dev.checkpoint4j.spi.Durability;
import dev.checkpoint4j.store.file.FileBackendStorage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Each byte of each file of a store flipped, and each file cut at each length: what is read is what
 * was stored, or an error says that it is damaged.
 */
class FileEveryByteTest extends QuietLogs {

  private static final SessionKey SESSION = new SessionKey(Checkpoint.DEFAULT_NAMESPACE, "s");
  private static final Checkpoint FIRST = Step.checkpoint(SESSION.namespace(), "s", "s1", 1, 1);
  private static final Checkpoint SECOND = Step.checkpoint(SESSION.namespace(), "s", "s2", 2, 1);
  private static final Checkpoint DELETED = Step.checkpoint(SESSION.namespace(), "s", "s3", 3, 1);

  @TempDir Path directory;
  private final Map<Path, byte[]> intact = new TreeMap<>();

  @BeforeEach
  void storeThreeVersionsAndDeleteOne() throws IOException {
    try (FileBackendStorage storage = open()) {
      storage.put(FIRST, Expectation.any());
      storage.put(SECOND, Expectation.any());
      storage.put(DELETED, Expectation.any());
      storage.delete(SESSION.namespace(), List.of(DELETED.id()));
    }
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        intact.put(file, Files.readAllBytes(file));
      }
    }
  }

  @Test
  void aFlippedByteOfAnyFileGivesWhatWasStoredOrAnError() throws IOException {
    for (Map.Entry<Path, byte[]> file : intact.entrySet()) {
      for (int i = 0; i < file.getValue().length; i++) {
        byte[] damaged = file.getValue().clone();
        damaged[i] ^= (byte) (1 << (i % 8));
        checkWith(file.getKey(), damaged, "byte %d of %s flipped".formatted(i, file.getKey()));
      }
    }
  }

  @Test
  void anyFileCutAnywhereGivesWhatWasStoredOrAnError() throws IOException {
    for (Map.Entry<Path, byte[]> file : intact.entrySet()) {
      for (int length = 0; length < file.getValue().length; length++) {
        checkWith(
            file.getKey(),
            Arrays.copyOf(file.getValue(), length),
            "%s cut to %d bytes".formatted(file.getKey(), length));
      }
    }
  }

  private void checkWith(Path damagedFile, byte[] damaged, String damage) throws IOException {
    for (Map.Entry<Path, byte[]> file : intact.entrySet()) {
      Files.write(file.getKey(), file.getValue());
    }
    Files.write(damagedFile, damaged);
    try (FileBackendStorage storage = open()) {
      check(damage, () -> storage.get(SESSION.namespace(), "s1"), Optional.of(FIRST));
      check(damage, () -> storage.get(SESSION.namespace(), "s2"), Optional.of(SECOND));
      check(damage, () -> storage.get(SESSION.namespace(), "s3"), Optional.empty());
      check(damage, () -> storage.getBySession(SESSION), Optional.of(SECOND));
      check(
          damage,
          () -> storage.list(CheckpointQuery.builder(SESSION.namespace()).build()).items(),
          List.of(SECOND, FIRST));
      check(
          damage,
          () -> storage.listSessions(SESSION.namespace(), 10, Optional.empty()).items(),
          List.of(SESSION));
    } catch (CheckpointException e) {
      assertThat(e)
          .as("%s: opening", damage)
          .isInstanceOfAny(CorruptCheckpointException.class, BackendConfigurationException.class);
    }
  }

  private static <T> void check(String damage, Supplier<T> read, T expected) {
    T found;
    try {
      found = read.get();
    } catch (CorruptCheckpointException e) {
      return;
    }
    assertThat(found).as(damage).isEqualTo(expected);
  }

  private FileBackendStorage open() {
    return FileBackendStorage.builder()
        .directory(directory)
        .codec(Run.CODEC)
        .durability(Durability.PROCESS_CRASH)
        .open();
  }
}
