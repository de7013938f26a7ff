package dev.checkpoint4j.store.file;

import dev.checkpoint4j.annotation.CanIgnoreReturnValue;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * An open index file. This object reads and writes the file that was opened, even if another file
 * takes its path later.
 *
 * <p>An interrupt closes a {@link FileChannel} for all threads that use it. No operation here fails
 * for that reason: the interrupt is deferred, and a closed channel is opened again. Until then
 * another file may take the path, and even the inode number. Therefore each index file starts with
 * a random id, which is compared.
 *
 * <p>Guarded by its {@link NamespaceIndex}.
 */
final class IndexFile implements AutoCloseable {

  private static final String FORMAT = "checkpoint-index 2 ";

  private final Path path;
  private final boolean isWritable;
  private byte[] head = {};
  private @Nullable FileChannel channel;
  private @Nullable FileChannel appender;
  private @Nullable Object key;

  private IndexFile(Path path, boolean isWritable) {
    this.path = path;
    this.isWritable = isWritable;
  }

  /** The start of a new index file: its format and a random id. */
  static byte[] newHead() {
    String text = FORMAT + UUID.randomUUID() + "\n";
    return Arrays.copyOf(text.getBytes(StandardCharsets.US_ASCII), IndexRecord.BYTES);
  }

  /**
   * Opens an index file.
   *
   * @return null if it does not start as an index file does
   * @throws java.nio.file.NoSuchFileException if there is no file
   */
  static @Nullable IndexFile open(Path path, boolean isWritable) throws IOException {
    IndexFile file = new IndexFile(path, isWritable);
    file.head = uninterrupted(file::openChannels);
    if (file.head.length < IndexRecord.BYTES
        || !new String(file.head, StandardCharsets.US_ASCII).startsWith(FORMAT)) {
      file.close();
      return null;
    }
    return file;
  }

  /** Opens the file at the path; returns its head. */
  private byte[] openChannels() throws IOException {
    close();
    try {
      while (true) {
        key = PlainFiles.identity(path);
        FileChannel opened = PlainFiles.open(path, Set.of(StandardOpenOption.READ));
        channel = opened;
        if (isWritable) {
          appender = PlainFiles.openChecked(path, Set.of(StandardOpenOption.APPEND));
        }
        // Both channels are of this file: it was at the path before and after they were opened.
        if (key.equals(PlainFiles.identity(path))) {
          ByteBuffer bytes = ByteBuffer.allocate(IndexRecord.BYTES);
          return Arrays.copyOf(bytes.array(), PlainFiles.read(opened, bytes, 0));
        }
        close();
      }
    } catch (IOException | RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  /**
   * Whether these are the attributes of this file. An inode number is not given to another file
   * while this one is open.
   */
  boolean is(BasicFileAttributes attributes) {
    return channel != null && channel.isOpen() && PlainFiles.identity(path, attributes).equals(key);
  }

  long size() throws IOException {
    return uninterrupted(() -> channel().size());
  }

  /** Reads until {@code bytes} is full or the file ends; returns how many bytes. */
  int read(byte[] bytes, int length, long position) throws IOException {
    return uninterrupted(
        () -> PlainFiles.read(channel(), ByteBuffer.wrap(bytes, 0, length), position));
  }

  /**
   * Appends to the file, so that nothing is overwritten that another process has appended.
   *
   * @param end where the file ends, unless another process has appended
   */
  void append(byte[] bytes, long end) throws IOException {
    AtomicBoolean isRepeated = new AtomicBoolean();
    uninterrupted(
        () -> {
          FileChannel read = channel();
          FileChannel last = appender;
          if (last == null) {
            throw new IOException("the index " + path + " was opened for reading only");
          }
          ByteBuffer buffer = ByteBuffer.wrap(bytes);
          if (isRepeated.getAndSet(true)) {
            // The interrupt came after some or all bytes had been written.
            buffer.position((int) Math.min(bytes.length, Math.max(0, read.size() - end)));
          }
          while (buffer.hasRemaining()) {
            last.write(buffer);
          }
          return bytes.length;
        });
  }

  private FileChannel channel() throws IOException {
    FileChannel current = channel;
    if (current != null && current.isOpen() && (appender == null || appender.isOpen())) {
      return current;
    }
    try {
      byte[] now = openChannels();
      FileChannel opened = channel;
      if (opened != null && Arrays.equals(head, now)) {
        return opened;
      }
    } catch (NoSuchFileException e) {
      // The file is no longer at its path: the same case.
    }
    close();
    throw new NamespaceIndex.ChangedException("the index " + path + " was replaced");
  }

  private interface IoCall<R> {
    R call() throws IOException;
  }

  @CanIgnoreReturnValue
  private static <R> R uninterrupted(IoCall<R> call) throws IOException {
    boolean interrupted = Thread.interrupted();
    try {
      while (true) {
        try {
          return call.call();
        } catch (ClosedByInterruptException e) {
          Thread.interrupted();
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Override
  public void close() throws IOException {
    try (FileChannel first = channel;
        FileChannel second = appender) {
      channel = null;
      appender = null;
    }
  }
}
