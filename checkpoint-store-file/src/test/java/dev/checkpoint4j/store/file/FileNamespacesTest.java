package dev.checkpoint4j.store.file;

import static dev.checkpoint4j.store.file.FileStores.checkpoint;
import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.spi.BackendStorage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The directories of namespaces are read again when there may be others. */
class FileNamespacesTest {

  @TempDir private Path store;

  @BeforeEach
  void putToFirst() {
    put("first");
  }

  private void put(String namespace) {
    try (BackendStorage storage = FileStores.open(store)) {
      storage.put(
          checkpoint("s", 1).toBuilder().namespace(namespace).id(namespace).build(),
          Expectation.any());
    }
  }

  private static List<String> namespaces(BackendStorage storage) {
    return storage.listNamespaces(1000, Optional.empty()).items();
  }

  private void setTime(Instant time) throws IOException {
    Files.setLastModifiedTime(store, FileTime.from(time));
  }

  @Test
  void pageReadsNoDirectoriesWhileTheTimeOfTheStoreStaysTheSame() throws IOException {
    Instant before = Instant.now().minus(Duration.ofHours(1));
    setTime(before);
    try (BackendStorage storage = FileStores.open(store)) {
      assertThat(namespaces(storage)).containsExactly("first");
      put("second");
      assertThat(namespaces(storage)).containsExactlyInAnyOrder("first", "second");
      setTime(before);
      assertThat(namespaces(storage)).containsExactlyInAnyOrder("first", "second");
      put("third");
      // Only a test can do that: the directory has changed and its time has not.
      setTime(before);
      assertThat(namespaces(storage))
          .as("namespaces, of which the names are known")
          .containsExactlyInAnyOrder("first", "second");
      setTime(before.plusSeconds(1));
      assertThat(namespaces(storage)).containsExactlyInAnyOrder("first", "second", "third");
    }
  }

  @Test
  void recentTimeIsNotReliedOn() throws IOException {
    Instant now = Instant.now();
    setTime(now);
    try (BackendStorage storage = FileStores.open(store)) {
      assertThat(namespaces(storage)).containsExactly("first");
      put("second");
      setTime(now);
      assertThat(namespaces(storage)).containsExactlyInAnyOrder("first", "second");
    }
  }
}
