package dev.checkpoint4j.store.file;

import dev.checkpoint4j.annotation.CanIgnoreReturnValue;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/**
 * Changes to files that are on the disk when the method returns: the steps that must not be
 * forgotten (write, force, publish, force the directory) in one place. A store that only has to
 * survive the crash of a process does not force.
 */
final class DurableFiles {

  static final String TEMPORARY_SUFFIX = ".tmp";

  /**
   * How much is read or written at once. The JDK keeps for each thread, for as long as it lives, a
   * direct buffer as large as the largest transfer it made.
   */
  private static final int MAX_TRANSFER_BYTES = 1 << 20;

  private static final String PRIVATE_FILE = "rw-------";
  private static final String PRIVATE_DIRECTORY = "rwx------";

  private final boolean forced;

  DurableFiles(boolean forced) {
    this.forced = forced;
  }

  private static boolean isPosix(Path file) {
    return file.getFileSystem().supportedFileAttributeViews().contains("posix");
  }

  private static FileAttribute<?>[] permissions(Path file, String permissions) {
    return isPosix(file)
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
        }
        : new FileAttribute<?>[0];
  }

  /** Opens a file that is not a symbolic link; a file that is created is private to the user. */
  static FileChannel open(Path file, Set<? extends OpenOption> options) throws IOException {
    Set<OpenOption> all = new HashSet<>(options);
    all.add(LinkOption.NOFOLLOW_LINKS);
    return FileChannel.open(file, all, permissions(file, PRIVATE_FILE));
  }

  /** Makes the directory, and those above it, unless they are there. */
  void createDirectories(Path directory) throws IOException {
    if (Files.isDirectory(directory)) {
      return;
    }
    Path parent = directory.toAbsolutePath().getParent();
    if (parent != null) {
      createDirectories(parent);
    }
    try {
      Files.createDirectory(directory, permissions(directory, PRIVATE_DIRECTORY));
    } catch (FileAlreadyExistsException e) {
      if (!Files.isDirectory(directory)) {
        throw e;
      }
    }
    forceName(directory);
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

  void force(FileChannel channel) throws IOException {
    if (forced) {
      channel.force(false);
    }
  }

  /** What is in a directory. */
  static List<Path> list(Path directory) throws IOException {
    List<Path> entries = new ArrayList<>();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
      stream.forEach(entries::add);
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    return entries;
  }

  /** Something that writes the whole content of a new file. */
  interface Content {
    void writeTo(FileChannel channel) throws IOException;
  }

  /**
   * Replaces a file, or makes it, at once: a reader and a crash find the old one or the new one.
   */
  void replace(Path file, Content content) throws IOException {
    Path temporary =
        file.resolveSibling(file.getFileName() + "." + UUID.randomUUID() + TEMPORARY_SUFFIX);
    try {
      try (FileChannel channel =
          open(temporary, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE))) {
        content.writeTo(channel);
        force(channel);
      }
      Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(temporary);
    }
    forceName(file);
  }

  void delete(Path file) throws IOException {
    if (Files.deleteIfExists(file)) {
      forceName(file);
    }
  }

  /** Makes the name of a file durable. Only POSIX systems have and need such a thing. */
  void forceName(Path file) throws IOException {
    Path directory = file.toAbsolutePath().getParent();
    if (forced && directory != null && isPosix(directory)) {
      try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
        channel.force(true);
      }
    }
  }
}
