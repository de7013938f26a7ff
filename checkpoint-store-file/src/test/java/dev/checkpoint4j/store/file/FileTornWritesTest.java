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
      put(second);
      put(third);
      Files.delete(index);
      try (FileBackendStorage storage = FileStores.open(directory)) {
        assertThat(storage.list(CheckpointQuery.builder(SESSION).build()).items())
            .as("after %d of %d bytes", length - before, whole.length - before)
            .containsExactly(third, second, first);
        assertThat(storage.get(SESSION.namespace(), torn.id())).isEmpty();
      }
      VerificationReport report = FileStores.verify(directory);
      assertThat(report.findings())
          .as("after %d of %d bytes", length - before, whole.length - before)
          .noneMatch(Finding::isDamage);
      assertThat(report.checkpoints()).isEqualTo(3);
    }
  }

  private void put(Checkpoint checkpoint) {
    try (FileBackendStorage storage = FileStores.open(directory)) {
      storage.put(checkpoint, Expectation.any());
    }
  }
}
