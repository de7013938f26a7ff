package dev.checkpoint4j.store.file;

import dev.checkpoint4j.Checkpoint;
import dev.checkpoint4j.spi.CheckpointCodec;
import dev.checkpoint4j.spi.CodecException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads one log from its start to its end, reports what is wrong with it, and compares it with the
 * index.
 */
final class LogScanner {

  /** How many times a part of a log is read that writers may be changing. */
  private static final int MAX_READS = 3;

  /** Receives the intact checkpoints that are not deleted. */
  interface Visitor {
    void accept(Path log, long offset, Frame frame, byte[] payload);
  }

  private final Path directory;
  private final Path log;
  private final FileChannel channel;
  private final CheckpointCodec codec;
  private final Findings findings;
  private final boolean reporting;
  private final Visitor visitor;
  private final Map<Key, Long> deletions = new HashMap<>();

  /** The versions of checkpoints, deleted ones included, by the offsets of their frames. */
  private final Map<Long, Long> frames = new HashMap<>();

  /** The intact checkpoints that are not deleted, by the keys of their ids. */
  private final Map<Key, FrameAt> present = new LinkedHashMap<>();

  /** Starts and ends of damage that was reported. */
  private final NavigableMap<Long, Long> damage = new TreeMap<>();

  /** Where the log ends according to the index. */
  private long publishedEnd = Long.MAX_VALUE;

  private LogFormat.@Nullable Head head;
  private boolean isElsewhere;

  private final LiveVersions live = new LiveVersions();

  LogScanner(
      Path directory,
      Path log,
      FileChannel channel,
      CheckpointCodec codec,
      Findings findings,
      boolean reporting,
      Visitor visitor) {
    this.directory = directory;
    this.log = log;
    this.channel = channel;
    this.codec = codec;
    this.findings = findings;
    this.reporting = reporting;
    this.visitor = visitor;
  }

  void scan() throws IOException {
    long size = channel.size();
    if (reporting) {
      findings.addLog(size);
    }
    long start = readHead(size);
    if (start >= 0) {
      findDeletions(start, size);
      readFrames(start);
    }
  }

  /** The offset of the first frame; -1 if the log has none that belongs here. */
  private long readHead(long size) throws IOException {
    try {
      LogFormat.Head head = LogFormat.readHead(channel, log);
      if (isHere(head.namespace(), head.sessionId())) {
        this.head = head;
        return head.length();
      }
      isElsewhere = true;
      Key key = Key.of(head.namespace() + "\n" + head.sessionId());
      report(
          0,
          FindingKind.LOG_HEAD,
          "is the log of session '%s' in namespace '%s' and belongs to %s/%s/%s.log; the store does not read it here"
              .formatted(
                  head.sessionId(),
                  head.namespace(),
                  Key.of(head.namespace()),
                  key.toString().substring(0, 2),
                  key));
      return -1;
    } catch (DamagedException e) {
      ByteBuffer bytes = ByteBuffer.allocate(LogFormat.MAX_HEAD_LENGTH);
      int length = PlainFiles.read(channel, bytes, 0);
      if (length == size && (LogFormat.isStartOfHead(bytes.array(), length) || isZero(0, length))) {
        report(0, FindingKind.UNFINISHED_WRITE, "ends within its head: a write that was cut off");
        return -1;
      }
      report(
          0,
          FindingKind.LOG_HEAD,
          "has a damaged head; its frames are judged by their documents instead");
      return firstFrame(new String(bytes.array(), 0, length, StandardCharsets.ISO_8859_1), size);
    }
  }

  /** The first intact frame, even on the line of the head, whose end may be damaged. */
  private long firstFrame(String start, long size) throws IOException {
    String word = Frame.Kind.CHECKPOINT.word + " ";
    for (int at = start.indexOf(word); at >= 0; at = start.indexOf(word, at + 1)) {
      Frame frame = LogFormat.frameAt(channel, at, size);
      if (frame != null && LogFormat.isIntact(channel, at, frame)) {
        return at;
      }
    }
    return LogFormat.nextIntactFrame(channel, 1, size);
  }

  private boolean isHere(String namespace, String sessionId) {
    return Key.of(namespace).toString().equals(StoreScanner.name(directory))
        && StoreScanner.name(log).startsWith(Key.of(namespace + "\n" + sessionId).toString());
  }

  /** Finds the deletions first, since they follow what they delete. */
  private void findDeletions(long start, long size) throws IOException {
    for (long position = start; position < size; ) {
      LogFormat.Part part = LogFormat.partAt(channel, position, size);
      Frame frame = part.frame();
      if (frame != null && frame.kind() == Frame.Kind.DELETED && part.isIntact()) {
        for (String id : LogFormat.ids(LogFormat.payload(channel, position, frame))) {
          deletions.put(key(id), position);
        }
      }
      position = part.end();
    }
  }

