package dev.checkpoint4j.store.file;

import dev.checkpoint4j.annotation.CanIgnoreReturnValue;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Opens, reads and writes the plain files of a store. Follows no symbolic link, and makes nothing
 * durable: {@link DurableFiles} does.
 */
final class PlainFiles {

  /**
   * How much is read or written at once. The JDK keeps for each thread, for as long as it lives, a
   * direct buffer as large as the largest transfer it made.
   */
  static final int MAX_TRANSFER_BYTES = 1 << 20;

  private static final String PRIVATE_FILE = "rw-------";
  static final String PRIVATE_DIRECTORY = "rwx------";

  private PlainFiles() {}

  static boolean isPosix(Path file) {
    return file.getFileSystem().supportedFileAttributeViews().contains("posix");
  }

  static FileAttribute<?>[] permissions(Path file, String permissions) {
    return isPosix(file)
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
        }
        : new FileAttribute<?>[0];
  }

  /**
   * Opens a file; one that is created is private to the user.
   *
   * @throws WrongFileTypeException if it, or the directory it is in, is a symbolic link or
   *     otherwise not what the store created
   */
  static FileChannel open(Path file, Set<? extends OpenOption> options) throws IOException {
    Path parent = file.getParent();
    if (parent != null) {
      requireDirectory(parent);
    }
    // Checked before it is opened: opening a pipe would wait for its other end.
    requireFile(file);
    return openChecked(file, options);
  }

  /** As {@link #open}, for a caller that has checked the file. */
  static FileChannel openChecked(Path file, Set<? extends OpenOption> options) throws IOException {
    Set<OpenOption> all = new HashSet<>(options);
    all.add(LinkOption.NOFOLLOW_LINKS);
    return options.contains(StandardOpenOption.CREATE_NEW)
            || options.contains(StandardOpenOption.CREATE)
        ? FileChannel.open(file, all, permissions(file, PRIVATE_FILE))
        : FileChannel.open(file, all);
  }

  /**
   * Requires that the path is a file, or that nothing is there.
   *
   * @return bytes of the file; empty if it is not there
   * @throws WrongFileTypeException if it is a symbolic link, whatever to, a directory or a pipe
   */
  @CanIgnoreReturnValue
  static OptionalLong requireFile(Path file) throws IOException {
    BasicFileAttributes found = attributes(file);
    if (found == null) {
      return OptionalLong.empty();
    }
    if (!found.isRegularFile()) {
      throw new WrongFileTypeException(file, found, "file");
    }
    return OptionalLong.of(found.size());
  }

  /**
   * Requires that the path is a directory, or that nothing is there.
   *
   * @throws WrongFileTypeException if it is a symbolic link, whatever to, or a file
   */
  static void requireDirectory(Path directory) throws IOException {
    BasicFileAttributes found = attributes(directory);
    if (found != null && !found.isDirectory()) {
      throw new WrongFileTypeException(directory, found, "directory");
    }
  }

  /**
   * The identity of the file at a path: no other file that exists at the same time has it. After
   * the file was deleted, another one may get it, unless a channel of the file is open.
   *
   * @throws NoSuchFileException if there is none
   */
  static Object identity(Path path) throws IOException {
    return identity(
        path, Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS));
  }

  /** As {@link #identity(Path)}, from attributes that were read before. */
  static Object identity(Path path, BasicFileAttributes attributes) {
    Object key = attributes.fileKey();
    // Some platforms have no file keys; their open files cannot be replaced.
    return key == null ? path.toAbsolutePath() : key;
  }

  /** The attributes of the file at a path, not following a symbolic link; null if there is none. */
  static @Nullable BasicFileAttributes attributes(Path path) throws IOException {
    try {
      return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    } catch (NoSuchFileException e) {
      return null;
    }
  }

  /** The start of a small file, each byte a character. */
  static String readText(Path file, int maxBytes) throws IOException {
    try (FileChannel channel = open(file, Set.of(StandardOpenOption.READ))) {
      ByteBuffer bytes = ByteBuffer.allocate(maxBytes);
      int length = read(channel, bytes, 0);
      return new String(bytes.array(), 0, length, StandardCharsets.ISO_8859_1);
    }
  }

  /**
   * Reads until {@code bytes} is full or the file ends.
   *
   * @return how many bytes
   */
  @CanIgnoreReturnValue
  static int read(FileChannel channel, ByteBuffer bytes, long position) throws IOException {
    int start = bytes.position();
    int end = bytes.limit();
    long at = position;
    while (bytes.position() < end) {
      bytes.limit(Math.min(end, bytes.position() + MAX_TRANSFER_BYTES));
      int count = channel.read(bytes, at);
      if (count < 0) {
        break;
      }
      at += count;
    }
    bytes.limit(end);
    return bytes.position() - start;
  }

  /** Writes all of {@code bytes} at {@code position}. Nothing of it is durable until forced. */
  static void writeUnforced(FileChannel channel, ByteBuffer bytes, long position)
      throws IOException {
    long at = position;
    int end = bytes.limit();
    while (bytes.position() < end) {
      bytes.limit(Math.min(end, bytes.position() + MAX_TRANSFER_BYTES));
      at += channel.write(bytes, at);
    }
  }

  /** Writes all of {@code bytes} to the end of a file that was opened for appending. */
  static void appendUnforced(FileChannel channel, ByteBuffer bytes) throws IOException {
    int end = bytes.limit();
    while (bytes.position() < end) {
      bytes.limit(Math.min(end, bytes.position() + MAX_TRANSFER_BYTES));
      channel.write(bytes);
    }
  }

  /** The entries of a directory. */
  static List<Path> list(Path directory) throws IOException {
    List<Path> entries = new ArrayList<>();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
      stream.forEach(entries::add);
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    return entries;
  }

  static void deleteQuietly(Path file, Exception reason) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      reason.addSuppressed(e);
    }
  }
}
