package dev.checkpoint4j.store.file;

import dev.checkpoint4j.error.ErrorContext;
import dev.checkpoint4j.error.StorageUnavailableException;
import dev.checkpoint4j.store.file.IndexState.LogEnd;
import dev.checkpoint4j.store.file.LockTable.LockHandle;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Publishes what was written to a log: appends its records to the index.
 *
 * <p>A write goes through these states:
 *
 * <table>
 *   <caption>States of a write</caption>
 *   <tr><th>state</th><th>log</th><th>index</th><th>if the writer stops here</th></tr>
 *   <tr><td>not written</td><td>nothing</td><td>nothing</td><td>nothing has changed</td></tr>
 *   <tr><td>appended</td><td>part of the frame, or all of it, not forced</td><td>nothing</td>
 *     <td>the next writer skips a torn frame and publishes a whole one</td></tr>
 *   <tr><td>forced</td><td>the frame, durably</td><td>nothing</td>
 *     <td>the next writer of the session, recovery or a rebuild of the index publishes it</td></tr>
 *   <tr><td>published</td><td>the same</td><td>the record</td>
 *     <td>every reader sees it; the caller got no answer</td></tr>
 *   <tr><td>acknowledged</td><td>the same</td><td>the record</td><td>&nbsp;</td></tr>
 * </table>
 *
 * <p>With {@link dev.checkpoint4j.spi.Durability#PROCESS_CRASH} nothing is forced; the states are
 * the same.
 *
 * <p>The invariant: <b>a write is acknowledged only if its frame was forced before the namespace's
 * lock was taken, and its record was verified in the index under that lock.</b> Once the whole
 * frame may be in the log, a failure is an {@link dev.checkpoint4j.error.OutcomeUnknownException}:
 * others may have read the write, or may publish it later.
 *
 * <p>The locks of the session and the id are not enough: the operating system drops all locks of a
 * process when anything in it closes the lock file (see docs/file-format.md). Therefore the
 * namespace's lock is taken only now, after the frame was forced, and the following is checked
 * under it, in this order:
 *
 * <ol>
 *   <li>If the index has the effect of the records already, another process has published the
 *       frame, and the write is acknowledged.
 *   <li>The session's log ends in the index where it ended when the writer decided. Only then may
 *       an index with a torn end be rewritten: a process that knows that it lost its locks replaces
 *       no file.
 *   <li>The log at the session's path is the one that was written to, and ends with the frame. No
 *       other frame that the index does not know precedes it.
 *   <li>The index is read again, and says the same of the session; none of the ids is stored. Then
 *       the records are appended, read back at the place where they should be, and have the
 *       expected effect. The index file is still the one at its path. No thread of this process
 *       uses the index during this step.
 *   <li>The third check holds once more.
 * </ol>
 *
 * <p>If a check fails, another process has interfered, and the write is not acknowledged. Deleting
 * a session and rewriting a log are preceded by the second check too, and append their records with
 * the fourth one.
 */
final class IndexPublisher {

  private final SessionLogs logs;
  private final RebuildableIndex index;

  IndexPublisher(SessionLogs logs, RebuildableIndex index) {
    this.logs = logs;
    this.index = index;
  }

  /** Whether what was written is where the index will say it is: the third check. */
  interface LogCheck {
    boolean test() throws IOException;
  }

  /**
   * Publishes a forced frame. The caller holds the session's lock.
   *
   * @param before where the log ended in the index when the writer decided; empty if there was none
   * @param written whether the frame is in place
   * @param records what the frame says
   * @throws dev.checkpoint4j.error.OutcomeUnknownException if the write is not acknowledged
   */
  void publish(
      Key session,
      Optional<LogEnd> before,
      LogCheck written,
      List<IndexRecord> records,
      ErrorContext context) {
    try (LockHandle lock = index.lock(context)) {
      if (index.readLocked(state -> isApplied(state, records))) {
        // Another process read the log, because this one had lost its lock.
        return;
      }
      requireUnchanged(session, before);
      if (!written.test()
          || !index.append(
              state -> {
                unchanged(session, before).accept(state);
                requireFreeIds(state, records);
              },
              records,
              state -> isApplied(state, records))
          || !written.test()) {
        throw new InterferenceException(logs.path(session));
      }
      index.compactIfWorthwhile();
    } catch (IOException | StorageUnavailableException e) {
      throw IoErrors.outcomeUnknown(e, context);
    }
  }

  /**
   * Checks that the session's log ends in the index where it did, and rewrites an index with a torn
   * end. The caller holds the namespace's lock.
   *
   * @throws InterferenceException if another process has changed the session
   */
  void requireUnchanged(Key session, Optional<LogEnd> before) throws IOException {
    index.readLocked(
        state -> {
          unchanged(session, before).accept(state);
          return true;
        });
    index.rewriteIfTorn();
  }

  private NamespaceIndex.Check unchanged(Key session, Optional<LogEnd> before) {
    return state -> {
      if (!state.logEnd(session).equals(before)) {
        throw new InterferenceException(logs.path(session));
      }
    };
  }

  private void requireFreeIds(IndexState state, List<IndexRecord> records) throws IOException {
    for (IndexRecord record : records) {
      if (record instanceof IndexRecord.Stored stored
          && state.find(stored.position().id()).isPresent()) {
        throw new InterferenceException(logs.path(stored.session()));
      }
    }
  }

  private static boolean isApplied(IndexState state, List<IndexRecord> records) throws IOException {
    for (IndexRecord record : records) {
      if (record instanceof IndexRecord.Stored stored) {
        if (!state.find(stored.position().id()).equals(Optional.of(stored.position()))) {
          return false;
        }
      } else if (record instanceof IndexRecord.Deleted deleted
          && state
              .find(deleted.id())
              .filter(found -> found.session().equals(deleted.session()))
              .isPresent()) {
        return false;
      }
    }
    return true;
  }

  /**
   * Appends records if the session's log still ends in the index where it did.
   *
   * @throws InterferenceException if it does not, or if another process appends at the same time
   */
  void append(Key session, Optional<LogEnd> before, List<IndexRecord> records) throws IOException {
    append(unchanged(session, before), records);
  }

  /** As {@link #append(Key, Optional, List)}, for records of several sessions. */
  void append(Map<Key, Optional<LogEnd>> before, List<IndexRecord> records) throws IOException {
    append(
        state -> {
          for (Map.Entry<Key, Optional<LogEnd>> session : before.entrySet()) {
            unchanged(session.getKey(), session.getValue()).accept(state);
          }
        },
        records);
  }

  private void append(NamespaceIndex.Check check, List<IndexRecord> records) throws IOException {
    index.rewriteIfTorn();
    boolean ignored = index.append(check, records, state -> true);
  }
}