  private void readFrames(long start) throws IOException {
    long position = start;
    long size = channel.size();
    int reads = 1;
    while (position < size) {
      LogFormat.Part part = LogFormat.partAt(channel, position, size);
      Frame frame = part.frame();
      if (frame != null && (part.isIntact() || hasLostItsTail(part, frame))) {
        scanFrame(position, frame);
        checkTail(part.end() - Frame.TAIL_LENGTH);
        position = part.end();
        reads = 1;
        continue;
      }
      long now = channel.size();
      if (now != size && reads < MAX_READS) {
        // A writer is appending.
        size = now;
        reads++;
        continue;
      }
      long next = part.end();
      if (LogFormat.isSkipped(channel, position, next, size)) {
        report(
            position,
            FindingKind.UNFINISHED_WRITE,
            "has %d bytes of a write that was cut off; it was not acknowledged, and later writes follow it"
                .formatted(next - position));
      } else if (next == size && (position >= publishedEnd || isUnfinished(position, size))) {
        report(
            position,
            FindingKind.UNFINISHED_WRITE,
            "ends with %d bytes of a write that was cut off, or is under way; it was not acknowledged"
                .formatted(size - position));
      } else {
        report(
            position,
            FindingKind.FRAME,
            frame,
            "has no intact frame in the next %d bytes%s"
                .formatted(
                    next - position,
                    frame == null
                        ? ""
                        : "; their head says version "
                            + frame.version()
                            + ", id '"
                            + frame.id()
                            + "'"));
        damage.put(position, next);
      }
      position = next;
    }
  }

  private boolean hasLostItsTail(LogFormat.Part part, Frame frame) throws IOException {
    return part.isFollowed() && LogFormat.hasIntactPayload(channel, part.offset(), frame);
  }

  /** Checks the line feed after a payload. No checksum covers it; ordinary tools need it. */
  private void checkTail(long offset) throws IOException {
    ByteBuffer tail = ByteBuffer.allocate(Frame.TAIL_LENGTH);
    PlainFiles.read(channel, tail, offset);
    if (tail.get(0) != '\n') {
      report(offset, FindingKind.FRAME, "has no line feed after a frame that is otherwise intact");
    }
  }

