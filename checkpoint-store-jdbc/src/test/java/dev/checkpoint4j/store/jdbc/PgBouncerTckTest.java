package dev.checkpoint4j.store.jdbc;

import dev.checkpoint4j.tck.TckScope;
import dev.checkpoint4j.testsupport.PgBouncer;
import dev.checkpoint4j.testsupport.PostgresServer;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.condition.EnabledIf;

/** PostgreSQL behind a pooler that gives each transaction another of its connections. */
@Tag("soak")
@EnabledIf(
    value = "dev.checkpoint4j.testsupport.PgBouncer#isInstalled",
    disabledReason = "PgBouncer is not installed; on Debian: apt-get install pgbouncer")
class PgBouncerTckTest extends ServerTck {

  /** Tells a child JVM the pooler that its parent has started. */
  private static final String URL_PROPERTY = "checkpoint.test.pgbouncer.url";

  private static @Nullable PgBouncer pgBouncer;

  PgBouncerTckTest() {
    super(JdbcDialect.POSTGRESQL);
  }

  @AfterAll
  static synchronized void stop() {
    PgBouncer running = pgBouncer;
    if (running != null) {
      running.close();
      pgBouncer = null;
    }
  }

  @Override
  String url() {
    String ofParent = System.getProperty(URL_PROPERTY);
    return ofParent == null ? startedUrl() : ofParent;
  }

  private static synchronized String startedUrl() {
    PgBouncer running = pgBouncer;
    if (running == null) {
      running = PgBouncer.start(PostgresServer.shared());
      pgBouncer = running;
    }
    return running.url();
  }

  @Override
  protected Map<String, String> childProcessProperties(TckScope scope) {
    return Map.of(URL_PROPERTY, url());
  }
}
