package dev.checkpoint4j.store.jdbc;

class MariaDbVerificationTckTest extends JdbcVerificationTck {

  MariaDbVerificationTckTest() {
    super(TestDatabase.MARIADB);
  }
}
