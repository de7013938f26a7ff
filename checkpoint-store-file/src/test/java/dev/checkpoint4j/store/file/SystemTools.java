package dev.checkpoint4j.store.file;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Assumptions;

/**
 * Mounts, and other tools of Linux that make real faults. A test that needs one that is missing is
 * skipped and says why, or fails if the system property {@code checkpoint.faults.required} is set.
 */
final class SystemTools {

  private static final Set<Mount> MOUNTED = ConcurrentHashMap.newKeySet();

  static {
    Runtime.getRuntime().addShutdownHook(new Thread(() -> MOUNTED.forEach(Mount::close)));
  }

  private SystemTools() {}

  /** Aborts the test unless all commands are there. */
  static void require(String... commands) throws IOException, InterruptedException {
    for (String command : commands) {
      if (!succeeds("sh", "-c", "command -v " + command)) {
        missing("the command " + command + " is not installed");
      }
    }
  }

  /** Aborts the test unless a command succeeds here; it must have no effect. */
  static void requireSuccess(String... command) throws IOException, InterruptedException {
    String said = output(command);
    if (!said.isEmpty()) {
      missing(String.join(" ", command) + " does not work here: " + said);
    }
  }

  private static void missing(String what) {
    if (Boolean.getBoolean("checkpoint.faults.required")) {
      throw new IllegalStateException(what);
    }
    Assumptions.<Void>abort(what);
  }

  /** Runs a command; fails with what it said if it fails. */
  static void run(String... command) throws IOException, InterruptedException {
    String said = output(command);
    if (!said.isEmpty()) {
      throw new IOException(String.join(" ", command) + ": " + said);
    }
  }

  static boolean succeeds(String... command) throws IOException, InterruptedException {
    return output(command).isEmpty();
  }

  /** What a command said that failed; empty if it did not. */
  private static String output(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return process.waitFor() == 0 ? "" : "exit code " + process.exitValue() + ", " + said;
  }

  /** A file system that is mounted until it is closed. */
  static final class Mount implements AutoCloseable {

    private final Path point;
    private final List<String> command;

    private Mount(Path point, List<String> command) {
      this.point = point;
      this.command = command;
    }

    /** Mounts a file system in memory. */
    static Mount tmpfs(Path point, String size) throws IOException, InterruptedException {
      return mount(point, "-t", "tmpfs", "-o", "size=" + size, "tmpfs");
    }

    /** Makes a file system of some type in a new file beside the mount point, and mounts it. */
    static Mount image(Path point, String type, String options, String... mkfs)
        throws IOException, InterruptedException {
      Path image = point.resolveSibling(point.getFileName() + ".image");
      run("truncate", "-s", "320M", image.toString());
      List<String> make = new ArrayList<>(List.of("mkfs." + type, "-q"));
      make.addAll(List.of(mkfs));
      make.add(image.toString());
      run(make.toArray(String[]::new));
      return mount(point, "-t", type, "-o", options, image.toString());
    }

    private static Mount mount(Path point, String... options)
        throws IOException, InterruptedException {
      Files.createDirectories(point);
      List<String> command = new ArrayList<>(List.of("mount"));
      command.addAll(List.of(options));
      command.add(point.toString());
      Mount mount = new Mount(point, command);
      try {
        mount.attach();
      } catch (IOException e) {
        missing("mounting is not possible here: " + e.getMessage());
      }
      return mount;
    }

    Path path() {
      return point;
    }

    void attach() throws IOException, InterruptedException {
      run(command.toArray(String[]::new));
      MOUNTED.add(this);
    }

    void detach() throws IOException, InterruptedException {
      run("umount", point.toString());
      MOUNTED.remove(this);
    }

    void remount(String options) throws IOException, InterruptedException {
      run("mount", "-o", "remount," + options, point.toString());
    }

    @Override
    public void close() {
      if (MOUNTED.remove(this)) {
        try {
          if (!succeeds("umount", point.toString())) {
            // Something has files open; it goes with them.
            run("umount", "-l", point.toString());
          }
        } catch (IOException e) {
          throw new IllegalStateException("left mounted: " + point, e);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new IllegalStateException("left mounted: " + point, e);
        }
      }
    }
  }
}
