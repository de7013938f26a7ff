package dev.checkpoint4j.store.jdbc;

import org.junit.jupiter.api.Tag;

@Tag("soak")
class PostgresSerializableTckTest extends PostgresTckTest {

  @Override
  void configure(JdbcBackendStorageBuilder builder) {
    builder.isolation(Isolation.SERIALIZABLE);
  }
}
