package dev.checkpoint4j.store.file;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import dev.checkpoint4j.Page;
import dev.checkpoint4j.error.BackendConfigurationException;
import dev.checkpoint4j.error.CorruptCheckpointException;
import dev.checkpoint4j.error.ErrorContext;
import dev.checkpoint4j.error.StorageUnavailableException;
import dev.checkpoint4j.spi.CallDeadline;
import dev.checkpoint4j.spi.Durability;
import dev.checkpoint4j.spi.ListCursor;
import dev.checkpoint4j.spi.StorageListener;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A directory that holds a store, shared by all handles of this process. A process loses its file
 * locks when any of its channels on the lock file is closed, so there is only one.
 */
final class StoreDirectory {

  static final String MARKER = "checkpoint-store";

  static final int FORMAT = 1;
  static final String MARKER_TEXT = "checkpoint-file-store " + FORMAT + "\n";
  static final Pattern MARKER_PATTERN = Pattern.compile("checkpoint-file-store (\\d+)\n");

  static final String LOCKS = "locks";

  /** The maximum length of the marker and of the escaped name of a namespace. */
  static final int MAX_TEXT_BYTES = Frame.MAX_HEAD_LENGTH;

  private static final String IN_USE_PROPERTY = "dev.checkpoint4j.store.file.in-use.";

  /**
   * The directories in use, by their identity, whatever their path. Every access synchronizes on
   * the map, for a short time.
   */
  private static final Map<Object, Slot> IN_USE = new HashMap<>();

  /** A directory in use. Its lock is held while it is opened or closed. */
  private static final class Slot {
    final ReentrantLock lock = new ReentrantLock();
    @Nullable StoreDirectory opened;

    /** Handles, and threads that are opening or closing one. */
    int users;
  }

  /** No file system keeps times less exactly. */
  private static final Duration TIME_RESOLUTION = Duration.ofSeconds(2);

  /** The directories of namespaces that there are while the store's directory has this time. */
  private record Listing(FileTime modified, List<String> names) {}

  private volatile @Nullable Listing listing;
  private final Path path;
  private final Object key;
  private final Durability durability;
  private final DurableFiles files;
  private final LockTable locks;
  private final Repairs repairs = new Repairs();
  private final ConcurrentMap<String, FileNamespace> namespaces = new ConcurrentHashMap<>();
  private int handles;

  private StoreDirectory(Path path, Object key, Durability durability, LockTable locks) {
    this.path = path;
    this.key = key;
    this.durability = durability;
    this.files = new DurableFiles(durability == Durability.POWER_LOSS);
    this.locks = locks;
  }

  /**
   * Opens a directory, which is created if it does not exist. Waits for other threads and processes
   * that are opening or recovering it until the deadline of the call.
   *
   * @throws BackendConfigurationException if there is something else at that place
   */
  static StoreDirectory open(
      Path directory, Durability durability, StorageListener listener, ErrorContext context)
      throws IOException {
    DurableFiles files = new DurableFiles(durability == Durability.POWER_LOSS);
    try {
      files.createFollowingLinks(directory);
      Path path = directory.toRealPath();
      prepare(path, files);
      return open(path, PlainFiles.identity(path), durability, listener, context);
    } catch (FileAlreadyExistsException e) {
      throw refused(
          e.getFile()
              + (Files.isSymbolicLink(Path.of(e.getFile()))
                  ? " is a symbolic link to something that does not exist; create its target, or"
                      + " correct the link"
                  : " is a file; name a directory"));
    } catch (WrongFileTypeException e) {
      throw new BackendConfigurationException(FileBackendStorage.ID, List.of(e.getMessage()), e);
    }
  }

