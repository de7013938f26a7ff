package dev.checkpoint4j.store.file;

import dev.checkpoint4j.error.BackendConfigurationException;
import dev.checkpoint4j.error.CorruptCheckpointException;
import dev.checkpoint4j.error.ErrorContext;
import dev.checkpoint4j.spi.Durability;
import dev.checkpoint4j.spi.StorageListener;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A directory that holds a store, shared by all handles of this process on it: the file locks of a
 * process are lost when any of its channels on the lock file is closed, so there is only one.
 */
final class StoreDirectory {

  static final String MARKER = "checkpoint-store";

  static final int FORMAT = 1;
  static final String MARKER_TEXT = "checkpoint-file-store " + FORMAT + "\n";
  static final Pattern MARKER_PATTERN = Pattern.compile("checkpoint-file-store (\\d+)\n");

  static final String LOCKS = "locks";

  /** Neither the marker nor the escaped name of a namespace is longer. */
  static final int MAX_TEXT_BYTES = Frame.MAX_HEAD_LENGTH;

  /**
   * The directories in use, by the key of their lock file, so that one with two names is one; every
   * access synchronizes on it.
   */
  private static final Map<Object, StoreDirectory> IN_USE = new HashMap<>();

  private final Path path;
  private final Object key;
  private final Durability durability;
  private final Duration lockTimeout;
  private final DurableFiles files;
  private final LockTable locks;
  private final Repairs repairs = new Repairs();
  private final ConcurrentMap<String, FileNamespace> namespaces = new ConcurrentHashMap<>();
  private int handles;

  private StoreDirectory(Path path, Object key, Durability durability, Duration lockTimeout)
      throws IOException {
    this.path = path;
    this.key = key;
    this.durability = durability;
    this.lockTimeout = lockTimeout;
    this.files = new DurableFiles(durability == Durability.POWER_LOSS);
    this.locks = new LockTable(path.resolve(LOCKS));
  }

  /**
   * Opens a directory, which is made if it is not there.
   *
   * @throws BackendConfigurationException if there is something else at that place
   */
  static StoreDirectory open(
      Path directory,
      Durability durability,
      Duration lockTimeout,
      StorageListener listener,
      ErrorContext context)
      throws IOException {
    synchronized (IN_USE) {
      DurableFiles files = new DurableFiles(durability == Durability.POWER_LOSS);
      try {
        files.createFollowingLinks(directory);
        return open(directory.toRealPath(), files, durability, lockTimeout, listener, context);
      } catch (FileAlreadyExistsException e) {
        throw refused(e.getFile() + " is a file; name a directory");
      } catch (WrongFileTypeException e) {
        throw new BackendConfigurationException(FileBackendStorage.ID, List.of(e.getMessage()), e);
      }
    }
  }

  /** The caller synchronizes on {@link #IN_USE}. */
  private static StoreDirectory open(
      Path path,
      DurableFiles files,
      Durability durability,
      Duration lockTimeout,
      StorageListener listener,
      ErrorContext context)
      throws IOException {
    prepare(path, files);
    Object key = LockTable.fileKey(path.resolve(LOCKS));
    StoreDirectory opened = IN_USE.get(key);
    if (opened == null) {
      opened = new StoreDirectory(path, key, durability, lockTimeout);
      opened.repairs.add(listener);
      opened.start(context);
      IN_USE.put(key, opened);
    } else if (opened.durability != durability) {
      throw refused(
          "this process has opened "
              + path
              + " with durability "
              + opened.durability
              + "; use the same for every handle");
    } else {
      opened.repairs.add(listener);
    }
    opened.handles++;
    return opened;
  }

  /** Checks that the directory holds a store that can be read, or makes an empty one. */
  private static void prepare(Path path, DurableFiles files) throws IOException {
    Path marker = path.resolve(MARKER);
    if (!Files.exists(marker, LinkOption.NOFOLLOW_LINKS)) {
      for (Path entry : DurableFiles.list(path)) {
        // What is left of another process's, perhaps unfinished, call of this method is no harm.
        // If the marker is there by now, so may be whatever that process did next.
        if (!entry.getFileName().toString().startsWith(MARKER)
            && !Files.exists(marker, LinkOption.NOFOLLOW_LINKS)) {
          throw refused(
              path
                  + " holds other files ("
                  + entry.getFileName()
                  + ") and no checkpoint store; name an empty or a new directory");
        }
      }
      files.replace(
          marker,
          channel ->
              DurableFiles.writeUnforced(
                  channel, ByteBuffer.wrap(MARKER_TEXT.getBytes(StandardCharsets.US_ASCII)), 0));
    }
    String text = DurableFiles.readText(marker, MAX_TEXT_BYTES);
    files.forceNameOnce(marker);
    Matcher matcher = MARKER_PATTERN.matcher(text);
    if (!matcher.matches()) {
      throw refused(marker + " is damaged; its content should be '" + MARKER_TEXT.strip() + "'");
    }
    if (!text.equals(MARKER_TEXT)) {
      throw refused(
          path
              + " was written in format "
              + matcher.group(1)
              + "; this version reads format "
              + FORMAT
              + ". Upgrade checkpoint-store-file");
    }
  }

  private void start(ErrorContext context) throws IOException {
    boolean started = false;
    try {
      locks.registerProcess(() -> recover(context));
      started = true;
    } finally {
      if (!started) {
        close();
      }
    }
  }

  private void close() throws IOException {
    try {
      for (FileNamespace namespace : namespaces.values()) {
        namespace.close();
      }
    } finally {
      locks.close();
    }
  }

  private void recover(ErrorContext context) throws IOException {
    for (Path entry : DurableFiles.list(path)) {
      if (Key.PATTERN.matcher(entry.getFileName().toString()).matches()) {
        DurableFiles.requireDirectory(entry);
      }
      Path name = entry.resolve(FileNamespace.NAME_FILE);
      if (Files.exists(name, LinkOption.NOFOLLOW_LINKS)) {
        namespace(readName(entry, name, context)).recover(context);
      }
    }
  }

  private static String readName(Path directory, Path file, ErrorContext context)
      throws IOException {
    @Nullable IllegalArgumentException cause = null;
    try {
      String name = Frame.unescape(DurableFiles.readText(file, MAX_TEXT_BYTES).strip());
      if (directory.getFileName().toString().equals(Key.of(name).toString())) {
        return name;
      }
    } catch (IllegalArgumentException e) {
      cause = e;
    }
    throw new CorruptCheckpointException(
        file
            + " does not say the name of the namespace in its directory; the head of each log there"
            + " does, as the second last word: write it into the file",
        context,
        cause);
  }

  FileNamespace namespace(String namespace) throws IOException {
    FileNamespace known = namespaces.get(namespace);
    if (known != null) {
      return known;
    }
    Path directory = path.resolve(Key.of(namespace).toString());
    DurableFiles.requireDirectory(directory);
    DurableFiles.requireFile(directory.resolve(FileNamespace.NAME_FILE));
    return namespaces.computeIfAbsent(
        namespace, name -> new FileNamespace(name, directory, locks, lockTimeout, files, repairs));
  }

  /** Gives back one handle, with its listener; the last one closes the directory. */
  void release(StorageListener listener) throws IOException {
    synchronized (IN_USE) {
      repairs.remove(listener);
      if (--handles > 0) {
        return;
      }
      IN_USE.remove(key);
      close();
    }
  }

  private static BackendConfigurationException refused(String problem) {
    return new BackendConfigurationException(FileBackendStorage.ID, problem);
  }
}
