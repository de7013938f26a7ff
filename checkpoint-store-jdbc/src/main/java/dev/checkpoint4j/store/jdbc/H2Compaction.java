package dev.checkpoint4j.store.jdbc;

import dev.checkpoint4j.annotation.CanIgnoreReturnValue;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the file of an open H2 database small. A commit writes pages to a new chunk of the file,
 * and the next one replaces most of them; H2 copies what is left of such chunks, and uses their
 * space again, only where it has a thread of its own for that, which a {@code WRITE_DELAY} of 0
 * turns off.
 *
 * <p><b>The invariant.</b> No chunk is overwritten before a state of the database that does without
 * it was forced to the disk. So a file whose last writes were lost with the power still has every
 * chunk of the state before, as with H2's own rule, which keeps a chunk for 45 s. Each run forces
 * the disk, frees the chunks that are of no use by then, and has the pages of others copied, which
 * the next commit writes and a later run frees. Nothing else frees chunks earlier.
 *
 * <p>By reflection: the store is compiled without H2, of which the class path may have any version.
 * Where its methods are not found, the file stays as large as H2 leaves it. Used by one writer at a
 * time, which has no transaction under way.
 */
final class H2Compaction {

  private static final int WRITES_BETWEEN_LOOKS = 32;

  /** Garbage that is not worth a run. */
  private static final long MIN_GARBAGE_BYTES = 8 << 20;

  /** A run is due when the file holds so much more than after the last one: an eighth. */
  private static final int GARBAGE_DIVISOR = 8;

  /** Files that are not worth closing a second time. */
  private static final long SMALL_FILE_BYTES = 1 << 20;

  /** Where more of the chunks is alive, nothing is copied; nor by H2 itself when it is closed. */
  private static final int COMPACTED_PERCENT = 90;

  /** How much of living pages a run copies at most. */
  private static final int MAX_COPIED_BYTES = 16 << 20;

  private int writes;
  private long dueBytes = MIN_GARBAGE_BYTES;
  private boolean hasCopied;
  private boolean isImpossible;

  /** Compacts the file if it is due. What was written before is safe whatever happens here. */
  void afterWrite(Connection connection) {
    if (isImpossible
        || Thread.currentThread().isInterrupted()
        || ++writes % WRITES_BETWEEN_LOOKS != 0) {
      return;
    }
    try {
      Object store = mvStore(Connections.physical(connection));
      Object file = store == null ? null : call(store, "getFileStore");
      if (store == null || file == null) {
        isImpossible = true;
      } else if (hasCopied) {
        free(store, file);
        hasCopied = false;
        long used = usedBytes(file);
        dueBytes = used + Math.max(MIN_GARBAGE_BYTES, used / GARBAGE_DIVISOR);
      } else if (usedBytes(file) >= dueBytes) {
        copy(store);
        hasCopied = true;
      }
    } catch (ReflectiveOperationException | SQLException | RuntimeException e) {
      if (isInterruption(e)) {
        // H2 ended a wait, and cleared the flag; a later writer compacts.
        Thread.currentThread().interrupt();
        return;
      }
      isImpossible = true;
      Database.LOG.log(
          System.Logger.Level.WARNING,
          "the file of H2 is not compacted while it is open, and grows until it is closed",
          e);
    }
  }

