package dev.checkpoint4j.testsupport;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A real MariaDB with the durability of a production server, for the drivers of MariaDB and MySQL.
 */
public final class MariaDbServer extends LocalServer {

  /** Names, for a child JVM, the server that its parent has started. */
  public static final String URL_PROPERTY = "checkpoint.test.mariadb.url";

  private static @Nullable MariaDbServer shared;

  private @Nullable Process process;

  private MariaDbServer() {
    super("mariadb");
  }

  /** A server of its own for the caller, who closes it. */
  public static MariaDbServer start() {
    Platform.requireLinuxX64("MariaDB");
    MariaDbServer server = new MariaDbServer();
    server.startFirst();
    return server;
  }

  /** The one server of this JVM, started when first asked for. */
  public static synchronized MariaDbServer shared() {
    MariaDbServer server = shared;
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

  /** The same server as {@link #sharedUrl()}, for MySQL Connector/J. */
  public static String sharedMysqlUrl() {
    return mysqlUrl(sharedUrl());
  }

  /** System properties with which a child JVM uses the same server. */
  public static Map<String, String> childProperties() {
    return Map.of(URL_PROPERTY, sharedUrl());
  }

  public String url() {
    return "jdbc:mariadb://127.0.0.1:" + port() + "/test?user=root";
  }

  /** The same server for MySQL Connector/J. */
  public String mysqlUrl() {
    return mysqlUrl(url());
  }

  private static String mysqlUrl(String url) {
    return url.replaceFirst("^jdbc:mariadb:", "jdbc:mysql:");
  }

  @Override
  void launch() throws IOException, InterruptedException {
    MariaDbProgram program = MariaDbProgram.unpack();
    Path data = directory().resolve("data");
    if (!Files.exists(data)) {
      Files.createDirectory(data);
      bootstrap(program, data);
    }
    Process started =
        new ProcessBuilder(command(program, data))
            .redirectErrorStream(true)
            .redirectOutput(Redirect.appendTo(log().toFile()))
            .start();
    process = started;
    Processes.await("an answer", () -> !started.isAlive() || answers());
    if (!started.isAlive()) {
      throw new IOException("ended with exit code " + started.exitValue());
    }
  }

  private void bootstrap(MariaDbProgram program, Path data)
      throws IOException, InterruptedException {
    List<String> command = common(program, data);
    command.add("--bootstrap");
    // The script names the engine of each of its tables.
    command.add("--enforce-storage-engine=");
    Process bootstrap =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectInput(program.bootstrap().toFile())
            .redirectOutput(Redirect.appendTo(log().toFile()))
            .start();
    process = bootstrap;
    if (bootstrap.waitFor() != 0) {
      throw new IOException("no new data directory, exit code " + bootstrap.exitValue());
    }
  }

  private List<String> command(MariaDbProgram program, Path data) {
    List<String> command = common(program, data);
    command.add("--bind-address=127.0.0.1");
    command.add("--port=" + port());
    // Below the data directory: an absolute path may be longer than a socket's may be.
    command.add("--socket=socket");
    command.add("--skip-name-resolve");
    command.add("--innodb-flush-log-at-trx-commit=1");
    command.add("--max-allowed-packet=68M");
    command.add("--max-connections=200");
    return command;
  }

  private static List<String> common(MariaDbProgram program, Path data) {
    List<String> command = new ArrayList<>();
    command.add(program.executable().toString());
    command.add("--no-defaults");
    command.add("--basedir=" + program.base());
    command.add("--datadir=" + data);
    command.add("--tmpdir=" + data);
    // It would generate a new key pair at each start, which takes seconds.
    command.add("--skip-ssl");
    if (Platform.isRoot()) {
      command.add("--user=root");
    }
    return command;
  }

  private boolean answers() {
    try (Sql sql = Sql.connect(url())) {
      return sql.ask("select 1").equals("1");
    } catch (SQLException e) {
      return false;
    }
  }

  @Override
  void shutDown() throws InterruptedException {
    Process running = process;
    if (running != null) {
      running.destroy();
      if (!running.waitFor(Processes.MAX_WAIT.toSeconds(), TimeUnit.SECONDS)) {
        killNow();
      }
    }
  }

  @Override
  void killNow() throws InterruptedException {
    Process running = process;
    if (running != null) {
      running.destroyForcibly().waitFor();
    }
  }
}
