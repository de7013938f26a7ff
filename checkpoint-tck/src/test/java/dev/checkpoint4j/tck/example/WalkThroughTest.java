package dev.checkpoint4j.tck.example;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The Java of docs/implementing-a-backend.md is that of the example. */
class WalkThroughTest {

  private static final Path DOCUMENT = Path.of("../docs/implementing-a-backend.md");
  private static final Path SOURCES = Path.of("src/test/java/dev/checkpoint4j/tck/example");
  private static final Pattern JAVA_BLOCK = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

  @Test
  void everyJavaBlockIsPartOfTheExample() throws IOException {
    StringBuilder sources = new StringBuilder();
    try (Stream<Path> files = Files.list(SOURCES)) {
      for (Path file : files.sorted().toList()) {
        sources.append(withoutIndentation(Files.readString(file))).append('\n');
      }
    }
    List<String> blocks =
        JAVA_BLOCK
            .matcher(Files.readString(DOCUMENT))
            .results()
            .map(MatchResult::group)
            .map(block -> block.replace("```java\n", "").replace("```", ""))
            .map(WalkThroughTest::withoutIndentation)
            .toList();
    assertThat(blocks).as("Java blocks of %s", DOCUMENT).hasSizeGreaterThan(5);
    assertThat(blocks).allSatisfy(block -> assertThat(sources.toString()).contains(block));
  }

  private static String withoutIndentation(String text) {
    return text.lines().map(String::strip).reduce("", (a, b) -> a + "\n" + b).strip();
  }
}
