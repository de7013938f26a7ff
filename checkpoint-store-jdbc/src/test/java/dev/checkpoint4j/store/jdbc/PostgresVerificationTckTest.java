package dev.checkpoint4j.store.jdbc;

class PostgresVerificationTckTest extends JdbcVerificationTck {

  PostgresVerificationTckTest() {
    super(TestDatabase.POSTGRESQL);
  }
}
