package dev.checkpoint4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** No test is run by nobody. */
class CiRunTest {

  private static final Path ROOT = Path.of("..");

  @Test
  void runsEveryTestThatAPlainBuildLeavesOut() throws IOException {
    String script = Files.readString(ROOT.resolve(".ci/run"));
    List<String> longTests;
    try (Stream<Path> files = Files.walk(ROOT, 12)) {
      longTests =
          files
              .filter(file -> file.toString().matches(".*/src/test/java/.*Test\\.java"))
              .filter(file -> read(file).contains("@Tag(\"soak\")"))
              .map(file -> file.getFileName().toString().replace(".java", ""))
              .filter(name -> !name.equals(CiRunTest.class.getSimpleName()))
              .toList();
    }
    assertThat(longTests).as("test classes with the tag soak").hasSizeGreaterThan(20);
    assertThat(longTests)
        .as("test classes with the tag soak that .ci/run does not name")
        .filteredOn(name -> !script.matches("(?s).*\\b" + name + "\\b.*"))
        .isEmpty();
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
