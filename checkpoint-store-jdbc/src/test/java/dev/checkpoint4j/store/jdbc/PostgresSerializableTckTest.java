package dev.checkpoint4j.store.jdbc;

class PostgresSerializableTckTest extends PostgresTckTest {

  @Override
  void configure(JdbcBackendStorageBuilder builder) {
    builder.isolation(Isolation.SERIALIZABLE);
  }
}
