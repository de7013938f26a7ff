package dev.checkpoint4j.store.file;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.Page;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.error.CheckpointException;
import dev.checkpoint4j.error.CorruptCheckpointException;
import dev.checkpoint4j.error.DuplicateCheckpointException;
import dev.checkpoint4j.error.ErrorContext;
import dev.checkpoint4j.error.StorageLimitExceededException;
import dev.checkpoint4j.error.StorageUnavailableException;
import dev.checkpoint4j.error.VersionConflictException;
import dev.checkpoint4j.spi.CheckpointCodec;
import dev.checkpoint4j.spi.CodecException;
import dev.checkpoint4j.spi.ListCursor;
import dev.checkpoint4j.store.file.LockTable.Group;
import dev.checkpoint4j.store.file.LockTable.Held;
import dev.checkpoint4j.store.file.SessionLog.DamagedException;
import dev.checkpoint4j.store.file.SessionLog.Stored;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The checkpoints of one namespace: a log for each session, and the index over them.
 *
 * <p>A put takes the lock of its session and that of its id, appends a frame to the log, forces it,
 * and appends a record to the index, which makes the checkpoint visible. What is in a log behind
 * the place that the index knows was never acknowledged: the next writer cuts it off. Readers take
 * no locks.
 */
final class FileNamespace implements AutoCloseable {

  /** Says whose directory it is. */
  static final String NAME_FILE = "namespace";

  private static final System.Logger LOG = System.getLogger(FileNamespace.class.getName());

  /** A log is written anew when that many bytes, and more than half of it, are of no more use. */
  private static final long MIN_BYTES_TO_RECLAIM = 1 << 16;

  /** How often a reader looks for what is being moved before it waits for whoever moves it. */
  private static final int MAX_READ_ATTEMPTS = 2;

  /** For replacing a log: what it holds may have been acknowledged by a process that forces. */
  private static final DurableFiles FORCED = new DurableFiles(true);

  private final String namespace;
  private final Key key;
  private final Path directory;
  private final SessionLogs logs;
  private final NamespaceIndex index;
  private final LockTable locks;
  private final Duration lockTimeout;
  private final DurableFiles files;
  private final Repairs repairs;

  FileNamespace(
      String namespace,
      Path directory,
      LockTable locks,
      Duration lockTimeout,
      DurableFiles files,
      Repairs repairs) {
    this.namespace = namespace;
    this.key = Key.of(namespace);
    this.directory = directory;
    this.logs = new SessionLogs(namespace, directory, files);
    this.index = new NamespaceIndex(directory);
    this.locks = locks;
    this.lockTimeout = lockTimeout;
    this.files = files;
    this.repairs = repairs;
  }

  // Writing

  void put(Checkpoint checkpoint, CheckpointCodec codec, ErrorContext context) throws IOException {
    byte[] document = encode(checkpoint, codec, context);
    byte[] frame =
        Frame.encode(Frame.Kind.CHECKPOINT, checkpoint.version(), checkpoint.id(), document);
    String sessionId = checkpoint.metadata().sessionId();
    Key session = logs.sessionKey(sessionId);
    Key id = logs.idKey(checkpoint.id());
    try (Held sessionLock = acquire(Group.SESSION, session, context);
        Held idLock = acquire(Group.CHECKPOINT, id, context)) {
      refresh(context);
      OptionalLong logSize = catchUpIfRewritten(session, context);
      Optional<Checkpoint> stored = find(() -> index.find(id), codec, context);
      if (stored.isPresent()) {
        if (!stored.get().equals(checkpoint)) {
          throw new DuplicateCheckpointException(context.backendId(), checkpoint);
        }
        return;
      }
      OptionalLong latest =
          index.inSession(session, SessionState::latestVersion).orElse(OptionalLong.empty());
      if (latest.isPresent() && latest.getAsLong() >= checkpoint.version()) {
        throw new VersionConflictException(context.backendId(), checkpoint, latest.getAsLong());
      }
      LogEnd end =
          logEnd(session).isPresent()
              ? append(session, logSize, frame, context)
              : create(session, sessionId, frame, context);
      int headLength = frame.length - document.length - Frame.TAIL_LENGTH;
      Location location =
          new Location(session, id, checkpoint.version(), end.offset(), frame.length, headLength);
      publish(
          List.of(new IndexRecord(IndexRecord.Kind.STORED, end.generation(), location)), context);
    }
  }

