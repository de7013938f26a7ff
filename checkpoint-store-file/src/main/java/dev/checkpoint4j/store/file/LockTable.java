package dev.checkpoint4j.store.file;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import dev.checkpoint4j.error.ErrorContext;
import dev.checkpoint4j.error.StorageUnavailableException;
import dev.checkpoint4j.spi.CallDeadline;
import dev.checkpoint4j.spi.StackSpace;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Locks between threads and processes. Each lock consists of a lock of this process, and a byte of
 * a file, which the holder of the former locks. The operating system drops the locks of a dead
 * process.
 *
 * <p>A process loses all its locks on a file when anything in it closes any channel of that file
 * (POSIX, fcntl). So there is one channel for all handles of a process, it is closed last, and no
 * interruptible operation uses it: waiting for another process is polling. An application that
 * copies the directory of the store closes a channel of its own, though. Therefore a lock only
 * keeps writers apart; {@link IndexPublisher} checks that none was lost.
 */
final class LockTable implements AutoCloseable {

  /** The order in which a thread takes locks: one of a lower level first. */
  enum LockLevel {
    SESSION(1),
    CHECKPOINT(2),
    NAMESPACE(3);

    final long region;

    LockLevel(long region) {
      this.region = region;
    }
  }

  /** A lock that a thread holds. Closing the handle releases it. */
  final class LockHandle implements AutoCloseable {
    private final long position;
    private final ProcessLock processLock;
    private boolean isLocked;
    private @Nullable FileLock fileLock;

    private LockHandle(long position, ProcessLock processLock) {
      this.position = position;
      this.processLock = processLock;
    }

    @Override
    public void close() {
      try {
        if (fileLock != null) {
          fileLock.release();
        }
      } catch (IOException e) {
        // Only a closed channel cannot release, and it holds no lock.
        throw new IllegalStateException("the lock file was closed while a lock was held", e);
      } finally {
        if (isLocked) {
          processLock.unlock();
        }
        leave(position, processLock);
      }
    }
  }

  /** What a process does before it uses the store. No other process does it at the same time. */
  interface Entry {
    void run(boolean isAlone) throws IOException;
  }

  private static final class ProcessLock extends ReentrantLock {
    int users;
  }

  /** Locked by each process that uses the store. */
  private static final long ALIVE_POSITION = 0;

  /** Locked by a process that opens the store. */
  private static final long ENTRY_POSITION = 1;

  private static final int REGION_SHIFT = 60;
  private static final long MIN_PAUSE_NANOS = 20_000;
  private static final long MAX_PAUSE_NANOS = 2_000_000;

  private final Path file;
  private final Object fileKey;
  private final FileChannel channel;
  private final Map<Long, ProcessLock> processLocks = new HashMap<>();

  /** Opens the lock file, which is created if it does not exist. */
  LockTable(Path file) throws IOException {
    this.file = file;
    this.channel =
        PlainFiles.open(
            file,
            Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE));
    try {
      this.fileKey = PlainFiles.identity(file);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  /**
   * Marks the store as used by this process, until {@link #close()}.
   *
   * @param entry run before; is told whether no other process uses the store
   * @throws StorageUnavailableException if another process does not end its recovery before the
   *     deadline of the call, or the thread is interrupted
   */
  void registerProcess(Entry entry, ErrorContext context) throws IOException {
    FileLock entering = awaitEntry(context);
    try {
      FileLock exclusive = tryLock(ALIVE_POSITION, false);
      try {
        entry.run(exclusive != null);
      } finally {
        if (exclusive != null) {
          exclusive.release();
        }
      }
      if (tryLock(ALIVE_POSITION, true) == null) {
        throw new IOException("another program holds locks on " + file);
      }
    } finally {
      entering.release();
    }
  }

  /**
   * Processes enter one after the other. A process that finds the store in use thus knows that the
   * recovery was completed; if it failed, or its process died, the next one recovers the store.
   */
  private FileLock awaitEntry(ErrorContext context) throws IOException {
    CallDeadline deadline = CallDeadline.current();
    while (true) {
      FileLock entering = tryLock(ENTRY_POSITION, false);
      if (entering != null) {
        return entering;
      }
      if (deadline.hasPassed()) {
        throw new StorageUnavailableException(
            "another process was recovering the store for longer than this call may take; nothing"
                + " was changed. Try again, or raise the option lockTimeout",
            context,
            null);
      }
      pause(MAX_PAUSE_NANOS, context);
    }
  }

  /**
   * Waits for a lock until the {@link CallDeadline} of the thread.
   *
   * @throws StorageUnavailableException if it is not free in time, or the thread is interrupted
   */
  LockHandle acquire(LockLevel level, Key key, ErrorContext context) throws IOException {
    long position = (level.region << REGION_SHIFT) | (key.low() >>> (Long.SIZE - REGION_SHIFT));
    CallDeadline deadline = CallDeadline.current();
    StackSpace.require();
    LockHandle handle = new LockHandle(position, enter(position));
    boolean isAcquired = false;
    try {
      handle.isLocked = handle.processLock.tryLock(deadline.remaining().toNanos(), NANOSECONDS);
      if (!handle.isLocked) {
        throw timedOut(level, "another thread", context);
      }
      if (handle.processLock.getHoldCount() == 1) {
        handle.fileLock = awaitFileLock(position, level, deadline, context);
        requireStillThere(context);
      }
      isAcquired = true;
      return handle;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw IoErrors.interrupted(context);
    } finally {
      if (!isAcquired) {
        handle.close();
      }
    }
  }

  private void requireStillThere(ErrorContext context) throws IOException {
    if (!isStillThere()) {
      throw new StorageUnavailableException(
          "the directory of the store, "
              + file.getParent()
              + ", is gone or was replaced since it was opened; nothing was changed. Restore it,"
              + " close all handles on it, and open it again",
          context,
          null);
    }
  }

  /** A lock on a file that other processes do not find excludes none of them. */
  private boolean isStillThere() throws IOException {
    BasicFileAttributes attributes = PlainFiles.attributes(file);
    return attributes != null && PlainFiles.identity(file, attributes).equals(fileKey);
  }

  private ProcessLock enter(long position) {
    synchronized (processLocks) {
      ProcessLock lock = processLocks.computeIfAbsent(position, p -> new ProcessLock());
      lock.users++;
      return lock;
    }
  }

  private void leave(long position, ProcessLock lock) {
    synchronized (processLocks) {
      if (--lock.users == 0) {
        processLocks.remove(position);
      }
    }
  }

  private FileLock awaitFileLock(
      long position, LockLevel level, CallDeadline deadline, ErrorContext context)
      throws IOException {
    long pause = MIN_PAUSE_NANOS;
    while (true) {
      FileLock lock = tryLock(position, false);
      if (lock != null) {
        return lock;
      }
      if (deadline.hasPassed()) {
        throw timedOut(level, "another process", context);
      }
      pause(ThreadLocalRandom.current().nextLong(pause / 2, pause), context);
      pause = Math.min(2 * pause, MAX_PAUSE_NANOS);
    }
  }

  private static void pause(long nanos, ErrorContext context) {
    if (Thread.currentThread().isInterrupted()) {
      throw IoErrors.interrupted(context);
    }
    LockSupport.parkNanos(nanos);
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
      LockLevel level, String holder, ErrorContext context) {
    return new StorageUnavailableException(
        "the lock of the "
            + level.name().toLowerCase(Locale.ROOT)
            + " was held by "
            + holder
            + " for longer than this call may take; nothing was changed. Try again, or raise the"
            + " option lockTimeout",
        context,
        null);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
