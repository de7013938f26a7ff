package dev.checkpoint4j.store.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The index file of a namespace, and its content in memory. All processes append to the file, and
 * each reads what the others appended. A checkpoint is visible as soon as its record is in it.
 *
 * <p>The file is a hint: all of it can be read from the logs as well, and it is never forced. Its
 * content is lost only if the machine goes down; then it is compared with the logs before it is
 * used.
 *
 * <p>Safe for use by several threads. Only {@link #read} and {@link #append} give access to the
 * {@link IndexState}. After a failure there is none until the file has been read again.
 */
final class NamespaceIndex implements AutoCloseable {

  static final String FILE_NAME = "index";

  private static final int CHUNK_BYTES = 1024 * IndexRecord.BYTES;

  private final Path path;
  private final boolean isWritable;
  private @Nullable IndexState known;

  NamespaceIndex(Path directory) {
    this(directory, /* isWritable= */ true);
  }

  private NamespaceIndex(Path directory, boolean isWritable) {
    this.path = directory.resolve(FILE_NAME);
    this.isWritable = isWritable;
  }

  /** An index that is only read. */
  static NamespaceIndex forReading(Path directory) {
    return new NamespaceIndex(directory, /* isWritable= */ false);
  }

  /** The file does not hold what was read of it before; it has to be read again. */
  static final class ChangedException extends IOException {
    private static final long serialVersionUID = 1;

    ChangedException(String message) {
      super(message);
    }
  }

  /** Receives records, one after the other. */
  interface Visitor {
    void accept(IndexRecord record) throws IOException;
  }

  /** Checks the index while no other thread uses it; throws if the check fails. */
  interface Check {
    void accept(IndexState state) throws IOException;
  }

  /** Reads from the index while no other thread uses it; may be called twice. */
  interface Reading<R> {
    R of(IndexState state) throws IOException;
  }

  /**
   * Reads from the index, after all that processes have appended was read.
   *
   * @return empty if the file is missing or damaged and has to be rebuilt
   */
  synchronized <R> Optional<R> read(Reading<R> reading) throws IOException {
    try {
      return readOnce(reading);
    } catch (ChangedException e) {
      return readOnce(reading);
    }
  }

  private <R> Optional<R> readOnce(Reading<R> reading) throws IOException {
    IndexState state = refreshed();
    try {
      return state == null ? Optional.empty() : Optional.of(reading.of(state));
    } catch (ChangedException e) {
      invalidate();
      throw e;
    }
  }

  /**
   * Appends records, applies them, and reads. The caller holds the namespace's lock.
   *
   * @param check throws if the records must not be appended to the current index
   * @throws InterferenceException if another process has appended at the same time, because this
   *     one has lost the lock; some or all of the records may have been appended
   */
  synchronized <R> R append(Check check, List<IndexRecord> records, Reading<R> reading)
      throws IOException {
    IndexState state = refreshed();
    IndexFile file = state == null ? null : state.file();
    if (state == null || file == null) {
      throw new IOException("the index " + path + " was removed by another program");
    }
    check.accept(state);
    boolean completed = false;
    try {
      long start = state.loaded();
      byte[] bytes = IndexRecord.encode(records);
      file.append(bytes, start);
      byte[] written = new byte[bytes.length];
      int length = file.read(written, written.length, start);
      BasicFileAttributes attributes = PlainFiles.attributes(path);
      if (length < bytes.length
          || !Arrays.equals(written, bytes)
          || !load(state, file)
          || attributes == null
          || !file.is(attributes)) {
        throw new InterferenceException(path);
      }
      R result = reading.of(state);
      completed = true;
      return result;
    } finally {
      if (!completed) {
        invalidate();
      }
    }
  }

  /** The current content of the file; null if it is missing or damaged. */
  private @Nullable IndexState refreshed() throws IOException {
    boolean completed = false;
    try {
      IndexState state = refresh();
      completed = state != null;
      return state;
    } finally {
      if (!completed) {
        invalidate();
      }
    }
  }

  private @Nullable IndexState refresh() throws IOException {
    BasicFileAttributes attributes = PlainFiles.attributes(path);
    if (attributes == null || !attributes.isRegularFile()) {
      return null;
    }
    IndexState state = known;
    IndexFile file = state == null ? null : state.file();
    if (state == null
        || file == null
        || !file.is(attributes)
        || attributes.size() < state.loaded()) {
      invalidate();
      file = IndexFile.open(path, isWritable);
      if (file == null) {
        return null;
      }
      state = new IndexState(file);
      known = state;
    } else if (attributes.size() == state.loaded()) {
      return state;
    }
    return load(state, file) ? state : null;
  }

  /** Reads what was appended since the last call; returns false if it is damaged. */
  private static boolean load(IndexState state, IndexFile file) throws IOException {
    // Not the size of the attributes: the file may have been replaced since they were read.
    long size = file.size() / IndexRecord.BYTES * IndexRecord.BYTES;
    long position = Math.max(IndexRecord.BYTES, state.loaded());
    byte[] chunk = new byte[(int) Math.min(CHUNK_BYTES, Math.max(0, size - position))];
    List<IndexRecord> batch = new ArrayList<>();
    long missing = 0;
    if (state.loaded() == 0) {
      state.apply(batch, position);
    }
    while (position < size) {
      int length = (int) Math.min(chunk.length, size - position);
      if (file.read(chunk, length, position) < length) {
        throw new ChangedException("the index was cut by another program");
      }
      ByteBuffer buffer = ByteBuffer.wrap(chunk, 0, length);
      while (buffer.hasRemaining()) {
        IndexRecord record = IndexRecord.read(buffer);
        if (record == null) {
          return false;
        }
        if (record instanceof IndexRecord.Batch head) {
          missing = head.size();
        } else {
          batch.add(record);
          missing = Math.max(0, missing - 1);
        }
        position += IndexRecord.BYTES;
        if (missing == 0) {
          state.apply(batch, position);
          batch.clear();
        }
      }
    }
    return true;
  }

  /** Discards the content in memory, so that the file is read again. */
  synchronized void invalidate() throws IOException {
    IndexState state = known;
    known = null;
    IndexFile file = state == null ? null : state.file();
    if (file != null) {
      file.close();
    }
  }

  @Override
  public void close() throws IOException {
    invalidate();
  }
}
