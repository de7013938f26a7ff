package dev.checkpoint4j.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import com.mysql.cj.jdbc.exceptions.MySQLTimeoutException;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;

/** What errors mean that no test can make a database report. */
class ErrorClassifierTest {

  @Test
  void timeoutOfADriverThatNamesNoStateIsATimeout() {
    assertThat(new MySqlDialect().errors().kind(new MySQLTimeoutException()))
        .as("kind of the exception of MySQL's driver when the query timeout has passed")
        .isEqualTo(FailureKind.TIMEOUT);
  }

  @Test
  void transactionWhoseEndIsNotKnownIsNotOneThatWasUndone() {
    assertThat(
            new PostgresDialect().errors().kind(new SQLException("result is ambiguous", "40003")))
        .as("kind of a commit of which a distributed database does not know what became of it")
        .isEqualTo(FailureKind.OTHER);
    assertThat(
            new PostgresDialect().errors().kind(new SQLException("serialization failure", "40001")))
        .as("kind of a transaction that was undone")
        .isEqualTo(FailureKind.CONTENTION);
  }
}
