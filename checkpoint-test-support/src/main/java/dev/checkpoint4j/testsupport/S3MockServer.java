package dev.checkpoint4j.testsupport;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * S3Mock, an emulator, with one thread for all requests: as it is shipped it looks whether an
 * object exists and then writes it, and lets several conditional writes win.
 */
public final class S3MockServer extends S3Server {

  private static @Nullable S3MockServer shared;
  private static @Nullable S3MockServer sharedInMemory;

  private final Index index;
  private @Nullable Process process;
  private @Nullable Guard guard;

  /** Where the keys of buckets are kept. */
  private enum Index {
    ON_DISK,
    IN_MEMORY
  }

  private S3MockServer(Index index) {
    super("s3mock");
    this.index = index;
  }

  /** A server of its own for the caller, who closes it. */
  public static S3MockServer start() {
    return start(Index.ON_DISK);
  }

  /**
   * The same for work that takes long, with many objects: S3Mock as it is shipped takes longer for
   * a request the more keys a bucket has. This one keeps them in memory (see {@link
   * RememberingMapper}), and has lost them when it is killed.
   */
  public static S3MockServer startInMemory() {
    return start(Index.IN_MEMORY);
  }

  private static S3MockServer start(Index index) {
    S3MockServer server = new S3MockServer(index);
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

  /** Another one of this JVM, of those that {@link #startInMemory} starts. */
  public static synchronized S3MockServer sharedInMemory() {
    S3MockServer server = sharedInMemory;
    if (server == null) {
      server = startInMemory();
      sharedInMemory = server;
    }
    return server;
  }

  /** Removes a bucket with all that is in it, at once: as a request it had to be empty. */
  public void removeBucket(String name) {
    // It has then done what a client that was interrupted had asked for.
    Processes.await("an answer", this::answers);
    ServerFiles.delete(data().resolve(name));
  }

  private Path data() {
    return directory().resolve("data");
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
    Processes.await("an answer", () -> !started.isAlive() || answers());
    if (!started.isAlive()) {
      throw new IOException("ended with exit code " + started.exitValue());
    }
  }

  private List<String> command() {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-XX:+UseSerialGC");
    command.addAll(index == Index.ON_DISK ? asShipped() : inMemory());
    command.addAll(
        List.of(
            "--server.address=127.0.0.1",
            "--server.port=" + port(),
            "--server.ssl.enabled=false",
            // A second port, which the limit of threads would not hold for: any free one.
            "--http.port=0",
            "--server.tomcat.threads.max=1",
            "--server.tomcat.threads.min-spare=1",
            "--com.adobe.testing.s3mock.store.root=" + data(),
            "--com.adobe.testing.s3mock.store.retain-files-on-exit=true"));
    return command;
  }

  private static List<String> asShipped() {
    return List.of("-Xmx256m", "-XX:TieredStopAtLevel=1", "-jar", program());
  }

  /** Compiled for long runs as well. */
  private static List<String> inMemory() {
    return List.of(
        "-Xmx512m",
        "-Dloader.path=" + ServerPrograms.ownClasses(),
        "-cp",
        program(),
        "org.springframework.boot.loader.launch.PropertiesLauncher",
        "--spring.main.sources=classpath:dev/checkpoint4j/testsupport/s3mock-in-memory.xml");
  }

  private static String program() {
    return ServerPrograms.jars("s3mock").get(0).toString();
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