  private static StoreDirectory open(
      Path path, Object key, Durability durability, StorageListener listener, ErrorContext context)
      throws IOException {
    Slot slot;
    synchronized (IN_USE) {
      slot = IN_USE.computeIfAbsent(key, k -> new Slot());
      slot.users++;
    }
    boolean isOpened = false;
    try {
      if (!slot.lock.tryLock(CallDeadline.current().remaining().toNanos(), NANOSECONDS)) {
        throw new StorageUnavailableException(
            "another thread was opening or closing the store for longer than this call may take;"
                + " nothing was changed. Try again, or raise the option lockTimeout",
            context,
            null);
      }
      try {
        StoreDirectory opened = slot.opened;
        if (opened == null) {
          opened = start(path, key, durability, listener, context);
          slot.opened = opened;
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
        isOpened = true;
        return opened;
      } finally {
        slot.lock.unlock();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw IoErrors.interrupted(context);
    } finally {
      if (!isOpened) {
        leave(key, slot);
      }
    }
  }

  private static void leave(Object key, Slot slot) {
    synchronized (IN_USE) {
      if (--slot.users == 0) {
        IN_USE.remove(key);
      }
    }
  }

  /** Checks that the directory holds a store that can be read, or creates an empty store. */
  private static void prepare(Path path, DurableFiles files) throws IOException {
    Path marker = path.resolve(MARKER);
    if (!Files.exists(marker, LinkOption.NOFOLLOW_LINKS)) {
      for (Path entry : PlainFiles.list(path)) {
        // Files that an unfinished call of another process left here do no harm. If the marker
        // exists by now, that process may have created other files as well.
        if (!entry.getFileName().toString().startsWith(MARKER)
            && !Files.exists(marker, LinkOption.NOFOLLOW_LINKS)) {
          throw refused(
              path
                  + " holds other files ("
                  + entry.getFileName()
                  + ") and no checkpoint store; name an empty or a new directory");
        }
      }
      files.replace(marker, MARKER_TEXT);
    }
    String text = PlainFiles.readText(marker, MAX_TEXT_BYTES);
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

  /**
   * Opens a directory that this process has not opened.
   *
   * <p>A copy of this class in another class loader would open the lock file a second time. Closing
   * either channel, even by the garbage collector, would release the locks of both. The copies
   * share only the system properties.
   */
  private static StoreDirectory start(
      Path path, Object key, Durability durability, StorageListener listener, ErrorContext context)
      throws IOException {
    if (System.getProperties().putIfAbsent(IN_USE_PROPERTY + key, path.toString()) != null) {
      throw refused(
          path
              + " is open in this process already, through a copy of this class that another"
              + " class loader has; use one copy for all handles of a process, and close them"
              + " before their class loader is dropped");
    }
    boolean isStarted = false;
    try {
      boolean isCopy = HomeFile.isCopy(path);
      Path lockFile = path.resolve(LOCKS);
      if (isCopy && PlainFiles.attributes(lockFile) != null && HomeFile.isHardLinked(lockFile)) {
        Files.deleteIfExists(lockFile);
      }
      StoreDirectory started = new StoreDirectory(path, key, durability, new LockTable(lockFile));
      started.repairs.add(listener);
      try {
        started.locks.registerProcess(
            isAlone -> {
              if (isAlone) {
                if (isCopy) {
                  started.separate();
                }
                HomeFile.write(path, started.files);
              }
              DurabilityFile.enter(durability, isAlone, path, started.files);
              if (isAlone) {
                started.recover(context);
              }
            },
            context);
        isStarted = true;
        return started;
      } finally {
        if (!isStarted) {
          started.closeFiles();
        }
      }
    } finally {
      if (!isStarted) {
        System.getProperties().remove(IN_USE_PROPERTY + key);
      }
    }
  }

  private void close() throws IOException {
    try {
      closeFiles();
    } finally {
      System.getProperties().remove(IN_USE_PROPERTY + key);
    }
  }

  private void closeFiles() throws IOException {
    try {
      for (FileNamespace namespace : namespaces.values()) {
        namespace.close();
      }
    } finally {
      locks.close();
    }
  }

  /**
   * Separates a copied directory from the original. Its indexes may be older or newer than its
   * logs, and logs that are hard links belong to the original too. What copied the files has hardly
   * forced them.
   */
  private void separate() throws IOException {
    Files.deleteIfExists(path.resolve(DurabilityFile.NAME));
    for (Path namespace : PlainFiles.list(path)) {
      if (Key.PATTERN.matcher(namespace.getFileName().toString()).matches()) {
        PlainFiles.requireDirectory(namespace);
        Files.deleteIfExists(namespace.resolve(NamespaceIndex.FILE_NAME));
        for (Path log : SessionLogs.files(namespace)) {
          if (HomeFile.isHardLinked(log)) {
            files.copyInPlace(log);
          }
        }
      }
    }
  }

  private void recover(ErrorContext context) throws IOException {
    for (Path entry : PlainFiles.list(path)) {
      if (Key.PATTERN.matcher(entry.getFileName().toString()).matches()) {
        PlainFiles.requireDirectory(entry);
      }
      Path name = entry.resolve(FileNamespace.NAME_FILE);
      if (Files.exists(name, LinkOption.NOFOLLOW_LINKS)) {
        namespace(readName(entry, name, context)).recover(context);
      }
    }
  }

  /** A page of the namespaces that hold a checkpoint, in the order of the keys that name them. */
  Page<String> listNamespaces(int limit, Optional<ListCursor> cursor, ErrorContext context)
      throws IOException {
    List<String> names = namespaceDirectories();
    int start =
        cursor
            .map(last -> Collections.binarySearch(names, last.key()))
            .map(StoreDirectory::after)
            .orElse(0);
    List<String> found = new ArrayList<>();
    String last = "";
    for (String directoryName : names.subList(start, names.size())) {
      Path directory = path.resolve(directoryName);
      Path file = directory.resolve(FileNamespace.NAME_FILE);
      if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
        String name = readName(directory, file, context);
        if (!namespace(name).isEmpty(context)) {
          if (found.size() == limit) {
            return Page.of(found, ListCursor.ofNamespace(last).encode());
          }
          found.add(name);
          last = directoryName;
        }
      }
    }
    return Page.of(found, null);
  }

  /** The index after a name, of which a binary search says whether and where it is. */
  private static int after(int searched) {
    return searched < 0 ? -searched - 1 : searched + 1;
  }

  /**
   * The names of the directories of namespaces, in order. Reads them only if the time of the
   * store's directory has changed, or is so recent that a change could have left it as it is.
   */
  private List<String> namespaceDirectories() throws IOException {
    FileTime modified = Files.getLastModifiedTime(path);
    Listing known = listing;
    if (known != null && known.modified.equals(modified)) {
      return known.names;
    }
    List<String> names =
        PlainFiles.list(path).stream()
            .map(entry -> entry.getFileName().toString())
            .filter(name -> Key.PATTERN.matcher(name).matches())
            .sorted()
            .toList();
    boolean isSettled = modified.toInstant().isBefore(Instant.now().minus(TIME_RESOLUTION));
    listing = isSettled ? new Listing(modified, names) : null;
    return names;
  }

  private static String readName(Path directory, Path file, ErrorContext context)
      throws IOException {
    @Nullable IllegalArgumentException cause = null;
    try {
      String name = Frame.unescape(PlainFiles.readText(file, MAX_TEXT_BYTES).strip());
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
    PlainFiles.requireDirectory(directory);
    PlainFiles.requireFile(directory.resolve(FileNamespace.NAME_FILE));
    return namespaces.computeIfAbsent(
        namespace, name -> new FileNamespace(name, directory, locks, files, repairs));
  }

  /** Releases one handle with its listener. The last one closes the directory. */
  void release(StorageListener listener) throws IOException {
    Slot slot;
    synchronized (IN_USE) {
      slot = Objects.requireNonNull(IN_USE.get(key), "slot");
    }
    slot.lock.lock();
    try {
      repairs.remove(listener);
      if (--handles == 0) {
        slot.opened = null;
        close();
      }
    } finally {
      slot.lock.unlock();
      leave(key, slot);
    }
  }

  private static BackendConfigurationException refused(String problem) {
    return new BackendConfigurationException(FileBackendStorage.ID, problem);
  }
}
