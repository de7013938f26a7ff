package dev.checkpoint4j.store.jdbc;

class H2VerificationTckTest extends JdbcVerificationTck {

  H2VerificationTckTest() {
    super(TestDatabase.H2);
  }
}
