package dev.checkpoint4j.store.jdbc;

class SqliteVerificationTckTest extends JdbcVerificationTck {

  SqliteVerificationTckTest() {
    super(TestDatabase.SQLITE);
  }
}
