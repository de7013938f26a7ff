package dev.checkpoint4j.store.s3.servers;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * S3Mock, an emulator, with one thread for all requests: as it is shipped it looks whether an
 * object exists and then writes it, and lets several conditional writes win.
 */
public final class S3MockServer extends S3Server {

  private static @Nullable S3MockServer shared;

  private @Nullable Process process;
  private @Nullable Guard guard;

  private S3MockServer() {
    super("s3mock");
  }

  /** A server of its own for the caller, who closes it. */
  public static S3MockServer start() {
    S3MockServer server = new S3MockServer();
    server.startWithBucket();
    return server;
  }

  /** The one server of this JVM, started when first asked for. */
  public static synchronized S3MockServer shared() {
    S3MockServer server = shared;
    if (server == null) {
      server = start();
      shared = server;
    }
    return server;
  }

  @Override
  void launch() throws IOException {
    Process started =
        new ProcessBuilder(command())
            .directory(directory().toFile())
            .redirectErrorStream(true)
            .redirectOutput(Redirect.appendTo(log().toFile()))
            .start();
    process = started;
    guard = Guard.running("kill", "-KILL", "" + started.pid());
    Waiting.until("an answer", () -> !started.isAlive() || answers());
    if (!started.isAlive()) {
      throw new IOException("ended with exit code " + started.exitValue());
    }
  }

  private List<String> command() {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-Xmx256m",
        "-XX:TieredStopAtLevel=1",
        "-XX:+UseSerialGC",
        "-jar",
        ServerPrograms.jars("s3mock").get(0).toString(),
        "--server.address=127.0.0.1",
        "--server.port=" + port(),
        "--server.ssl.enabled=false",
        // A second port, which the limit of threads would not hold for: any free one.
        "--http.port=0",
        "--server.tomcat.threads.max=1",
        "--server.tomcat.threads.min-spare=1",
        "--com.adobe.testing.s3mock.store.root=" + directory().resolve("data"),
        "--com.adobe.testing.s3mock.store.retain-files-on-exit=true");
  }

  @Override
  void shutDown() throws InterruptedException {
    // Nothing in it is needed any more.
    killNow();
  }

  @Override
  void killNow() throws InterruptedException {
    Process running = process;
    if (running != null) {
      running.destroyForcibly().waitFor();
    }
    Guard last = guard;
    if (last != null) {
      last.close();
    }
  }
}
