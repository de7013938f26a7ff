package dev.checkpoint4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.checkpoint4j.CheckpointRepository;
import dev.checkpoint4j.cli.support.ExitCode;
import dev.checkpoint4j.core.Checkpoints;
import java.io.IOException;
import java.io.StringWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every Java block of the README compiles and runs, and the demo prints what is shown there. */
class ReadmeTest {

  private static final Pattern BLOCK = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

  private static final Pattern XML = Pattern.compile("```xml\n(.*?)```", Pattern.DOTALL);

  private static final Pattern CONSOLE = Pattern.compile("```console\n(.*?)```", Pattern.DOTALL);

  private static final String CLASS_PATH =
      System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));

  @TempDir Path temp;

  private static List<String> blocks() throws IOException {
    return blocks(BLOCK);
  }

  private static List<String> blocks(Pattern pattern) throws IOException {
    Matcher matcher = pattern.matcher(Files.readString(Path.of("..", "README.md")));
    List<String> blocks = new ArrayList<>();
    while (matcher.find()) {
      blocks.add(matcher.group(1));
    }
    return blocks;
  }

  @Test
  void theJobGoesOnWhereItWas() throws Exception {
    String job = blocks().get(0);
    compile("Job", job);
    assertThat(run("Job")).isEqualTo("resuming after step 0\n");
    assertThat(run("Job")).isEqualTo("resuming after step 10\n");
  }

  /** The build runs the example (profile {@code examples}). */
  @Test
  void theProgramIsTheExample() throws IOException {
    Path example = Path.of("..", "examples", "job");
    assertThat(blocks(XML))
        .as("XML blocks")
        .containsExactly(Files.readString(example.resolve("pom.xml")));
    assertThat(blocks().get(0))
        .as("first Java block")
        .isEqualTo(Files.readString(example.resolve("src/main/java/Job.java")));
  }

  @Test
  void everyOtherBlockRuns() throws Exception {
    List<String> blocks = blocks().subList(1, blocks().size());
    assertThat(blocks).as("blocks of the README").hasSizeGreaterThan(3);
    try (CheckpointRepository repo = Checkpoints.open("memory:");
        URLClassLoader loader =
            new URLClassLoader(
                new URL[] {temp.toUri().toURL()}, ReadmeTest.class.getClassLoader())) {
      for (int i = 0; i < blocks.size(); i++) {
        String block = blocks.get(i).replace("\"jdbc:h2:./", "\"jdbc:h2:" + temp + "/");
        compile("Block" + i, wrap("Block" + i, block));
        loader
            .loadClass("Block" + i)
            .getMethod("run", CheckpointRepository.class)
            .invoke(null, repo);
      }
      assertThat(repo.getBySession("account-7").orElseThrow().values()).containsEntry("visits", 1);
      assertThat(repo.getBySession("chat-1-retold").orElseThrow().values())
          .containsEntry("messages", List.of("hello", "good bye"));
    }
  }

  @Test
  void theDemoPrintsWhatIsShown() throws IOException {
    Matcher console = CONSOLE.matcher(Files.readString(Path.of("..", "README.md")));
    assertThat(console.find()).as("the README shows a terminal").isTrue();
    List<String> shown =
        console
            .group(1)
            .lines()
            .filter(line -> !line.startsWith("$") && !line.equals("...") && !line.isEmpty())
            .map(ReadmeTest::withoutFigures)
            .toList();
    assertThat(shown).hasSizeGreaterThan(8);

    CliRun run = CliRun.of("demo", "--crashes", "1");

    assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.OK);
    assertThat(run.outLines())
        .as("lines of the demo, whatever the figures of a run are")
        .map(ReadmeTest::withoutFigures)
        .containsSubsequence(shown);
  }

  private static String withoutFigures(String line) {
    return line.replaceAll("[0-9a-f]{8}-[0-9a-f-]{27}", "ID")
        .replaceAll("[0-9][0-9,.:TZ-]*", "#")
        .replaceAll(" +", " ");
  }

  private static String wrap(String name, String statements) {
    return """
        import dev.checkpoint4j.*;
        import dev.checkpoint4j.core.*;
        import java.util.*;
        import java.util.stream.*;

        public class %s {
          public static void run(CheckpointRepository repo) throws Exception {
        %s
          }
        }
        """
        .formatted(name, statements);
  }

  private void compile(String name, String source) throws IOException {
    Path file = Files.writeString(temp.resolve(name + ".java"), source);
    StringWriter messages = new StringWriter();
    try (var files =
        ToolProvider.getSystemJavaCompiler().getStandardFileManager(null, null, null)) {
      boolean compiled =
          ToolProvider.getSystemJavaCompiler()
              .getTask(
                  messages,
                  files,
                  null,
                  List.of("-proc:none", "-cp", CLASS_PATH, "-d", temp.toString()),
                  null,
                  files.getJavaFileObjects(file))
              .call();
      assertThat(compiled).as("%s\n%s", source, messages).isTrue();
    }
  }

  private String run(String main) throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                temp + System.getProperty("path.separator") + CLASS_PATH,
                main)
            .directory(temp.toFile())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("the process ends").isTrue();
    assertThat(process.exitValue()).as("exit code of %s", main).isZero();
    return output;
  }
}
