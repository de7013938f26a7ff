package dev.checkpoint4j.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.checkpoint4j.Checkpoint;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class TckScopeTest {

  private static TckScope scope() {
    return new TckScope(Path.of("unused"), "unused");
  }

  @Test
  void missingCodecSaysWhichArtifactToAdd() {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(ClassLoader.getPlatformClassLoader());
    try {
      assertThatThrownBy(() -> scope().codec())
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("dev.checkpoint4j:checkpoint-core");
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  @Test
  void codecIsOnePerScopeAndItsUseIsSeen() {
    TckScope scope = scope();
    assertThat(scope.codec()).as("codec asked for again").isSameAs(scope.codec());
    assertThat(scope.isCodecUsed()).as("whether a codec that did nothing was used").isFalse();
    Checkpoint checkpoint = Checkpoint.empty("s");
    assertThat(scope.codec().decode(scope.codec().encode(checkpoint))).isEqualTo(checkpoint);
    assertThat(scope.isCodecUsed()).as("whether a codec that encoded was used").isTrue();
  }
}
