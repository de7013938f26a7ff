package dev.checkpoint4j.store.file;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Where the checkpoints of a namespace are: in memory, and in a file that processes append to, so
 * that each learns what the others stored. A checkpoint is visible as soon as its record is here.
 *
 * <p>The file is a hint: everything in it can be read from the logs as well, and it is never
 * forced. Its content is lost only when the machine goes down, and then it is compared with the
 * logs before it is used.
 */
final class NamespaceIndex implements AutoCloseable {

  static final String FILE_NAME = "index";

  private static final byte[] HEAD =
      Arrays.copyOf("checkpoint-index 1\n".getBytes(StandardCharsets.US_ASCII), IndexRecord.BYTES);
  private static final int CHUNK_BYTES = 1024 * IndexRecord.BYTES;

  private final Path file;
  private @Nullable FileChannel open;
  private @Nullable Object openKey;
  private long loaded;
  private long recordCount;
  private final Map<Key, Location> byId = new HashMap<>();
  private final NavigableMap<Key, SessionState> sessions = new TreeMap<>();

  NamespaceIndex(Path directory) {
    this.file = directory.resolve(FILE_NAME);
  }

  /** A whole index file. */
  static byte[] encodeFile(List<IndexRecord> records) {
    ByteBuffer buffer = ByteBuffer.allocate((records.size() + 1) * IndexRecord.BYTES);
    buffer.put(HEAD);
    for (IndexRecord record : records) {
      buffer.put(IndexRecord.encode(List.of(record)));
    }
    return buffer.array();
  }

  /**
   * Reads what was appended since the last time.
   *
   * @return false if the file is missing or damaged and has to be rebuilt
   */
  synchronized boolean refresh() throws IOException {
    BasicFileAttributes attributes;
    try {
      if (open != null && !open.isOpen()) {
        // A thread was interrupted while it used it. Whether it is the same file is checked below.
        open = openFile();
      }
      attributes = Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    } catch (NoSuchFileException e) {
      // What is known stays known until it is built again: nobody may take it for empty meanwhile.
      return false;
    }
    if (open == null
        || !Objects.equals(openKey, attributes.fileKey())
        || attributes.size() < loaded) {
      reset();
      if (!attributes.isRegularFile()) {
        return false;
      }
      open = openFile();
      openKey = attributes.fileKey();
    }
    return attributes.size() == loaded || load(open);
  }

  private FileChannel openFile() throws IOException {
    return DurableFiles.open(file, Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE));
  }

  private boolean load(FileChannel in) throws IOException {
    // Not the size that was looked up: the file may have been replaced in between.
    long size = in.size() / IndexRecord.BYTES * IndexRecord.BYTES;
    byte[] chunk = new byte[(int) Math.min(CHUNK_BYTES, Math.max(0, size - loaded))];
    List<IndexRecord> batch = new ArrayList<>();
    long position = loaded;
    long missing = 0;
    while (position < size) {
      int length = (int) Math.min(chunk.length, size - position);
      ByteBuffer buffer = ByteBuffer.wrap(chunk, 0, length);
      if (DurableFiles.read(in, buffer, position) < length) {
        throw new EOFException("the index " + file + " was cut meanwhile");
      }
      buffer.flip();
      while (buffer.hasRemaining()) {
        if (position == 0) {
          byte[] head = new byte[IndexRecord.BYTES];
          buffer.get(head);
          if (!Arrays.equals(head, HEAD)) {
            return false;
          }
        } else {
          IndexRecord record = IndexRecord.read(buffer);
          if (record == null) {
            return false;
          }
          if (record.kind() == IndexRecord.Kind.BATCH) {
            missing = record.location().version();
          } else {
            batch.add(record);
            missing = Math.max(0, missing - 1);
          }
        }
        position += IndexRecord.BYTES;
        if (missing == 0) {
          batch.forEach(this::apply);
          batch.clear();
          loaded = position;
        }
      }
    }
    return loaded > 0;
  }

  /** Appends records. The caller holds the namespace's lock and has refreshed. */
  synchronized void append(List<IndexRecord> records) throws IOException {
    FileChannel out = open;
    if (out == null) {
      throw new IOException("the index " + file + " was removed meanwhile");
    }
    // What is behind the last whole batch was left by a process that died.
    if (out.size() > loaded) {
      out.truncate(loaded);
    }
    byte[] bytes = IndexRecord.encode(records);
    DurableFiles.writeUnforced(out, ByteBuffer.wrap(bytes), loaded);
    loaded += bytes.length;
    records.forEach(this::apply);
  }

  private void apply(IndexRecord record) {
    recordCount++;
    Location location = record.location();
    if (record.kind() == IndexRecord.Kind.DROPPED) {
      SessionState dropped = sessions.remove(location.session());
      if (dropped != null) {
        dropped.live().forEach(gone -> byId.remove(gone.id(), gone));
      }
      return;
    }
    SessionState session =
        sessions.computeIfAbsent(
            location.session(), key -> new SessionState(key, record.generation()));
    if (record.kind() == IndexRecord.Kind.STORED) {
      Location latest = session.latest();
      if (latest == null || latest.version() < location.version()) {
        session.add(location);
        byId.put(location.id(), location);
      }
    } else {
      Location deleted = byId.get(location.id());
      if (deleted != null && deleted.session().equals(location.session())) {
        byId.remove(location.id());
        session.remove(deleted);
      }
      session.extendTo(location.end());
    }
  }

  synchronized Optional<Location> find(Key id) {
    return Optional.ofNullable(byId.get(id));
  }

  /** Looks at the state of a session while nobody changes it; empty if there is no such session. */
  synchronized <R> Optional<R> inSession(Key key, Function<SessionState, @Nullable R> look) {
    return Optional.ofNullable(sessions.get(key)).map(look);
  }

  synchronized void rememberSessionId(Key key, String sessionId) {
    SessionState state = sessions.get(key);
    if (state != null) {
      state.sessionId = sessionId;
    }
  }

  /** The first sessions that hold a checkpoint, in the order of their keys. */
  synchronized List<Key> sessions(@Nullable Key after, int most) {
    NavigableMap<Key, SessionState> rest =
        after == null ? sessions : sessions.tailMap(after, false);
    return rest.values().stream()
        .filter(session -> session.latest() != null)
        .map(session -> session.key)
        .limit(most)
        .toList();
  }

  /** Every session that has a log, also one without checkpoints. */
  synchronized List<Key> allSessions() {
    return List.copyOf(sessions.keySet());
  }

  /** Whether most of the file is about what is gone. */
  synchronized boolean isMostlyOutdated() {
    return recordCount > 4L * byId.size() + 65_536;
  }

  /** The records that a file without outdated ones would hold. */
  synchronized List<IndexRecord> liveRecords() {
    List<IndexRecord> records = new ArrayList<>();
    for (SessionState session : sessions.values()) {
      for (Location location : session.live()) {
        records.add(new IndexRecord(IndexRecord.Kind.STORED, session.generation, location));
      }
      // Tells where the log ends when its last frame is not of a live checkpoint.
      records.add(
          new IndexRecord(
              IndexRecord.Kind.DELETED,
              session.generation,
              new Location(session.key, new Key(0, 0), 0, session.end(), 0, 0)));
    }
    return records;
  }

  private void reset() throws IOException {
    close();
    loaded = 0;
    recordCount = 0;
    byId.clear();
    sessions.clear();
  }

  @Override
  public synchronized void close() throws IOException {
    if (open != null) {
      open.close();
      open = null;
    }
  }
}
