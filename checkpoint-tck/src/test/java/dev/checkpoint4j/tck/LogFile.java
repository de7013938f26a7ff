package dev.checkpoint4j.tck;

import dev.checkpoint4j.Checkpoint;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The file of a {@link SharedLog}: one call at a time, in this process and in others. */
final class LogFile {

  private static final Map<Path, ReentrantLock> LOCKS = new ConcurrentHashMap<>();
  private static final long POLL_NANOS = 50_000;

  /** What the rules make a file do. */
  static final class Faults implements FaultInjector {
    private @Nullable Fault armed;
    private int passes;

    @Override
    public Set<Fault> faults() {
      return Set.of(Fault.WRITE_REFUSED, Fault.ANSWER_LOST, Fault.TORN_WRITE, Fault.READ_REFUSED);
    }

    @Override
    public synchronized void arm(Fault fault, int passes) {
      this.armed = fault;
      this.passes = passes;
    }

    @Override
    public synchronized void disarm() {
      armed = null;
    }

    @Override
    public void flipByte(Checkpoint stored, Random random) {
      throw new UnsupportedOperationException("not declared");
    }

    /** The fault that a read or write meets, if any. */
    private synchronized boolean meets(Fault fault) {
      return armed == fault && passes-- <= 0;
    }
  }

  private final Path path;
  private final Faults faults;
  private final RandomAccessFile file;

  LogFile(Path path, Faults faults) throws IOException {
    this.path = path.toAbsolutePath();
    this.faults = faults;
    this.file = new RandomAccessFile(path.toFile(), "rw");
  }

  /** Closing a file ends the locks that this process holds on it, so that nobody else may. */
  <T> T exclusively(boolean isLocked, Supplier<T> call) {
    ReentrantLock lock = LOCKS.computeIfAbsent(path, key -> new ReentrantLock());
    boolean isInterrupted = Thread.interrupted();
    lock.lock();
    try {
      FileLock locked = isLocked ? lockFile() : null;
      try {
        return call.get();
      } finally {
        if (locked != null) {
          locked.release();
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      lock.unlock();
      if (isInterrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Waits without being interrupted, which would close the file. */
  private @Nullable FileLock lockFile() throws IOException {
    if (!file.getChannel().isOpen()) {
      return null;
    }
    FileLock locked = file.getChannel().tryLock();
    while (locked == null) {
      LockSupport.parkNanos(POLL_NANOS);
      locked = file.getChannel().tryLock();
    }
    return locked;
  }

  byte[] read(long from) throws IOException {
    if (faults.meets(Fault.READ_REFUSED)) {
      throw new IOException("read refused");
    }
    byte[] bytes = new byte[(int) (file.length() - from)];
    if (bytes.length > 0) {
      file.seek(from);
      file.readFully(bytes);
    }
    return bytes;
  }

  void write(long at, byte[] bytes) throws IOException {
    if (faults.meets(Fault.WRITE_REFUSED)) {
      throw new IOException("write refused");
    }
    boolean isTorn = faults.meets(Fault.TORN_WRITE);
    file.seek(at);
    file.write(isTorn ? Arrays.copyOf(bytes, bytes.length / 2) : bytes);
    if (isTorn) {
      faults.arm(Fault.WRITE_REFUSED, 0);
      throw new IOException("disk full");
    }
    if (faults.meets(Fault.ANSWER_LOST)) {
      throw new IOException("answer lost");
    }
  }

  void close() {
    try {
      file.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
