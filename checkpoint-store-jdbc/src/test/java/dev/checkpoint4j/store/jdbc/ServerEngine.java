package dev.checkpoint4j.store.jdbc;

import dev.checkpoint4j.testsupport.MariaDbServer;
import dev.checkpoint4j.testsupport.PostgresServer;
import java.util.function.Supplier;

/** The servers of this JVM, by the drivers that reach them. */
enum ServerEngine {
  POSTGRESQL(
      JdbcDialect.POSTGRESQL,
      () -> PostgresServer.shared().port(),
      () -> PostgresServer.shared().url()),
  MARIADB(
      JdbcDialect.MARIADB, () -> MariaDbServer.shared().port(), () -> MariaDbServer.shared().url()),
  MYSQL_DRIVER(
      JdbcDialect.MYSQL,
      () -> MariaDbServer.shared().port(),
      () -> MariaDbServer.shared().mysqlUrl());

  private final JdbcDialect dialect;

  @SuppressWarnings("ImmutableEnumChecker") // Functions without state.
  private final Supplier<Integer> port;

  @SuppressWarnings("ImmutableEnumChecker") // Functions without state.
  private final Supplier<String> url;

  ServerEngine(JdbcDialect dialect, Supplier<Integer> port, Supplier<String> url) {
    this.dialect = dialect;
    this.port = port;
    this.url = url;
  }

  int port() {
    return port.get();
  }

  String url() {
    return url.get();
  }

  /** The URL of the server by way of a proxy. */
  String urlAt(int atPort) {
    return url().replace(":" + port() + "/", ":" + atPort + "/");
  }

  JdbcBackendStorageBuilder store(String prefix) {
    return JdbcBackendStorage.builder()
        .dialect(dialect)
        .tablePrefix(prefix)
        .codec(TestCodec.INSTANCE);
  }
}
