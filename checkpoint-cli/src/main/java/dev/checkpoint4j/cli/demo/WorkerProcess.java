package dev.checkpoint4j.cli.demo;

import dev.checkpoint4j.cli.CheckpointCli;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;

/** A worker JVM of the demo, as its parent sees it. */
final class WorkerProcess implements AutoCloseable {

  private final Process process;
  private final Writer stdin;
  private final BufferedReader stdout;

  private WorkerProcess(Process process) {
    this.process = process;
    this.stdin = new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8);
    this.stdout =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }

  /** Starts a worker of the same Java and class path as this process. */
  static WorkerProcess start(WorkerSpec order) {
    ProcessBuilder command =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            // For the driver of SQLite, as the launcher allows it to this process.
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            CheckpointCli.class.getName(),
            "demo-worker");
    command.redirectError(ProcessBuilder.Redirect.INHERIT);
    try {
      WorkerProcess worker = new WorkerProcess(command.start());
      worker.send(order.toLine());
      return worker;
    } catch (IOException e) {
      throw new UncheckedIOException("the worker cannot be started: " + e.getMessage(), e);
    }
  }

  /** Lets the worker store so many checkpoints. */
  void allow(long checkpoints) {
    send(Long.toString(checkpoints));
  }

  /** A worker that ends too early is noticed at the end of its stdout. */
  private void send(String line) {
    try {
      stdin.write(line + "\n");
      stdin.flush();
    } catch (IOException e) {
      kill();
    }
  }

  /** What the worker says next; empty at the end of its stdout. */
  Optional<WorkerMessage> hear() {
    try {
      for (String line = stdout.readLine(); line != null; line = stdout.readLine()) {
        Optional<WorkerMessage> message = WorkerMessage.parse(line);
        if (message.isPresent()) {
          return message;
        }
      }
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException("the worker's stdout cannot be read", e);
    }
  }

  /** Ends the worker at once: SIGKILL, where there are signals. What it said before stays. */
  void kill() {
    // Unlike that of its handle, the method of the process closes the streams: unheard acks would
    // be gone.
    process.toHandle().destroyForcibly();
  }

  /** Waits for the end of the process, however it comes. */
  int awaitExit() {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return process.waitFor();
        } catch (InterruptedException e) {
          interrupted = true;
          kill();
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Override
  public void close() {
    kill();
    awaitExit();
  }
}
