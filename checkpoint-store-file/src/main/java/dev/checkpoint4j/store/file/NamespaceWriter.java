package dev.checkpoint4j.store.file;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.error.CheckpointException;
import dev.checkpoint4j.error.DuplicateCheckpointException;
import dev.checkpoint4j.error.ErrorContext;
import dev.checkpoint4j.error.OutcomeUnknownException;
import dev.checkpoint4j.error.StorageUnavailableException;
import dev.checkpoint4j.error.VersionConflictException;
import dev.checkpoint4j.spi.DocumentCodec;
import dev.checkpoint4j.store.file.IndexState.LogEnd;
import dev.checkpoint4j.store.file.LockTable.LockHandle;
import dev.checkpoint4j.store.file.LockTable.LockLevel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Puts and deletes checkpoints. A call takes the locks of the session and, for a put, of the id,
 * decides on one snapshot of the index, and appends to the log. If the log turns out to hold what
 * the index does not know, the index is brought up to date, and the call decides again.
 */
final class NamespaceWriter {

  private final SessionLogs logs;
  private final RebuildableIndex index;
  private final NamespaceReader reader;
  private final LogRecovery recovery;
  private final LogAppender appender;
  private final LogCompaction compaction;
  private final SessionDeletion deletion;
  private final LockTable locks;
  private final PendingWrites pendingWrites;

  NamespaceWriter(
      SessionLogs logs,
      RebuildableIndex index,
      NamespaceReader reader,
      LogRecovery recovery,
      LogAppender appender,
      LogCompaction compaction,
      SessionDeletion deletion,
      LockTable locks,
      PendingWrites pendingWrites) {
    this.logs = logs;
    this.index = index;
    this.reader = reader;
    this.recovery = recovery;
    this.appender = appender;
    this.compaction = compaction;
    this.deletion = deletion;
    this.locks = locks;
    this.pendingWrites = pendingWrites;
  }

  /**
   * The state that a put decides on, read in one step.
   *
   * @param end where the session's log ends; empty if there is no such session
   * @param latest the session's latest version
   * @param isExpected whether the session meets the expectation
   * @param isStored whether the id is stored, in this or another session
   */
  private record Snapshot(
      Optional<LogEnd> end, OptionalLong latest, boolean isExpected, boolean isStored) {}

  void put(
      Checkpoint checkpoint, Expectation expectation, DocumentCodec documents, ErrorContext context)
      throws IOException {
    Key session = logs.sessionKey(checkpoint.metadata().sessionId());
    Key id = logs.idKey(checkpoint.id());
    for (int attempt = 0; attempt < FileNamespace.MAX_ATTEMPTS; attempt++) {
      resolve(session, id, context);
      try {
        putLocked(checkpoint, expectation, documents, context);
        return;
      } catch (NamespaceReader.FrameMovingException e) {
        // Waits for the writer that moves the frame. Its lock comes before that of the id.
        Optional<Checkpoint> ignored = reader.get(checkpoint.id(), documents, context);
      } catch (OutcomeUnknownException e) {
        pendingWrites.add(session, List.of(id));
        throw e;
      }
    }
    throw interference(context);
  }

  private void resolve(Key session, Key id, ErrorContext context) throws IOException {
    try {
      pendingWrites.resolveSession(session, context);
      pendingWrites.resolveId(id, context);
    } catch (IOException | StorageUnavailableException e) {
      if (pendingWrites.contains(id)) {
        // An earlier put of this checkpoint may still be applied.
        throw IoErrors.outcomeUnknown(e, context);
      }
      throw e;
    }
  }

  private void putLocked(
      Checkpoint checkpoint, Expectation expectation, DocumentCodec documents, ErrorContext context)
      throws IOException {
    byte[] document = documents.encode(checkpoint, context);
    byte[] frame =
        Frame.encode(Frame.Kind.CHECKPOINT, checkpoint.version(), checkpoint.id(), document);
    int headLength = frame.length - document.length - Frame.TAIL_LENGTH;
    Key session = logs.sessionKey(checkpoint.metadata().sessionId());
    Key id = logs.idKey(checkpoint.id());
    LogAppender.Records records =
        at ->
            List.of(
                new IndexRecord.Stored(
                    at.generation(),
                    new FramePosition(
                        session, id, checkpoint.version(), at.offset(), frame.length, headLength)));
    try (LockHandle sessionLock = locks.acquire(LockLevel.SESSION, session, context);
        LockHandle idLock = locks.acquire(LockLevel.CHECKPOINT, id, context)) {
      for (int attempt = 0; attempt < FileNamespace.MAX_ATTEMPTS; attempt++) {
        recovery.catchUpIfRewritten(session, context);
        Snapshot snapshot =
            index.read(
                state ->
                    new Snapshot(
                        state.logEnd(session),
                        state.latestVersion(session),
                        isMet(expectation, state, session),
                        state.find(id).isPresent()),
                context);
        if (snapshot.isStored()) {
          Optional<Checkpoint> stored = reader.getWithoutLock(id, documents, context);
          if (stored.isEmpty()) {
            continue;
          }
          if (!stored.get().equals(checkpoint)) {
            throw new DuplicateCheckpointException(context.backendId(), checkpoint);
          }
          return;
        }
        long latestVersion = snapshot.latest().orElse(0);
        if (latestVersion >= checkpoint.version() || !snapshot.isExpected()) {
          throw new VersionConflictException(
              context.backendId(), checkpoint, expectation, latestVersion);
        }
        if (snapshot.end().isPresent()
            ? appender.append(session, snapshot.end().get(), frame, records, context)
            : appender.create(
                session, checkpoint.metadata().sessionId(), frame, records, context)) {
          return;
        }
      }
    }
    throw interference(context);
  }