  private static byte[] encode(Checkpoint checkpoint, CheckpointCodec codec, ErrorContext context) {
    @Nullable CodecException cause = null;
    try {
      byte[] document = codec.encode(checkpoint);
      if (document.length <= FileBackendStorage.MAX_DOCUMENT_BYTES) {
        return document;
      }
    } catch (CodecException e) {
      cause = e;
    }
    throw new StorageLimitExceededException(
        "the encoded checkpoint has more than "
            + FileBackendStorage.MAX_DOCUMENT_BYTES
            + " bytes; nothing was changed. Store less in one checkpoint",
        context,
        cause);
  }

  /** Where the acknowledged part of a log ends. */
  private record LogEnd(int generation, long offset) {}

  private Optional<LogEnd> logEnd(Key session) throws IOException {
    return index.inSession(session, state -> new LogEnd(state.generation, state.end()));
  }

  /** Makes the session's log with one frame. The caller holds the session's lock. */
  private LogEnd create(Key session, String sessionId, byte[] frame, ErrorContext context)
      throws IOException {
    createDirectory();
    refresh(context);
    Path log = logs.path(session);
    files.createDirectory(logs.shard(session));
    int generation = SessionLog.newGeneration();
    byte[] head = SessionLog.encodeHead(generation, namespace, sessionId);
    ByteBuffer content = ByteBuffer.allocate(Math.addExact(head.length, frame.length));
    content.put(head).put(frame).flip();
    // At once: after a crash a name without its content would be a log whose checkpoints are lost.
    Path prepared = files.prepare(log, channel -> DurableFiles.writeUnforced(channel, content, 0));
    try {
      files.publish(prepared, log);
    } catch (IOException e) {
      throw IoErrors.outcomeUnknown(e, context);
    }
    return new LogEnd(generation, head.length);
  }

  private void createDirectory() throws IOException {
    files.createDirectory(directory);
    Path name = directory.resolve(NAME_FILE);
    DurableFiles.requireFile(name);
    if (!Files.exists(name)) {
      byte[] text = (Frame.escape(namespace) + "\n").getBytes(StandardCharsets.US_ASCII);
      files.replace(name, channel -> DurableFiles.writeUnforced(channel, ByteBuffer.wrap(text), 0));
    }
    files.forceNameOnce(name);
  }

  /**
   * Appends a frame to a log that is there; returns where. The caller holds the session's lock.
   *
   * @param logSize what {@link #catchUpIfRewritten} returned under that lock
   */
  private LogEnd append(Key session, OptionalLong logSize, byte[] frame, ErrorContext context)
      throws IOException {
    LogEnd end = logEnd(session).orElseThrow();
    Path log = logs.path(session);
    // An index that was built anew since may know a session that was not looked at.
    long size =
        (logSize.isPresent() ? logSize : DurableFiles.requireFile(log))
            .orElseThrow(() -> missing(log, null, context));
    try (FileChannel channel = DurableFiles.openChecked(log, Set.of(StandardOpenOption.WRITE))) {
      if (size < end.offset()) {
        throw corrupt(
            new DamagedException(
                log, size, "the log ends before byte " + end.offset() + ", where it should,"),
            context);
      }
      if (size > end.offset()) {
        repairs.report(
            namespace,
            context.sessionId(),
            "cutting %d bytes of an unfinished write off the end of %s"
                .formatted(size - end.offset(), log));
        channel.truncate(end.offset());
      }
      write(channel, ByteBuffer.wrap(frame), end.offset(), context);
      return end;
    } catch (NoSuchFileException e) {
      throw missing(log, e, context);
    }
  }

  private void write(FileChannel channel, ByteBuffer bytes, long position, ErrorContext context) {
    try {
      DurableFiles.writeUnforced(channel, bytes, position);
    } catch (ClosedByInterruptException e) {
      throw IoErrors.outcomeUnknown(e, context);
    } catch (IOException e) {
      try {
        channel.truncate(position);
      } catch (IOException suppressed) {
        e.addSuppressed(suppressed);
      }
      throw IoErrors.notApplied(e, context);
    }
    try {
      files.force(channel);
    } catch (IOException e) {
      throw IoErrors.outcomeUnknown(e, context);
    }
  }

