package dev.checkpoint4j.testsupport;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A JVM that a test starts and may kill. What it says is in a file, which survives it. */
public final class ChildJvm implements AutoCloseable {

  private static final long MAX_WAIT_SECONDS = 300;

  private final Process process;
  private final Path output;

  private ChildJvm(Process process, Path output) {
    this.process = process;
    this.output = output;
  }

  public static ChildJvm start(Path output, Class<?> main, String... arguments) throws IOException {
    return start(output, List.of(), List.of("-Xmx256m"), main, arguments);
  }

  /**
   * Starts a JVM.
   *
   * @param output the file for what it says
   * @param prefix a command that runs the command after it; may be empty
   * @param options of the JVM
   */
  public static ChildJvm start(
      Path output, List<String> prefix, List<String> options, Class<?> main, String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>(prefix);
    command.addAll(command(options, main, arguments));
    Files.deleteIfExists(output);
    return new ChildJvm(
        new ProcessBuilder(command)
            .redirectError(errors(output).toFile())
            .redirectOutput(output.toFile())
            .start(),
        output);
  }

  /** Runs a class on the class path of this JVM. */
  public static List<String> command(List<String> options, Class<?> main, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto"));
    command.addAll(options);
    command.add("-cp");
    command.add(
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
    command.add(main.getName());
    command.addAll(List.of(arguments));
    return command;
  }

  /** Whole lines only: of the last one, a killed process may have written some. */
  public List<String> lines() throws IOException {
    String text = Files.readString(output, StandardCharsets.UTF_8);
    return text.substring(0, text.lastIndexOf('\n') + 1).lines().toList();
  }

  /** Waits until it has said something that starts so. */
  public void awaitLine(String start) throws IOException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(MAX_WAIT_SECONDS);
    while (lines().stream().noneMatch(line -> line.startsWith(start))) {
      assertThat(process.isAlive()).as("the process is alive; it said: %s", tail()).isTrue();
      assertThat(System.nanoTime()).as("the process says %s", start).isLessThan(deadline);
      Thread.onSpinWait();
    }
  }

  private static Path errors(Path output) {
    return output.resolveSibling(output.getFileName() + ".err");
  }

  private List<String> tail() throws IOException {
    List<String> lines = new ArrayList<>(Files.readAllLines(errors(output)));
    lines.addAll(lines());
    return lines.subList(Math.max(0, lines.size() - 30), lines.size());
  }

  public void kill() throws InterruptedException {
    process.destroyForcibly();
    assertThat(process.waitFor(MAX_WAIT_SECONDS, TimeUnit.SECONDS)).as("it is gone").isTrue();
  }

  /** Waits until it has ended well; returns what it said. */
  public List<String> awaitSuccess() throws IOException, InterruptedException {
    assertThat(process.waitFor(MAX_WAIT_SECONDS, TimeUnit.SECONDS)).as("it ends").isTrue();
    assertThat(process.exitValue()).as("exit code; it said: %s", tail()).isZero();
    return lines();
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  @Override
  public void close() throws InterruptedException {
    kill();
  }
}
