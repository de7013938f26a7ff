package dev.checkpoint4j.testsupport;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GuardTest {

  @Test
  void runsItsCommandWhenTheJvmIsKilled(@TempDir Path directory) throws Exception {
    Path ran = directory.resolve("ran");
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            Guarded.class.getName(),
            ran.toString());
    Process jvm = new ProcessBuilder(command).start();
    assertThat(jvm.getInputStream().read()).as("that it is guarded").isEqualTo('g');
    assertThat(ran).doesNotExist();
    jvm.destroyForcibly().waitFor();
    Processes.await("the command of the guard", () -> Files.exists(ran));
  }

  /** Waits to be killed. */
  static final class Guarded {

    public static void main(String[] arguments) throws Exception {
      Guard guard = Guard.running("touch", arguments[0]);
      System.out.print('g');
      System.out.flush();
      Thread.currentThread().join();
      guard.close();
    }
  }
}
