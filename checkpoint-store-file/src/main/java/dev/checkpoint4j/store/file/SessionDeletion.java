package dev.checkpoint4j.store.file;

import dev.checkpoint4j.error.ErrorContext;
import dev.checkpoint4j.error.StorageUnavailableException;
import dev.checkpoint4j.store.file.IndexState.LogEnd;
import dev.checkpoint4j.store.file.LockTable.LockHandle;
import dev.checkpoint4j.store.file.LockTable.LockLevel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Deletes whole sessions with their logs. */
final class SessionDeletion {

  private final String namespace;
  private final SessionLogs logs;
  private final RebuildableIndex index;
  private final IndexPublisher publisher;
  private final LockTable locks;
  private final DurableFiles files;

  SessionDeletion(
      String namespace,
      SessionLogs logs,
      RebuildableIndex index,
      IndexPublisher publisher,
      LockTable locks,
      DurableFiles files) {
    this.namespace = namespace;
    this.logs = logs;
    this.index = index;
    this.publisher = publisher;
    this.locks = locks;
    this.files = files;
  }

  long delete(String sessionId, ErrorContext context) throws IOException {
    Key session = logs.sessionKey(sessionId);
    if (index.read(state -> state.logEnd(session), context).isEmpty()
        && PlainFiles.attributes(logs.shard(session)) == null) {
      return 0;
    }
    try (LockHandle lock = locks.acquire(LockLevel.SESSION, session, context)) {
      Optional<LogEnd> end = index.read(state -> state.logEnd(session), context);
      int count = index.read(state -> state.size(session), context);
      if (end.isPresent()) {
        drop(session, end.get(), context);
      } else {
        // Recovery would bring back what a writer left that failed or died. After a crash, a log
        // could return whose deletion was not durable.
        deleteUnknownLog(session, context);
      }
      return count;
    }
  }

  /**
   * Deletes a session with its log. The caller holds the session's lock.
   *
   * <p>The log is replaced by an empty one, durably, before the index says that the session is
   * gone. From then on its ids may be used in other sessions, and a log that survives a crash must
   * not bring them back.
   */
  void drop(Key session, LogEnd end, ErrorContext context) throws IOException {
    Path log = logs.path(session);
    List<IndexRecord> dropped = List.of(new IndexRecord.Dropped(session));
    @Nullable Path empty = prepareEmpty(log);
    try (LockHandle lock = index.lock(context)) {
      publisher.requireUnchanged(session, Optional.of(end));
      try {
        if (empty == null) {
          files.delete(log);
        } else {
          DurableFiles.FORCED.publish(empty, log);
        }
      } catch (IOException e) {
        if (PlainFiles.attributes(log) == null) {
          // The log is gone, but perhaps not durably. The index must not refer to a missing log.
          publisher.append(session, Optional.of(end), dropped);
        }
        throw e;
      }
      publisher.append(session, Optional.of(end), dropped);
      index.compactIfWorthwhile();
      deleteIfWithoutFrames(log);
    } catch (IOException | StorageUnavailableException e) {
      if (empty != null) {
        PlainFiles.deleteQuietly(empty, e);
      }
      throw IoErrors.outcomeUnknown(e, context);
    }
    try {
      files.forceName(log);
    } catch (IOException e) {
      throw IoErrors.outcomeUnknown(e, context);
    }
  }

  private void deleteUnknownLog(Key session, ErrorContext context) throws IOException {
    try (LockHandle lock = index.lock(context)) {
      publisher.requireUnchanged(session, Optional.empty());
      Files.deleteIfExists(logs.path(session));
    }
    files.forceName(logs.path(session));
  }

  /** Deletes an emptied log, unless a process that saw the deletion has created a new one. */
  private static void deleteIfWithoutFrames(Path log) throws IOException {
    try {
      if (LogFormat.isWithoutFrames(log)) {
        Files.deleteIfExists(log);
      }
    } catch (NoSuchFileException e) {
      // It is deleted.
    }
  }

  /**
   * Prepares a log without frames, with a generation of its own: other processes recognise it as a
   * new log even if the index is not updated.
   *
   * @return null if the disk is full or the log is damaged; such a log can be deleted as well
   */
  private @Nullable Path prepareEmpty(Path path) throws IOException {
    try (SessionLog log = SessionLog.open(path)) {
      byte[] head =
          LogFormat.encodeHead(LogFormat.newGeneration(), namespace, log.head().sessionId());
      return DurableFiles.FORCED.prepare(
          path, channel -> PlainFiles.writeUnforced(channel, ByteBuffer.wrap(head), 0));
    } catch (ClosedByInterruptException e) {
      throw e;
    } catch (IOException e) {
      return null;
    }
  }
}
