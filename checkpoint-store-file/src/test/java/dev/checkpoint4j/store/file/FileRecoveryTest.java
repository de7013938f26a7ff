package dev.checkpoint4j.store.file;

import static dev.checkpoint4j.store.file.FileStores.checkpoint;
import static dev.checkpoint4j.store.file.FileStores.open;
import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.spi.Durability;
import dev.checkpoint4j.spi.RecoveryEvent;
import dev.checkpoint4j.spi.StorageEvent;
import dev.checkpoint4j.spi.StorageListener;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a store finds after a crash has left its files in every state a crash can leave. */
class FileRecoveryTest {

  private static final SessionKey SESSION = new SessionKey(Checkpoint.DEFAULT_NAMESPACE, "s");

  @TempDir Path directory;

  @BeforeEach
  void storeTwoVersions() {
    try (FileBackendStorage storage = open(directory)) {
      storage.put(checkpoint("s", 1), Expectation.any());
      storage.put(checkpoint("s", 2), Expectation.any());
    }
  }

  @Test
  void theTornEndOfAWriteIsCutOffByTheNextWrite() throws IOException {
    byte[] whole = Frame.encode(Frame.Kind.CHECKPOINT, 3, "s-3", new byte[500]);
    long intact = Files.size(FileStores.log(directory));
    for (int length : new int[] {1, 20, whole.length / 2, whole.length - 1}) {
      Path log = FileStores.log(directory);
      long before = Files.size(log);
      Files.write(log, Arrays.copyOf(whole, length), StandardOpenOption.APPEND);
      try (FileBackendStorage storage = open(directory)) {
        long latest = storage.getBySession(SESSION).orElseThrow().version();
        assertThat(Files.size(log)).as("reading changes nothing").isEqualTo(before + length);
        storage.put(checkpoint("s", latest + 1), Expectation.any());
        assertThat(storage.getBySession(SESSION)).contains(checkpointLike(storage, latest + 1));
      }
    }
    assertThat(Files.size(FileStores.log(directory))).isGreaterThan(intact);
    assertThat(versions()).containsExactly(1L, 2L, 3L, 4L, 5L, 6L);
  }

  private static Checkpoint checkpointLike(FileBackendStorage storage, long version) {
    return storage.get(SESSION.namespace(), "s-" + version).orElseThrow();
  }

  private final List<RecoveryEvent> repairs = new ArrayList<>();

  /** A store that forces nothing and tells {@link #repairs} what it puts in order. */
  private FileBackendStorage openAndListen() {
    StorageListener listener =
        new StorageListener() {
          @Override
          public void onEvent(StorageEvent event) {}

          @Override
          public void onRecovery(RecoveryEvent repair) {
            repairs.add(repair);
          }
        };
    return FileBackendStorage.builder()
        .directory(directory)
        .codec(FileStores.codec())
        .durability(Durability.PROCESS_CRASH)
        .listener(listener)
        .open();
  }

  @Test
  void theListenerIsToldOfWhatIsPutInOrder() throws IOException {
    Path log = FileStores.log(directory);
    Path index = FileStores.index(directory);
    byte[] records = Files.readAllBytes(index);
    try (FileBackendStorage storage = openAndListen()) {
      assertThat(repairs).as("repairs of an intact store").isEmpty();
      Files.writeString(log, "torn", StandardOpenOption.APPEND);
      storage.put(checkpoint("s", 3), Expectation.any());
      assertThat(repairs)
          .as("repairs after an unfinished write")
          .singleElement()
          .satisfies(
              repair -> {
                assertThat(repair.namespace()).isEqualTo(SESSION.namespace());
                assertThat(repair.sessionId()).isEqualTo(SESSION.sessionId());
                assertThat(repair.description()).contains("4 bytes", log.toString());
              });
    }
    repairs.clear();
    Files.write(index, records);
    openAndListen().close();
    assertThat(repairs)
        .as("repairs of a store whose index lost a checkpoint")
        .extracting(RecoveryEvent::description)
        .singleElement()
        .satisfies(description -> assertThat(description).contains("1 entries", log.toString()));
    repairs.clear();
    Files.delete(index);
    openAndListen().close();
    assertThat(repairs).as("repairs of a store without an index").hasSize(1);
    try (FileBackendStorage storage = open(directory)) {
      Files.writeString(log, "torn", StandardOpenOption.APPEND);
      storage.put(checkpoint("s", 4), Expectation.any());
    }
    assertThat(repairs).as("repairs after the listening handles are closed").hasSize(1);
  }

