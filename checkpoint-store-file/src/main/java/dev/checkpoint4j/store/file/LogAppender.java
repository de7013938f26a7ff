package dev.checkpoint4j.store.file;

import dev.checkpoint4j.error.ErrorContext;
import dev.checkpoint4j.store.file.IndexState.LogEnd;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Writes a frame to a session's log and has it published. The caller holds the session's lock.
 *
 * <p>The store only appends to a log, and a new log never replaces another one: a writer that lost
 * its lock overwrites nothing.
 */
final class LogAppender {

  private final String namespace;
  private final Path directory;
  private final SessionLogs logs;
  private final RebuildableIndex index;
  private final IndexPublisher publisher;
  private final LogRecovery recovery;
  private final DurableFiles files;
  private final Repairs repairs;

  LogAppender(
      String namespace,
      Path directory,
      SessionLogs logs,
      RebuildableIndex index,
      IndexPublisher publisher,
      LogRecovery recovery,
      DurableFiles files,
      Repairs repairs) {
    this.namespace = namespace;
    this.directory = directory;
    this.logs = logs;
    this.index = index;
    this.publisher = publisher;
    this.recovery = recovery;
    this.files = files;
    this.repairs = repairs;
  }

  /** The index records for a frame, by the place where it starts. */
  interface Records {
    List<IndexRecord> of(LogEnd start);
  }

  /**
   * Creates the session's log with one frame, and publishes the frame.
   *
   * @return false if a log exists that the index did not know; the caller has to decide again
   */
  boolean create(Key session, String sessionId, byte[] frame, Records records, ErrorContext context)
      throws IOException {
    createDirectory();
    // Before the log exists: an index that is built later would contain the frame unchecked.
    index.read(state -> true, context);
    Path path = logs.path(session);
    files.createDirectory(logs.shard(session));
    int generation = LogFormat.newGeneration();
    byte[] head = LogFormat.encodeHead(generation, namespace, sessionId);
    ByteBuffer content = ByteBuffer.allocate(Math.addExact(head.length, frame.length));
    content.put(head).put(frame).flip();
    // The name follows the content: after a crash, a log without its content would be data loss.
    Path prepared = files.prepare(path, channel -> PlainFiles.writeUnforced(channel, content, 0));
    try {
      files.publishNew(prepared, path);
    } catch (FileAlreadyExistsException e) {
      recovery.adoptUnknownLog(session, context);
      return false;
    } catch (IOException e) {
      throw IoErrors.outcomeUnknown(e, context);
    }
    LogEnd start = new LogEnd(generation, head.length);
    try (SessionLog log = SessionLog.open(path)) {
      publisher.publish(
          session,
          Optional.empty(),
          () -> log.endsWith(frame, start.offset()) && log.isInPlace(),
          records.of(start),
          context);
    } catch (IOException e) {
      throw IoErrors.outcomeUnknown(e, context);
    }
    try {
      index.readIfPresent(state -> state.markNameForced(session, generation));
    } catch (IOException e) {
      // The put is done. The next append forces the name again.
    }
    return true;
  }

  /**
   * Forces the names of a log and of its directories before this process first appends to it. The
   * process that created or replaced the log may have failed or died before it forced them, or may
   * be one that does not force: the log that a crash leaves would not be the one appended to.
   */
  private void forceNamesOnce(Key session, int generation, ErrorContext context)
      throws IOException {
    if (!index.read(
        state -> state.session(session).filter(SessionState::isNameForced).isPresent(), context)) {
      files.forceNameOnce(directory);
      files.forceNameOnce(directory.resolve(FileNamespace.NAME_FILE));
      files.forceNameOnce(logs.shard(session));
      files.forceName(logs.path(session));
      index.read(state -> state.markNameForced(session, generation), context);
    }
  }

  private void createDirectory() throws IOException {
    files.createDirectory(directory);
    Path name = directory.resolve(FileNamespace.NAME_FILE);
    if (PlainFiles.requireFile(name).isEmpty()) {
      files.replace(name, Frame.escape(namespace) + "\n");
    }
    files.forceNameOnce(name);
  }

  /**
   * Appends a frame to an existing log, and publishes the frame.
   *
   * <p>Bytes after the end that the index knows were never acknowledged. They are not cut off: if
   * this process has lost its lock, their writer may still be at work. Whole frames are added to
   * the index, anything else is skipped.
   *
   * @return false if frames were added to the index; the caller has to decide again
   */
  boolean append(Key session, LogEnd end, byte[] frame, Records records, ErrorContext context)
      throws IOException {
    Path path = logs.path(session);
    try (SessionLog log = SessionLog.open(path)) {
      long size = log.size();
      if (log.head().generation() != end.generation() || size != end.offset()) {
        try {
          if (recovery.catchUp(session, context)) {
            return false;
          }
        } catch (DamagedException e) {
          throw e;
        } catch (IOException e) {
          throw IoErrors.outcomeUnknown(e, context);
        }
      }
      if (log.head().generation() != end.generation() || size < end.offset()) {
        if (isOutdated(session, end, context)) {
          return false;
        }
        throw new DamagedException(
            path,
            Math.min(size, end.offset()),
            size < end.offset()
                ? "the log ends before byte " + end.offset() + ", where it should,"
                : "the head of another log");
      }
      byte[] skip = size == end.offset() ? new byte[0] : LogFormat.encodeSkip(end.offset());
      byte[] bytes = Arrays.copyOf(skip, Math.addExact(skip.length, frame.length));
      System.arraycopy(frame, 0, bytes, skip.length, frame.length);
      forceNamesOnce(session, end.generation(), context);
      log.append(bytes, files, context);
      publisher.publish(
          session,
          Optional.of(end),
          () -> log.endsWith(bytes, size) && log.hasNoFrame(end.offset(), size) && log.isInPlace(),
          records.of(new LogEnd(end.generation(), size + skip.length)),
          context);
      if (skip.length > 0) {
        repairs.report(
            namespace,
            context.sessionId(),
            "skipped %d bytes of an unfinished write at byte %d of %s"
                .formatted(size - end.offset(), end.offset(), path));
      }
      return true;
    } catch (DamagedException e) {
      throw IoErrors.corrupt(e, context);
    } catch (NoSuchFileException e) {
      if (isOutdated(session, end, context)) {
        return false;
      }
      throw IoErrors.missingLog(path, e, context);
    }
  }

  /** Whether another process has changed the session, because this process lost its lock. */
  private boolean isOutdated(Key session, LogEnd end, ErrorContext context) throws IOException {
    return !index.read(state -> state.logEnd(session), context).equals(Optional.of(end));
  }
}
