package dev.checkpoint4j.store.file;

import dev.checkpoint4j.annotation.CanIgnoreReturnValue;
import dev.checkpoint4j.error.ErrorContext;
import dev.checkpoint4j.store.file.IndexState.LogEnd;
import dev.checkpoint4j.store.file.LockTable.LockHandle;
import dev.checkpoint4j.store.file.LockTable.LockLevel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Adds to the index what the logs hold and the index does not know: after a crash, a failed write
 * or a lost lock.
 */
final class LogRecovery {

  private final String namespace;
  private final SessionLogs logs;
  private final RebuildableIndex index;
  private final IndexPublisher publisher;
  private final LockTable locks;
  private final DurableFiles files;
  private final Repairs repairs;

  LogRecovery(
      String namespace,
      SessionLogs logs,
      RebuildableIndex index,
      IndexPublisher publisher,
      LockTable locks,
      DurableFiles files,
      Repairs repairs) {
    this.namespace = namespace;
    this.logs = logs;
    this.index = index;
    this.publisher = publisher;
    this.locks = locks;
    this.files = files;
    this.repairs = repairs;
  }

  /**
   * Compares the index with all logs. Starts again if another process changes something meanwhile:
   * one that uses the store, and has lost the lock that says so.
   */
  void recover(ErrorContext context) throws IOException {
    logs.removeTemporaryFiles();
    for (int attempt = 1; ; attempt++) {
      try {
        compareWithAllLogs(context);
        return;
      } catch (InterferenceException e) {
        if (attempt == FileNamespace.MAX_ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  /**
   * An id may have moved from one session to another since the index was written. Therefore the
   * deletions of all logs are applied before the checkpoints of any log.
   */
  private void compareWithAllLogs(ErrorContext context) throws IOException {
    try (LockHandle lock = index.lock(context)) {
      index.readLocked(state -> true, session -> logs.readAgain(session, 0, new LiveVersions()));
    }
    Set<Key> present = new LinkedHashSet<>(logs.newestFirst());
    Map<Key, Optional<LogEnd>> outdated = new LinkedHashMap<>();
    List<IndexRecord> gone = new ArrayList<>();
    for (Key session : present) {
      if (!isUpToDate(session, context)) {
        Missing missing = missingRecords(session, context);
        outdated.put(session, missing.known());
        for (IndexRecord record : missing.records()) {
          if (record instanceof IndexRecord.Deleted deleted) {
            gone.add(deleted.withoutPlace());
          } else if (record instanceof IndexRecord.Dropped) {
            gone.add(record);
          }
        }
      }
    }
    for (Key session : index.read(IndexState::allSessions, context)) {
      if (!present.contains(session)) {
        dropWithoutLog(session, context);
      }
    }
    if (!gone.isEmpty()) {
      try (LockHandle lock = index.lock(context)) {
        index.readLocked(state -> true);
        publisher.append(outdated, gone);
      }
    }
    for (Key session : outdated.keySet()) {
      try (LockHandle lock = locks.acquire(LockLevel.SESSION, session, context)) {
        catchUp(session, context);
      }
    }
  }

  /**
   * Drops a session without a log from the index. The deletion of the log may have become durable
   * before the index did.
   */
  private void dropWithoutLog(Key session, ErrorContext context) throws IOException {
    try (LockHandle lock = locks.acquire(LockLevel.SESSION, session, context);
        LockHandle indexLock = index.lock(context)) {
      Optional<LogEnd> end = index.readLocked(state -> state.logEnd(session));
      if (end.isPresent() && PlainFiles.attributes(logs.path(session)) == null) {
        publisher.append(session, end, List.of(new IndexRecord.Dropped(session)));
      }
    }
    repairs.report(namespace, null, "a session has no log any more: " + logs.path(session));
  }

  /** Whether the index knows the whole current log. */
  private boolean isUpToDate(Key session, ErrorContext context) throws IOException {
    try (SessionLog log = SessionLog.open(logs.path(session))) {
      LogEnd end = new LogEnd(log.head().generation(), log.size());
      return index.read(state -> state.logEnd(session), context).equals(Optional.of(end));
    } catch (DamagedException | NoSuchFileException e) {
      return false;
    }
  }

  /**
   * Updates the index if the log is shorter than the index says: a writer replaced the log, and
   * failed or died before it updated the index. The caller holds the session's lock.
   *
   * @throws WrongFileTypeException if it is no file
   */
  void catchUpIfRewritten(Key session, ErrorContext context) throws IOException {
    Optional<LogEnd> known = index.read(state -> state.logEnd(session), context);
    if (known.isPresent()) {
      PlainFiles.requireDirectory(logs.shard(session));
      OptionalLong size = PlainFiles.requireFile(logs.path(session));
      if (size.isPresent() && size.getAsLong() < known.get().offset()) {
        catchUp(session, context);
      }
    }
  }

  /**
   * Adds to the index what it does not know of a log. The caller holds the session's lock.
   *
   * <p>A checkpoint whose id another session holds by now was never acknowledged. It is deleted in
   * the log, so that no later rebuild of the index finds it.
   *
   * @return whether anything was added
   */
  @CanIgnoreReturnValue
  boolean catchUp(Key session, ErrorContext context) throws IOException {
    for (int attempt = 0; attempt < FileNamespace.MAX_ATTEMPTS; attempt++) {
      Missing missing = missingRecords(session, context);
      List<IndexRecord> records = missing.records();
      Set<Key> elsewhere = index.read(state -> storedElsewhere(state, session, records), context);
      if (!elsewhere.isEmpty()) {
        delete(session, missing, elsewhere, context);
        continue;
      }
      try (LockHandle lock = index.lock(context)) {
        if (!index.readLocked(
            state ->
                state.logEnd(session).equals(missing.known())
                    && storedElsewhere(state, session, records).isEmpty())) {
          continue;
        }
        if (records.isEmpty()) {
          return false;
        }
        publisher.append(session, missing.known(), records);
      } catch (InterferenceException e) {
        continue;
      }
      repairs.report(
          namespace,
          context.sessionId(),
          "took %d entries of %s into the index, which did not know them"
              .formatted(
                  records.stream()
                      .filter(record -> !(record instanceof IndexRecord.EndOfLog))
                      .count(),
                  logs.path(session)));
      return true;
    }
    throw new InterferenceException(logs.path(session));
  }

  /** The ids that records store, and another session holds. */
  private static Set<Key> storedElsewhere(IndexState state, Key session, List<IndexRecord> records)
      throws IOException {
    Set<Key> found = new HashSet<>();
    for (IndexRecord record : records) {
      if (record instanceof IndexRecord.Stored stored) {
        Key id = stored.position().id();
        if (state.find(id).filter(other -> !other.session().equals(session)).isPresent()) {
          found.add(id);
        }
      }
    }
    return found;
  }

  /** Appends a deletion of checkpoints that the log holds and the index does not know. */
  private void delete(Key session, Missing missing, Set<Key> ids, ErrorContext context)
      throws IOException {
    try (SessionLog log = SessionLog.open(logs.path(session))) {
      long from =
          missing
              .known()
              .filter(end -> end.generation() == log.head().generation())
              .map(LogEnd::offset)
              .orElse(0L);
      List<FrameAt> frames = log.frames(Math.max(from, log.head().length()));
      byte[] deletion =
          LogFormat.encodeDeletion(
              frames.stream()
                  .map(found -> found.frame().id())
                  .filter(id -> ids.contains(logs.idKey(id)))
                  .distinct()
                  .toList());
      long end = frames.get(frames.size() - 1).end();
      byte[] skip = log.size() == end ? new byte[0] : LogFormat.encodeSkip(end);
      log.append(
          ByteBuffer.allocate(skip.length + deletion.length).put(skip).put(deletion).array(),
          files,
          context);
    }
  }

  /**
   * Adds the checkpoints of a log to an index that does not know the log. If its writer did not
   * complete a frame, the log is deleted. The caller holds the session's lock.
   */
  void adoptUnknownLog(Key session, ErrorContext context) throws IOException {
    if (catchUp(session, context)
        || index.read(state -> state.logEnd(session), context).isPresent()) {
      return;
    }
    Path path = logs.path(session);
    try (LockHandle lock = index.lock(context)) {
      boolean isWithoutFrames = LogFormat.isWithoutFrames(path);
      publisher.requireUnchanged(session, Optional.empty());
      if (!isWithoutFrames) {
        throw new DamagedException(path, 0, "no checkpoint that can be read");
      }
      Files.deleteIfExists(path);
    } catch (DamagedException e) {
      throw IoErrors.corrupt(e, context);
    } catch (NoSuchFileException e) {
      // It is deleted.
    }
  }

  /**
   * What a log holds and the index does not know.
   *
   * @param known where the log ends according to the index
   * @param records the records that the index lacks
   */
  private record Missing(Optional<LogEnd> known, List<IndexRecord> records) {}

  private Missing missingRecords(Key session, ErrorContext context) throws IOException {
    Path path = logs.path(session);
    Optional<LogEnd> known = index.read(state -> state.logEnd(session), context);
    List<IndexRecord> records = new ArrayList<>();
    try (SessionLog log = SessionLog.open(path)) {
      int generation = log.head().generation();
      if (!logs.sessionKey(log.head().sessionId()).equals(session)) {
        // The log of another session, put here by mistake. Reading a checkpoint reports it.
        return new Missing(known, List.of());
      }
      if (known.isEmpty()) {
        records.addAll(logs.readAgain(session, 0, new LiveVersions()));
      } else if (known.get().generation() != generation) {
        // The process that replaced the log may have failed to force its name.
        files.forceName(path);
        records.add(new IndexRecord.Dropped(session));
        records.addAll(logs.readAgain(session, 0, new LiveVersions()));
      } else if (log.size() > known.get().offset()) {
        LiveVersions live = index.read(state -> state.liveVersions(session), context);
        records.addAll(logs.readAgain(session, known.get().offset(), live));
      }
    } catch (DamagedException | NoSuchFileException e) {
      return new Missing(known, List.of());
    }
    return new Missing(known, records);
  }
}