  @Test
  void aWholeFrameThatTheIndexLostIsFoundAgain() throws IOException {
    Path index = FileStores.index(directory);
    byte[] records = Files.readAllBytes(index);
    Files.write(index, Arrays.copyOf(records, records.length - IndexRecord.BYTES));
    assertThat(versions()).containsExactly(1L, 2L);
  }

  @Test
  void aMissingIndexIsBuiltFromTheLogs() throws IOException {
    Files.delete(FileStores.index(directory));
    assertThat(versions()).containsExactly(1L, 2L);
    try (FileBackendStorage storage = open(directory)) {
      assertThat(storage.get(SESSION.namespace(), "s-1")).isPresent();
      assertThat(storage.listSessions(SESSION.namespace(), 10, Optional.empty()).items())
          .containsExactly(SESSION);
    }
  }

  @Test
  void anIndexThatIsDeletedWhileTheStoreIsOpenIsBuiltAgain() throws IOException {
    try (FileBackendStorage storage = open(directory)) {
      assertThat(storage.getBySession(SESSION)).isPresent();
      Files.delete(FileStores.index(directory));
      storage.put(checkpoint("s", 3), Expectation.any());
      assertThat(storage.get(SESSION.namespace(), "s-1")).isPresent();
    }
    assertThat(versions()).containsExactly(1L, 2L, 3L);
  }

  @Test
  void anIndexThatIsDeletedHidesNothingFromOthersMeanwhile() throws IOException {
    try (FileBackendStorage storage = open(directory)) {
      NamespaceIndex index = new NamespaceIndex(FileStores.index(directory).resolveSibling(""));
      assertThat(index.read(IndexState::allSessions))
          .as("sessions")
          .hasValueSatisfying(sessions -> assertThat(sessions).hasSize(1));
      Files.delete(FileStores.index(directory));
      assertThat(index.read(IndexState::allSessions)).as("sessions, which are unknown").isEmpty();
      index.close();
      assertThat(storage.getBySession(SESSION)).isPresent();
    }
  }

  @Test
  void whatAProcessLeftThatDiedWhileReplacingAFileIsRemoved() throws IOException {
    Path log = FileStores.log(directory);
    Path ofLog = log.resolveSibling(log.getFileName() + ".1" + DurableFiles.TEMPORARY_SUFFIX);
    Path index = FileStores.index(directory);
    Path ofIndex = index.resolveSibling(index.getFileName() + ".1" + DurableFiles.TEMPORARY_SUFFIX);
    Files.writeString(ofLog, "half a log");
    Files.writeString(ofIndex, "half an index");
    assertThat(versions()).containsExactly(1L, 2L);
    assertThat(ofLog).doesNotExist();
    assertThat(ofIndex).doesNotExist();
  }

  @Test
  void aDamagedIndexIsBuiltFromTheLogs() throws IOException {
    Path index = FileStores.index(directory);
    byte[] intact = Files.readAllBytes(index);
    for (int i = 0; i < intact.length; i++) {
      byte[] damaged = intact.clone();
      damaged[i] ^= 0x40;
      Files.write(index, damaged);
      assertThat(versions()).as("byte %d of the index flipped", i).containsExactly(1L, 2L);
    }
    for (int length = 0; length < intact.length; length++) {
      Files.write(index, Arrays.copyOf(intact, length));
      assertThat(versions()).as("index cut to %d bytes", length).containsExactly(1L, 2L);
    }
  }

  @Test
  void anIndexThatIsDamagedWhileTheStoreIsOpenIsBuiltAgain() throws IOException {
    Path index = FileStores.index(directory);
    byte[] intact = Files.readAllBytes(index);
    for (int i = 0; i < intact.length; i++) {
      byte[] damaged = intact.clone();
      damaged[i] ^= 0x40;
      try (FileBackendStorage storage = open(directory)) {
        assertThat(versionsOf(storage)).as("before byte %d is flipped", i).containsExactly(1L, 2L);
        Files.write(index, damaged);
        assertThat(storage.get(SESSION.namespace(), "s-1"))
            .as("get after byte %d was flipped", i)
            .isPresent();
        assertThat(versionsOf(storage)).as("after byte %d was flipped", i).containsExactly(1L, 2L);
        assertThat(storage.delete(SESSION.namespace(), List.of("s-0", "s-2")))
            .as("deleted after byte %d was flipped", i)
            .isEqualTo(1);
        storage.put(checkpoint("s", 2), Expectation.any());
      }
    }
  }

