package dev.checkpoint4j.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CodecLookupTest {

  @TempDir private Path classes;

  @Test
  void saysThatNoCodecIsRegistered() {
    assertThat(CodecLookup.problems()).singleElement().asString().contains("checkpoint-core");
    assertThatIllegalStateException()
        .isThrownBy(CodecLookup::find)
        .withMessageContaining("checkpoint-core");
  }

  @Test
  void saysWhyACodecCannotBeLoaded() throws IOException {
    Path services = Files.createDirectories(classes.resolve("META-INF/services"));
    Files.writeString(services.resolve(CheckpointCodec.class.getName()), "com.example.Gone");
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    try (URLClassLoader loader = new URLClassLoader(new URL[] {classes.toUri().toURL()}, before)) {
      thread.setContextClassLoader(loader);
      assertThat(CodecLookup.problems())
          .singleElement()
          .asString()
          .contains("the codec cannot be loaded", "com.example.Gone");
      assertThatIllegalStateException()
          .isThrownBy(CodecLookup::find)
          .withMessageContaining("com.example.Gone");
    } finally {
      thread.setContextClassLoader(before);
    }
  }
}