  /** Makes what was written to a log visible. The caller holds the session's lock. */
  private void publish(List<IndexRecord> records, ErrorContext context) {
    try (Held lock = acquire(Group.NAMESPACE, key, context)) {
      refreshLocked(logs::read);
      index.append(records);
      shortenIndex();
    } catch (IOException | StorageUnavailableException e) {
      throw IoErrors.outcomeUnknown(e, context);
    }
  }

  private void shortenIndex() {
    if (index.isMostlyOutdated()) {
      try {
        replaceIndex(index::eachLive);
      } catch (IOException e) {
        // What the caller wrote is visible; the index is shortened another time.
        LOG.log(System.Logger.Level.WARNING, "could not write the index of " + directory, e);
      }
    }
  }

  long delete(Collection<String> ids, ErrorContext context) throws IOException {
    refresh(context);
    Map<Key, List<String>> bySession = new LinkedHashMap<>();
    for (String id : ids) {
      Optional<Location> found = index.find(logs.idKey(id));
      if (found.isPresent()) {
        bySession.computeIfAbsent(found.get().session(), key -> new ArrayList<>()).add(id);
      }
    }
    long count = 0;
    for (Map.Entry<Key, List<String>> entry : bySession.entrySet()) {
      try {
        count += delete(entry.getKey(), entry.getValue(), context);
      } catch (NamespaceIndex.ChangedException e) {
        if (count > 0) {
          throw IoErrors.outcomeUnknown(e, context);
        }
        throw e;
      }
    }
    return count;
  }

  private long delete(Key session, List<String> candidates, ErrorContext context)
      throws IOException {
    try (Held lock = acquire(Group.SESSION, session, context)) {
      refresh(context);
      OptionalLong logSize = catchUpIfRewritten(session, context);
      List<String> ids = new ArrayList<>();
      for (String id : candidates) {
        if (index.find(logs.idKey(id)).filter(l -> l.session().equals(session)).isPresent()) {
          ids.add(id);
        }
      }
      if (ids.isEmpty()) {
        return 0;
      }
      if (ids.size() == index.inSession(session, SessionState::size).orElse(0)) {
        drop(session, context);
        return ids.size();
      }
      byte[] deletion = SessionLog.encodeDeletion(ids);
      LogEnd end = append(session, logSize, deletion, context);
      publish(
          ids.stream()
              .map(
                  id ->
                      new IndexRecord(
                          IndexRecord.Kind.DELETED,
                          end.generation(),
                          new Location(
                              session, logs.idKey(id), 0, end.offset(), deletion.length, 0)))
              .toList(),
          context);
      reclaim(session, context);
      return ids.size();
    }
  }

  long deleteSession(String sessionId, ErrorContext context) throws IOException {
    refresh(context);
    Key session = logs.sessionKey(sessionId);
    if (logEnd(session).isEmpty() && !Files.exists(logs.shard(session))) {
      return 0;
    }
    try (Held lock = acquire(Group.SESSION, session, context)) {
      refresh(context);
      int count = index.inSession(session, SessionState::size).orElse(0);
      if (logEnd(session).isPresent()) {
        drop(session, context);
      } else {
        // What a writer left that failed or died would come back when the store is opened alone;
        // what an earlier deletion that failed removed, after a crash.
        files.delete(logs.path(session));
      }
      return count;
    }
  }

  /**
   * Deletes a session with its log. The caller holds the session's lock.
   *
   * <p>The log is emptied before others are told: they may give its ids to other sessions then, and
   * a log that is left behind by a crash must not bring them back.
   */
  private void drop(Key session, ErrorContext context) {
    Path log = logs.path(session);
    try {
      empty(log);
    } catch (IOException e) {
      if (Files.notExists(log)) {
        // Gone, if not durably: the index must not lead to where nothing is.
        publish(List.of(IndexRecord.dropped(session)), context);
      }
      throw IoErrors.outcomeUnknown(e, context);
    }
    publish(List.of(IndexRecord.dropped(session)), context);
    try {
      files.delete(log);
    } catch (IOException e) {
      throw IoErrors.outcomeUnknown(e, context);
    }
  }

