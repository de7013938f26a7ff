package dev.checkpoint4j.store.file;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.spi.BackendConfig;
import dev.checkpoint4j.spi.VerifyingProvider;
import dev.checkpoint4j.tck.VerificationTck;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;

class FileVerificationTckTest extends VerificationTck {

  @TempDir private Path temp;

  @Override
  protected VerifyingProvider provider() {
    return new FileBackendProvider();
  }

  @Override
  protected BackendConfig config() {
    return BackendConfig.parse(
        provider(), "file:" + temp.resolve("store") + "?durability=process-crash", Map.of());
  }

  /** Changes a byte of the values, without the checksum. */
  @Override
  protected void damage(Checkpoint stored) throws IOException {
    for (Path log : FileStores.logs(temp)) {
      String text = Files.readString(log, StandardCharsets.ISO_8859_1);
      int frame = text.indexOf(" " + stored.id() + "\n");
      if (frame >= 0) {
        int value = text.indexOf("xxx", frame);
        Files.writeString(
            log,
            text.substring(0, value) + "y" + text.substring(value + 1),
            StandardCharsets.ISO_8859_1);
      }
    }
  }

  @Override
  protected Map<Path, String> content() throws IOException {
    Map<Path, String> content = new TreeMap<>();
    try (Stream<Path> files = Files.walk(temp)) {
      for (Path file : files.toList()) {
        String bytes =
            Files.isDirectory(file) ? "" : Files.readString(file, StandardCharsets.ISO_8859_1);
        content.put(file, Files.getLastModifiedTime(file) + bytes);
      }
    }
    return content;
  }
}
