package dev.checkpoint4j.store.file;

import dev.checkpoint4j.annotation.CanIgnoreReturnValue;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The content of one index file, as far as it was read. A checkpoint that is not here is not
 * stored: an object of this class exists only while it is complete, so that unknown is never taken
 * for absent. Only the numbers of the records are in memory, 20 to 30 bytes for each checkpoint.
 *
 * <p>Guarded by its {@link NamespaceIndex}.
 */
final class IndexState {

  /** Where the acknowledged part of a log ends. */
  record LogEnd(int generation, long offset) {}

  private final @Nullable IndexFile file;
  private long loaded;
  private long recordCount;
  private final RecordTable byId = new RecordTable();
  private final NavigableMap<Key, SessionState> sessions;

  /** The state before anything was read; the file is null in a namespace without an index. */
  IndexState(@Nullable IndexFile file) {
    this(file, new TreeMap<>());
  }

  /** With an empty map for the sessions. */
  IndexState(@Nullable IndexFile file, NavigableMap<Key, SessionState> sessions) {
    this.file = file;
    this.sessions = sessions;
  }

  @Nullable IndexFile file() {
    return file;
  }

  /** How many bytes of the file were read. */
  long loaded() {
    return loaded;
  }

  /** Applies records of the file, the last of which ends at {@code end}. */
  void apply(List<IndexRecord> records, long end) throws IOException {
    int number = Math.toIntExact(end / IndexRecord.BYTES) - records.size();
    for (IndexRecord record : records) {
      apply(number++, record);
    }
    loaded = end;
  }

  private void apply(int number, IndexRecord record) throws IOException {
    recordCount++;
    if (record instanceof IndexRecord.Dropped dropped) {
      drop(dropped.session());
    } else if (record instanceof IndexRecord.OfLog ofLog) {
      applyToLog(number, ofLog);
    }
  }

  private void applyToLog(int number, IndexRecord.OfLog record) throws IOException {
    SessionState session =
        sessions.computeIfAbsent(
            record.session(), key -> new SessionState(key, record.generation(), this::position));
    if (session.generation != record.generation()) {
      // The record of a writer that had lost its lock, about a log that was replaced before.
      return;
    }
    if (record instanceof IndexRecord.Stored stored) {
      FramePosition position = stored.position();
      int known = numberOf(position.id());
      if (known != 0 && !position(known).session().equals(session.key)) {
        // Never acknowledged: its writer died, or had lost its locks.
        session.extendTo(record.end());
      } else if (session.add(number, position)) {
        byId.remove(position.id(), known);
        byId.add(position.id(), number);
      }
      return;
    }
    if (record instanceof IndexRecord.Deleted deleted) {
      removeDeleted(deleted, session);
    }
    session.extendTo(record.end());
  }

  private void removeDeleted(IndexRecord.Deleted record, SessionState session) throws IOException {
    int number = numberOf(record.id());
    if (number == 0) {
      return;
    }
    FramePosition gone = position(number);
    if (gone.session().equals(record.session())) {
      byId.remove(record.id(), number);
      session.remove(number, gone);
    }
  }

  private void drop(Key session) throws IOException {
    SessionState dropped = sessions.remove(session);
    if (dropped != null) {
      for (int i = 0; i < dropped.size(); i++) {
        byId.remove(position(dropped.number(i)).id(), dropped.number(i));
      }
    }
  }

  /** The number of the record of a live checkpoint; 0 if there is none of that id. */
  private int numberOf(Key id) throws IOException {
    return byId.find(id, number -> position(number).id().equals(id));
  }

  /** Reads the record of a checkpoint from the file. */
  private FramePosition position(int number) throws IOException {
    byte[] bytes = new byte[IndexRecord.BYTES];
    IndexRecord record =
        file == null || file.read(bytes, bytes.length, number * (long) bytes.length) < bytes.length
            ? null
            : IndexRecord.read(ByteBuffer.wrap(bytes));
    if (record instanceof IndexRecord.Stored stored) {
      return stored.position();
    }
    throw new NamespaceIndex.ChangedException("record " + number + " of the index is damaged");
  }

  Optional<FramePosition> find(Key id) throws IOException {
    // The match reads the record.
    AtomicReference<FramePosition> read = new AtomicReference<>();
    int number =
        byId.find(
            id,
            candidate -> {
              FramePosition position = position(candidate);
              read.set(position);
              return position.id().equals(id);
            });
    return number == 0 ? Optional.empty() : Optional.ofNullable(read.get());
  }

  /** The state of a session that has a log, perhaps one without checkpoints. */
  Optional<SessionState> session(Key key) {
    return Optional.ofNullable(sessions.get(key));
  }

  Optional<LogEnd> logEnd(Key session) {
    return session(session).map(state -> new LogEnd(state.generation, state.end()));
  }

  /** Remembers that the names of a session's log were forced; false if there is no such log. */
  @CanIgnoreReturnValue
  boolean markNameForced(Key session, int generation) {
    Optional<SessionState> found = session(session).filter(state -> state.generation == generation);
    found.ifPresent(SessionState::markNameForced);
    return found.isPresent();
  }

  OptionalLong latestVersion(Key session) {
    return session(session).map(SessionState::latestVersion).orElse(OptionalLong.empty());
  }

  Optional<FramePosition> latest(Key session) throws IOException {
    SessionState state = sessions.get(session);
    return state == null ? Optional.empty() : state.latest();
  }

  LiveVersions liveVersions(Key session) throws IOException {
    LiveVersions live = new LiveVersions();
    SessionState state = sessions.get(session);
    if (state != null) {
      for (FramePosition position : state.positions(0, state.size())) {
        live.add(position.id(), position.version());
      }
    }
    return live;
  }

  /** Whether the file ends with a torn record, or with an incomplete batch. */
  boolean isTorn() throws IOException {
    return file != null && file.size() > loaded;
  }

  /** How many checkpoints of a session are live. */
  int size(Key session) {
    return session(session).map(SessionState::size).orElse(0);
  }

  /** The first sessions that hold a checkpoint, in the order of their keys. */
  List<Key> sessions(@Nullable Key after, int most) {
    List<Key> found = new ArrayList<>();
    // Not a stream of a sub-map, which counts all of its entries before it gives the first one.
    Map.Entry<Key, SessionState> next =
        after == null ? sessions.firstEntry() : sessions.higherEntry(after);
    while (next != null && found.size() < most) {
      if (next.getValue().size() > 0) {
        found.add(next.getKey());
      }
      next = sessions.higherEntry(next.getKey());
    }
    return found;
  }

  /** Every session that has a log, also one without checkpoints. */
  List<Key> allSessions() {
    return List.copyOf(sessions.keySet());
  }

  /** Whether most records are outdated. */
  boolean needsCompaction() {
    return recordCount > 4L * byId.size() + 65_536;
  }

  /** Gives the records that are not outdated. */
  void eachLive(NamespaceIndex.Visitor visitor) throws IOException {
    for (SessionState session : sessions.values()) {
      for (int i = 0; i < session.size(); i++) {
        visitor.accept(new IndexRecord.Stored(session.generation, position(session.number(i))));
      }
      visitor.accept(new IndexRecord.EndOfLog(session.generation, session.key, session.end()));
    }
  }
}
