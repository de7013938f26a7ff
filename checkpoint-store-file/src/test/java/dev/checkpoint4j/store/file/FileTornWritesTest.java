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
    LastWrite write = lastWrite(() -> put(torn));

    for (int length = write.start + 1; length < write.log.length; length++) {
      leave(write, Arrays.copyOf(write.log, length));
      put(second, third);
      assertHoldsWithoutIndex(
          "after %d bytes".formatted(length - write.start), third, second, first);
      try (FileBackendStorage storage = FileStores.open(directory)) {
        assertThat(storage.get(SESSION.namespace(), torn.id())).isEmpty();
      }
    }
  }

  @Test
  void aTornDeletionDoesNothing() throws IOException {
    Checkpoint first = checkpoint("first", 1, 10);
    Checkpoint second = checkpoint("second", 2, 10);
    Checkpoint third = checkpoint("third", 3, 10);
    put(first, second);
    LastWrite write =
        lastWrite(
            () -> {
              try (FileBackendStorage storage = FileStores.open(directory)) {
                assertThat(storage.delete(SESSION.namespace(), List.of("first"))).isEqualTo(1);
              }
            });

    for (int length = write.start + 1; length < write.log.length; length++) {
      leave(write, Arrays.copyOf(write.log, length));
      put(third);
      assertHoldsWithoutIndex(
          "after %d bytes".formatted(length - write.start), third, second, first);
    }
  }

  /** The second writer dies within what says that the first write is none. */
  @Test
  void whatIsPutAgainAfterTwoTornWritesStays() throws IOException {
    Checkpoint first = checkpoint("first", 1, 10);
    Checkpoint torn = checkpoint("torn", 2, 10);
    Checkpoint third = checkpoint("third", 3, 10);
    put(first);
    LastWrite write = lastWrite(() -> put(torn));
    byte[] skip = LogFormat.encodeSkip(write.start);

    for (int missing = 1; missing <= 3; missing++) {
      for (int skipped = 1; skipped <= skip.length; skipped++) {
        int end = write.log.length - missing;
        byte[] twice = Arrays.copyOf(write.log, end + skipped);
        System.arraycopy(skip, 0, twice, end, skipped);
        leave(write, twice);
        put(torn);
        put(third);
        assertHoldsWithoutIndex(
            "%d bytes missing, %d skipped".formatted(missing, skipped), third, torn, first);
      }
    }
  }

  /**
   * A write that the index does not know.
   *
   * @param index before the write
   * @param start where it starts in the log
   * @param log after the write
   */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  private record LastWrite(byte[] index, int start, byte[] log) {}

  private LastWrite lastWrite(Runnable write) throws IOException {
    byte[] index = Files.readAllBytes(FileStores.index(directory));
    int start = (int) Files.size(FileStores.log(directory));
    write.run();
    return new LastWrite(index, start, Files.readAllBytes(FileStores.log(directory)));
  }

  /** Leaves the log as a crash may, and the index as it was before the write. */
  private void leave(LastWrite write, byte[] log) throws IOException {
    Files.write(FileStores.log(directory), log);
    Files.write(FileStores.index(directory), write.index);
  }

  private void assertHoldsWithoutIndex(String when, Checkpoint... newestFirst) throws IOException {
    Files.delete(FileStores.index(directory));
    try (FileBackendStorage storage = FileStores.open(directory)) {
      assertThat(storage.list(CheckpointQuery.builder(SESSION).build()).items())
          .as(when)
          .containsExactly(newestFirst);
    }
    VerificationReport report = FileStores.verify(directory);
    assertThat(report.findings()).as(when).noneMatch(Finding::isDamage);
    assertThat(report.checkpoints()).as(when).isEqualTo(newestFirst.length);
  }

  private void put(Checkpoint... checkpoints) {
    try (FileBackendStorage storage = FileStores.open(directory)) {
      for (Checkpoint checkpoint : checkpoints) {
        storage.put(checkpoint, Expectation.any());
      }
    }
  }
}
