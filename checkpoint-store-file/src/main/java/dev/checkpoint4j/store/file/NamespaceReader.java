package dev.checkpoint4j.store.file;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointHeader;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.Page;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.error.CheckpointException;
import dev.checkpoint4j.error.CorruptCheckpointException;
import dev.checkpoint4j.error.ErrorContext;
import dev.checkpoint4j.spi.DocumentCodec;
import dev.checkpoint4j.spi.ListCursor;
import dev.checkpoint4j.store.file.LockTable.LockHandle;
import dev.checkpoint4j.store.file.LockTable.LockLevel;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Reads the checkpoints of a namespace. Readers take no lock, unless the frame that the index names
 * cannot be read.
 */
final class NamespaceReader {

  /** How many times a reader tries without a lock to read a frame that may be moving. */
  private static final int MAX_READ_ATTEMPTS = 2;

  private final String namespace;
  private final SessionLogs logs;
  private final RebuildableIndex index;
  private final LogRecovery recovery;
  private final LockTable locks;

  NamespaceReader(
      String namespace,
      SessionLogs logs,
      RebuildableIndex index,
      LogRecovery recovery,
      LockTable locks) {
    this.namespace = namespace;
    this.logs = logs;
    this.index = index;
    this.recovery = recovery;
    this.locks = locks;
  }

  Optional<Checkpoint> get(String id, DocumentCodec documents, ErrorContext context)
      throws IOException {
    Key key = logs.idKey(id);
    return find(state -> state.find(key), documents, context);
  }

  Optional<Checkpoint> latest(String sessionId, DocumentCodec documents, ErrorContext context)
      throws IOException {
    Key session = logs.sessionKey(sessionId);
    return find(state -> state.latest(session), documents, context);
  }

  private Optional<Checkpoint> find(
      NamespaceIndex.Reading<Optional<FramePosition>> find,
      DocumentCodec documents,
      ErrorContext context)
      throws IOException {
    return find(find, checkpoints(documents, context), /* mayLock= */ true, context);
  }

  private View<Checkpoint> checkpoints(DocumentCodec documents, ErrorContext context) {
    return (position, stored) ->
        decode(DocumentCodec::decode, documents, position, stored, context);
  }

  /**
   * As {@link #get}, for a caller that holds the lock of an id, and must not take that of a
   * session.
   *
   * @throws FrameMovingException if the frame cannot be read without the lock of its session
   */
  Optional<Checkpoint> getWithoutLock(Key id, DocumentCodec documents, ErrorContext context)
      throws IOException {
    return find(
        state -> state.find(id), checkpoints(documents, context), /* mayLock= */ false, context);
  }

  /** A frame that is moved, or deleted, or damaged. */
  static final class FrameMovingException extends IOException {
    private static final long serialVersionUID = 1;

    FrameMovingException(IOException cause) {
      super("another writer moves the frame", cause);
    }
  }

  /** Turns a stored frame into a result. */
  private interface View<T> {
    T of(FramePosition position, StoredFrame stored);
  }

  /**
   * Reads the frame that {@code find} names. Another thread or process may move or delete it at the
   * same time. Therefore the frame counts as damaged only if it is damaged while this thread holds
   * the session's lock.
   */
  private <T> Optional<T> find(
      NamespaceIndex.Reading<Optional<FramePosition>> find,
      View<T> view,
      boolean mayLock,
      ErrorContext context)
      throws IOException {
    @Nullable FramePosition failed = null;
    for (int attempt = 1; ; attempt++) {
      Optional<FramePosition> found = index.read(find, context);
      if (found.isEmpty()) {
        return Optional.empty();
      }
      FramePosition position = found.get();
      StoredFrame stored;
      try {
        stored = stored(position);
      } catch (DamagedException | NoSuchFileException e) {
        if (attempt < MAX_READ_ATTEMPTS) {
          continue;
        }
        if (!mayLock) {
          throw new FrameMovingException(e);
        }
        try (LockHandle lock = locks.acquire(LockLevel.SESSION, position.session(), context)) {
          recovery.catchUp(position.session(), context);
          found = index.read(find, context);
          if (found.isEmpty() || !found.get().session().equals(position.session())) {
            continue;
          }
          position = found.get();
          if (!position.equals(failed) && attempt < FileNamespace.MAX_ATTEMPTS) {
            // Damage stays in one place. If the frame moves, a process that lost its lock moves it.
            failed = position;
            continue;
          }
          stored = storedUnlessDamaged(position, context);
        }
      }
      return Optional.of(view.of(position, stored));
    }
  }

  private StoredFrame stored(FramePosition position) throws IOException {
    Path log = logs.path(position.session());
    StoredFrame stored = StoredFrame.read(log, position);
    if (!logs.idKey(stored.frame.id()).equals(position.id())) {
      throw new DamagedException(log, position.offset(), "the frame of another checkpoint");
    }
    return stored;
  }

