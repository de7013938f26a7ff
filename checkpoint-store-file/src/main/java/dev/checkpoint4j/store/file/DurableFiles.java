package dev.checkpoint4j.store.file;

import dev.checkpoint4j.annotation.CanIgnoreReturnValue;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

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
  private final Set<Path> forcedNames = ConcurrentHashMap.newKeySet();

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

  /**
   * Opens a file; one that is created is private to the user.
   *
   * @throws WrongFileTypeException if it, or the directory it is in, is a symbolic link or
   *     otherwise not what the store made
   */
  static FileChannel open(Path file, Set<? extends OpenOption> options) throws IOException {
    Path parent = file.getParent();
    if (parent != null) {
      requireDirectory(parent);
    }
    // Looked at before it is opened: opening a pipe waits for somebody at its other end.
    requireFile(file);
    return openChecked(file, options);
  }

  /** The same without looking, for whoever has just done so. */
  static FileChannel openChecked(Path file, Set<? extends OpenOption> options) throws IOException {
    Set<OpenOption> all = new HashSet<>(options);
    all.add(LinkOption.NOFOLLOW_LINKS);
    return options.contains(StandardOpenOption.CREATE_NEW)
        ? FileChannel.open(file, all, permissions(file, PRIVATE_FILE))
        : FileChannel.open(file, all);
  }

  /**
   * Refuses what is not a file; what is not there is none of that.
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
   * Refuses what is not a directory; what is not there is none of that.
   *
   * @throws WrongFileTypeException if it is a symbolic link, whatever to, or a file
   */
  static void requireDirectory(Path directory) throws IOException {
    BasicFileAttributes found = attributes(directory);
    if (found != null && !found.isDirectory()) {
      throw new WrongFileTypeException(directory, found, "directory");
    }
  }

  private static @Nullable BasicFileAttributes attributes(Path path) throws IOException {
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
   * Makes a directory, and those above it, unless they are there; where a store is may well be said
   * by a symbolic link.
   */
  void createFollowingLinks(Path directory) throws IOException {
    if (Files.isDirectory(directory)) {
      forceNamesAbove(directory);
      return;
    }
    Path parent = directory.toAbsolutePath().getParent();
    if (parent != null) {
      createFollowingLinks(parent);
    }
    makeDirectory(directory);
  }

  /**
   * Forces the names of directories that somebody else made, perhaps a call of this method that
   * failed or died before it could. Above the store there may be directories that cannot be read or
   * forced; those are somebody else's care.
   */
  private void forceNamesAbove(Path directory) {
    for (Path each = directory.toAbsolutePath(); each != null; each = each.getParent()) {
      try {
        forceName(each);
      } catch (IOException e) {
        return;
      }
    }
  }

  /**
   * Makes a directory within the store, in one that is there, unless it is there itself.
   *
   * @throws WrongFileTypeException if there is something else
   */
  void createDirectory(Path directory) throws IOException {
    requireDirectory(directory);
    makeDirectory(directory);
  }

  private void makeDirectory(Path directory) throws IOException {
    try {
      Files.createDirectory(directory, permissions(directory, PRIVATE_DIRECTORY));
    } catch (FileAlreadyExistsException e) {
      if (!Files.isDirectory(directory)) {
        throw e;
      }
    }
    forceNameOnce(directory);
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
    publish(prepare(file, content), file);
  }

  /**
   * The first half of {@link #replace}, which changes nothing yet.
   *
   * @return where the content is, durably
   */
  Path prepare(Path file, Content content) throws IOException {
    Path temporary =
        file.resolveSibling(file.getFileName() + "." + UUID.randomUUID() + TEMPORARY_SUFFIX);
    try (FileChannel channel =
        open(temporary, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE))) {
      content.writeTo(channel);
      force(channel);
    } catch (IOException e) {
      deleteQuietly(temporary, e);
      throw e;
    }
    return temporary;
  }

  /** The second half of {@link #replace}. */
  void publish(Path prepared, Path file) throws IOException {
    try {
      Files.move(prepared, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      deleteQuietly(prepared, e);
      throw e;
    }
    forceName(file);
  }

  private static void deleteQuietly(Path file, IOException reason) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      reason.addSuppressed(e);
    }
  }

  /** Deletes a file, and makes it durable that it is gone, whoever deleted it. */
  void delete(Path file) throws IOException {
    Files.deleteIfExists(file);
    forceName(file);
  }

  /**
   * Makes durable what another writer may have failed to force. After a force that failed Linux
   * takes the pages for written, and the next force succeeds without them; so they are written
   * again.
   */
  void forceAgain(FileChannel channel, long from, long to) throws IOException {
    if (!forced) {
      return;
    }
    ByteBuffer chunk = ByteBuffer.allocate((int) Math.min(MAX_TRANSFER_BYTES, to - from));
    for (long at = from; at < to; at += chunk.limit()) {
      chunk.clear().limit((int) Math.min(chunk.capacity(), to - at));
      if (read(channel, chunk, at) < chunk.limit()) {
        throw new EOFException("the file was cut meanwhile");
      }
      writeUnforced(channel, chunk.flip(), at);
    }
    channel.force(false);
  }

  /**
   * Makes the name of a file that stays durable, whoever made it: they may have failed, or died,
   * before they could.
   */
  void forceNameOnce(Path file) throws IOException {
    if (!forcedNames.contains(file)) {
      forceName(file);
      forcedNames.add(file);
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
