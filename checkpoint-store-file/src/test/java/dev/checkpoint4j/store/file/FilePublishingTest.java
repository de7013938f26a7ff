package dev.checkpoint4j.store.file;

import static dev.checkpoint4j.store.file.FileStores.codec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.error.OutcomeUnknownException;
import dev.checkpoint4j.spi.Finding;
import dev.checkpoint4j.store.file.faults.Faults.Interference;
import dev.checkpoint4j.store.file.faults.Faults.Target;
import dev.checkpoint4j.store.file.faults.FaultyFileSystem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The checks of {@link IndexPublisher}, one after the other. A process has lost its locks, and
 * another one changes the files between two operations of its write. The write is not acknowledged,
 * unless it was published, and nothing acknowledged is lost.
 */
class FilePublishingTest {

  private static final String LOG = LogFormat.SUFFIX;
  private static final String INDEX = "/" + NamespaceIndex.FILE_NAME;

  @TempDir Path root;
  private FaultyFileSystem fileSystem;
  private FileBackendStorage storage;
  private final Checkpoint first = of("s", 1, "first");

  @BeforeEach
  void storeOne() throws IOException {
    fileSystem = new FaultyFileSystem(root, /* failedForceDrops= */ false);
    storage = FileBackendStorage.open(fileSystem.root().resolve("store"), codec());
    storage.put(first, Expectation.any());
  }

  @AfterEach
  void nothingIsDamaged() {
    assertThat(fileSystem.isPending()).as("nothing has interfered").isFalse();
    storage.close();
    FileStores.open(store()).close();
    assertThat(FileStores.verify(store()).findings())
        .as("what verify finds after an opening")
        .filteredOn(Finding::isDamage)
        .isEmpty();
  }

  private Path store() {
    return root.resolve("store");
  }

  private Path index() {
    return FileStores.index(store());
  }

  private static Checkpoint of(String session, long version, String id) {
    return Checkpoint.builder(session)
        .id(id)
        .version(version)
        .ts(Instant.EPOCH)
        .values(Map.of("id", id))
        .build();
  }

  private static Key key(String session) {
    return Key.of("default\n" + session);
  }

  private SessionLogs logs() {
    return new SessionLogs("default", index().resolveSibling(""), new DurableFiles(false));
  }

  private Path log(String session) {
    return logs().path(key(session));
  }

  // What another process does.

  private static byte[] frame(Checkpoint checkpoint) {
    return Frame.encode(
        Frame.Kind.CHECKPOINT, checkpoint.version(), checkpoint.id(), codec().encode(checkpoint));
  }

  private void storeElsewhere(Checkpoint checkpoint) throws IOException {
    String session = checkpoint.metadata().sessionId();
    Path log = log(session);
    if (!Files.exists(log)) {
      Files.createDirectories(log.resolveSibling(""));
      Files.write(log, LogFormat.encodeHead(7, "default", session));
    }
    Files.write(log, frame(checkpoint), StandardOpenOption.APPEND);
    publishLast(session);
  }

  /** Publishes the last checkpoint of a log. */
  private void publishLast(String session) throws IOException {
    List<IndexRecord> stored =
        logs().read(key(session)).stream().filter(IndexRecord.Stored.class::isInstance).toList();
    Files.write(
        index(),
        IndexRecord.encode(List.of(stored.get(stored.size() - 1))),
        StandardOpenOption.APPEND);
  }

  /** Replaces a file by another one, as a process that renames it does. */
  private static void replace(Path file, byte[] content) throws IOException {
    Path other = Files.write(file.resolveSibling("other.tmp"), content);
    Files.move(other, file, StandardCopyOption.ATOMIC_MOVE);
  }

  private void assertUnknown(ThrowingCallable call) {
    assertThatExceptionOfType(OutcomeUnknownException.class)
        .as("the outcome of a write that another process came between")
        .isThrownBy(call);
  }

