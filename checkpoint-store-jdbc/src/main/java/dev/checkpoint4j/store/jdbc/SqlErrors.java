package dev.checkpoint4j.store.jdbc;

import dev.checkpoint4j.error.CheckpointException;
import dev.checkpoint4j.error.CorruptCheckpointException;
import dev.checkpoint4j.error.ErrorContext;
import dev.checkpoint4j.error.OutcomeUnknownException;
import dev.checkpoint4j.error.StorageAccessDeniedException;
import dev.checkpoint4j.error.StorageLimitExceededException;
import dev.checkpoint4j.error.StorageUnavailableException;
import java.io.IOException;
import java.sql.SQLException;

/** Says in the terms of the SPI what an error of a database means. */
final class SqlErrors {

  private static final int MAX_CAUSES = 20;

  private SqlErrors() {}

  /** For an error after which nothing of the operation is stored. */
  static CheckpointException notApplied(
      SQLException e, ErrorClassifier errors, ErrorContext context) {
    return notApplied(e, errors.kind(e), errors.hint(e), context);
  }

  /** For such an error with a meaning of its own. */
  static CheckpointException notApplied(
      SQLException e, FailureKind kind, String hint, ErrorContext context) {
    String reason = reason(e);
    return switch (kind) {
      case DENIED ->
          new StorageAccessDeniedException(
              "the database refused access ("
                  + reason
                  + "); nothing was changed. Check the user, its password and its grants, and"
                  + " whether the database is read only",
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
      case NO_TABLE ->
          unavailable(
              "the tables of the store are missing, or are not those of this version",
              reason,
              "Check the schema and the table prefix; create the tables with the script that"
                  + " 'checkpoint schema' prints, or open the store with schemaMode=create",
              context,
              e);
      case UNREACHABLE ->
          unavailable(
              "the database cannot be reached",
              reason,
              hint + "Check that it runs, and the URL; then try again",
              context,
              e);
      case DUPLICATE_KEY, REFUSED, OTHER ->
          unavailable("the database failed", reason, "Check the log of the database", context, e);
    };
  }

  private static StorageUnavailableException unavailable(
      String what, String reason, String todo, ErrorContext context, SQLException e) {
    return new StorageUnavailableException(
        what + " (" + reason + "); nothing was changed. " + todo, context, e);
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
