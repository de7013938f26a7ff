package dev.checkpoint4j.store.jdbc;

import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTimeoutException;
import java.sql.SQLTransientConnectionException;
import java.util.Objects;

/** What the errors of a kind of database mean. Stateless. */
abstract class ErrorClassifier {

  /** What an error means. */
  abstract FailureKind kind(SQLException e);

  /** What else to say of an error, as a sentence followed by a space. */
  String hint(SQLException e) {
    return "";
  }

  /** The meaning of an error by what the SQL standard and JDBC say of it. */
  static FailureKind standardKind(SQLException e) {
    if (e instanceof SQLRecoverableException
        || e instanceof SQLNonTransientConnectionException
        || e instanceof SQLTransientConnectionException) {
      return FailureKind.UNREACHABLE;
    }
    if (e instanceof SQLTimeoutException) {
      return FailureKind.TIMEOUT;
    }
    String state = Objects.requireNonNullElse(e.getSQLState(), "");
    if (state.length() != 5) {
      return FailureKind.OTHER;
    }
    // Of the class of transactions that were undone, the one of which that is not known.
    if (state.equals("40003")) {
      return FailureKind.OTHER;
    }
    return switch (state.substring(0, 2)) {
      case "08" -> FailureKind.UNREACHABLE;
      case "28" -> FailureKind.WRONG_LOGIN;
      case "40" -> FailureKind.CONTENTION;
      case "53", "54" -> FailureKind.LIMIT_EXCEEDED;
      default ->
          switch (state) {
            case "23505" -> FailureKind.DUPLICATE_KEY;
            case "25006" -> FailureKind.READ_ONLY;
            case "42501" -> FailureKind.NO_PERMISSION;
            case "3D000" -> FailureKind.NO_DATABASE;
            case "3F000" -> FailureKind.NO_SCHEMA;
            case "57014" -> FailureKind.TIMEOUT;
            default -> FailureKind.REFUSED;
          };
    };
  }
}
