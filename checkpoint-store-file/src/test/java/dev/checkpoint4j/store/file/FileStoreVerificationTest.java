package dev.checkpoint4j.store.file;

import static dev.checkpoint4j.store.file.FileStores.checkpoint;
import static dev.checkpoint4j.store.file.FileStores.codec;
import static dev.checkpoint4j.store.file.FileStores.open;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.error.BackendConfigurationException;
import dev.checkpoint4j.error.StorageUnavailableException;
import dev.checkpoint4j.spi.Finding;
import dev.checkpoint4j.spi.Finding.Severity;
import dev.checkpoint4j.spi.VerificationListener;
import dev.checkpoint4j.spi.VerificationOptions;
import dev.checkpoint4j.spi.VerificationReport;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said of a store that was damaged byte by byte, and what is saved of it. */
class FileStoreVerificationTest {

  @TempDir Path temp;
  private Path store;
  private Path log;
  private byte[] intact;
  private final List<Checkpoint> stored = new ArrayList<>();

  @BeforeEach
  void storeThreeVersions() throws IOException {
    store = temp.resolve("store");
    try (FileBackendStorage storage = open(store)) {
      for (long version = 1; version <= 3; version++) {
        stored.add(checkpoint("s", version));
        storage.put(stored.get(stored.size() - 1), Expectation.any());
      }
    }
    log = FileStores.log(store);
    intact = Files.readAllBytes(log);
  }

  /** What a listener was told. */
  private static final class Found implements VerificationListener {
    final List<Checkpoint> intact = new ArrayList<>();
    final List<Finding> findings = new ArrayList<>();

    @Override
    public void onIntact(Checkpoint checkpoint) {
      intact.add(checkpoint);
    }

    @Override
    public void onFinding(Finding finding) {
      findings.add(finding);
    }

    List<FindingKind> kinds() {
      return findings.stream()
          .map(finding -> finding.kind().toUpperCase(Locale.ROOT).replace('-', '_'))
          .map(FindingKind::valueOf)
          .toList();
    }

    List<String> ids() {
      return intact.stream().map(Checkpoint::id).toList();
    }
  }

  private Found verify() {
    return verify(store);
  }

  private static Found verify(Path directory) {
    Found found = new Found();
    VerificationReport report =
        StoreScanner.verify(directory, codec(), VerificationOptions.defaults().withListener(found));
    assertThat(report.findings()).as("findings that are kept").isEqualTo(found.findings);
    assertThat(report.checkpoints()).as("counted checkpoints").isEqualTo(found.intact.size());
    assertThat(report.damaged())
        .as("counted damage")
        .isEqualTo(
            found.kinds().stream().filter(kind -> kind.severity() == Severity.DAMAGE).count());
    assertThat(report.leftovers()).isEqualTo(found.findings.size() - report.damaged());
    return found;
  }

  private static Path shardOf(Path log) {
    return log.resolveSibling("");
  }

  private static Path namespaceOf(Path log) {
    return shardOf(log).resolveSibling("");
  }

  @Test
  void aSoundStoreIsCountedAndNothingOfItIsChanged() throws IOException {
    try (FileBackendStorage storage = open(store)) {
      storage.put(checkpoint("t", 1).toBuilder().namespace("other").build(), Expectation.any());
      Map<Path, String> before = content(store);

      VerificationReport result = FileStores.verify(store);

      assertThat(result.isSound()).isTrue();
      assertThat(result.findings()).isEmpty();
      assertThat(result.namespaces()).isEqualTo(2);
      assertThat(result.sessions()).isEqualTo(2);
      assertThat(result.checkpoints()).isEqualTo(4);
      assertThat(result.bytes()).isGreaterThan(intact.length);
      assertThat(content(store)).as("the store").isEqualTo(before);
    }
    assertThat(verify().intact).as("what is intact").containsAll(stored);
  }