  private static boolean isInterruption(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof InterruptedException) {
        return true;
      }
    }
    return false;
  }

  /**
   * Prepares the file for the end of its last connection.
   *
   * @return whether it stays large unless it is opened and closed once more
   */
  static boolean beforeClose(Connection connection) {
    moveChunks(connection);
    return leavesGarbage(connection);
  }

  /**
   * Closing copies what is alive to the end of the file, and frees what was copied earlier only: of
   * a file all of which is copied at once, nothing until it is closed again.
   */
  private static boolean leavesGarbage(Connection connection) {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT MAX(CASE SETTING_NAME WHEN 'info.FILE_SIZE'"
                    + " THEN CAST(SETTING_VALUE AS BIGINT) END),"
                    + " MAX(CASE SETTING_NAME WHEN 'info.CHUNKS_FILL_RATE'"
                    + " THEN CAST(SETTING_VALUE AS BIGINT) END)"
                    + " FROM INFORMATION_SCHEMA.SETTINGS"
                    + " WHERE SETTING_NAME IN ('info.FILE_SIZE', 'info.CHUNKS_FILL_RATE')")) {
      return row.next() && row.getLong(1) > SMALL_FILE_BYTES && row.getLong(2) < COMPACTED_PERCENT;
    } catch (SQLException e) {
      return false;
    }
  }

  /**
   * Moves chunks from the end of the file into the space that is free before them. Closing a
   * database does so only where it has pages to copy. H2 forces the disk between the steps.
   */
  private static void moveChunks(Connection connection) {
    try {
      Object store = mvStore(Connections.physical(connection));
      Object file = store == null ? null : call(store, "getFileStore");
      if (store != null
          && file != null
          && number(file, "size").longValue() > MIN_GARBAGE_BYTES
          && number(file, "getFillRate").intValue() < COMPACTED_PERCENT) {
        Class<?> type =
            Class.forName("org.h2.mvstore.MVStore", false, store.getClass().getClassLoader());
        withoutRetention(
            store,
            () ->
                file.getClass()
                    .getMethod("compactMoveChunks", int.class, long.class, type)
                    .invoke(file, COMPACTED_PERCENT, number(file, "size").longValue(), store));
      }
    } catch (ReflectiveOperationException | SQLException | RuntimeException e) {
      Database.LOG.log(System.Logger.Level.DEBUG, "the file of H2 is not compacted", e);
    }
  }

  /** Copies the living pages of chunks that are mostly garbage; the next commit writes them. */
  private static void copy(Object store) throws ReflectiveOperationException {
    withoutRetention(
        store,
        () ->
            store
                .getClass()
                .getMethod("compact", int.class, int.class)
                .invoke(store, COMPACTED_PERCENT, MAX_COPIED_BYTES));
  }

  /** Frees the chunks without living pages. */
  private static void free(Object store, Object file) throws ReflectiveOperationException {
    withoutRetention(store, () -> call(file, "dropUnusedChunks"));
  }

  /** Forces the disk: what is of no use by then may be overwritten at once. */
  private static void withoutRetention(Object store, Step step)
      throws ReflectiveOperationException {
    int retention = number(store, "getRetentionTime").intValue();
    call(store, "sync");
    setRetentionTime(store, 0);
    try {
      step.run();
    } finally {
      setRetentionTime(store, retention);
    }
  }

  private interface Step {
    @CanIgnoreReturnValue
    @Nullable Object run() throws ReflectiveOperationException;
  }

  private static void setRetentionTime(Object store, int millis)
      throws ReflectiveOperationException {
    store.getClass().getMethod("setRetentionTime", int.class).invoke(store, millis);
  }

  /** The size of the file without the space that may be used again. */
  private static long usedBytes(Object file) throws ReflectiveOperationException {
    return number(file, "size").longValue() * number(file, "getFillRate").longValue() / 100;
  }

  private static Number number(Object target, String method) throws ReflectiveOperationException {
    return (Number) Objects.requireNonNull(call(target, method));
  }

  /** The store of a connection to a database of this process; {@code null} if it has none. */
  private static @Nullable Object mvStore(Connection connection)
      throws ReflectiveOperationException, SQLException {
    Object session = call(connection, "getSession");
    if (session == null || !session.getClass().getSimpleName().equals("SessionLocal")) {
      return null;
    }
    Object database = call(session, "getDatabase");
    Object store = database == null ? null : call(database, "getStore");
    return store == null ? null : call(store, "getMvStore");
  }

  @CanIgnoreReturnValue
  private static @Nullable Object call(Object target, String method)
      throws ReflectiveOperationException {
    return target.getClass().getMethod(method).invoke(target);
  }
}
