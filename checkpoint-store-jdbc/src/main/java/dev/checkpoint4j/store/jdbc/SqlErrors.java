package dev.checkpoint4j.store.jdbc;

import dev.checkpoint4j.error.BackendConfigurationException;
import dev.checkpoint4j.error.CheckpointException;
import dev.checkpoint4j.error.CorruptCheckpointException;
import dev.checkpoint4j.error.ErrorContext;
import dev.checkpoint4j.error.OutcomeUnknownException;
import dev.checkpoint4j.error.StorageAccessDeniedException;
import dev.checkpoint4j.error.StorageLimitExceededException;
import dev.checkpoint4j.error.StorageUnavailableException;
import java.io.IOException;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;

/** Says in the terms of the SPI what an error of a database means. */
final class SqlErrors {

  private static final int MAX_CAUSES = 20;

  /** Characters of a driver's message. */
  private static final int MAX_WORDS = 300;

  private SqlErrors() {}

  /** For an error after which nothing of the operation is stored. */
  static CheckpointException notApplied(
      SQLException e, ErrorClassifier errors, ErrorContext context) {
    return notApplied(e, errors.kind(e), errors.hint(e), context);
  }

  /** For such an error with a meaning of its own. */
  static CheckpointException notApplied(
      SQLException e, FailureKind kind, String hint, ErrorContext context) {
    return exception(e, kind, reason(e), hint, context);
  }

  /**
   * For a connection that could not be opened. The message quotes the driver: no statement has run,
   * so it cannot quote what is stored.
   */
  static CheckpointException notConnected(
      SQLException e, ErrorClassifier errors, ErrorContext context) {
    // The exception of a pool has as its cause why the last connection could not be opened.
    SQLException reason = e.getCause() instanceof SQLException cause ? cause : e;
    FailureKind kind = errors.kind(reason);
    if (e instanceof SQLTransientConnectionException && reason == e) {
      kind = FailureKind.NO_FREE_CONNECTION;
    } else if (!kind.preventsConnecting()) {
      kind = FailureKind.UNREACHABLE;
    }
    return exception(
        reason, kind, quotation(reason) + reason(reason), errors.hint(reason), context);
  }

  private static CheckpointException exception(
      SQLException e, FailureKind kind, String reason, String hint, ErrorContext context) {
    return switch (kind) {
      case WRONG_LOGIN ->
          denied("the database refused the login", reason, "Check user and password", context, e);
      case NO_PERMISSION ->
          denied(
              "the user lacks a permission",
              reason,
              "Grant it SELECT, INSERT, UPDATE and DELETE on the tables of the store and the use of"
                  + " their schema; with schemaMode=create, also the creation of tables",
              context,
              e);
      case READ_ONLY ->
          denied(
              "the database is read only",
              reason,
              "Connect to a database that may be written, or make its medium writable",
              context,
              e);
      case LIMIT_EXCEEDED ->
          new StorageLimitExceededException(
              "a limit of the database was exceeded ("
                  + reason
                  + "); nothing was changed. Free space, or reduce the checkpoint's size",
              context,
              e);
      case DAMAGED ->
          new CorruptCheckpointException(
              "the database says that it is damaged ("
                  + reason
                  + "). Restore it from a backup, or repair it with the tools of the database",
              context,
              e);
      case BAD_URL ->
          misconfigured(
              "the driver does not accept the URL", reason, hint + "Correct it", context, e);
      case NO_DATABASE ->
          misconfigured(
              "the database does not exist",
              reason,
              "Create it, or correct its name in the URL or the option schema",
              context,
              e);
      case NO_SCHEMA ->
          misconfigured(
              "the schema does not exist",
              reason,
              "Create it, or correct the option schema",
              context,
              e);
      case NO_TABLE ->
          misconfigured(
              "the tables of the store are missing, or are not those of this version",
              reason,
              "Check the options schema and tablePrefix. To create the tables, open the store with"
                  + " schemaMode=create, or run the script of JdbcBackendStorageBuilder.schemaScript()",
              context,
              e);
      case CONTENTION ->
          unavailable(
              "the store gave up after repeated conflicts with other transactions",
              reason,
              "Try again later",
              context,
              e);
      case TIMEOUT ->
          unavailable(
              "the call took longer than its time-out",
              reason,
              "Look for locks and load on the database, or set a longer callTimeout",
              context,
              e);
      case UNREACHABLE ->
          unavailable(
              "the database cannot be reached",
              reason,
              hint + "Check that it runs, and the URL; then try again",
              context,
              e);
      case NO_FREE_CONNECTION ->
          unavailable(
              "no connection became free in time",
              reason,
              "Find what holds the connections of the pool, or raise its size and the limit of the"
                  + " server; then try again",
              context,
              e);
      case DUPLICATE_KEY, REFUSED, OTHER ->
          unavailable("the database failed", reason, "Check the log of the database", context, e);
    };
  }

  private static StorageAccessDeniedException denied(
      String what, String reason, String todo, ErrorContext context, SQLException e) {
    return new StorageAccessDeniedException(text(what, reason, todo), context, e);
  }

  private static BackendConfigurationException misconfigured(
      String what, String reason, String todo, ErrorContext context, SQLException e) {
    return new BackendConfigurationException(context, text(what, reason, todo), e);
  }

  private static StorageUnavailableException unavailable(
      String what, String reason, String todo, ErrorContext context, SQLException e) {
    return new StorageUnavailableException(text(what, reason, todo), context, e);
  }

  private static String text(String what, String reason, String todo) {
    return what + " (" + reason + "); nothing was changed. " + todo;
  }

  /** For an error after which the database may have committed, or not. */
  static CheckpointException outcomeUnknown(SQLException e, ErrorContext context) {
    return new OutcomeUnknownException(
        "the database did not confirm the write ("
            + reason(e)
            + "); it may have been applied. Put the same checkpoint again, or repeat the deletion:"
            + " either takes effect once",
        context,
        e);
  }

  /** The words of the driver without passwords, followed by a comma, or nothing. */
  private static String quotation(SQLException e) {
    String words = Secrets.masked(String.valueOf(e.getMessage())).replaceAll("\\s+", " ").strip();
    return (words.length() > MAX_WORDS ? words.substring(0, MAX_WORDS) + "..." : words) + ", ";
  }

  /**
   * The class and the codes; not the message, in which drivers quote what is stored. What the
   * operating system says of a file or a socket is included: a full disk has no code of its own.
   */
  static String reason(SQLException e) {
    String codes =
        e.getClass().getSimpleName()
            + ", SQLState "
            + e.getSQLState()
            + ", vendor code "
            + e.getErrorCode();
    Throwable cause = e;
    // Some drivers make circles of causes.
    for (int depth = 0; depth < MAX_CAUSES && cause != null; depth++) {
      if (cause instanceof IOException failure && failure.getMessage() != null) {
        return codes + ", " + failure.getMessage().replaceAll("\\p{Cntrl}", "?");
      }
      cause = cause.getCause();
    }
    return codes;
  }
}
