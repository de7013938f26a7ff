package dev.checkpoint4j.store.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.spi.Finding;
import dev.checkpoint4j.spi.VerificationReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A write is cut off after each of its bytes, others follow, and the index is lost. The head of the
 * torn write claims bytes of the later ones: for some lengths, its frame ends where one of theirs
 * starts or ends.
 */
class FileTornWritesTest {

  private static final SessionKey SESSION = new SessionKey(Checkpoint.DEFAULT_NAMESPACE, "s");

  @TempDir Path directory;

  private static Checkpoint checkpoint(String id, long version, int length) {
    return Checkpoint.builder(SESSION.sessionId())
        .id(id)
        .version(version)
        .values(Map.of("text", "x".repeat(length)))
        .build();
  }

  @Test
  void laterWritesAreFoundAfterATornOne() throws IOException {
    Checkpoint first = checkpoint("first", 1, 10);
    Checkpoint torn = checkpoint("torn", 2, 200);
    Checkpoint second = checkpoint("second", 2, 10);
    Checkpoint third = checkpoint("third", 3, 10);
    put(first);
    Path log = FileStores.log(directory);
    Path index = FileStores.index(directory);
    byte[] indexBefore = Files.readAllBytes(index);
    int before = (int) Files.size(log);
    put(torn);
    byte[] whole = Files.readAllBytes(log);

    for (int length = before + 1; length < whole.length; length++) {
      Files.write(log, Arrays.copyOf(whole, length));
      Files.write(index, indexBefore);
      put(second, third);
      Files.delete(index);
      String when = "after %d of %d bytes".formatted(length - before, whole.length - before);
      assertHolds(when, third, second, first);
      VerificationReport report = FileStores.verify(directory);
      assertThat(report.checkpoints()).as(when).isEqualTo(3);
    }
  }

  @Test
  void aTornDeletionDoesNothing() throws IOException {
    Checkpoint first = checkpoint("first", 1, 10);
    Checkpoint second = checkpoint("second", 2, 10);
    Checkpoint third = checkpoint("third", 3, 10);
    put(first, second);
    Path log = FileStores.log(directory);
    Path index = FileStores.index(directory);
    byte[] indexBefore = Files.readAllBytes(index);
    int before = (int) Files.size(log);
    try (FileBackendStorage storage = FileStores.open(directory)) {
      assertThat(storage.delete(SESSION.namespace(), List.of("first"))).isEqualTo(1);
    }
    byte[] whole = Files.readAllBytes(log);

    for (int length = before + 1; length < whole.length; length++) {
      Files.write(log, Arrays.copyOf(whole, length));
      Files.write(index, indexBefore);
      put(third);
      Files.delete(index);
      assertHolds("after %d bytes".formatted(length - before), third, second, first);
    }
  }

  /** The second writer dies within what says that the first write is none. */
  @Test
  void whatIsPutAgainAfterTwoTornWritesStays() throws IOException {
    Checkpoint first = checkpoint("first", 1, 10);
    Checkpoint torn = checkpoint("torn", 2, 10);
    Checkpoint third = checkpoint("third", 3, 10);
    put(first);
    Path log = FileStores.log(directory);
    Path index = FileStores.index(directory);
    byte[] indexBefore = Files.readAllBytes(index);
    int before = (int) Files.size(log);
    put(torn);
    byte[] whole = Files.readAllBytes(log);
    byte[] skip = LogFormat.encodeSkip(before);

    for (int missing = 1; missing <= 3; missing++) {
      for (int skipped = 1; skipped <= skip.length; skipped++) {
        byte[] twice = Arrays.copyOf(whole, whole.length - missing + skipped);
        System.arraycopy(skip, 0, twice, whole.length - missing, skipped);
        Files.write(log, twice);
        Files.write(index, indexBefore);
        put(torn);
        put(third);
        Files.delete(index);
        assertHolds("%d bytes missing, %d skipped".formatted(missing, skipped), third, torn, first);
      }
    }
  }

  private void assertHolds(String when, Checkpoint... newestFirst) {
    try (FileBackendStorage storage = FileStores.open(directory)) {
      assertThat(storage.list(CheckpointQuery.builder(SESSION).build()).items())
          .as(when)
          .containsExactly(newestFirst);
    }
    assertThat(FileStores.verify(directory).findings()).as(when).noneMatch(Finding::isDamage);
  }

  private void put(Checkpoint... checkpoints) {
    try (FileBackendStorage storage = FileStores.open(directory)) {
      for (Checkpoint checkpoint : checkpoints) {
        storage.put(checkpoint, Expectation.any());
      }
    }
  }
}
