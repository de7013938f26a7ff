package dev.checkpoint4j.tck;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The code of docs/implementing-a-backend.md is that of the project it walks through. */
class WalkThroughTest {

  private static final Path DOCUMENT = Path.of("../docs/implementing-a-backend.md");
  private static final Path PROJECT = Path.of("src/it/stranger");

  @Test
  void everyJavaBlockIsPartOfTheProject() throws IOException {
    StringBuilder sources = new StringBuilder();
    try (Stream<Path> files = Files.walk(PROJECT.resolve("src"))) {
      for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
        sources.append(withoutIndentation(Files.readString(file))).append('\n');
      }
    }
    List<String> blocks = blocks("java");
    assertThat(blocks).as("Java blocks of %s", DOCUMENT).hasSizeGreaterThan(10);
    assertThat(blocks)
        .filteredOn(block -> !sources.toString().contains(block))
        .as("Java blocks of %s that are not in %s", DOCUMENT, PROJECT)
        .isEmpty();
  }

  @Test
  void everyXmlBlockIsPartOfThePom() throws IOException {
    String pom = withoutIndentation(Files.readString(PROJECT.resolve("pom.xml")));
    List<String> blocks = blocks("xml");
    assertThat(blocks).as("XML blocks of %s", DOCUMENT).isNotEmpty();
    assertThat(blocks)
        .filteredOn(block -> !pom.contains(block))
        .as("XML blocks of %s that are not in the pom of %s", DOCUMENT, PROJECT)
        .isEmpty();
  }

  private static List<String> blocks(String language) throws IOException {
    return Pattern.compile("```" + language + "\n(.*?)```", Pattern.DOTALL)
        .matcher(Files.readString(DOCUMENT))
        .results()
        .map(block -> withoutIndentation(block.group(1)))
        .toList();
  }

  private static String withoutIndentation(String text) {
    return text.lines().map(String::strip).reduce("", (a, b) -> a + "\n" + b).strip();
  }
}
