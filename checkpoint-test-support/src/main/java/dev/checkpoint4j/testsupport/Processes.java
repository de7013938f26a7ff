package dev.checkpoint4j.testsupport;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Processes of Linux, not all of them children of this JVM. */
final class Processes {

  /** Long enough for a machine that does much else; who waits that long has failed. */
  static final Duration MAX_WAIT = Duration.ofSeconds(60);

  private static final Duration POLL = Duration.ofMillis(5);

  private Processes() {}

  static void await(String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + MAX_WAIT.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - deadline > 0) {
        throw new IllegalStateException(what + ": not within " + MAX_WAIT.toSeconds() + " s");
      }
      LockSupport.parkNanos(POLL.toNanos());
    }
  }

  static void run(String... command) {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getOutputStream().close();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int exitCode = process.waitFor();
      if (exitCode != 0) {
        throw new IllegalStateException(
            String.join(" ", command) + " ended with " + exitCode + ": " + output);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /**
   * Kills a process and those it has started, as a loss of power would, and waits for their end.
   */
  static void killWithDescendants(ProcessHandle process) {
    // Stopped first, so that it starts nothing more and sees nothing of the end of the others.
    run("sh", "-c", "kill -STOP " + process.pid());
    List<ProcessHandle> all = new ArrayList<>(List.of(process));
    process.descendants().forEach(all::add);
    all.forEach(ProcessHandle::destroyForcibly);
    await("the end of killed processes", () -> all.stream().noneMatch(Processes::runs));
  }

  /**
   * Whether it still does anything: a zombie, whose parent does not ask for it, counts as ended.
   */
  static boolean runs(ProcessHandle process) {
    return process.isAlive() && !isZombie(process.pid());
  }

  private static boolean isZombie(long pid) {
    try {
      String status = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
      return status.charAt(status.lastIndexOf(')') + 2) == 'Z';
    } catch (NoSuchFileException e) {
      return true;
    } catch (IOException e) {
      // It ended while it was read.
      return true;
    }
  }
}
