package dev.checkpoint4j.testsupport;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Ends what this JVM has started also when the JVM is killed: a process that waits for the end of a
 * pipe, of which only the JVM has the other end, and then runs a command.
 */
final class Guard implements AutoCloseable {

  private final Process waiting;

  private Guard(Process waiting) {
    this.waiting = waiting;
  }

  static Guard running(String... command) throws IOException {
    List<String> line = new ArrayList<>(List.of("sh", "-c", "cat > /dev/null; \"$@\"", "guard"));
    line.addAll(List.of(command));
    return new Guard(
        new ProcessBuilder(line)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start());
  }

  /** The command is not run. */
  @Override
  public void close() {
    waiting.destroyForcibly();
  }
}