  private static Map<Path, String> content(Path directory) throws IOException {
    Map<Path, String> content = new TreeMap<>();
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.toList()) {
        String bytes =
            Files.isDirectory(file) ? "" : Files.readString(file, StandardCharsets.ISO_8859_1);
        content.put(file, Files.getLastModifiedTime(file) + bytes);
      }
    }
    return content;
  }

  @Test
  void eachFlippedBitIsFoundAndCostsAtMostItsOwnCheckpoint() throws IOException {
    int headLength = new String(intact, StandardCharsets.ISO_8859_1).indexOf('\n') + 1;
    for (int i = 0; i < intact.length; i++) {
      byte[] damaged = intact.clone();
      damaged[i] ^= (byte) (1 << (i % 8));
      Files.write(log, damaged);

      Found found = verify();

      assertThat(found.findings)
          .as("damage found when byte %d is flipped", i)
          .filteredOn(Finding::isDamage)
          .hasSize(1);
      assertThat(found.findings.get(0).location()).startsWith(log.toRealPath() + ", byte ");
      assertThat(stored).as("nothing else than was stored").containsAll(found.intact);
      assertThat(found.intact)
          .as("what is intact when byte %d is flipped", i)
          .hasSizeGreaterThanOrEqualTo(i < headLength ? 3 : 2);
      if (i < headLength) {
        assertThat(found.kinds()).containsExactly(FindingKind.LOG_HEAD);
      }
    }
  }

  @Test
  void whatIsCutOffALogIsLostIfTheIndexSaysThatItWasAcknowledged() throws IOException {
    for (int length = 0; length < intact.length; length++) {
      Files.write(log, Arrays.copyOf(intact, length));

      Found found = verify();

      assertThat(found.kinds())
          .as("found when cut to %d bytes", length)
          .isSubsetOf(FindingKind.UNFINISHED_WRITE, FindingKind.LOST_CHECKPOINT)
          .filteredOn(kind -> kind == FindingKind.LOST_CHECKPOINT)
          .hasSize(stored.size() - found.intact.size());
    }
  }

  @Test
  void withoutAnIndexALogThatIsCutOffHasAnUnfinishedWriteWhichIsNoDamage() throws IOException {
    Files.delete(FileStores.index(store));
    for (int length = 0; length < intact.length; length++) {
      Files.write(log, Arrays.copyOf(intact, length));

      Found found = verify();

      assertThat(found.kinds())
          .as("found when cut to %d bytes", length)
          .isSubsetOf(FindingKind.UNFINISHED_WRITE);
      assertThat(stored).containsAll(found.intact);
    }
    byte[] zeros = Arrays.copyOf(intact, intact.length + 5000);
    Files.write(log, zeros);
    assertThat(verify().kinds())
        .as("zeros at the end")
        .containsExactly(FindingKind.UNFINISHED_WRITE);
    assertThat(verify().intact).isEqualTo(stored);
  }

  @Test
  void whatIsBehindDamageIsFound() throws IOException {
    String text = new String(intact, StandardCharsets.ISO_8859_1);
    int second = text.indexOf("checkpoint ", text.indexOf("s-2") - 40);
    ByteArrayOutputStream damaged = new ByteArrayOutputStream();
    damaged.write(intact, 0, second);
    damaged.writeBytes(
        "%%% garbage\n of any length\n".repeat(5000).getBytes(StandardCharsets.US_ASCII));
    damaged.write(intact, second, intact.length - second);
    Files.write(log, damaged.toByteArray());

    Found found = verify();

    assertThat(found.kinds()).containsExactly(FindingKind.FRAME);
    assertThat(found.findings.get(0).location()).endsWith(", byte " + second);
    assertThat(found.intact).isEqualTo(stored);
  }

  @Test
  void aHugeLengthNeedsNoMemoryAndHidesNothing() throws IOException {
    String text = new String(intact, StandardCharsets.ISO_8859_1);
    Files.writeString(
        log,
        text + "checkpoint 00000000 2000000000 4 s-4\n" + "x".repeat(100) + "\n",
        StandardCharsets.ISO_8859_1);
    assertThat(verify().kinds()).containsExactly(FindingKind.UNFINISHED_WRITE);
    assertThat(verify().intact).isEqualTo(stored);
  }

  @Test
  void deletedCheckpointsAndASessionThatIsBeingDeletedAreNoProblem() throws IOException {
    try (FileBackendStorage storage = open(store)) {
      storage.put(checkpoint("t", 1), Expectation.any());
      storage.delete("default", List.of("s-2"));
    }
    Path other = logOf("t");
    Files.write(other, LogFormat.encodeHead(7, "default", "t"));

    Found found = verify();

    assertThat(found.findings).isEmpty();
    assertThat(found.ids()).containsExactly("s-1", "s-3");
  }

  private Path logOf(String session) {
    return new SessionLogs("default", namespaceOf(log), new DurableFiles(false))
        .path(Key.of("default\n" + session));
  }

  @Test
  void anIdThatMovedToAnotherSessionIsStoredOnce() {
    try (FileBackendStorage storage = open(store)) {
      storage.delete("default", List.of("s-2"));
      storage.put(checkpoint("t", 1).toBuilder().id("s-2").build(), Expectation.any());
    }
    assertThat(verify().findings).isEmpty();
    assertThat(verify().ids()).containsExactlyInAnyOrder("s-1", "s-3", "s-2");
  }

  @Test
  void theSameIdInTwoSessionsIsReported() throws IOException {
    try (FileBackendStorage storage = open(store)) {
      storage.put(checkpoint("t", 1), Expectation.any());
    }
    append(logOf("t"), checkpoint("t", 2).toBuilder().id("s-2").build());

    assertThat(verify().kinds())
        .containsExactly(FindingKind.UNPUBLISHED_WRITE, FindingKind.DUPLICATE_ID);
    assertThat(verify().findings.get(1).message()).contains("'s-2'");
  }

  private static void append(Path log, Checkpoint checkpoint) throws IOException {
    append(log, checkpoint, codec().encode(checkpoint));
  }

  private static void append(Path log, Checkpoint checkpoint, byte[] document) throws IOException {
    Files.write(
        log,
        Frame.encode(Frame.Kind.CHECKPOINT, checkpoint.version(), checkpoint.id(), document),
        StandardOpenOption.APPEND);
  }

  @Test
  void versionsThatDoNotIncreaseAndDocumentsOfOthersAreReported() throws IOException {
    // Which would say that none of this was acknowledged.
    Files.delete(FileStores.index(store));
    append(log, checkpoint("s", 2).toBuilder().id("again").build());
    append(log, checkpoint("s", 4), new byte[] {'{', '\n', '}'});
    append(log, checkpoint("s", 5), codec().encode(checkpoint("s", 6)));
    append(log, checkpoint("s", 7), codec().encode(checkpoint("t", 7)));
    append(log, checkpoint("s", 8));

    Found found = verify();

    assertThat(found.kinds())
        .containsExactly(
            FindingKind.VERSION_ORDER,
            FindingKind.DOCUMENT,
            FindingKind.DOCUMENT,
            FindingKind.DOCUMENT);
    assertThat(found.ids()).containsExactly("s-1", "s-2", "s-3", "s-8");
  }

  @Test
  void theLogOfAnotherSessionIsSaidToBelongElsewhere() throws IOException {
    Path elsewhere = logOf("other");
    Files.createDirectories(shardOf(elsewhere));
    Files.move(log, elsewhere);

    Found found = verify();

    assertThat(found.kinds()).containsExactly(FindingKind.LOG_HEAD, FindingKind.LOST_CHECKPOINT);
    assertThat(found.findings.get(0).message()).contains(log.getFileName().toString());
    assertThat(found.intact).isEmpty();
    Files.move(elsewhere, log);
    assertThat(verify().intact).as("back in its place").isEqualTo(stored);
  }

  @Test
  void damagedMarkersAndNamesAreReportedAndLoseNothing() throws IOException {
    Path marker = store.resolve(StoreDirectory.MARKER);
    Path name = namespaceOf(log).resolve(FileNamespace.NAME_FILE);
    Files.writeString(marker, "checkpoint-file-xtore 1\n");
    Files.writeString(name, "%zz\n");
    assertThat(verify().kinds()).containsExactly(FindingKind.MARKER, FindingKind.NAMESPACE_NAME);
    Files.delete(marker);
    Files.delete(name);
    assertThat(verify().kinds()).containsExactly(FindingKind.MARKER, FindingKind.NAMESPACE_NAME);
    assertThat(verify().intact).isEqualTo(stored);
    Files.writeString(marker, "checkpoint-file-store 2\n");
    assertThat(verify().kinds()).containsExactly(FindingKind.MARKER);
    assertThat(verify().intact).as("of a format that is not known").isEmpty();
  }

  @Test
  void theIndexDoesNotMatter() throws IOException {
    Files.writeString(FileStores.index(store), "nonsense");
    assertThat(verify().findings).isEmpty();
    Files.delete(FileStores.index(store));
    assertThat(verify().intact).isEqualTo(stored);
  }

  @Test
  void whatTheIndexDoesNotKnowIsReportedUntilItIsPublished() throws IOException {
    try (FileBackendStorage storage = open(store)) {
      storage.put(checkpoint("deleted", 1), Expectation.any());
    }
    append(log, checkpoint("s", 4));
    byte[] deletion = LogFormat.encodeDeletion(List.of("s-2", "not-stored"));
    Files.write(log, deletion, StandardOpenOption.APPEND);
    byte[] other = LogFormat.encodeHead(7, "default", "t");
    Files.createDirectories(shardOf(logOf("t")));
    Files.write(logOf("t"), other);
    append(logOf("t"), checkpoint("t", 1));
    Files.write(
        logOf("deleted"),
        LogFormat.encodeDeletion(List.of("deleted-1")),
        StandardOpenOption.APPEND);

    Found found = verify();

    assertThat(found.kinds()).containsOnly(FindingKind.UNPUBLISHED_WRITE);
    assertThat(found.findings)
        .as("what the index does not know")
        .noneMatch(Finding::isDamage)
        .extracting(finding -> finding.location() + " " + finding.context().checkpointId())
        .containsExactlyInAnyOrder(
            log.toRealPath() + ", byte " + intact.length + " s-4",
            log.toRealPath() + ", byte " + (Files.size(log) - deletion.length) + " null",
            logOf("t").toRealPath() + ", byte " + other.length + " t-1",
            logOf("deleted").toRealPath() + ", byte " + deletedAt() + " null");
    assertThat(found.ids()).containsExactlyInAnyOrder("s-1", "s-3", "s-4", "t-1");
    open(store).close();
    assertThat(verify().findings).as("after an opening").isEmpty();
    assertThat(verify().ids()).containsExactlyInAnyOrder("s-1", "s-3", "s-4", "t-1");
  }

  private long deletedAt() throws IOException {
    return Files.size(logOf("deleted")) - LogFormat.encodeDeletion(List.of("deleted-1")).length;
  }

  @Test
  void whatNeedsNoPublishingIsNotReportedAsUnpublished() throws IOException {
    append(log, checkpoint("s", 2).toBuilder().id("refused").build());
    append(log, checkpoint("s", 4));
    Files.write(log, LogFormat.encodeDeletion(List.of("s-4")), StandardOpenOption.APPEND);
    assertThat(verify().kinds()).containsExactly(FindingKind.VERSION_ORDER);
    append(log, checkpoint("s", 5));
    assertThat(verify().kinds())
        .containsExactly(FindingKind.VERSION_ORDER, FindingKind.UNPUBLISHED_WRITE);
    Files.writeString(FileStores.index(store), "nonsense");
    assertThat(verify().kinds())
        .as("found beside an index that cannot be read")
        .containsExactly(FindingKind.VERSION_ORDER);
    Files.delete(FileStores.index(store));
    assertThat(verify().kinds())
        .as("found without an index")
        .containsExactly(FindingKind.VERSION_ORDER);
  }

  /** The log is read while a writer is between the log and the index, or deletes what it wrote. */
  @Test
  void whatIsPublishedOrDeletedDuringTheVerificationIsNotReported() throws IOException {
    append(log, checkpoint("s", 4));
    byte[] index = Files.readAllBytes(FileStores.index(store));
    byte[] published =
        IndexRecord.encode(
            new SessionLogs("default", namespaceOf(log), new DurableFiles(false))
                .read(Key.of("default\ns")).stream()
                    .filter(record -> record instanceof IndexRecord.Stored)
                    .skip(3)
                    .toList());
    assertThat(verifyAndWrite(FileStores.index(store), published))
        .as("found if the frame is published after it was read")
        .isEmpty();
    assertThat(verify().findings).as("found once it is published").isEmpty();
    Files.write(FileStores.index(store), index);
    assertThat(verifyAndWrite(log, LogFormat.encodeDeletion(List.of("s-4"))))
        .as("found if the checkpoint is deleted after it was read")
        .isEmpty();
  }

  /** Appends bytes to a file when the verification has met version 4; returns the findings. */
  private List<Finding> verifyAndWrite(Path file, byte[] bytes) {
    VerificationListener listener =
        new VerificationListener() {
          @Override
          public void onIntact(Checkpoint checkpoint) {
            if (checkpoint.version() == 4) {
              try {
                Files.write(file, bytes, StandardOpenOption.APPEND);
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            }
          }

          @Override
          public void onFinding(Finding finding) {
            // They are in the report.
          }
        };
    return StoreScanner.verify(
            store, codec(), VerificationOptions.defaults().withListener(listener))
        .findings();
  }

  @Test
  void foreignFilesAndLinksAreReported() throws IOException {
    Path outside = Files.writeString(temp.resolve("thesis.txt"), "mine");
    Files.writeString(store.resolve("notes"), "");
    Files.writeString(namespaceOf(log).resolve("notes"), "");
    Files.writeString(shardOf(log).resolve("notes.log"), "");
    Files.writeString(shardOf(log).resolve("notes.tmp"), "unfinished");
    assertThat(verify().kinds()).containsOnly(FindingKind.FOREIGN_FILE).hasSize(3);

    for (Path link :
        new Path[] {
          store.resolve("l"), namespaceOf(log).resolve("l"), shardOf(log).resolve("l.tmp")
        }) {
      Files.createSymbolicLink(link, outside);
    }
    Files.move(log, temp.resolve("log"));
    Files.createSymbolicLink(log, temp.resolve("log"));
    assertThat(verify().kinds()).filteredOn(FindingKind.FILE_TYPE::equals).hasSize(4);
    assertThat(verify().intact).as("behind a link").isEmpty();
  }

  @Test
  void whatIsSalvagedIsAStore() throws IOException {
    byte[] damaged = intact.clone();
    damaged[new String(intact, StandardCharsets.ISO_8859_1).indexOf("s-2")] ^= 1;
    Files.write(log, damaged);
    try (FileBackendStorage target = open(temp.resolve("new"))) {
      verify().intact.forEach(found -> target.put(found, Expectation.any()));
      assertThat(target.getBySession(new SessionKey("default", "s"))).contains(stored.get(2));
    }
    assertThat(verify(temp.resolve("new")).ids()).containsExactly("s-1", "s-3");
  }

  @Test
  void whatIsNoStoreIsRefused() throws IOException {
    assertThatExceptionOfType(BackendConfigurationException.class)
        .isThrownBy(() -> verify(temp.resolve("missing")))
        .withMessageContaining("no directory");
    Path other = Files.createDirectory(temp.resolve("other"));
    assertThatExceptionOfType(BackendConfigurationException.class)
        .isThrownBy(() -> verify(other))
        .withMessageContaining("there is no store");
    assertThat(other).isEmptyDirectory();
    assertThatExceptionOfType(UnsupportedOperationException.class)
        .isThrownBy(
            () ->
                StoreScanner.verify(
                    store, codec(), VerificationOptions.defaults().withRemovalOfLeftovers()))
        .withMessageContaining("no leftovers to remove");
  }

  @Test
  void anInterruptEndsItAndStaysSet() {
    Thread.currentThread().interrupt();
    try {
      assertThatExceptionOfType(StorageUnavailableException.class).isThrownBy(this::verify);
    } finally {
      assertThat(Thread.interrupted()).as("the flag").isTrue();
    }
  }

  @Test
  void idsThatAreStoredTwiceAreFoundWithLittleMemory() {
    RepeatedIds ids = new RepeatedIds(16);
    do {
      for (long i = 0; i < 1000; i++) {
        ids.add(Long.reverse(i));
      }
      ids.add(Long.reverse(77));
      ids.add(0);
    } while (ids.startNextRound());
    assertThat(ids.repeated()).containsExactlyInAnyOrder(Long.reverse(77), 0L);
  }
}