  @Test
  void aDeletionThatTheIndexLostIsFoundAgain() throws IOException {
    Path index = FileStores.index(directory);
    byte[] before = Files.readAllBytes(index);
    try (FileBackendStorage storage = open(directory)) {
      storage.delete(SESSION.namespace(), List.of("s-1"));
    }
    Files.write(index, before);
    assertThat(versions()).containsExactly(2L);
  }

  @Test
  void aSessionWhoseLogIsGoneIsDeleted() throws IOException {
    Path index = FileStores.index(directory);
    byte[] before = Files.readAllBytes(index);
    try (FileBackendStorage storage = open(directory)) {
      storage.deleteBySession(SESSION);
    }
    Files.write(index, before);
    assertThat(versions()).isEmpty();
  }

  @Test
  void aLogOfAWriterThatDiedBeforeItsFirstFrameIsNoSession() throws IOException {
    Path log = FileStores.log(directory);
    String shard = log.getFileName().toString().substring(0, 2);
    Path stray = log.resolveSibling(shard + "0".repeat(30) + LogFormat.SUFFIX);
    Files.writeString(log.resolveSibling("notes" + LogFormat.SUFFIX), "no log at all");
    for (String content :
        new String[] {"", "checkpoint-log 1 ", "checkpoint-log 1 00000000 1 a b\n"}) {
      Files.writeString(stray, content, StandardCharsets.US_ASCII);
      assertThat(versions()).containsExactly(1L, 2L);
      Files.delete(stray);
    }
  }

  @Test
  void spaceOfDeletedCheckpointsIsGivenBackAndAnOldIndexDoesNotMatter() throws IOException {
    Map<String, String> large = Map.of("text", "x".repeat(10_000));
    try (FileBackendStorage storage = open(directory)) {
      for (long version = 3; version <= 60; version++) {
        storage.put(checkpoint("s", version).toBuilder().values(large).build(), Expectation.any());
      }
      long full = Files.size(FileStores.log(directory));
      Path index = FileStores.index(directory);
      Path old = directory.resolve("old-index");
      for (long version = 3; version <= 50; version++) {
        Files.copy(index, old, StandardCopyOption.REPLACE_EXISTING);
        storage.delete(SESSION.namespace(), List.of("s-" + version));
      }
      assertThat(Files.size(FileStores.log(directory))).isLessThan(full / 2);
      assertThat(versionsOf(storage)).containsExactlyElementsOf(versionsAfterDeletion());
      Files.move(old, index, StandardCopyOption.REPLACE_EXISTING);
    }
    assertThat(versions()).containsExactlyElementsOf(versionsAfterDeletion());
  }

  private static List<Long> versionsAfterDeletion() {
    return LongStream.concat(LongStream.of(1, 2), LongStream.rangeClosed(51, 60)).boxed().toList();
  }

  @Test
  void aLogRewrittenWithoutItsIndexIsReadAgain() throws IOException {
    byte[] rewritten;
    try (FileBackendStorage storage = open(directory)) {
      // The same checkpoints at other offsets, as in a log that was rewritten.
      Path log = FileStores.log(directory);
      byte[] old = Files.readAllBytes(log);
      String text = new String(old, StandardCharsets.ISO_8859_1);
      String frames = text.substring(text.indexOf('\n') + 1);
      byte[] head = LogFormat.encodeHead(7, SESSION.namespace(), SESSION.sessionId());
      rewritten =
          (new String(head, StandardCharsets.ISO_8859_1)
                  + frames.substring(frames.indexOf("checkpoint ", 1)))
              .getBytes(StandardCharsets.ISO_8859_1);
      Files.write(log, rewritten);
      assertThat(storage.getBySession(SESSION).orElseThrow().version()).isEqualTo(2);
      assertThat(versionsOf(storage)).containsExactly(2L);
    }
  }

  private List<Long> versions() {
    try (FileBackendStorage storage = open(directory)) {
      return versionsOf(storage);
    }
  }

  private static List<Long> versionsOf(FileBackendStorage storage) {
    return storage
        .list(
            CheckpointQuery.builder(SESSION)
                .order(CheckpointQuery.Order.OLDEST_FIRST)
                .limit(1000)
                .build())
        .items()
        .stream()
        .map(Checkpoint::version)
        .toList();
  }
}