  /**
   * Replaces a log by one without frames, which others know as a new one even if they are not told.
   */
  private void empty(Path log) throws IOException {
    try (FileChannel old = SessionLog.openForReading(log)) {
      byte[] head =
          SessionLog.encodeHead(
              SessionLog.newGeneration(), namespace, SessionLog.readHead(old, log).sessionId());
      FORCED.replace(log, channel -> DurableFiles.writeUnforced(channel, ByteBuffer.wrap(head), 0));
    } catch (ClosedByInterruptException e) {
      throw e;
    } catch (IOException e) {
      // Also what is damaged, and on a full disk, can be deleted.
      files.delete(log);
    }
  }

  /** Writes the log anew if most of it is of no more use. The caller holds the session's lock. */
  private void reclaim(Key session, ErrorContext context) {
    List<IndexRecord> records;
    try {
      boolean worthwhile =
          index
              .inSession(
                  session,
                  state ->
                      state.end() - state.liveBytes() >= MIN_BYTES_TO_RECLAIM
                          && state.liveBytes() < state.end() / 2)
              .orElse(false);
      if (!worthwhile) {
        return;
      }
      records = writeAnew(session);
    } catch (IOException e) {
      // The deletion itself is done; the space is given back another time.
      LOG.log(System.Logger.Level.WARNING, "could not write " + logs.path(session) + " anew", e);
      return;
    }
    publish(records, context);
  }

  /** Writes the log with nothing but what is live; returns what the index has to be told. */
  private List<IndexRecord> writeAnew(Key session) throws IOException {
    Path log = logs.path(session);
    List<Location> live =
        index.inSession(session, state -> state.locations(0, state.size())).orElseThrow();
    int generation = SessionLog.newGeneration();
    List<IndexRecord> records = new ArrayList<>();
    records.add(IndexRecord.dropped(session));
    try (FileChannel old = SessionLog.openForReading(log)) {
      byte[] head =
          SessionLog.encodeHead(generation, namespace, SessionLog.readHead(old, log).sessionId());
      FORCED.replace(
          log,
          channel -> {
            DurableFiles.writeUnforced(channel, ByteBuffer.wrap(head), 0);
            long position = head.length;
            for (Location location : live) {
              SessionLog.copy(old, location, channel, position);
              Location moved =
                  new Location(
                      session,
                      location.id(),
                      location.version(),
                      position,
                      location.length(),
                      location.headLength());
              records.add(new IndexRecord(IndexRecord.Kind.STORED, generation, moved));
              position = moved.end();
            }
          });
    }
    return records;
  }

  // Reading

  Optional<Checkpoint> get(String id, CheckpointCodec codec, ErrorContext context)
      throws IOException {
    Key key = logs.idKey(id);
    return read(() -> index.find(key), codec, context);
  }

  Optional<Checkpoint> latest(String sessionId, CheckpointCodec codec, ErrorContext context)
      throws IOException {
    Key session = logs.sessionKey(sessionId);
    return read(() -> latest(session), codec, context);
  }

  private Optional<Checkpoint> read(Lookup find, CheckpointCodec codec, ErrorContext context)
      throws IOException {
    refresh(context);
    return find(find, codec, context);
  }

  private Optional<Checkpoint> find(Lookup find, CheckpointCodec codec, ErrorContext context)
      throws IOException {
    return find(find, (location, stored) -> decode(codec, location, stored, context), context);
  }

  /** Where a checkpoint is, as the index knows it at that moment. */
  private interface Lookup {
    Optional<Location> find() throws IOException;
  }

  private Optional<Location> latest(Key session) throws IOException {
    return index.inSession(session, SessionState::latest).flatMap(latest -> latest);
  }

  /** What is made of a checkpoint that was found. */
  interface View<T> {
    T of(Location location, Stored stored);
  }