  private void assertStored(Checkpoint... checkpoints) {
    for (Checkpoint checkpoint : checkpoints) {
      assertThat(storage.get("default", checkpoint.id()))
          .as("%s is stored", checkpoint.id())
          .contains(checkpoint);
    }
  }

  // 1. The effect of the records.

  @Test
  void aFrameThatAnotherProcessPublishedIsAcknowledgedAndNotPublishedAgain() throws IOException {
    long size = Files.size(index());
    fileSystem.before(Target.FORCE, LOG, () -> publishLast("s"));
    storage.put(of("s", 2, "mine"), Expectation.any());
    assertThat(Files.size(index())).as("bytes of the index").isEqualTo(size + IndexRecord.BYTES);
    assertStored(first, of("s", 2, "mine"));
  }

  // 2. The end of the log in the index.

  @Test
  void anIndexWithATornEndIsNotReplacedIfAnotherProcessAppendedToTheLog() throws IOException {
    byte[] torn = Arrays.copyOf(IndexRecord.encode(List.of(new IndexRecord.Dropped(key("t")))), 9);
    fileSystem.before(
        Target.WRITE,
        LOG,
        () -> {
          storeElsewhere(of("s", 2, "theirs"));
          Files.write(index(), torn, StandardOpenOption.APPEND);
        });
    assertUnknown(() -> storage.put(of("s", 3, "mine"), Expectation.any()));
    assertThat(Files.readAllBytes(index()))
        .as("the index that another process is writing to")
        .endsWith(torn);
    assertStored(first, of("s", 2, "theirs"));
  }

  @Test
  void aSessionThatAnotherProcessAppendedToIsNotDeleted() throws IOException {
    fileSystem.before(Target.FORCE, ".tmp", () -> storeElsewhere(of("s", 2, "theirs")));
    assertUnknown(() -> storage.deleteBySession(new SessionKey("default", "s")));
    assertStored(first, of("s", 2, "theirs"));
  }

  @Test
  void aLogThatAnotherProcessAppendedToIsNotRewritten() throws IOException {
    Checkpoint large =
        of("s", 2, "large").toBuilder().values(Map.of("text", "x".repeat(100_000))).build();
    storage.put(large, Expectation.any());
    fileSystem.before(Target.FORCE, ".tmp", () -> storeElsewhere(of("s", 3, "theirs")));
    assertThat(storage.delete("default", List.of("large"))).isEqualTo(1);
    assertStored(first, of("s", 3, "theirs"));
  }

  // 3. The log itself.

  @Test
  void aFrameInALogThatWasReplacedIsNotPublished() throws IOException {
    byte[] before = Files.readAllBytes(log("s"));
    long size = Files.size(index());
    fileSystem.before(Target.FORCE, LOG, () -> replace(log("s"), before));
    assertUnknown(() -> storage.put(of("s", 2, "mine"), Expectation.any()));
    assertThat(Files.size(index())).as("bytes of the index").isEqualTo(size);
    assertThat(storage.get("default", "mine")).isEmpty();
    assertStored(first);
  }

  @Test
  void theFirstFrameOfALogThatWasReplacedIsNotPublished() throws IOException {
    fileSystem.before(
        Target.READ,
        LOG,
        () -> {
          Files.delete(log("t"));
          storeElsewhere(of("u", 1, "theirs"));
        });
    assertUnknown(() -> storage.put(of("t", 1, "mine"), Expectation.any()));
    assertThat(storage.get("default", "mine")).isEmpty();
    assertStored(first, of("u", 1, "theirs"));
  }

  @Test
  void aFrameAfterWhichAnotherOneWasWrittenIsNotPublished() throws IOException {
    long size = Files.size(index());
    fileSystem.before(
        Target.FORCE,
        LOG,
        () -> Files.write(log("s"), frame(of("s", 3, "theirs")), StandardOpenOption.APPEND));
    assertUnknown(() -> storage.put(of("s", 2, "mine"), Expectation.any()));
    assertThat(Files.size(index())).as("bytes of the index").isEqualTo(size);
    assertStored(first);
  }

