package dev.checkpoint4j.store.file;

import dev.checkpoint4j.error.CheckpointException;
import dev.checkpoint4j.error.ErrorContext;
import dev.checkpoint4j.store.file.IndexState.LogEnd;
import dev.checkpoint4j.store.file.LockTable.LockHandle;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Rewrites logs that consist mostly of deleted checkpoints. */
final class LogCompaction {

  private static final System.Logger LOG = System.getLogger(LogCompaction.class.getName());

  /** A log is rewritten if this many bytes of it, and more than half of it, are not live. */
  private static final long MIN_BYTES_TO_COMPACT = 1 << 16;

  private final String namespace;
  private final SessionLogs logs;
  private final RebuildableIndex index;
  private final IndexPublisher publisher;

  LogCompaction(
      String namespace, SessionLogs logs, RebuildableIndex index, IndexPublisher publisher) {
    this.namespace = namespace;
    this.logs = logs;
    this.index = index;
    this.publisher = publisher;
  }

  /** Rewrites the log if that frees enough space. The caller holds the session's lock. */
  void compactIfWorthwhile(Key session) {
    try {
      boolean isWorthwhile =
          index
              .readIfPresent(
                  state ->
                      state
                          .session(session)
                          .filter(
                              found ->
                                  found.end() - found.liveBytes() >= MIN_BYTES_TO_COMPACT
                                      && found.liveBytes() < found.end() / 2)
                          .isPresent())
              .orElse(false);
      if (isWorthwhile) {
        rewrite(session);
      }
    } catch (IOException | CheckpointException e) {
      // The deletion itself is complete; a later one frees the space.
      LOG.log(System.Logger.Level.WARNING, "could not rewrite " + logs.path(session), e);
    }
  }

  /**
   * The state of a log before it is rewritten.
   *
   * @param end where the log ends
   * @param live the frames to keep
   */
  private record Live(LogEnd end, List<FramePosition> live) {}

  private void rewrite(Key session) throws IOException {
    Path path = logs.path(session);
    ErrorContext context = ErrorContext.of(FileBackendStorage.ID, "compact").namespace(namespace);
    Live before =
        index.read(
            state -> {
              SessionState found = state.session(session).orElseThrow();
              return new Live(
                  new LogEnd(found.generation, found.end()), found.positions(0, found.size()));
            },
            context);
    int generation = LogFormat.newGeneration();
    try (SessionLog old = SessionLog.open(path)) {
      byte[] head = LogFormat.encodeHead(generation, namespace, old.head().sessionId());
      List<IndexRecord> records = new ArrayList<>();
      records.add(new IndexRecord.Dropped(session));
      long next = head.length;
      for (FramePosition frame : before.live()) {
        FramePosition moved = frame.movedTo(next);
        records.add(new IndexRecord.Stored(generation, moved));
        next = moved.end();
      }
      long end = next;
      Path prepared =
          DurableFiles.FORCED.prepare(
              path,
              channel -> {
                PlainFiles.writeUnforced(channel, ByteBuffer.wrap(head), 0);
                long position = head.length;
                for (FramePosition frame : before.live()) {
                  old.copy(frame, channel, position);
                  position += frame.length();
                }
              });
      try (LockHandle lock = index.lock(context)) {
        publisher.requireUnchanged(session, Optional.of(before.end()));
        if (!old.isInPlace() || old.size() != before.end().offset()) {
          throw new InterferenceException(path);
        }
        // The index goes first: the records of a writer that lost its lock then are about a log
        // that no longer counts. If the log is not replaced, the next writer corrects the index.
        publisher.append(session, Optional.of(before.end()), records);
        publisher.requireUnchanged(session, Optional.of(new LogEnd(generation, end)));
        DurableFiles.FORCED.publish(prepared, path);
      } catch (IOException | CheckpointException e) {
        PlainFiles.deleteQuietly(prepared, e);
        throw e;
      }
    }
  }
}
