package dev.checkpoint4j.store.file;

import dev.checkpoint4j.error.BackendConfigurationException;
import dev.checkpoint4j.error.ErrorContext;
import dev.checkpoint4j.error.StorageUnavailableException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Locks that threads and processes respect: for each lock one of this process, and for the holder
 * of that one a byte of a file. The operating system drops the locks of a dead process.
 *
 * <p>A process loses all its locks on a file when it closes any channel of that file; so there is
 * one channel, it is closed last, and nothing interruptible is done with it: waiting for another
 * process means asking again.
 */
final class LockTable implements AutoCloseable {

  /** Groups of locks; a lock of a lesser group is taken first. */
  enum Group {
    SESSION(1),
    CHECKPOINT(2),
    NAMESPACE(3);

    final long region;

    Group(long region) {
      this.region = region;
    }
  }

  /** A lock that is held; closing it releases it. */
  interface Held extends AutoCloseable {
    @Override
    void close();
  }

  /** What is done while no other process uses the store. */
  interface Recovery {
    void run() throws IOException;
  }

  private static final class ProcessLock extends ReentrantLock {
    int users;
  }

  private static final long ALIVE_POSITION = 0;
  private static final int REGION_SHIFT = 60;
  private static final long MIN_PAUSE_NANOS = 20_000;
  private static final long MAX_PAUSE_NANOS = 2_000_000;

  /**
   * Channels that must not be closed: that would free the locks of another copy of this class in
   * this process.
   */
  private static final Set<FileChannel> ABANDONED = ConcurrentHashMap.newKeySet();

  private final Path file;
  private final Object fileKey;
  private final FileChannel channel;
  private final Map<Long, ProcessLock> processLocks = new HashMap<>();

  LockTable(Path file) throws IOException {
    this.file = file;
    this.fileKey = fileKey(file);
    this.channel =
        DurableFiles.open(file, Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE));
  }

  /**
   * Tells lock files apart, whatever name they are reached by. The file is made if it is not there;
   * one that is there is not opened, because closing it would free its locks.
   */
  static Object fileKey(Path file) throws IOException {
    try {
      DurableFiles.open(file, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE))
          .close();
    } catch (FileAlreadyExistsException e) {
      // As it mostly is.
    }
    Object key =
        Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS).fileKey();
    return key == null ? file.toRealPath() : key;
  }

  /**
   * Tells other processes, until {@link #close()}, that this one uses the store.
   *
   * @param ifAlone run before, if no other process uses the store
   */
  void registerProcess(Recovery ifAlone) throws IOException {
    try {
      register(ifAlone);
    } catch (OverlappingFileLockException e) {
      ABANDONED.add(channel);
      throw new BackendConfigurationException(
          FileBackendStorage.ID,
          List.of(
              file.getParent()
                  + " is open in this process already, through a copy of this class that another"
                  + " class loader has; use one copy for all handles of a process"),
          e);
    }
  }

  private void register(Recovery ifAlone) throws IOException {
    FileLock exclusive = channel.tryLock(ALIVE_POSITION, 1, false);
    if (exclusive != null) {
      try {
        ifAlone.run();
      } finally {
        exclusive.release();
      }
    }
    while (channel.tryLock(ALIVE_POSITION, 1, true) == null) {
      // Another process holds it exclusively, for as long as its recovery takes.
      LockSupport.parkNanos(MAX_PAUSE_NANOS);
    }
  }

  /**
   * Waits for a lock.
   *
   * @throws StorageUnavailableException if it is not free in time, or the thread is interrupted
   */
  Held acquire(Group group, Key key, Duration timeout, ErrorContext context) throws IOException {
    long position = (group.region << REGION_SHIFT) | (key.low() >>> (Long.SIZE - REGION_SHIFT));
    long start = System.nanoTime();
    long nanos = nanos(timeout);
    ProcessLock lock = lockInProcess(position, group, nanos, timeout, context);
    if (lock.getHoldCount() > 1) {
      return () -> unlockInProcess(position, lock);
    }
    @Nullable FileLock fileLock = null;
    try {
      fileLock = awaitFileLock(position, start, nanos, context);
      if (fileLock == null) {
        throw timedOut(group, "another process", timeout, context);
      }
      if (!isStillThere()) {
        fileLock.release();
        fileLock = null;
        throw new StorageUnavailableException(
            "the directory of the store, "
                + file.getParent()
                + ", is gone or was replaced since it was opened; nothing was changed. Restore it,"
                + " close all handles on it, and open it again",
            context,
            null);
      }
    } finally {
      if (fileLock == null) {
        unlockInProcess(position, lock);
      }
    }
    FileLock acquired = fileLock;
    return () -> {
      try {
        acquired.release();
      } catch (IOException e) {
        // Only a closed channel cannot release, and it holds no lock.
        throw new IllegalStateException("the lock file was closed while a lock was held", e);
      } finally {
        unlockInProcess(position, lock);
      }
    };
  }

  /** A lock on a file that others do not find keeps nobody out. */
  private boolean isStillThere() throws IOException {
    try {
      Object key =
          Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
              .fileKey();
      return key == null || key.equals(fileKey);
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  /** A duration that is too long to be counted in nanoseconds is as good as for ever. */
  private static long nanos(Duration timeout) {
    try {
      return timeout.toNanos();
    } catch (ArithmeticException e) {
      return timeout.isNegative() ? 0 : Long.MAX_VALUE;
    }
  }

  private ProcessLock lockInProcess(
      long position, Group group, long nanos, Duration timeout, ErrorContext context) {
    ProcessLock lock;
    synchronized (processLocks) {
      lock = processLocks.computeIfAbsent(position, p -> new ProcessLock());
      lock.users++;
    }
    boolean locked = false;
    try {
      locked = lock.tryLock(nanos, TimeUnit.NANOSECONDS);
      if (!locked) {
        throw timedOut(group, "another thread", timeout, context);
      }
      return lock;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw IoErrors.interrupted(context);
    } finally {
      if (!locked) {
        forget(position, lock);
      }
    }
  }

  private void unlockInProcess(long position, ProcessLock lock) {
    lock.unlock();
    forget(position, lock);
  }

  private void forget(long position, ProcessLock lock) {
    synchronized (processLocks) {
      if (--lock.users == 0) {
        processLocks.remove(position);
      }
    }
  }

  private @Nullable FileLock awaitFileLock(
      long position, long start, long nanos, ErrorContext context) throws IOException {
    long pause = MIN_PAUSE_NANOS;
    while (true) {
      FileLock lock = tryLock(position, false);
      if (lock != null || System.nanoTime() - start >= nanos) {
        return lock;
      }
      if (Thread.currentThread().isInterrupted()) {
        throw IoErrors.interrupted(context);
      }
      LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(pause / 2, pause));
      pause = Math.min(2 * pause, MAX_PAUSE_NANOS);
    }
  }

  private @Nullable FileLock tryLock(long position, boolean shared) throws IOException {
    try {
      return channel.tryLock(position, 1, shared);
    } catch (OverlappingFileLockException e) {
      // Held in this process by another class loader's copy of this class.
      return null;
    }
  }

  private static StorageUnavailableException timedOut(
      Group group, String holder, Duration timeout, ErrorContext context) {
    return new StorageUnavailableException(
        "the lock of the "
            + group.name().toLowerCase(Locale.ROOT)
            + " was held by "
            + holder
            + " for "
            + timeout
            + "; nothing was changed. Try again, or raise the option lockTimeout",
        context,
        null);
  }

  @Override
  public void close() throws IOException {
    if (!ABANDONED.contains(channel)) {
      channel.close();
    }
  }
}