  /** The write of another process was unfinished when this one decided to skip it. */
  @Test
  void aFrameAfterAnotherOneThatTheIndexDoesNotKnowIsNotPublished() throws IOException {
    byte[] before = Files.readAllBytes(log("s"));
    byte[] theirs = frame(of("s", 2, "theirs"));
    byte[] unfinished = Arrays.copyOf(Arrays.copyOf(theirs, theirs.length - 9), theirs.length);
    Files.write(log("s"), unfinished, StandardOpenOption.APPEND);
    long size = Files.size(index());
    fileSystem.before(
        Target.FORCE,
        LOG,
        () -> {
          byte[] now = Files.readAllBytes(log("s"));
          System.arraycopy(theirs, 0, now, before.length, theirs.length);
          Files.write(log("s"), now);
        });
    assertUnknown(() -> storage.put(of("s", 3, "mine"), Expectation.any()));
    assertThat(Files.size(index())).as("bytes of the index").isEqualTo(size);
    assertStored(first);
  }

  // 4. The index.

  /** Runs something between the third check and the fourth. */
  private void beforeTheIndexIsReadAgain(Interference interference) {
    fileSystem.before(Target.FORCE, LOG, () -> fileSystem.before(Target.READ, LOG, interference));
  }

  @Test
  void anIdThatAnotherProcessStoredInAnotherSessionStaysThere() throws IOException {
    beforeTheIndexIsReadAgain(() -> storeElsewhere(of("t", 1, "mine")));
    assertUnknown(() -> storage.put(of("s", 2, "mine"), Expectation.any()));
    assertStored(first, of("t", 1, "mine"));
    assertThat(storage.getBySession(new SessionKey("default", "s"))).contains(first);
    // The next opening deletes the frame that was not published.
  }

  @Test
  void aFrameThatAnotherProcessPublishesAfterTheChecksIsPublishedOnce() throws IOException {
    long size = Files.size(index());
    beforeTheIndexIsReadAgain(() -> publishLast("s"));
    assertUnknown(() -> storage.put(of("s", 2, "mine"), Expectation.any()));
    assertThat(Files.size(index())).as("bytes of the index").isEqualTo(size + IndexRecord.BYTES);
    assertStored(first, of("s", 2, "mine"));
  }

  @Test
  void aRecordThatIsNotWhereItShouldBeIsNotAcknowledged() throws IOException {
    fileSystem.before(Target.WRITE, INDEX, () -> storeElsewhere(of("t", 1, "theirs")));
    assertUnknown(() -> storage.put(of("s", 2, "mine"), Expectation.any()));
    assertStored(first, of("t", 1, "theirs"));
  }

  @Test
  void aRecordInAnIndexThatWasReplacedIsNotAcknowledged() throws IOException {
    fileSystem.before(Target.WRITE, INDEX, () -> replace(index(), copyOfIndex()));
    assertUnknown(() -> storage.put(of("s", 2, "mine"), Expectation.any()));
    assertStored(first);
  }

  /** The index as a process that rewrites it would leave it. */
  private byte[] copyOfIndex() throws IOException {
    byte[] copy = Files.readAllBytes(index());
    System.arraycopy(IndexFile.newHead(), 0, copy, 0, IndexRecord.BYTES);
    return copy;
  }

  // 5. The log once more.

  @Test
  void aWriteToASessionThatAnotherProcessDeletesAtTheLastMomentIsNotAcknowledged()
      throws IOException {
    byte[] deleted = LogFormat.encodeHead(7, "default", "s");
    fileSystem.before(Target.WRITE, INDEX, () -> replace(log("s"), deleted));
    assertUnknown(() -> storage.put(of("s", 2, "mine"), Expectation.any()));
    assertThat(storage.getBySession(new SessionKey("default", "s"))).isEmpty();
    assertThat(FileStores.verify(store()).findings()).noneMatch(Finding::isDamage);
  }
}
