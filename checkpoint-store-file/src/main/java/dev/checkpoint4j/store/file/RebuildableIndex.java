package dev.checkpoint4j.store.file;

import dev.checkpoint4j.annotation.CanIgnoreReturnValue;
import dev.checkpoint4j.error.ErrorContext;
import dev.checkpoint4j.error.StorageUnavailableException;
import dev.checkpoint4j.store.file.LockTable.LockHandle;
import dev.checkpoint4j.store.file.LockTable.LockLevel;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The index of a namespace. If its file is missing or damaged, it is built from the logs.
 *
 * <p>The file is appended to and replaced only under the namespace's lock.
 */
final class RebuildableIndex implements AutoCloseable {

  private static final System.Logger LOG = System.getLogger(RebuildableIndex.class.getName());

  private final String namespace;
  private final Key key;
  private final Path directory;
  private final SessionLogs logs;
  private final NamespaceIndex index;
  private final LockTable locks;
  private final DurableFiles files;
  private final Repairs repairs;

  RebuildableIndex(
      String namespace,
      Path directory,
      SessionLogs logs,
      LockTable locks,
      DurableFiles files,
      Repairs repairs) {
    this.namespace = namespace;
    this.key = Key.of(namespace);
    this.directory = directory;
    this.logs = logs;
    this.index = new NamespaceIndex(directory);
    this.locks = locks;
    this.files = files;
    this.repairs = repairs;
  }

  /** Takes the namespace's lock. */
  LockHandle lock(ErrorContext context) throws IOException {
    return locks.acquire(LockLevel.NAMESPACE, key, context);
  }

  /**
   * Reads from the current index, and builds it if necessary. A checkpoint that is not in the index
   * is not stored. If the index can neither be read nor built, the call fails.
   */
  @CanIgnoreReturnValue
  <R> R read(NamespaceIndex.Reading<R> reading, ErrorContext context) throws IOException {
    Optional<R> result = index.read(reading);
    if (result.isPresent()) {
      return result.get();
    }
    if (PlainFiles.attributes(directory) == null) {
      if (PlainFiles.attributes(directory.resolveSibling(StoreDirectory.MARKER)) == null) {
        throw new StorageUnavailableException(
            "the directory of the store, " + directory.getParent() + ", is gone; restore it",
            context,
            null);
      }
      return reading.of(new IndexState(null));
    }
    try (LockHandle lock = lock(context)) {
      return readLocked(reading, logs::read);
    }
  }

  /** As {@link #read}, but empty if the index would have to be built. */
  @CanIgnoreReturnValue
  <R> Optional<R> readIfPresent(NamespaceIndex.Reading<R> reading) throws IOException {
    return index.read(reading);
  }

  /** Reads the records of a log. */
  interface LogReader {
    List<IndexRecord> read(Key session) throws IOException;
  }

  /** As {@link #read}, while the caller holds the namespace's lock. */
  @CanIgnoreReturnValue
  <R> R readLocked(NamespaceIndex.Reading<R> reading, LogReader reader) throws IOException {
    Optional<R> result = index.read(reading);
    if (result.isPresent()) {
      return result.get();
    }
    List<Key> sessions = logs.newestFirst();
    if (!sessions.isEmpty()) {
      repairs.report(namespace, null, "building the index of " + directory + " from its logs");
    }
    Path file = directory.resolve(NamespaceIndex.FILE_NAME);
    Path prepared =
        prepare(
            visitor -> {
              for (Key session : sessions) {
                for (IndexRecord record : reader.read(session)) {
                  visitor.accept(record);
                }
              }
            });
    try {
      if (index.read(state -> true).isEmpty()) {
        if (PlainFiles.attributes(file) == null) {
          // Must not replace an index that another process has created and used since.
          files.publishNew(prepared, file);
        } else {
          files.publish(prepared, file);
        }
      }
    } catch (FileAlreadyExistsException e) {
      // The other index is as good.
    } finally {
      Files.deleteIfExists(prepared);
    }
    return index
        .read(reading)
        .orElseThrow(() -> new IOException("the index of " + directory + " cannot be read back"));
  }

  /** As {@link #read}, while the caller holds the namespace's lock. */
  @CanIgnoreReturnValue
  <R> R readLocked(NamespaceIndex.Reading<R> reading) throws IOException {
    return readLocked(reading, logs::read);
  }

  /** As {@link NamespaceIndex#append}. */
  <R> R append(
      NamespaceIndex.Check check, List<IndexRecord> records, NamespaceIndex.Reading<R> reading)
      throws IOException {
    return index.append(check, records, reading);
  }

  /** Rewrites an index with a torn end, left by a process that died while it appended. */
  void rewriteIfTorn() throws IOException {
    if (readLocked(IndexState::isTorn)) {
      rewrite();
    }
  }

  /** Rewrites the index if most of its records are outdated. */
  void compactIfWorthwhile() throws IOException {
    if (readLocked(IndexState::needsCompaction)) {
      try {
        rewrite();
      } catch (IOException e) {
        // The caller's write is published; a later one compacts the index.
        LOG.log(System.Logger.Level.WARNING, "could not write the index of " + directory, e);
      }
    }
  }

  /** Replaces the index by one that holds the live records only. */
  private void rewrite() throws IOException {
    Path file = directory.resolve(NamespaceIndex.FILE_NAME);
    long before = readLocked(IndexState::loaded);
    Path prepared =
        prepare(
            visitor ->
                readLocked(
                    state -> {
                      state.eachLive(visitor);
                      return true;
                    }));
    try {
      if (index.read(state -> state.loaded() == before).orElse(false)) {
        files.publish(prepared, file);
      }
    } finally {
      Files.deleteIfExists(prepared);
    }
  }

  /** Gives all records of a new index file. */
  private interface IndexContent {
    void giveTo(NamespaceIndex.Visitor visitor) throws IOException;
  }

  private Path prepare(IndexContent content) throws IOException {
    return files.prepare(
        directory.resolve(NamespaceIndex.FILE_NAME),
        channel -> {
          IndexWriter writer = new IndexWriter(channel);
          content.giveTo(writer);
          writer.flush();
        });
  }

  @Override
  public void close() throws IOException {
    index.close();
  }
}