  /**
   * Reads what {@code find} leads to. Another thread or process may move or delete it meanwhile, so
   * it is damaged only if it is damaged while no writer of the session is at work.
   */
  private <T> Optional<T> find(Lookup find, View<T> view, ErrorContext context) throws IOException {
    for (int attempt = 1; ; attempt++) {
      Optional<Location> found = find.find();
      if (found.isEmpty()) {
        return Optional.empty();
      }
      Location location = found.get();
      Stored stored;
      try {
        stored = stored(location);
      } catch (DamagedException | NoSuchFileException e) {
        if (attempt < MAX_READ_ATTEMPTS) {
          refresh(context);
          continue;
        }
        try (Held lock = acquire(Group.SESSION, location.session(), context)) {
          refresh(context);
          catchUpLocked(location.session(), context);
          found = find.find();
          if (found.isEmpty() || !found.get().session().equals(location.session())) {
            continue;
          }
          location = found.get();
          stored = storedUnlessDamaged(location, context);
        }
      }
      return Optional.of(view.of(location, stored));
    }
  }

  private Stored stored(Location location) throws IOException {
    Path log = logs.path(location.session());
    Stored stored = SessionLog.read(log, location);
    if (!logs.idKey(stored.frame.id()).equals(location.id())) {
      throw new DamagedException(log, location.offset(), "the frame of another checkpoint");
    }
    return stored;
  }

  private Stored storedUnlessDamaged(Location location, ErrorContext context) throws IOException {
    try {
      return stored(location);
    } catch (DamagedException e) {
      throw corrupt(e, withSession(context, location.session()));
    } catch (NoSuchFileException e) {
      throw missing(logs.path(location.session()), e, withSession(context, location.session()));
    }
  }

  private Checkpoint decode(
      CheckpointCodec codec, Location location, Stored stored, ErrorContext context) {
    return decoded(
        location,
        stored,
        context,
        () -> {
          Checkpoint checkpoint = codec.decode(stored.payload);
          if (checkpoint.version() != location.version()
              || !checkpoint.namespace().equals(namespace)
              || !checkpoint.id().equals(stored.frame.id())
              || !logs.sessionKey(checkpoint.metadata().sessionId()).equals(location.session())) {
            throw new CodecException("the document is of another checkpoint", null);
          }
          return checkpoint;
        });
  }

  private <T> T decoded(
      Location location, Stored stored, ErrorContext context, Supplier<T> decoding) {
    try {
      return decoding.get();
    } catch (CodecException e) {
      throw new CorruptCheckpointException(
          "the document at byte %d of %s cannot be decoded: %s"
              .formatted(location.offset(), logs.path(location.session()), e.getMessage()),
          withSession(context, location.session()).checkpoint(namespace, stored.frame.id()),
          e);
    }
  }

  /** What is listed of a checkpoint that matches. */
  interface ListView<T> {
    T of(CheckpointCodec codec, byte[] document);
  }

  <T> Page<T> list(
      CheckpointQuery query, ListView<T> view, CheckpointCodec codec, ErrorContext context)
      throws IOException {
    Candidates candidates = new Candidates(query, logs, index);
    refresh(context);
    List<T> items = new ArrayList<>();
    @Nullable Location last = null;
    for (Location next = candidates.next(); next != null; next = candidates.next()) {
      if (items.size() == query.limit() && last != null) {
        return Page.of(items, new ListCursor(last.session().toString(), last.version()).encode());
      }
      Key id = next.id();
      find(
              () -> index.find(id),
              (location, stored) ->
                  decoded(
                      location,
                      stored,
                      context,
                      () ->
                          query.matches(codec.decodeHeader(stored.payload))
                              ? Optional.of(view.of(codec, stored.payload))
                              : Optional.<T>empty()),
              context)
          .flatMap(match -> match)
          .ifPresent(items::add);
      last = next;
    }
    return Page.of(items, null);
  }

  Page<SessionKey> listSessions(int limit, Optional<ListCursor> cursor, ErrorContext context)
      throws IOException {
    @Nullable Key after = cursor.map(start -> Key.parse(start.session())).orElse(null);
    refresh(context);
    List<Key> keys = index.sessions(after, limit + 1);
    List<SessionKey> found = new ArrayList<>();
    for (Key key : keys.subList(0, Math.min(limit, keys.size()))) {
      listedSessionId(key, context).ifPresent(id -> found.add(new SessionKey(namespace, id)));
    }
    return Page.of(
        found,
        keys.size() > limit ? new ListCursor(keys.get(limit - 1).toString(), 0).encode() : null);
  }

