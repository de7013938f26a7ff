package dev.checkpoint4j.testsupport;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A real PostgreSQL with the durability of a production server. */
public final class PostgresServer extends LocalServer {

  /** Names, for a child JVM, the server that its parent has started. */
  public static final String URL_PROPERTY = "checkpoint.test.postgres.url";

  private static final int LINE_OF_PID = 0;
  private static final int LINE_OF_SHARED_MEMORY = 6;

  private static @Nullable PostgresServer shared;

  private @Nullable EmbeddedPostgres postgres;

  private PostgresServer() {
    super("postgres");
  }

  /** A server of its own for the caller, who closes it. */
  public static PostgresServer start() {
    Platform.requireLinuxX64("PostgreSQL");
    PostgresServer server = new PostgresServer();
    server.startFirst();
    return server;
  }

  /** The one server of this JVM, started when first asked for. */
  public static synchronized PostgresServer shared() {
    PostgresServer server = shared;
    if (server == null) {
      server = start();
      shared = server;
    }
    return server;
  }

  /** The server of the parent JVM if there is one, else that of this JVM. */
  public static String sharedUrl() {
    String url = System.getProperty(URL_PROPERTY);
    return url == null ? shared().url() : url;
  }

  /** System properties with which a child JVM uses the same server. */
  public static Map<String, String> childProperties() {
    return Map.of(URL_PROPERTY, sharedUrl());
  }

  public String url() {
    return "jdbc:postgresql://127.0.0.1:" + port() + "/postgres?user=postgres";
  }

  @Override
  void launch() throws IOException {
    postgres =
        EmbeddedPostgres.builder()
            .setOverrideWorkingDirectory(ServerFiles.base().toFile())
            .setDataDirectory(data())
            .setCleanDataDirectory(false)
            .setRegisterShutdownHook(false)
            .setOutputRedirector(Redirect.appendTo(log().toFile()))
            .setPGStartupWait(Processes.MAX_WAIT)
            .setPort(port())
            .setLocaleConfig("locale", "C")
            // EmbeddedPostgres turns both off, and a kill would lose acknowledged commits.
            .setServerConfig("fsync", "on")
            .setServerConfig("synchronous_commit", "on")
            .setServerConfig("max_connections", "200")
            .setServerConfig("listen_addresses", "127.0.0.1")
            // Nothing outside of the data directory that a killed server would leave behind.
            .setServerConfig("unix_socket_directories", "")
            .setServerConfig("dynamic_shared_memory_type", "mmap")
            .start();
  }

  @Override
  void shutDown() throws IOException {
    Optional<ProcessHandle> postmaster = postmaster();
    release();
    if (postmaster.filter(Processes::runs).isPresent()) {
      killNow();
    }
  }

  @Override
  void killNow() throws IOException {
    Optional<ProcessHandle> postmaster = postmaster();
    if (postmaster.isPresent()) {
      Processes.killWithDescendants(postmaster.get());
      String[] keyAndId = pidFileLines().get(LINE_OF_SHARED_MEMORY).strip().split(" +", 2);
      Processes.run("ipcrm", "-m", keyAndId[1]);
      // It names a process that may be a zombie, if nobody asks for orphans here, and PostgreSQL
      // would take that for a running server.
      Files.delete(pidFile());
    }
    release();
  }

  /** Stops it if it runs, and gives up the lock on its directory. */
  private void release() throws IOException {
    EmbeddedPostgres running = postgres;
    if (running != null) {
      running.close();
      postgres = null;
    }
  }

  private Path data() {
    return directory().resolve("data");
  }

  private Path pidFile() {
    return data().resolve("postmaster.pid");
  }

  private List<String> pidFileLines() throws IOException {
    return Files.readAllLines(pidFile());
  }

  private Optional<ProcessHandle> postmaster() throws IOException {
    return Files.exists(pidFile())
        ? ProcessHandle.of(Long.parseLong(pidFileLines().get(LINE_OF_PID)))
        : Optional.empty();
  }
}
