package dev.checkpoint4j.testsupport;

import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * PgBouncer as many still run it: it pools by transaction and knows nothing of prepared statements.
 *
 * <p>Its two connections to PostgreSQL serve any client that needs one for the next transaction.
 */
public final class PgBouncer extends LocalServer {

  private static final String PROGRAM = "pgbouncer";
  private static final int SERVER_CONNECTIONS = 2;
  private static final Pattern VERSION = Pattern.compile("PgBouncer (\\d+)\\.(\\d+)");

  private final int postgresPort;
  private @Nullable Process process;

  private PgBouncer(int postgresPort) {
    super(PROGRAM);
    this.postgresPort = postgresPort;
  }

  public static boolean isInstalled() {
    return executable().isPresent();
  }

  /**
   * In front of this server; the caller closes it. The test is skipped where it is not installed.
   */
  public static PgBouncer start(PostgresServer postgres) {
    return start(postgres.port());
  }

  /** In front of the server at this port of the loopback interface, for example a proxy. */
  public static PgBouncer start(int postgresPort) {
    if (!isInstalled()) {
      Platform.skip("PgBouncer is not installed; on Debian: apt-get install pgbouncer");
    }
    PgBouncer pgBouncer = new PgBouncer(postgresPort);
    pgBouncer.startFirst();
    return pgBouncer;
  }

  public String url() {
    return "jdbc:postgresql://127.0.0.1:" + port() + "/postgres?user=postgres";
  }

  /** Debian puts it where only the path of root looks. */
  private static Optional<Path> executable() {
    String path = System.getenv().getOrDefault("PATH", "");
    return Stream.concat(Arrays.stream(path.split(File.pathSeparator)), Stream.of("/usr/sbin"))
        .map(directory -> Path.of(directory, PROGRAM))
        .filter(Files::isExecutable)
        .findFirst();
  }

  @Override
  void launch() throws IOException, InterruptedException {
    String program = executable().orElseThrow().toString();
    Path configuration = directory().resolve("pgbouncer.ini");
    Files.writeString(configuration, String.join("\n", configuration(program)) + "\n");
    List<String> command = new ArrayList<>(List.of(program));
    if (Platform.isRoot()) {
      // It refuses to be root, but reads its configuration before it becomes another user.
      command.add("--user=nobody");
    }
    command.add(configuration.toString());
    Process started =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(Redirect.appendTo(log().toFile()))
            .start();
    process = started;
    Processes.await("an answer", () -> !started.isAlive() || answers());
    if (!started.isAlive()) {
      throw new IOException("ended with exit code " + started.exitValue());
    }
  }

  private List<String> configuration(String program) throws IOException, InterruptedException {
    List<String> lines = new ArrayList<>();
    lines.add("[databases]");
    lines.add("* = host=127.0.0.1 port=" + postgresPort + " user=postgres");
    lines.add("[pgbouncer]");
    lines.add("listen_addr = 127.0.0.1");
    lines.add("listen_port = " + port());
    lines.add("unix_socket_dir =");
    lines.add("auth_type = any");
    lines.add("pool_mode = transaction");
    lines.add("default_pool_size = " + SERVER_CONNECTIONS);
    lines.add("max_client_conn = 200");
    // The PostgreSQL driver sends it, and PgBouncer would not let it in.
    lines.add("ignore_startup_parameters = extra_float_digits");
    // After PostgreSQL was down; else it lets clients wait for 15 s.
    lines.add("server_login_retry = 1");
    if (canPrepareStatements(program)) {
      lines.add("max_prepared_statements = 0");
    }
    return lines;
  }

  /** From 1.21 on; an older one does not know the setting and would not start. */
  private static boolean canPrepareStatements(String program)
      throws IOException, InterruptedException {
    Process version = new ProcessBuilder(program, "--version").redirectErrorStream(true).start();
    String text = new String(version.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    version.waitFor();
    Matcher matcher = VERSION.matcher(text);
    if (!matcher.find()) {
      throw new IOException("no version of PgBouncer: " + text);
    }
    int major = Integer.parseInt(matcher.group(1));
    int minor = Integer.parseInt(matcher.group(2));
    return major > 1 || minor >= 21;
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
    // It has nothing to save, and newer ones wait for their clients when asked politely.
    killNow();
  }

  @Override
  void killNow() throws InterruptedException {
    Process running = process;
    if (running != null) {
      running.destroyForcibly().waitFor();
    }
  }
}
