package dev.checkpoint4j.store.file;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.CheckpointQuery;
import dev.checkpoint4j.Expectation;
import dev.checkpoint4j.Page;
import dev.checkpoint4j.SessionKey;
import dev.checkpoint4j.error.ErrorContext;
import dev.checkpoint4j.spi.DocumentCodec;
import dev.checkpoint4j.spi.ListCursor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Optional;

/**
 * The checkpoints of one namespace: one log for each session, and an index of all logs.
 *
 * <p>{@link NamespaceWriter} decides what a put or a deletion changes. {@link LogAppender} adds the
 * frame to the log, and {@link IndexPublisher} makes it visible: its javadoc has the states of a
 * write and the conditions for acknowledging it. {@link NamespaceReader} finds checkpoints through
 * the index. {@link LogRecovery} brings the index up to date with the logs after a crash.
 */
final class FileNamespace implements AutoCloseable {

  /** The file with the name of the namespace. */
  static final String NAME_FILE = "namespace";

  /** How many times a call tries again because another writer interfered. */
  static final int MAX_ATTEMPTS = 20;

  private final RebuildableIndex index;
  private final LogRecovery recovery;
  private final NamespaceReader reader;
  private final NamespaceWriter writer;
  private final SessionDeletion deletion;
  private final SessionLogs logs;
  private final PendingWrites pendingWrites;

  FileNamespace(
      String namespace, Path directory, LockTable locks, DurableFiles files, Repairs repairs) {
    logs = new SessionLogs(namespace, directory, files);
    index = new RebuildableIndex(namespace, directory, logs, locks, files, repairs);
    IndexPublisher publisher = new IndexPublisher(logs, index);
    recovery = new LogRecovery(namespace, logs, index, publisher, locks, files, repairs);
    pendingWrites = new PendingWrites(index, recovery, locks);
    reader = new NamespaceReader(namespace, logs, index, recovery, locks);
    LogAppender appender =
        new LogAppender(namespace, directory, logs, index, publisher, recovery, files, repairs);
    LogCompaction compaction = new LogCompaction(namespace, logs, index, publisher);
    deletion = new SessionDeletion(namespace, logs, index, publisher, locks, files);
    writer =
        new NamespaceWriter(
            logs, index, reader, recovery, appender, compaction, deletion, locks, pendingWrites);
  }

  void put(
      Checkpoint checkpoint, Expectation expectation, DocumentCodec documents, ErrorContext context)
      throws IOException {
    writer.put(checkpoint, expectation, documents, context);
  }

  Optional<Checkpoint> get(String id, DocumentCodec documents, ErrorContext context)
      throws IOException {
    pendingWrites.resolveId(logs.idKey(id), context);
    return reader.get(id, documents, context);
  }

  Optional<Checkpoint> latest(String sessionId, DocumentCodec documents, ErrorContext context)
      throws IOException {
    pendingWrites.resolveSession(logs.sessionKey(sessionId), context);
    return reader.latest(sessionId, documents, context);
  }

  <T> Page<T> list(
      CheckpointQuery query,
      Optional<ListCursor> start,
      NamespaceReader.ListView<T> view,
      DocumentCodec documents,
      ErrorContext context)
      throws IOException {
    if (query.sessionId().isPresent()) {
      pendingWrites.resolveSession(logs.sessionKey(query.sessionId().get()), context);
    }
    return reader.list(query, start, view, documents, context);
  }

  Page<SessionKey> listSessions(int limit, Optional<ListCursor> cursor, ErrorContext context)
      throws IOException {
    return reader.listSessions(limit, cursor, context);
  }

  boolean isEmpty(ErrorContext context) throws IOException {
    return reader.isEmpty(context);
  }

  long delete(Collection<String> ids, ErrorContext context) throws IOException {
    return writer.delete(ids, context);
  }

  long deleteSession(String sessionId, ErrorContext context) throws IOException {
    pendingWrites.resolveSession(logs.sessionKey(sessionId), context);
    return deletion.delete(sessionId, context);
  }

  /** Compares the index with the logs. No other process may use the store. */
  void recover(ErrorContext context) throws IOException {
    recovery.recover(context);
  }

  @Override
  public void close() throws IOException {
    index.close();
  }
}
