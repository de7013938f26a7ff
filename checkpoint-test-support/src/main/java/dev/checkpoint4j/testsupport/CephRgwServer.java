package dev.checkpoint4j.testsupport;

import java.io.IOException;
import java.io.InputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;

/**
 * The S3 gateway of Ceph, a production server that works on many requests at once, where the system
 * property {@code checkpoint.s3.ceph} asks for it. It takes root, and installs what it needs from
 * Debian.
 */
public final class CephRgwServer extends S3Server {

  private static final String ASKED_FOR = "checkpoint.s3.ceph";
  private static final String SCRIPT = "ceph-rgw.sh";

  private static @Nullable CephRgwServer shared;

  private final int monitorPort = Ports.free();
  private @Nullable Guard guard;

  private CephRgwServer() {
    // Larger than the memory of most machines.
    super("ceph-rgw", ServerFiles.newDirectory("ceph-rgw"));
  }

  /**
   * A server of its own for the caller, who closes it; the test is skipped if none is asked for.
   */
  public static CephRgwServer start() {
    if (!Boolean.getBoolean(ASKED_FOR)) {
      String reason = "Ceph is not asked for; as root, on Debian: -D" + ASKED_FOR + "=true";
      System.err.println("SKIPPED TESTS: " + reason);
      Assumptions.<Void>abort(reason);
    }
    CephRgwServer server = new CephRgwServer();
    server.startWithBucket();
    return server;
  }

  /** The one server of this JVM, started when first asked for. */
  public static synchronized CephRgwServer shared() {
    CephRgwServer server = shared;
    if (server == null) {
      server = start();
      shared = server;
    }
    return server;
  }

  @Override
  void launch() throws IOException, InterruptedException {
    unpackScript();
    // Before it starts anything: a test run may be aborted before that.
    guard = Guard.running("bash", script().toString(), "stop", data().toString());
    run("start", data().toString(), "" + port(), "" + monitorPort);
    Processes.await("an answer", this::answers);
  }

  @Override
  void shutDown() throws IOException, InterruptedException {
    // Nothing in it is needed any more.
    killNow();
  }

  @Override
  void killNow() throws IOException, InterruptedException {
    run("stop", data().toString());
    Guard last = guard;
    if (last != null) {
      last.close();
    }
  }

  private Path data() {
    return directory().resolve("data");
  }

  private Path script() {
    return directory().resolve(SCRIPT);
  }

  private void unpackScript() throws IOException {
    if (!Files.exists(script())) {
      try (InputStream text =
          Objects.requireNonNull(CephRgwServer.class.getResourceAsStream(SCRIPT))) {
        Files.copy(text, script());
      }
    }
  }

  private void run(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("bash", script().toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            // A file, not a pipe, which the daemons would keep open.
            .redirectOutput(Redirect.appendTo(log().toFile()));
    builder.environment().put("S3_ACCESS_KEY", ACCESS_KEY);
    builder.environment().put("S3_SECRET_KEY", SECRET_KEY);
    int exitCode = builder.start().waitFor();
    if (exitCode != 0) {
      throw new IOException(arguments[0] + " ended with exit code " + exitCode);
    }
  }
}