  private StoredFrame storedUnlessDamaged(FramePosition position, ErrorContext context)
      throws IOException {
    try {
      return stored(position);
    } catch (DamagedException e) {
      throw IoErrors.corrupt(e, withSession(context, position.session()));
    } catch (NoSuchFileException e) {
      throw IoErrors.missingLog(
          logs.path(position.session()), e, withSession(context, position.session()));
    }
  }

  private <T> T decode(
      ListView<T> view,
      DocumentCodec documents,
      FramePosition position,
      StoredFrame stored,
      ErrorContext context) {
    return view.of(
        documents,
        stored.payload,
        header ->
            header.version() == position.version()
                && header.namespace().equals(namespace)
                && header.id().equals(stored.frame.id())
                && logs.sessionKey(header.metadata().sessionId()).equals(position.session()),
        "the document at byte " + position.offset() + " of " + logs.path(position.session()),
        withSession(context, position.session()).checkpoint(namespace, stored.frame.id()));
  }

  /** Decodes a document, or a part of it. */
  interface ListView<T> {
    T of(
        DocumentCodec documents,
        byte[] document,
        Predicate<CheckpointHeader> isExpected,
        String place,
        ErrorContext context);
  }

  <T> Page<T> list(
      CheckpointQuery query,
      Optional<ListCursor> start,
      ListView<T> view,
      DocumentCodec documents,
      ErrorContext context)
      throws IOException {
    QueryCursor candidates =
        new QueryCursor(
            query,
            start,
            logs,
            new QueryCursor.Source() {
              @Override
              public <R> R read(NamespaceIndex.Reading<R> reading) throws IOException {
                return index.read(reading, context);
              }
            });
    List<T> items = new ArrayList<>();
    @Nullable FramePosition last = null;
    for (FramePosition next = candidates.next(); next != null; next = candidates.next()) {
      if (items.size() == query.limit() && last != null) {
        return Page.of(items, new ListCursor(last.session().toString(), last.version()).encode());
      }
      FramePosition candidate = next;
      find(
              state -> state.find(candidate.id()).filter(candidate::isOfSameCheckpoint),
              (position, stored) ->
                  query.matches(
                          decode(DocumentCodec::decodeHeader, documents, position, stored, context))
                      ? Optional.of(decode(view, documents, position, stored, context))
                      : Optional.<T>empty(),
              /* mayLock= */ true,
              context)
          .flatMap(match -> match)
          .ifPresent(items::add);
      last = next;
    }
    return Page.of(items, null);
  }

  /** Whether the namespace holds no checkpoint. */
  boolean isEmpty(ErrorContext context) throws IOException {
    return index.read(state -> state.sessions(null, 1), context).isEmpty();
  }

  Page<SessionKey> listSessions(int limit, Optional<ListCursor> cursor, ErrorContext context)
      throws IOException {
    @Nullable Key last = cursor.map(start -> Key.parse(start.key())).orElse(null);
    List<SessionKey> found = new ArrayList<>();
    while (true) {
      @Nullable Key after = last;
      int wanted = limit - found.size() + 1;
      List<Key> keys = index.read(state -> state.sessions(after, wanted), context);
      for (Key key : keys) {
        if (found.size() == limit) {
          return Page.of(found, ListCursor.ofSession(String.valueOf(last)).encode());
        }
        listedSessionId(key, context).ifPresent(id -> found.add(new SessionKey(namespace, id)));
        last = key;
      }
      if (keys.size() < wanted) {
        return Page.of(found, null);
      }
      // Sessions that were deleted at the same time: only the last page may be short.
    }
  }

  /** The id of a session; empty if the session is deleted at the same time. */
  private Optional<String> listedSessionId(Key session, ErrorContext context) throws IOException {
    try {
      return Optional.of(sessionId(session, context));
    } catch (CorruptCheckpointException e) {
      try (LockHandle lock = locks.acquire(LockLevel.SESSION, session, context)) {
        recovery.catchUp(session, context);
        return index.read(state -> state.latest(session), context).isEmpty()
            ? Optional.empty()
            : Optional.of(sessionId(session, context));
      }
    }
  }

  /** The id of a session, from the head of its log. */
  private String sessionId(Key session, ErrorContext context) throws IOException {
    Path log = logs.path(session);
    try (FileChannel channel = LogFormat.openForReading(log)) {
      LogFormat.Head head = LogFormat.readHead(channel, log);
      if (!logs.sessionKey(head.sessionId()).equals(session)) {
        throw new DamagedException(log, 0, "the head of another session's log");
      }
      return head.sessionId();
    } catch (DamagedException e) {
      throw IoErrors.corrupt(e, context);
    } catch (NoSuchFileException e) {
      throw IoErrors.missingLog(log, e, context);
    }
  }

  private ErrorContext withSession(ErrorContext context, Key session) {
    if (context.sessionId() != null) {
      return context;
    }
    try {
      return context.session(new SessionKey(namespace, sessionId(session, context)));
    } catch (IOException | CheckpointException e) {
      return context;
    }
  }
}
