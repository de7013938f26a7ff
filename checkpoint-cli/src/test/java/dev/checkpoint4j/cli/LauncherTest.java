package dev.checkpoint4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.condition.OS.WINDOWS;

import dev.checkpoint4j.cli.support.ExitCode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.io.TempDir;

/** The script ./checkpoint, in a checkout of its own with a Maven and a Java that only say so. */
@DisabledOnOs(value = WINDOWS, disabledReason = "the launcher is a bash script")
class LauncherTest {

  private static final String MAVEN =
      """
      #!/usr/bin/env bash
      echo "what Maven says"
      while [ "$1" != -f ]; do shift; done
      target=$(dirname "$2")/checkpoint-cli/target
      mkdir -p "$target/lib"
      touch "$target/lib/x.jar" "$target"/checkpoint-cli-1.jar "$target"/checkpoint-cli-1-sources.jar
      """;
  private static final String JAVA =
      """
      #!/usr/bin/env bash
      printf '%s\\n' "$@"
      """;

  @TempDir private Path folder;
  private Path root;
  private Path bin;

  private record Run(int exitCode, List<String> out, String err) {}

  @BeforeEach
  void checkout() throws IOException {
    root = Files.createDirectory(folder.resolve("a check-out"));
    bin = Files.createDirectory(folder.resolve("bin"));
    Files.copy(Path.of("..", "checkpoint"), root.resolve("checkpoint"));
    executable(root.resolve("checkpoint"));
    Files.createDirectories(root.resolve("checkpoint-cli/src/main"));
    Files.createDirectory(root.resolve(".mvn"));
    Files.writeString(root.resolve("pom.xml"), "<project/>");
    Files.writeString(root.resolve("checkpoint-cli/pom.xml"), "<project/>");
    script("mvn", MAVEN);
    script("java", JAVA);
  }

  private void script(String name, String content) throws IOException {
    Files.writeString(bin.resolve(name), content);
    executable(bin.resolve(name));
  }

  private static void executable(Path file) {
    assertThat(file.toFile().setExecutable(true)).isTrue();
  }

  private Run run(Path launcher, String... args) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(launcher.toString()));
    command.addAll(List.of(args));
    Path err = folder.resolve("stderr");
    ProcessBuilder builder = new ProcessBuilder(command).redirectError(err.toFile());
    builder.directory(folder.toFile());
    builder.environment().put("PATH", bin + ":" + System.getenv("PATH"));
    builder.environment().remove("JAVA_HOME");
    Process process = builder.start();
    List<String> out =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
            .lines()
            .toList();
    return new Run(process.waitFor(), out, Files.readString(err));
  }

  private Run run(String... args) throws IOException, InterruptedException {
    return run(root.resolve("checkpoint"), args);
  }

  @Test
  void theFirstUseBuildsAndSaysSo() throws Exception {
    Run first = run("sessions");

    assertThat(first.exitCode()).as(first.err()).isZero();
    assertThat(first.err()).contains("building checkpoint-cli (first use) ...", "what Maven says");
    assertThat(first.out()).as("nothing of the build on stdout").doesNotContain("what Maven says");
    assertThat(run("sessions").err()).as("the second use").isEmpty();
  }

  @Test
  void changedSourcesAreBuiltAgain() throws Exception {
    assertThat(run("sessions").exitCode()).isZero();
    Files.setLastModifiedTime(
        Files.writeString(root.resolve("checkpoint-cli/src/main/New.java"), "class New {}"),
        FileTime.from(Instant.now().plusSeconds(5)));

    assertThat(run("sessions").err()).contains("its sources have changed");
  }

  @Test
  void argumentsAndTheWorkingDirectoryAreThoseOfTheUser() throws Exception {
    Run run = run("show", "a b", "", "*", "--store", "file:./my state");

    assertThat(run.out())
        .endsWith(
            CheckpointCli.class.getName(), "show", "a b", "", "*", "--store", "file:./my state");
    String target = root.toRealPath().resolve("checkpoint-cli/target").toString();
    assertThat(run.out())
        .as("the class path is absolute, and the jar is not that of the sources")
        .contains(target + "/checkpoint-cli-1.jar:" + target + "/lib/*");
  }

  @Test
  void aSymbolicLinkFindsTheCheckout() throws Exception {
    Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("a check-out/checkpoint"));

    assertThat(run(link, "--help").out()).endsWith(CheckpointCli.class.getName(), "--help");
  }

  @Test
  void aFailedBuildIsSaidAndTriedAgain() throws Exception {
    script("mvn", "#!/usr/bin/env bash\nexit 1\n");
    Run failed = run("sessions");

    assertThat(failed.exitCode()).isEqualTo(ExitCode.INTERNAL);
    assertThat(failed.out()).isEmpty();
    assertThat(failed.err()).contains("checkpoint: the build failed");

    script("mvn", MAVEN);
    assertThat(run("sessions").exitCode()).isZero();
  }

  @Test
  void aWrongJavaHomeIsNamed() throws Exception {
    Path launcher =
        Files.writeString(
            folder.resolve("with-java-home"),
            "#!/usr/bin/env bash\nJAVA_HOME=/no/java '%s' \"$@\"\n"
                .formatted(root.resolve("checkpoint")));
    executable(launcher);

    Run run = run(launcher, "sessions");

    assertThat(run.exitCode()).isEqualTo(ExitCode.INTERNAL);
    assertThat(run.err()).contains("JAVA_HOME is '/no/java'");
  }
}