  /** The id of a session; empty if the session is deleted meanwhile. */
  private Optional<String> listedSessionId(Key session, ErrorContext context) throws IOException {
    try {
      return Optional.of(sessionId(session, context));
    } catch (CorruptCheckpointException e) {
      try (Held lock = acquire(Group.SESSION, session, context)) {
        refresh(context);
        catchUpLocked(session, context);
        return latest(session).isEmpty()
            ? Optional.empty()
            : Optional.of(sessionId(session, context));
      }
    }
  }

  /** The id of a session, which its log says. */
  private String sessionId(Key session, ErrorContext context) throws IOException {
    Path log = logs.path(session);
    try (FileChannel channel = SessionLog.openForReading(log)) {
      SessionLog.Head head = SessionLog.readHead(channel, log);
      if (!logs.sessionKey(head.sessionId()).equals(session)) {
        throw new DamagedException(log, 0, "the head of another session's log");
      }
      return head.sessionId();
    } catch (DamagedException e) {
      throw corrupt(e, context);
    } catch (NoSuchFileException e) {
      throw missing(log, e, context);
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

  // The index and the logs

  private void refresh(ErrorContext context) throws IOException {
    if (index.refresh()) {
      return;
    }
    if (Files.isDirectory(directory)) {
      try (Held lock = acquire(Group.NAMESPACE, key, context)) {
        refreshLocked(logs::read);
      }
    } else if (!Files.exists(directory.resolveSibling(StoreDirectory.MARKER))) {
      throw new StorageUnavailableException(
          "the directory of the store, " + directory.getParent() + ", is gone; restore it",
          context,
          null);
    }
  }

  /** Reads a log from some offset on. */
  private interface LogReader {
    List<IndexRecord> read(Key session, long from) throws IOException;
  }

  private void refreshLocked(LogReader reader) throws IOException {
    if (index.refresh()) {
      return;
    }
    List<Key> sessions = logs.all();
    if (!sessions.isEmpty()) {
      repairs.report(namespace, null, "building the index of " + directory + " from its logs");
    }
    replaceIndex(
        sink -> {
          for (Key session : sessions) {
            for (IndexRecord record : reader.read(session, 0)) {
              sink.accept(record);
            }
          }
        });
  }

  /** Gives all records of a new index file. */
  private interface IndexContent {
    void giveTo(NamespaceIndex.Sink sink) throws IOException;
  }

  private void replaceIndex(IndexContent content) throws IOException {
    files.replace(
        directory.resolve(NamespaceIndex.FILE_NAME),
        channel -> {
          IndexWriter writer = new IndexWriter(channel);
          content.giveTo(writer);
          writer.flush();
        });
    if (!index.refresh()) {
      throw new IOException("the index of " + directory + " cannot be read back");
    }
  }

  /**
   * Compares the index with the logs, after no process may have looked after it for a while. The
   * caller keeps all others out.
   *
   * <p>An id may have moved from one session to another since the index was written, so whatever
   * any log says is gone goes before whatever another one says is stored.
   */
  void recover(ErrorContext context) throws IOException {
    logs.removeTemporaryFiles();
    try (Held lock = acquire(Group.NAMESPACE, key, context)) {
      refreshLocked(logs::readAgain);
    }
    Set<Key> present = new HashSet<>(logs.all());
    List<IndexRecord> gone = new ArrayList<>();
    Map<Key, List<IndexRecord>> missing = new LinkedHashMap<>();
    for (Key session : present) {
      if (!isUpToDate(session)) {
        List<IndexRecord> records = missingRecords(session);
        records.stream()
            .filter(record -> record.kind() != IndexRecord.Kind.STORED)
            .map(IndexRecord::withoutPlace)
            .forEach(gone::add);
        missing.put(
            session, records.stream().filter(r -> r.kind() != IndexRecord.Kind.DROPPED).toList());
      }
    }
    for (Key session : index.allSessions()) {
      if (!present.contains(session)) {
        gone.add(IndexRecord.dropped(session));
      }
    }
    publishAny(gone, context);
    for (Map.Entry<Key, List<IndexRecord>> entry : missing.entrySet()) {
      List<IndexRecord> records = notStoredElsewhere(entry.getKey(), entry.getValue());
      if (!records.isEmpty()) {
        repairs.report(
            namespace,
            null,
            "taking %d entries of %s into the index, which did not know them"
                .formatted(records.size(), logs.path(entry.getKey())));
        publish(records, context);
      }
    }
  }

  private void publishAny(List<IndexRecord> records, ErrorContext context) {
    if (!records.isEmpty()) {
      publish(records, context);
    }
  }

  /** Whether the index knows the whole log, as it is now. */
  private boolean isUpToDate(Key session) throws IOException {
    Path log = logs.path(session);
    try (FileChannel channel = SessionLog.openForReading(log)) {
      LogEnd end = new LogEnd(SessionLog.readHead(channel, log).generation(), channel.size());
      return logEnd(session).equals(Optional.of(end));
    } catch (DamagedException | NoSuchFileException e) {
      return false;
    }
  }

  /**
   * Reads a log again that a writer wrote anew and died, or failed, before it told the index: it is
   * shorter then. The caller holds the session's lock and has refreshed.
   *
   * @return the size of the log; empty if there is none
   * @throws WrongFileTypeException if it is no file
   */
  private OptionalLong catchUpIfRewritten(Key session, ErrorContext context) throws IOException {
    Optional<LogEnd> known = logEnd(session);
    if (known.isEmpty()) {
      return OptionalLong.empty();
    }
    DurableFiles.requireDirectory(logs.shard(session));
    OptionalLong size = DurableFiles.requireFile(logs.path(session));
    if (size.isPresent() && size.getAsLong() < known.get().offset()) {
      catchUpLocked(session, context);
    }
    return size;
  }

  /** Tells the index what it does not know of a log. The caller holds the session's lock. */
  private void catchUpLocked(Key session, ErrorContext context) throws IOException {
    publishAny(notStoredElsewhere(session, missingRecords(session)), context);
  }

  /** What a log says and the index does not know. */
  private List<IndexRecord> missingRecords(Key session) throws IOException {
    Path log = logs.path(session);
    Optional<LogEnd> known = logEnd(session);
    List<IndexRecord> records = new ArrayList<>();
    try (FileChannel channel = SessionLog.openForReading(log)) {
      SessionLog.Head head = SessionLog.readHead(channel, log);
      int generation = head.generation();
      if (!logs.sessionKey(head.sessionId()).equals(session)) {
        // A log that was put here by mistake; whoever reads a checkpoint of the session is told.
        return List.of();
      }
      if (known.isEmpty()) {
        records.addAll(logs.readAgain(session, 0));
      } else if (known.get().generation() != generation) {
        // Whoever put this log in the place of the other may have failed to force its name.
        files.forceName(log);
        records.add(IndexRecord.dropped(session));
        records.addAll(logs.readAgain(session, 0));
      } else if (channel.size() > known.get().offset()) {
        records.addAll(logs.readAgain(session, known.get().offset()));
      }
    } catch (DamagedException | NoSuchFileException e) {
      return List.of();
    }
    return records;
  }

  /** The records without checkpoints whose id has meanwhile been given to another session. */
  private List<IndexRecord> notStoredElsewhere(Key session, List<IndexRecord> records)
      throws IOException {
    List<IndexRecord> kept = new ArrayList<>();
    for (IndexRecord record : records) {
      if (record.kind() != IndexRecord.Kind.STORED
          || index
              .find(record.location().id())
              .filter(stored -> !stored.session().equals(session))
              .isEmpty()) {
        kept.add(record);
      }
    }
    return kept;
  }

  /** Reads the index file anew when it is needed next, since it is not as it was. */
  void forgetIndex() throws IOException {
    index.forget();
  }

  private Held acquire(Group group, Key key, ErrorContext context) throws IOException {
    return locks.acquire(group, key, lockTimeout, context);
  }

  private static CorruptCheckpointException corrupt(DamagedException e, ErrorContext context) {
    return new CorruptCheckpointException(
        e.getMessage() + "; restore the file from a backup, or delete the session", context, e);
  }

  private static CorruptCheckpointException missing(
      Path log, @Nullable Exception e, ErrorContext context) {
    return new CorruptCheckpointException(
        "the log " + log + " is missing; restore the file from a backup, or delete the session",
        context,
        e);
  }

  @Override
  public void close() throws IOException {
    index.close();
  }
}
