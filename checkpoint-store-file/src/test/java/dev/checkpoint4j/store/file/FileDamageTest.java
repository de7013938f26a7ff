package dev.checkpoint4j.store.file;

import static dev.checkpoint4j.store.file.FileStores.checkpoint;
import static dev.checkpoint4j.store.file.FileStores.open;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.error.CorruptCheckpointException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever happens to the bytes of a log: never other data, never an untyped exception. */
class FileDamageTest {

  private static final SessionKey SESSION = new SessionKey(Checkpoint.DEFAULT_NAMESPACE, "s");

  @TempDir Path directory;
  private List<Checkpoint> stored;
  private Path log;
  private byte[] intact;

  @BeforeEach
  void storeThreeVersions() throws IOException {
    stored = new ArrayList<>();
    try (FileBackendStorage storage = open(directory)) {
      for (long version = 1; version <= 3; version++) {
        stored.add(checkpoint("s", version));
        storage.put(stored.get(stored.size() - 1), Expectation.any());
      }
    }
    log = FileStores.log(directory);
    intact = Files.readAllBytes(log);
  }

  @Test
  void eachFlippedBitGivesTheStoredCheckpointOrSaysThatItIsCorrupt() throws IOException {
    int reported = 0;
    for (int i = 0; i < intact.length; i++) {
      byte[] damaged = intact.clone();
      damaged[i] ^= (byte) (1 << (i % 8));
      Files.write(log, damaged);
      reported += checkEverything("byte " + i + " flipped");
    }
    assertThat(reported).as("damage that was reported").isGreaterThan(intact.length);
  }

  @Test
  void aLogCutAnywhereGivesTheStoredCheckpointOrSaysThatItIsCorrupt() throws IOException {
    for (int length = 0; length < intact.length; length++) {
      Files.write(log, Arrays.copyOf(intact, length));
      try (FileBackendStorage storage = open(directory)) {
        assertThatExceptionOfType(CorruptCheckpointException.class)
            .as("latest of a log cut to %d bytes", length)
            .isThrownBy(() -> storage.getBySession(SESSION))
            .withMessageContaining(log.getFileName().toString());
        assertThatExceptionOfType(CorruptCheckpointException.class)
            .as("put to a log cut to %d bytes", length)
            .isThrownBy(() -> storage.put(checkpoint("s", 4), Expectation.any()));
      }
      assertThat(checkEverything("cut to " + length)).as("reports").isPositive();
    }
  }

  @Test
  void checkpointsAroundADamagedOneStayReadable() throws IOException {
    byte[] damaged = intact.clone();
    int second = new String(intact, StandardCharsets.ISO_8859_1).indexOf("s-2");
    damaged[second] ^= 1;
    Files.write(log, damaged);
    try (FileBackendStorage storage = open(directory)) {
      assertThat(storage.get("default", "s-1")).contains(stored.get(0));
      assertThat(storage.get("default", "s-3")).contains(stored.get(2));
      assertThat(storage.getBySession(SESSION)).contains(stored.get(2));
      assertThatExceptionOfType(CorruptCheckpointException.class)
          .isThrownBy(() -> storage.get("default", "s-2"))
          .satisfies(
              e -> {
                assertThat(e.operation()).isEqualTo("get");
                assertThat(e.namespace()).contains("default");
                assertThat(e.sessionId()).contains("s");
                assertThat(e.checkpointId()).contains("s-2");
              });
      storage.put(checkpoint("s", 4), Expectation.any());
      assertThat(storage.getBySession(SESSION).orElseThrow().version()).isEqualTo(4);
    }
  }

  @Test
  void aMissingLogIsReportedWhileTheStoreIsOpen() throws IOException {
    try (FileBackendStorage storage = open(directory)) {
      Files.delete(log);
      assertThatExceptionOfType(CorruptCheckpointException.class)
          .isThrownBy(() -> storage.getBySession(SESSION))
          .withMessageContaining("missing");
    }
  }

  @Test
  void aDamagedNameOfANamespaceIsReportedWithItsFile() throws IOException {
    Path name = FileStores.index(directory).resolveSibling(FileNamespace.NAME_FILE);
    byte[] intact = Files.readAllBytes(name);
    for (String text : new String[] {"", "%zz\n", "other\n", "\u00ff"}) {
      Files.writeString(name, text, StandardCharsets.ISO_8859_1);
      assertThatExceptionOfType(CorruptCheckpointException.class)
          .as("opening a store whose file says '%s'", text)
          .isThrownBy(() -> open(directory))
          .withMessageContaining(name.toString());
    }
    Files.write(name, intact);
    try (FileBackendStorage storage = open(directory)) {
      assertThat(storage.getBySession(SESSION)).as("after it was restored").isPresent();
    }
  }

  @Test
  void aLogThatWasSwappedForAnotherSessionsIsReported() throws IOException {
    try (FileBackendStorage storage = open(directory)) {
      storage.put(checkpoint("t", 1), Expectation.any());
      Path other = log(storage, "t");
      Files.write(log, Files.readAllBytes(other));
      assertThatExceptionOfType(CorruptCheckpointException.class)
          .isThrownBy(() -> storage.getBySession(SESSION));
    }
  }

  private Path log(FileBackendStorage storage, String session) throws IOException {
    assertThat(storage.getBySession(new SessionKey("default", session))).isPresent();
    try (var files = Files.walk(directory)) {
      return files
          .filter(file -> file.toString().endsWith(LogFormat.SUFFIX) && !file.equals(log))
          .findFirst()
          .orElseThrow();
    }
  }

  /** Reads everything in every way; returns how often damage was reported. */
  private int checkEverything(String damage) {
    int reported = 0;
    try (FileBackendStorage storage = open(directory)) {
      for (Checkpoint checkpoint : stored) {
        reported +=
            check(
                damage + ", get " + checkpoint.id(),
                () -> storage.get("default", checkpoint.id()),
                Optional.of(checkpoint));
      }
      reported +=
          check(
              damage + ", latest", () -> storage.getBySession(SESSION), Optional.of(stored.get(2)));
      reported +=
          check(
              damage + ", list",
              () ->
                  storage
                      .list(
                          CheckpointQuery.builder(SESSION)
                              .order(CheckpointQuery.Order.OLDEST_FIRST)
                              .build())
                      .items(),
              stored);
    }
    return reported;
  }

  private static <T> int check(String description, Supplier<T> read, T expected) {
    T found;
    try {
      found = read.get();
    } catch (CorruptCheckpointException e) {
      return 1;
    }
    assertThat(found).as(description).isEqualTo(expected);
    return 0;
  }
}
