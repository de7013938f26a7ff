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
import java.util.List;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Where the checkpoints of a namespace are: in a file that processes append to, so that each learns
 * what the others stored. A checkpoint is visible as soon as its record is here. In memory are only
 * the numbers of the records, 20 to 30 bytes a checkpoint.
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

  /** Bytes of the file when it was last looked at. */
  private long fileSize;

  private long recordCount;
  private final RecordTable byId = new RecordTable();
  private final NavigableMap<Key, SessionState> sessions = new TreeMap<>();

  NamespaceIndex(Path directory) {
    this.file = directory.resolve(FILE_NAME);
  }

  /** The head of an index file. */
  static ByteBuffer head() {
    return ByteBuffer.wrap(HEAD).asReadOnlyBuffer();
  }

  /** A record that was read before is not there any more; the index has to be read again. */
  static final class ChangedException extends IOException {
    private static final long serialVersionUID = 1;

    ChangedException(Path file, int number) {
      super("record %d of %s is damaged".formatted(number, file));
    }
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
    fileSize = attributes.size();
    try {
      return fileSize == loaded || load(open);
    } catch (ChangedException e) {
      reset();
      return false;
    } catch (IOException e) {
      reset();
      throw e;
    }
  }

  /** The file that a thread closed by being interrupted; null if there is another one by now. */
  private @Nullable FileChannel reopened() throws IOException {
    open = openFile();
    Object key =
        Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS).fileKey();
    return Objects.equals(openKey, key) ? open : null;
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
          apply(batch, position);
          batch.clear();
        }
      }
    }
    return loaded > 0;
  }

  /** Appends records. The caller holds the namespace's lock and has refreshed since it does. */
  synchronized void append(List<IndexRecord> records) throws IOException {
    FileChannel out = open;
    if (out == null) {
      throw new IOException("the index " + file + " was removed meanwhile");
    }
    // What is behind the last whole batch was left by a process that died.
    if (fileSize > loaded) {
      out.truncate(loaded);
    }
    byte[] bytes = IndexRecord.encode(records);
    DurableFiles.writeUnforced(out, ByteBuffer.wrap(bytes), loaded);
    try {
      apply(records, loaded + bytes.length);
    } catch (IOException e) {
      // What is known is no more what any part of the file says.
      reset();
      throw e;
    }
  }

  /** Takes in records that are in the file, the last of which ends at {@code end}. */
  private void apply(List<IndexRecord> records, long end) throws IOException {
    int number = Math.toIntExact(end / IndexRecord.BYTES) - records.size();
    for (IndexRecord record : records) {
      apply(number++, record);
    }
    loaded = end;
  }

  private void apply(int number, IndexRecord record) throws IOException {
    recordCount++;
    Location location = record.location();
    if (record.kind() == IndexRecord.Kind.DROPPED) {
      drop(location.session());
      return;
    }
    SessionState session =
        sessions.computeIfAbsent(
            location.session(), key -> new SessionState(key, record.generation(), this::location));
    if (record.kind() == IndexRecord.Kind.STORED) {
      if (session.add(number, location)) {
        byId.remove(location.id(), numberOf(location.id()));
        byId.add(location.id(), number);
      }
    } else {
      int deleted = numberOf(location.id());
      @Nullable Location gone = deleted == 0 ? null : location(deleted);
      if (gone != null && gone.session().equals(location.session())) {
        byId.remove(location.id(), deleted);
        session.remove(deleted, gone);
      }
      session.extendTo(location.end());
    }
  }

  private void drop(Key session) throws IOException {
    SessionState dropped = sessions.remove(session);
    if (dropped != null) {
      for (int i = 0; i < dropped.size(); i++) {
        byId.remove(location(dropped.number(i)).id(), dropped.number(i));
      }
    }
  }

  /** The number of the record of a live checkpoint; 0 if there is none of that id. */
  private int numberOf(Key id) throws IOException {
    return byId.find(id, number -> location(number).id().equals(id));
  }

  /** Reads a record once more. */
  private Location location(int number) throws IOException {
    FileChannel in = open;
    if (in != null && !in.isOpen()) {
      in = reopened();
    }
    ByteBuffer bytes = ByteBuffer.allocate(IndexRecord.BYTES);
    if (in == null
        || DurableFiles.read(in, bytes, (long) number * IndexRecord.BYTES) < IndexRecord.BYTES) {
      throw new ChangedException(file, number);
    }
    IndexRecord record = IndexRecord.read(bytes.flip());
    if (record == null) {
      throw new ChangedException(file, number);
    }
    return record.location();
  }

  synchronized Optional<Location> find(Key id) throws IOException {
    // The match has read the record already.
    AtomicReference<Location> read = new AtomicReference<>();
    int number =
        byId.find(
            id,
            candidate -> {
              Location location = location(candidate);
              read.set(location);
              return location.id().equals(id);
            });
    return number == 0 ? Optional.empty() : Optional.ofNullable(read.get());
  }

  /** Looks at the state of a session. */
  interface Look<R> {
    R at(SessionState session) throws IOException;
  }

  /** Looks at the state of a session while nobody changes it; empty if there is no such session. */
  synchronized <R> Optional<R> inSession(Key key, Look<R> look) throws IOException {
    SessionState state = sessions.get(key);
    return state == null ? Optional.empty() : Optional.of(look.at(state));
  }

  /** The first sessions that hold a checkpoint, in the order of their keys. */
  synchronized List<Key> sessions(@Nullable Key after, int most) {
    NavigableMap<Key, SessionState> rest =
        after == null ? sessions : sessions.tailMap(after, false);
    return rest.values().stream()
        .filter(session -> session.size() > 0)
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

  /** Takes records, one after the other. */
  interface Sink {
    void accept(IndexRecord record) throws IOException;
  }

  /** The records that a file without outdated ones would hold. */
  synchronized void eachLive(Sink sink) throws IOException {
    for (SessionState session : sessions.values()) {
      for (int i = 0; i < session.size(); i++) {
        sink.accept(
            new IndexRecord(
                IndexRecord.Kind.STORED, session.generation, location(session.number(i))));
      }
      // Tells where the log ends when its last frame is not of a live checkpoint.
      sink.accept(
          new IndexRecord(
              IndexRecord.Kind.DELETED,
              session.generation,
              new Location(session.key, new Key(0, 0), 0, session.end(), 0, 0)));
    }
  }

  /** Forgets everything, so that the file is read anew. */
  synchronized void forget() throws IOException {
    reset();
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