  /**
   * Whether the rest of the log can be an unfinished write: an incomplete head or frame, or one
   * whose last blocks were not on the disk when the machine went down, and read as zeros.
   */
  private boolean isUnfinished(long position, long size) throws IOException {
    if (isZero(size - 1, size)) {
      return true;
    }
    ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(Frame.MAX_HEAD_LENGTH, size - position));
    int length = PlainFiles.read(channel, bytes, position);
    return Frame.isStartOfHead(bytes.array(), length)
        || Frame.parse(bytes.array(), length)
            .filter(frame -> position + frame.length() > size)
            .isPresent();
  }

  private boolean isZero(long from, long to) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate((int) (to - from));
    int length = PlainFiles.read(channel, bytes, from);
    for (int i = 0; i < length; i++) {
      if (bytes.get(i) != 0) {
        return false;
      }
    }
    return true;
  }

  /**
   * Also compares the log with the index, in both directions. If the index cannot be read, the log
   * alone counts.
   */
  void scanAndCompareWith(NamespaceIndex index) throws IOException {
    Key session = Key.find(StoreScanner.name(log)).orElseThrow();
    Optional<IndexedSession> before = IndexedSession.read(index, session);
    publishedEnd = before.map(IndexedSession::end).orElse(Long.MAX_VALUE);
    scan();
    if (before.isEmpty() || isElsewhere) {
      return;
    }
    Set<FramePosition> missing = new LinkedHashSet<>(before.get().live());
    missing.removeIf(this::isRead);
    Map<Change, Long> unpublished = unpublished(before.get());
    for (int reads = 1;
        reads < MAX_READS && !(missing.isEmpty() && unpublished.isEmpty());
        reads++) {
      // A writer may have moved, deleted or published them since. It writes to the log first.
      Optional<LogScanner> again = scanAgain();
      Optional<IndexedSession> now = IndexedSession.read(index, session);
      if (now.isEmpty()) {
        return;
      }
      // If the log is gone and its session was deleted, the index says so.
      missing.retainAll(now.get().live());
      if (again.isEmpty()) {
        unpublished.clear();
        continue;
      }
      if (again.get().isEmptied(before.get().generation())) {
        missing.clear();
      }
      missing.removeIf(again.get()::isPresent);
      unpublished.keySet().retainAll(again.get().unpublished(now.get()).keySet());
    }
    for (FramePosition position : missing) {
      report(
          position.offset(),
          FindingKind.LOST_CHECKPOINT,
          "has no frame of version %d here, which the index says was acknowledged"
              .formatted(position.version()));
    }
    unpublished.forEach(this::reportUnpublished);
  }

  /** Reads the log as it is now; empty if it is gone. */
  private Optional<LogScanner> scanAgain() throws IOException {
    try (FileChannel now = LogFormat.openForReading(log)) {
      LogScanner again =
          new LogScanner(
              directory,
              log,
              now,
              codec,
              findings,
              /* reporting= */ false,
              (file, offset, frame, payload) -> {});
      again.scan();
      return Optional.of(again);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /** Whether this is the log of a session that is being deleted. */
  private boolean isEmptied(int generationBefore) {
    return head != null && head.generation() != generationBefore && frames.isEmpty();
  }

  /**
   * What a frame changes.
   *
   * @param id as the index knows it
   * @param version of the checkpoint
   * @param isDeletion whether the checkpoint is deleted, and not stored
   */
  private record Change(Key id, long version, boolean isDeletion) {}

  /** What whole frames of this log change, and the index does not know; by their offsets. */
  private Map<Change, Long> unpublished(IndexedSession indexed) {
    Map<Change, Long> changes = new LinkedHashMap<>();
    if (head == null) {
      // Without the namespace the ids cannot be compared.
      return changes;
    }
    Map<Key, Long> known = new HashMap<>();
    for (FramePosition position : indexed.live()) {
      known.put(position.id(), position.version());
      long deletion = deletions.getOrDefault(position.id(), -1L);
      if (deletion > position.offset() && !isPresent(position)) {
        changes.put(new Change(position.id(), position.version(), true), deletion);
      }
    }
    present.forEach(
        (id, stored) -> {
          long version = stored.frame().version();
          if (!Objects.equals(known.get(id), version)) {
            changes.put(new Change(id, version, false), stored.offset());
          }
        });
    return changes;
  }

  private boolean isPresent(FramePosition position) {
    FrameAt stored = present.get(position.id());
    return stored != null && stored.frame().version() == position.version();
  }

  private void reportUnpublished(Change change, long offset) {
    FrameAt stored = present.get(change.id());
    report(
        offset,
        FindingKind.UNPUBLISHED_WRITE,
        change.isDeletion() || stored == null ? null : stored.frame(),
        "has a whole frame that %s version %d, which the index does not know yet"
            .formatted(change.isDeletion() ? "deletes" : "stores", change.version()));
  }

  /** The key of an id, in the index too, unless the head is damaged. */
  private Key key(String id) {
    return Key.of((head == null ? "" : head.namespace()) + "\n" + id);
  }

  private boolean isRead(FramePosition position) {
    Map.@Nullable Entry<Long, Long> before = damage.lowerEntry(position.end());
    return Objects.equals(frames.get(position.offset()), position.version())
        || (before != null && before.getValue() > position.offset());
  }

  private void scanFrame(long position, Frame frame) throws IOException {
    if (frame.kind() == Frame.Kind.CHECKPOINT) {
      frames.put(position, frame.version());
    }
    if (frame.kind() == Frame.Kind.DELETED) {
      LogFormat.ids(LogFormat.payload(channel, position, frame))
          .forEach(id -> live.remove(key(id)));
    }
    if (frame.kind() != Frame.Kind.CHECKPOINT) {
      return;
    }
    long latest = live.latest();
    Key id = key(frame.id());
    boolean isRefused = !live.add(id, frame.version());
    if (deletions.getOrDefault(id, -1L) > position) {
      return;
    }
    if (isRefused) {
      report(
          position,
          FindingKind.VERSION_ORDER,
          frame,
          "has version %d of checkpoint '%s' after version %d"
              .formatted(frame.version(), frame.id(), latest));
      return;
    }
    byte[] payload = LogFormat.payload(channel, position, frame);
    if (reporting) {
      Checkpoint checkpoint = decode(position, frame, payload);
      if (checkpoint == null) {
        return;
      }
      findings.addCheckpoint(checkpoint);
    }
    present.put(id, new FrameAt(position, frame, List.of()));
    visitor.accept(log, position, frame, payload);
  }

  private @Nullable Checkpoint decode(long position, Frame frame, byte[] payload) {
    String problem;
    try {
      Checkpoint checkpoint = codec.decode(payload);
      if (checkpoint.version() == frame.version()
          && checkpoint.id().equals(frame.id())
          && isHere(checkpoint.namespace(), checkpoint.metadata().sessionId())) {
        return checkpoint;
      }
      problem = "is of another checkpoint";
    } catch (CodecException e) {
      problem = "cannot be decoded: " + e.getMessage();
    }
    report(
        position,
        FindingKind.DOCUMENT,
        frame,
        "has a document that %s; its frame says version %d, id '%s'"
            .formatted(problem, frame.version(), frame.id()));
    return null;
  }

  private void report(long offset, FindingKind kind, String message) {
    report(offset, kind, null, message);
  }

  /**
   * Reports something about a frame.
   *
   * @param frame null if it does not show whose it is
   */
  private void report(long offset, FindingKind kind, @Nullable Frame frame, String message) {
    if (reporting) {
      findings.problem(log, offset, kind, Findings.context(head, frame), message);
    }
  }
}