  private static StorageUnavailableException interference(ErrorContext context) {
    return new StorageUnavailableException(
        "gave up because another process repeatedly changed the session while this process held its"
            + " lock; nothing was changed. Try again. A process that uses the store must not open"
            + " and close the file "
            + StoreDirectory.LOCKS,
        context,
        null);
  }

  /** The index knows ids by their keys. */
  private boolean isMet(Expectation expectation, IndexState state, Key session) throws IOException {
    return expectation.isAny()
        || state
            .latest(session)
            .map(FramePosition::id)
            .equals(expectation.latestId().map(logs::idKey));
  }

  long delete(Collection<String> ids, ErrorContext context) throws IOException {
    for (String id : ids) {
      pendingWrites.resolveId(logs.idKey(id), context);
    }
    Map<Key, List<String>> bySession =
        index.read(
            state -> {
              Map<Key, List<String>> found = new LinkedHashMap<>();
              for (String id : ids) {
                state
                    .find(logs.idKey(id))
                    .ifPresent(
                        position ->
                            found
                                .computeIfAbsent(position.session(), key -> new ArrayList<>())
                                .add(id));
              }
              return found;
            },
            context);
    long count = 0;
    for (Map.Entry<Key, List<String>> entry : bySession.entrySet()) {
      try {
        count += delete(entry.getKey(), entry.getValue(), context);
      } catch (OutcomeUnknownException e) {
        pendingWrites.add(entry.getKey(), entry.getValue().stream().map(logs::idKey).toList());
        throw count > 0 ? IoErrors.partlyDeleted(count, e, context) : e;
      } catch (IOException | CheckpointException e) {
        if (count > 0) {
          throw IoErrors.partlyDeleted(count, e, context);
        }
        throw e;
      }
    }
    return count;
  }

  /**
   * The state that a deletion decides on, read in one step.
   *
   * @param end where the session's log ends
   * @param ids the requested ids that the session holds
   * @param isAll whether the session holds no other checkpoints
   */
  private record Deletion(Optional<LogEnd> end, List<String> ids, boolean isAll) {}

  private long delete(Key session, List<String> candidates, ErrorContext context)
      throws IOException {
    try (LockHandle lock = locks.acquire(LockLevel.SESSION, session, context)) {
      for (int attempt = 0; attempt < FileNamespace.MAX_ATTEMPTS; attempt++) {
        recovery.catchUpIfRewritten(session, context);
        Deletion found =
            index.read(
                state -> {
                  List<String> ids = new ArrayList<>();
                  for (String id : candidates) {
                    if (state
                        .find(logs.idKey(id))
                        .filter(position -> position.session().equals(session))
                        .isPresent()) {
                      ids.add(id);
                    }
                  }
                  return new Deletion(
                      state.logEnd(session), ids, ids.size() == state.size(session));
                },
                context);
        if (found.ids().isEmpty() || found.end().isEmpty()) {
          return 0;
        }
        if (found.isAll()) {
          deletion.drop(session, found.end().get(), context);
          return found.ids().size();
        }
        byte[] frame = LogFormat.encodeDeletion(found.ids());
        LogAppender.Records records =
            at ->
                found.ids().stream()
                    .<IndexRecord>map(
                        id ->
                            new IndexRecord.Deleted(
                                at.generation(),
                                session,
                                logs.idKey(id),
                                at.offset(),
                                frame.length,
                                0))
                    .toList();
        if (appender.append(session, found.end().get(), frame, records, context)) {
          compaction.compactIfWorthwhile(session);
          return found.ids().size();
        }
      }
    }
    throw new InterferenceException(logs.path(session));
  }
}
