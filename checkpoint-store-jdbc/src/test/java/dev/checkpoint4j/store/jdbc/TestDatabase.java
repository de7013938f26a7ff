package dev.checkpoint4j.store.jdbc;

import dev.checkpoint4j.testsupport.MariaDbServer;
import dev.checkpoint4j.testsupport.PostgresServer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The databases that tests other than the TCK go through, each with tables of its own for a test.
 */
enum TestDatabase {
  H2(JdbcDialect.H2),
  SQLITE(JdbcDialect.SQLITE),
  POSTGRESQL(JdbcDialect.POSTGRESQL),
  MARIADB(JdbcDialect.MARIADB);

  private static final AtomicInteger PREFIXES = new AtomicInteger();

  private final JdbcDialect dialect;

  TestDatabase(JdbcDialect dialect) {
    this.dialect = dialect;
  }

  JdbcDialect dialect() {
    return dialect;
  }

  /** Where the database is; those in files are in the directory. */
  String url(Path directory) {
    return switch (this) {
      case H2 -> "jdbc:h2:async:" + directory.resolve("db") + ";WRITE_DELAY=0";
      case SQLITE -> "jdbc:sqlite:" + directory.resolve("db");
      case POSTGRESQL -> PostgresServer.sharedUrl();
      case MARIADB -> MariaDbServer.sharedUrl();
    };
  }

  /** A prefix that no other test of this process has. */
  static String newPrefix() {
    return "t%d_%d_".formatted(ProcessHandle.current().pid(), PREFIXES.incrementAndGet());
  }

  /** A store with tables of its own. */
  JdbcBackendStorageBuilder store(Path directory, String prefix) {
    return JdbcBackendStorage.builder()
        .url(url(directory))
        .tablePrefix(prefix)
        .schemaMode(SchemaMode.CREATE)
        .codec(TestCodec.INSTANCE);
  }

  /** Executes statements, each ended by a semicolon at the end of a line. */
  void execute(Path directory, String script) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url(directory));
        Statement statement = connection.createStatement()) {
      for (String sql : script.split(";\\s*(\\n|$)", -1)) {
        if (!sql.replaceAll("(?m)^--.*$", "").isBlank()) {
          statement.execute(sql);
        }
      }
    }
  }

  /** The first column of all rows. */
  List<String> ask(Path directory, String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url(directory));
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      List<String> found = new ArrayList<>();
      while (rows.next()) {
        found.add(String.valueOf(rows.getString(1)));
      }
      return found;
    }
  }
}
